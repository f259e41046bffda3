"""What revisions come from, and the last one that two of them have in common.

A revision is its hash, whichever playbooks hold it. Every playbook is a chain of first parents, so all ancestors of a revision
are the beginnings of a few chains, its own and those of playbooks merged into it; they are found without walking from parent
to parent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.database import refs
from ace.memory.database.refs import Point
from ace.memory.database.sql import Sql


class _Merged(NamedTuple):
    playbook: int
    number: int


class _Link(NamedTuple):
    number: int
    hash: str
    at: str


_MERGED = Sql(
    "SELECT p.playbook, max(p.number) AS number FROM revisions r JOIN revision_parents rp ON rp.revision = r.key "
    "AND rp.position > 0 JOIN revisions p ON p.key = rp.parent WHERE r.playbook = :playbook AND r.number > :low "
    "AND r.number <= :high GROUP BY p.playbook",
    _Merged,
)
_CHAIN = Sql("SELECT number, hash, at FROM revisions WHERE playbook = :playbook AND number <= :number ORDER BY number", _Link)
_NAME = Sql("SELECT name FROM playbooks WHERE key = :playbook", str)
_TWIN = Sql("SELECT number FROM revisions WHERE playbook = :playbook AND hash = :hash", int)


def is_ancestor(c: Connection, old: Point, new: Point) -> bool:
    """Whether `new` is `old`, or comes from it."""
    return old.revision.hash in _hashes(c, _reach(c, new))


def common(c: Connection, a: Point, b: Point) -> Point:
    """The last revision that `a` and `b` both come from; the empty playbook at the least. Where two branches were merged into
    each other at once there may be several: then the one that was made last."""
    known = _hashes(c, _reach(c, a))
    ends = []
    for playbook, number in sorted(_reach(c, b).items()):
        shared = [row for row in _CHAIN.all(c, playbook=playbook, number=number) if row.hash in known]
        last = max(shared, key=lambda row: row.number)
        ends.append((refs.numbered(c, _NAME.one(c, playbook=playbook), last.number), last.at))
    last_ones = [(p, at) for p, at in ends if not any(q is not p and _before(c, p, q) for q, _ in ends)]
    return _seen_from(c, a, max(last_ones, key=lambda pair: (pair[1], pair[0].revision.hash))[0])


def _seen_from(c: Connection, a: Point, found: Point) -> Point:
    """`found` under the name of the playbook of `a`, where that has it too."""
    number = _TWIN.first(c, playbook=a.playbook, hash=found.revision.hash)
    return found if number is None else refs.numbered(c, a.revision.playbook, number)


def _before(c: Connection, old: Point, new: Point) -> bool:
    return old.revision.hash != new.revision.hash and is_ancestor(c, old, new)


def _reach(c: Connection, point: Point) -> dict[int, int]:
    """By playbook, up to which revision it is part of what `point` comes from."""
    reach: dict[int, int] = {}
    left = [(point.playbook, point.revision.number)]
    while left:
        playbook, number = left.pop()
        low = reach.get(playbook, -1)
        if number > low:
            reach[playbook] = number
            left += [(row.playbook, row.number) for row in _MERGED.all(c, playbook=playbook, low=low, high=number)]
    return reach


def _hashes(c: Connection, reach: Mapping[int, int]) -> set[str]:
    return {row.hash for playbook, number in reach.items() for row in _CHAIN.all(c, playbook=playbook, number=number)}
