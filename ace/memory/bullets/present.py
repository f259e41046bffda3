"""The bullets of a playbook as they are now: reading them, and writing what a delta changed.

A delta touches the rows of the bullets it changes and no others, so it costs the same in a playbook of a hundred bullets and
of a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from sqlalchemy import Connection

from ace.memory.bullets.search import Indexed, SearchIndex, length
from ace.memory.database.codec import of_stored, pack, unpack_as
from ace.memory.database.sql import Sql, Values, columns, insertion
from ace.memory.database.tables import BulletRow, BulletVersionRow
from ace.playbooks.apply import Change
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.similarity.compare import gist


class BulletColumns(Protocol):
    """A row that holds what a bullet is."""

    @property
    def id(self) -> str: ...
    @property
    def section(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def rank(self) -> str: ...
    @property
    def pinned(self) -> bool: ...
    @property
    def version(self) -> int: ...
    @property
    def parents(self) -> str: ...
    @property
    def escalated(self) -> bool: ...


class BulletFields(NamedTuple):
    """A bullet and nothing else."""

    id: str
    section: str
    text: str
    state: str
    rank: str
    pinned: bool
    version: int
    parents: str
    escalated: bool


class PlacedBullet(NamedTuple):
    """A bullet with its key and the number of the revision that made this version of it."""

    id: str
    section: str
    text: str
    state: str
    rank: str
    pinned: bool
    version: int
    parents: str
    escalated: bool
    key: int
    since: int


class StoredVersion(NamedTuple):
    """A bullet from revision `since` up to, not including, `until` (`None`: still), and which operation made it so."""

    id: str
    section: str
    text: str
    state: str
    rank: str
    pinned: bool
    version: int
    parents: str
    escalated: bool
    since: int
    until: int | None
    delta: int
    position: int


class _Identity(NamedTuple):
    id: str
    key: int


_PLACED = f"SELECT {columns(PlacedBullet)} FROM bullets"
_GET = Sql(f"{_PLACED} WHERE playbook = :playbook AND id = :id", PlacedBullet)
_SOME = Sql(f"{_PLACED} WHERE playbook = :playbook AND id IN ({{keys}})", PlacedBullet)
_BY_KEY = Sql(f"{_PLACED} WHERE key IN ({{keys}})", PlacedBullet)
_KEYS = Sql("SELECT id, key FROM bullets WHERE playbook = :playbook AND id IN ({keys})", _Identity)
_OF_PLAYBOOK = f"SELECT {columns(BulletFields)} FROM bullets WHERE playbook = :playbook"
_ALL = Sql(f"{_OF_PLAYBOOK} ORDER BY rank, id", BulletFields)
_LIVE = Sql(f"{_OF_PLAYBOOK} AND state <> 'retired' ORDER BY rank, id", BulletFields)
_LAST = Sql("SELECT max(rank) FROM bullets WHERE playbook = :playbook", str)
_NEXT = Sql("SELECT min(rank) FROM bullets WHERE playbook = :playbook AND rank > :rank", str)
_NEXT_IN = Sql("SELECT min(rank) FROM bullets WHERE playbook = :playbook AND section = :section AND rank > :rank", str)

_INSERT = insertion(BulletRow, without=("key",))
_UPDATE = Sql(
    "UPDATE bullets SET section = :section, text = :text, state = :state, rank = :rank, pinned = :pinned, "
    "escalated = :escalated, version = :version, since = :since, words = :words, gist = :gist WHERE key = :key"
)
_CLOSE = Sql("UPDATE bullet_versions SET until = :until WHERE playbook = :playbook AND bullet = :bullet AND since = :since")
_VERSION = insertion(BulletVersionRow)


def _id(parent: object) -> str:
    if not isinstance(parent, str):
        raise TypeError(f"{type(parent).__name__} where the id of a parent was written")
    return parent


@of_stored
def bullet(row: BulletColumns) -> Bullet:
    """The bullet that a row holds."""
    made_from = () if row.parents == "[]" else tuple(map(_id, unpack_as(list, row.parents)))
    pinned, escalated = bool(row.pinned), bool(row.escalated)
    return Bullet(row.id, row.section, row.text, State(row.state), row.rank, pinned, row.version, made_from, escalated)


def live_bullets(c: Connection, playbook: int) -> list[Bullet]:
    return [bullet(row) for row in _LIVE.all(c, playbook=playbook)]


def all_bullets(c: Connection, playbook: int) -> list[Bullet]:
    """Tombstones too."""
    return [bullet(row) for row in _ALL.all(c, playbook=playbook)]


def bullets_by_key(c: Connection, keys: Iterable[int]) -> dict[int, Bullet]:
    return {row.key: bullet(row) for row in _BY_KEY.among(c, keys)}


def keys_of(c: Connection, playbook: int, ids: Iterable[str]) -> dict[str, int]:
    """The keys of those `ids` that are bullets of the playbook, tombstones included."""
    return {row.id: row.key for row in _KEYS.among(c, ids, playbook=playbook)}


@dataclass(frozen=True, slots=True)
class Stored:
    """A bullet with its key and the number of the revision that made this version of it."""

    key: int
    since: int
    bullet: Bullet


class PresentShelf:
    """The present bullets of a playbook within one transaction, during which nothing else changes them. A `Shelf`."""

    def __init__(self, c: Connection, playbook: int) -> None:
        self._c, self._playbook = c, playbook
        self._known: dict[str, Stored | None] = {}
        self._last: tuple[str | None] | None = None

    def fetch(self, ids: Iterable[str]) -> None:
        """Read many at once, before they are asked for one by one."""
        wanted = [id for id in ids if id not in self._known]
        rows = _SOME.among(self._c, wanted, playbook=self._playbook)
        found = {row.id: Stored(row.key, row.since, bullet(row)) for row in rows}
        self._known.update((id, found.get(id)) for id in wanted)

    def stored(self, id: str) -> Stored | None:
        if id not in self._known:
            row = _GET.first(self._c, playbook=self._playbook, id=id)
            self._known[id] = None if row is None else Stored(row.key, row.since, bullet(row))
        return self._known[id]

    def get(self, id: str) -> Bullet | None:
        found = self.stored(id)
        return None if found is None else found.bullet

    def last_rank(self) -> str | None:
        if self._last is None:
            self._last = (_LAST.first(self._c, playbook=self._playbook),)
        return self._last[0]

    def rank_after(self, rank: str | None, section: str | None = None) -> str | None:
        if section is None:
            return _NEXT.first(self._c, playbook=self._playbook, rank=rank or "")
        return _NEXT_IN.first(self._c, playbook=self._playbook, section=section, rank=rank or "")


@dataclass(frozen=True, slots=True)
class Origin:
    """What changes bullets: a delta of a playbook, making revision `number`."""

    playbook: int
    delta: int
    number: int


def write_changes(c: Connection, shelf: PresentShelf, changes: Sequence[Change], origin: Origin, index: SearchIndex) -> int:
    """Write what `changes` leave behind; gives by how much the search words of the live bullets grew in all."""
    last: dict[str, Change] = {change.after.id: change for change in changes}
    old = {id: found for id in last if (found := shelf.stored(id)) is not None}
    rows = {id: _row(change.after) for id, change in last.items()}
    made = {id: derived(change.after.text) for id, change in last.items()}
    placed = {"playbook": origin.playbook, "since": origin.number}
    _INSERT.many(c, [{**rows[id], **placed, **made[id], "id": id} for id in last if id not in old])
    _UPDATE.many(c, [{**rows[id], **placed, **made[id], "key": s.key} for id, s in old.items()])
    _CLOSE.many(
        c, [{"playbook": origin.playbook, "until": origin.number, "bullet": id, "since": s.since} for id, s in old.items()]
    )
    made_by = {**placed, "until": None, "delta": origin.delta}
    _VERSION.many(c, [{**rows[id], **made_by, "bullet": id, "position": change.index} for id, change in last.items()])
    keys = {id: s.key for id, s in old.items()}
    keys |= keys_of(c, origin.playbook, [id for id in last if id not in old])
    texts = {
        id: Indexed(keys[id], searchable(old[id].bullet) if id in old else None, searchable(change.after))
        for id, change in last.items()
    }
    index.update(c, origin.playbook, [t for t in texts.values() if t.before != t.after])
    return sum((0 if t.after is None else made[id]["words"]) - length(t.before or "") for id, t in texts.items())


def searchable(b: Bullet | None) -> str | None:
    """The text that search finds a bullet by; `None` for a tombstone."""
    return None if b is None or b.state is State.RETIRED else b.text


def derived(text: str) -> dict[str, int]:
    """What is kept of a text to find it by."""
    return {"words": length(text), "gist": gist(text)}


def _row(b: Bullet) -> Values:
    return {
        "section": b.section,
        "text": b.text,
        "state": b.state.value,
        "rank": b.rank,
        "pinned": b.pinned,
        "escalated": b.escalated,
        "version": b.version,
        "parents": pack(b.parents) if b.parents else "[]",
    }
