"""A playbook at one revision, as the file formats write it: as it is served, without what is distrusted."""

from __future__ import annotations

from ace.memory.store import Store
from ace.playbooks.formats.line import Copy
from ace.types import Trust


def copy_of(store: Store, ref: str, *, counts: bool = False) -> Copy:
    """The live bullets of playbook `ref` (NAME or NAME@REVISION) but for those that are distrusted; with `counts` what is known
    of them. Raises `NotFound`."""
    whole = store.view(ref)
    view = whole.at(Trust.TRUSTED)
    bullets, r = view.bullets(), view.revision
    records = view.records([b.id for b in bullets]) if counts else {}
    return Copy(r.playbook, r.number, r.hash, r.digest, bullets, records, whole.count - view.count)
