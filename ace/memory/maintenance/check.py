"""Checking a whole store: that what it holds agrees with itself.

Everything that is kept twice is made again from its source and compared: a playbook from its log, the search index and what
else is derived from the texts, counts from the episodes they count, an episode's hash from the episode.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection

from ace.errors import StoreDamaged
from ace.memory.bullets.present import derived
from ace.memory.bullets.search import SearchIndex
from ace.memory.database.codec import unpack, unpack_as
from ace.memory.database.sql import Sql, columns
from ace.memory.episodes import recount as counts
from ace.memory.episodes.episodes import identity, read, reflection_hash
from ace.memory.journal import journal
from ace.memory.log import verify as verifying

_PORTION = 200


class _Book(NamedTuple):
    key: int
    name: str


class _Text(NamedTuple):
    key: int
    id: str
    state: str
    text: str
    words: int
    gist: int


class _Episode(NamedTuple):
    key: int
    id: str
    hash: str
    purged: str | None


class _Reflection(NamedTuple):
    id: str
    hash: str
    body: str


class _Reply(NamedTuple):
    key: int
    run: str
    unit: str
    role: str
    ordinal: int
    reply: str


_BOOKS = Sql("SELECT key, name FROM playbooks ORDER BY name", _Book)
_TEXTS = Sql(f"SELECT {columns(_Text)} FROM bullets WHERE playbook = :playbook ORDER BY rank, id", _Text)
_EPISODES = Sql("SELECT key, id, hash, purged FROM episodes WHERE key > :after ORDER BY key LIMIT :limit", _Episode)
_REFLECTIONS = Sql(
    "SELECT e.id, r.hash, r.body FROM reflections r JOIN episodes e ON e.key = r.episode "
    "WHERE e.purged IS NULL AND e.key IN ({keys})",
    _Reflection,
)
_RUNS = Sql("SELECT id FROM runs ORDER BY key", str)
_REPLIES = Sql(
    "SELECT key, run, unit, role, ordinal, reply FROM calls WHERE reply IS NOT NULL AND key > :after ORDER BY key LIMIT :limit",
    _Reply,
)
_SPOKEN = Sql("SELECT DISTINCT unit FROM calls WHERE unit IN ({keys}) AND (reply IS NOT NULL OR error IS NOT NULL)", str)


def faults(c: Connection, index: SearchIndex) -> Iterator[str]:
    """What does not agree, a line each."""
    for playbook, name in _BOOKS.all(c):
        for kind, look in (
            ("", partial(verifying.verify, c, name)),
            ("search: ", partial(_text_faults, c, playbook, index)),
            ("counts: ", partial(counts.faults, c, playbook)),
        ):
            yield from (f"playbook {name}: {kind}{line}" for line in _told(look))
    yield from _episode_faults(c)
    yield from _run_faults(c)


def _told(look: Callable[[], Iterable[str]]) -> Iterator[str]:
    """What `look` finds, and that it could not go on where something cannot be read."""
    try:
        yield from look()
    except StoreDamaged as error:
        yield str(error)


def _text_faults(c: Connection, playbook: int, index: SearchIndex) -> Iterator[str]:
    rows = _TEXTS.all(c, playbook=playbook)
    for row in rows:
        made = derived(row.text)
        if (row.words, row.gist) != (made["words"], made["gist"]):
            yield f"bullet {row.id} is known by other words than those of its text"
    yield from index.faults(c, playbook, {row.key: row.text for row in rows if row.state != "retired"})


def _episode_faults(c: Connection) -> Iterator[str]:
    after, gone = 0, set[str]()
    while rows := _EPISODES.all(c, after=after, limit=_PORTION):
        after = rows[-1].key
        whole = [row for row in rows if not row.purged]
        hashes = _identities(c, [row.key for row in whole])
        yield from (f"episode {row.id}: it is not what its hash says" for row in whole if hashes.get(row.key) != row.hash)
        for id, hash, body in _REFLECTIONS.among(c, [row.key for row in whole]):
            if _reflection_hash(body) != hash:
                yield f"episode {id}: a reflection on it is not what its hash says"
        gone |= {row.id for row in rows if row.purged}
    several = journal.units_naming(c, gone) if gone else {}
    for unit in _SPOKEN.among(c, sorted([*gone, *several])):
        yield f"episode {several.get(unit, unit)}: it was purged, but replies of its calls are still there"


def _run_faults(c: Connection) -> Iterator[str]:
    """Runs, and replies in the journal, that cannot be read."""
    for id in _RUNS.all(c):
        if not _readable(partial(journal.run, c, id)):
            yield f"run {id}: its row cannot be read"
    after = 0
    while replies := _REPLIES.all(c, after=after, limit=_PORTION):
        after = replies[-1].key
        for row in replies:
            if not _readable(partial(unpack, row.reply)):
                yield f"run {row.run}: the reply to call {row.ordinal} of the {row.role} for {row.unit} cannot be read"


def _readable(read: Callable[[], object]) -> bool:
    try:
        read()
    except StoreDamaged:
        return False
    return True


def _identities(c: Connection, keys: Sequence[int]) -> dict[int, str]:
    """The hashes of the episodes of `keys` as they are stored now, but for those that cannot be read."""
    try:
        return {key: identity(e) for key, e in zip(keys, read(c, keys), strict=True)}
    except StoreDamaged:
        middle = len(keys) // 2
        return {**_identities(c, keys[:middle]), **_identities(c, keys[middle:])} if middle else {}


def _reflection_hash(body: str) -> str:
    try:
        return reflection_hash(unpack_as(dict, body))
    except StoreDamaged:
        return ""
