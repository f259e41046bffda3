"""A playbook's past: as it was at a revision, and what changed between two.

Every version of a bullet names the first revision it held for and the first it no longer did, so any revision is one range
query, and the difference of two revisions touches the bullets that changed and no others.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.bullets.present import BulletFields, all_bullets, bullet, searchable
from ace.memory.bullets.search import Indexed
from ace.memory.database.refs import Point
from ace.memory.database.sql import Sql, columns
from ace.playbooks.bullet import Bullet

_HELD = "v.since <= :number AND (v.until IS NULL OR v.until > :number)"
_VERSION = f"SELECT {columns(BulletFields, 'v', id='v.bullet')} FROM bullet_versions v WHERE v.playbook = :playbook"
_AT = Sql(f"{_VERSION} AND {_HELD} ORDER BY v.rank, v.bullet", BulletFields)
_ONE_AT = Sql(f"{_VERSION} AND v.bullet = :id AND {_HELD}", BulletFields)
_SOME_AT = Sql(f"{_VERSION} AND v.bullet IN ({{keys}}) AND {_HELD}", BulletFields)


class _Began(NamedTuple):
    bullet: str
    delta: int


class _Now(NamedTuple):
    key: int
    id: str
    state: str
    text: str


_BEGAN = Sql("SELECT bullet, delta FROM bullet_versions WHERE playbook = :playbook AND since > :low AND since <= :high", _Began)
_NOW = Sql("SELECT key, id, state, text FROM bullets WHERE playbook = :playbook AND id IN ({keys})", _Now)


def bullets_at(c: Connection, playbook: int, number: int) -> list[Bullet]:
    """All bullets as they were at revision `number`, tombstones included, in order."""
    return [bullet(row) for row in _AT.all(c, playbook=playbook, number=number)]


def bullets_of(c: Connection, point: Point) -> list[Bullet]:
    """The same for a revision that was looked up; from the present where it is the head."""
    if point.revision.number == point.head:
        return all_bullets(c, point.playbook)
    return bullets_at(c, point.playbook, point.revision.number)


def bullet_at(c: Connection, playbook: int, number: int, id: str) -> Bullet | None:
    row = _ONE_AT.first(c, playbook=playbook, number=number, id=id)
    return None if row is None else bullet(row)


def some_at(c: Connection, playbook: int, number: int, ids: Iterable[str]) -> dict[str, Bullet]:
    return {row.id: bullet(row) for row in _SOME_AT.among(c, ids, playbook=playbook, number=number)}


def changed_between(c: Connection, playbook: int, low: int, high: int) -> dict[str, list[int]]:
    """Ids of the bullets that changed after revision `low` up to `high`, each with the keys of the deltas that did it."""
    found: dict[str, list[int]] = {}
    for id, delta in sorted(_BEGAN.all(c, playbook=playbook, low=low, high=high)):
        found.setdefault(id, []).append(delta)
    return found


def corrections(c: Connection, playbook: int, number: int, head: int) -> dict[int, Indexed]:
    """What search must correct to see revision `number` through the index of the head: by key, the text now and then."""
    ids = list(changed_between(c, playbook, number, head))
    then = some_at(c, playbook, number, ids)
    found: dict[int, Indexed] = {}
    for key, id, state, text in _NOW.among(c, ids, playbook=playbook):
        before, after = None if state == "retired" else text, searchable(then.get(id))
        if before != after:
            found[key] = Indexed(key, before, after)
    return found


def without(c: Connection, playbook: int, ids: Collection[str]) -> dict[int, Indexed]:
    """What search must correct so that it finds none of the bullets `ids`."""
    rows = _NOW.among(c, ids, playbook=playbook) if ids else ()
    return {row.key: Indexed(row.key, None if row.state == "retired" else row.text, None) for row in rows}


class SortedShelf:
    """Bullets in memory with their places sorted, for reading and replaying playbooks of any size. A `Shelf`."""

    def __init__(self, bullets: Iterable[Bullet] = ()) -> None:
        self.bullets: dict[str, Bullet] = {}
        self._ranks: list[str] = []
        self._sections: dict[str, list[str]] = {}
        for b in bullets:
            self.put(b)

    def put(self, b: Bullet) -> None:
        old = self.bullets.get(b.id)
        self.bullets[b.id] = b
        if old is not None and (old.rank, old.section) == (b.rank, b.section):
            return
        if old is not None:
            _remove(self._ranks, old.rank)
            _remove(self._sections[old.section], old.rank)
        insort(self._ranks, b.rank)
        insort(self._sections.setdefault(b.section, []), b.rank)

    def get(self, id: str) -> Bullet | None:
        return self.bullets.get(id)

    def last_rank(self) -> str | None:
        return self._ranks[-1] if self._ranks else None

    def rank_after(self, rank: str | None, section: str | None = None) -> str | None:
        ranks = self._ranks if section is None else self._sections.get(section, [])
        place = 0 if rank is None else bisect_right(ranks, rank)
        return ranks[place] if place < len(ranks) else None


def _remove(ranks: list[str], rank: str) -> None:
    del ranks[bisect_right(ranks, rank) - 1]
