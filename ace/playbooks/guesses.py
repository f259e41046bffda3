"""A guess stays one until it is confirmed: what is made of a candidate is a candidate.

A bullet that waits for evidence keeps waiting when it is reworded or moved. Merging would be a way around that, because a merge
makes a new bullet; so one that has a candidate among its sources makes a candidate, also where other sources are active.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ace.playbooks.apply import Shelf
from ace.playbooks.bullet import State
from ace.playbooks.operations import Op, Operation


def with_guesses_kept(operations: Iterable[Operation], shelf: Shelf) -> tuple[Operation, ...]:
    """`operations`, with the state of each merge that has a candidate of `shelf` among its sources set to candidate."""
    return tuple(
        replace(o, state=State.CANDIDATE.value) if o.op is Op.MERGE and any(_waits(shelf, id) for id in o.sources) else o
        for o in operations
    )


def _waits(shelf: Shelf, id: str) -> bool:
    bullet = shelf.get(id)
    return bullet is not None and bullet.state is State.CANDIDATE
