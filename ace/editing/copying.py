"""A playbook at one revision, as the file formats write it."""

from __future__ import annotations

from ace.memory.store import Store
from ace.playbooks.formats.line import Copy


def copy_of(store: Store, ref: str, *, counts: bool = False) -> Copy:
    """The live bullets of playbook `ref` (NAME or NAME@REVISION); with `counts` what is known of them. Raises `NotFound`."""
    view = store.view(ref)
    bullets, r = view.bullets(), view.revision
    records = view.records([b.id for b in bullets]) if counts else {}
    return Copy(r.playbook, r.number, r.hash, r.digest, bullets, records)
