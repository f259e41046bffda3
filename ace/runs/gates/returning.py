"""Going back to an earlier revision, with what persons changed since then left as it is.

Going back is a delta like any other: nothing of the past is taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ace.memory.store import Store
from ace.memory.view import View
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Delta, Operation
from ace.playbooks.rewrites import operations_between

CURATOR = "curator"


def gone_back(store: Store, playbook: str, number: int, why: str) -> Delta | None:
    """The delta after which `playbook` reads as at revision `number`, but for what persons changed since, and that says `why`;
    `None` where it reads so."""
    head = store.view(playbook)
    made = _operations(store, head, number)
    return Delta(head.revision.hash, tuple(made), CURATOR, f"back to revision {number}: {why}") if made else None


def _operations(store: Store, head: View, number: int) -> Sequence[Operation]:
    """The operations after which `head`, the playbook as it stands, reads as at revision `number`. A bullet that a person
    changed since, or an import or a merge, stays as it stands."""
    name = head.revision.playbook
    others = {d.id for d in store.log(name) if d.author != CURATOR}
    changes = store.changes_between(store.resolve(f"{name}@{number}"), head.revision)
    then = {now.id: old for old, now, made in changes if now is not None and not others.intersection(made)}
    present = head.bullets(include_retired=True)
    wanted = [_as_it_was(b, then[b.id]) if b.id in then else b for b in present]
    return operations_between(present, sorted(wanted, key=lambda b: (b.rank, b.id)))


def _as_it_was(now: Bullet, old: Bullet | None) -> Bullet:
    """`now` as it was; retired where it was not there."""
    if old is None:
        return replace(now, state=State.RETIRED)
    told = replace(now, section=old.section, text=old.text, state=old.state, rank=old.rank)
    return replace(told, pinned=old.pinned, escalated=old.escalated)
