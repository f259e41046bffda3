"""Playbooks and their revisions by name: `NAME`, `NAME@NUMBER`, `NAME@HASH`, `NAME@head`.

What does not exist is answered with what does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from ace.errors import BadSetting, Conflict, NotFound, nearest
from ace.memory.database.codec import now
from ace.memory.database.sql import Sql, columns, insertion
from ace.memory.database.tables import PlaybookRow, RevisionRow
from ace.memory.values import PlaybookInfo, Revision
from ace.playbooks.book import EMPTY_DIGEST, revision_hash

MAX_NAME = 100
"""Characters of a playbook's name."""
SHORTEST_HASH = 6
"""Characters of a revision's hash that are enough to name it."""


class _Revision(NamedTuple):
    key: int
    playbook: int
    number: int
    hash: str
    digest: str
    bullets: int
    retired: int
    chars: int
    words: int
    delta: int | None
    at: str
    name: str
    head: int


class _Parent(NamedTuple):
    revision: int
    hash: str


class _Deltas(NamedTuple):
    playbook: int
    n: int


class _Created(NamedTuple):
    key: int
    created: str


_FROM = (
    f"SELECT {columns(_Revision, 'r', name='p.name', head='p.head')} FROM revisions r JOIN playbooks p ON p.key = r.playbook"
)
_HEAD = Sql(f"{_FROM} WHERE p.name = :name AND r.number = p.head", _Revision)
_NUMBERED = Sql(f"{_FROM} WHERE p.name = :name AND r.number = :number", _Revision)
_ALL = Sql(f"{_FROM} WHERE p.name = :name ORDER BY r.number", _Revision)
_HASHED = Sql(f"{_FROM} WHERE p.name = :name AND r.hash >= :low AND r.hash < :high ORDER BY r.number", _Revision)
_HEADS = Sql(f"{_FROM} WHERE r.number = p.head ORDER BY p.name", _Revision)
_MADE = Sql(f"{_FROM} WHERE r.delta IN ({{keys}})", _Revision)
_PARENTS = Sql(
    "SELECT rp.revision, r.hash FROM revision_parents rp JOIN revisions r ON r.key = rp.parent "
    "WHERE rp.revision IN ({keys}) ORDER BY rp.revision, rp.position",
    _Parent,
)
_NAMES = Sql("SELECT name FROM playbooks ORDER BY name", str)
_DELTAS = Sql("SELECT playbook, count(*) FROM deltas GROUP BY playbook", _Deltas)
_CREATED = Sql("SELECT key, created FROM playbooks", _Created)
_PLAYBOOK = insertion(PlaybookRow, without=("key",), tail="ON CONFLICT (name) DO NOTHING RETURNING key")
_REVISION = insertion(RevisionRow, without=("key",))


@dataclass(frozen=True, slots=True)
class Point:
    """A revision as the store knows it: its own key and its playbook's, the head's number, and counts."""

    key: int
    playbook: int
    head: int
    revision: Revision
    retired: int
    chars: int
    words: int


def check_name(name: str) -> str:
    """`name`, if a playbook may be called so; else raises `BadSetting`."""
    if not isinstance(name, str):
        raise BadSetting(f"a playbook's name is {name!r}; it must be a text")
    bad = next((c for c in name if c in "/\\@" or not c.isprintable()), None)
    if not name or name != name.strip():
        raise BadSetting(f"a playbook's name cannot be {name!r}: it may not be empty nor begin or end with a blank")
    if bad is not None:
        before = name.partition("@")[0] if bad == "@" else ""
        alone = f"; give the name without a revision: {before}" if before else ""
        what = f"{bad!r} is not accepted (no slashes, @ or control characters){alone}"
        raise BadSetting(f"a playbook cannot be called {name!r}: {what}")
    if len(name) > MAX_NAME:
        raise BadSetting(f"a playbook's name has {len(name)} characters; up to {MAX_NAME} are accepted")
    return name


def create(c: Connection, name: str, *, exist_ok: bool) -> Point:
    """The head of a new playbook; of the one there is, where that is all right. Else raises `Conflict`."""
    at = now()
    key = _PLAYBOOK.first(c, name=check_name(name), created=at, head=0, origin=None)
    if key is None and not exist_ok:
        raise Conflict(f"there is a playbook {name!r} already; choose another name, or change that one")
    if key is not None:
        counts = {"bullets": 0, "retired": 0, "chars": 0, "words": 0}
        empty = revision_hash([], [])
        _REVISION(c, playbook=key, number=0, hash=empty, digest=EMPTY_DIGEST, delta=None, at=at, **counts)
    return head(c, name)


def head(c: Connection, name: str) -> Point:
    """The present of playbook `name`; raises `NotFound` with the names there are."""
    row = _HEAD.first(c, name=_storable(name))
    if row is None:
        raise NotFound(_no_playbook(c, name))
    return _points(c, [row])[0]


def numbered(c: Connection, name: str, number: int) -> Point:
    row = _NUMBERED.first(c, name=name, number=number)
    if row is None:
        raise NotFound(f"playbook {name!r} has no revision {number}; it has 0 to {head(c, name).head}")
    return _points(c, [row])[0]


def resolve(c: Connection, ref: str) -> Point:
    """The revision that `ref` names; raises `NotFound` saying what there is."""
    name, mark, rev = ref.partition("@")
    present = head(c, name)
    if not mark or rev == "head":
        return present
    if rev.isascii() and rev.isdigit() and (len(rev) < SHORTEST_HASH or (len(rev) < 20 and int(rev) <= present.head)):
        return numbered(c, name, int(rev))
    hex = rev.lower()
    if not re.fullmatch(rf"[0-9a-f]{{{SHORTEST_HASH},64}}", hex):
        raise NotFound(
            f"{ref!r} names no revision: after @ comes a number from 0 to {present.head}, "
            f"{SHORTEST_HASH} or more characters of a hash, or head"
        )
    found = _HASHED.all(c, name=name, low=hex, high=hex + "g")
    if len(found) > 1:
        raise NotFound(f"{ref!r} could be revisions {', '.join(str(r.number) for r in found[:5])}; give more of the hash")
    if not found:
        raise NotFound(f"playbook {name!r} has no revision {rev}; it has 0 to {present.head}")
    return _points(c, found)[0]


def revisions(c: Connection, name: str) -> list[Point]:
    """All revisions of a playbook, from the empty one to the head."""
    head(c, name)
    return _points(c, _ALL.all(c, name=name))


def made_by(c: Connection, deltas: Iterable[int]) -> dict[int, Point]:
    """The revisions that deltas made, by the deltas' keys."""
    rows = _MADE.among(c, deltas)
    made = zip(rows, _points(c, rows), strict=True)
    return {row.delta: point for row, point in made if row.delta is not None}


def playbooks(c: Connection) -> list[PlaybookInfo]:
    deltas = dict(_DELTAS.all(c))
    created = dict(_CREATED.all(c))
    return [
        PlaybookInfo(
            p.revision.playbook, p.revision, created[p.playbook], p.revision.bullets, p.retired, deltas.get(p.playbook, 0)
        )
        for p in _points(c, _HEADS.all(c))
    ]


def _points(c: Connection, rows: Sequence[_Revision]) -> list[Point]:
    parents: dict[int, list[str]] = {}
    for key, hash in _PARENTS.among(c, [row.key for row in rows]):
        parents.setdefault(key, []).append(hash)
    made = []
    for r in rows:
        revision = Revision(r.name, r.number, r.hash, r.digest, tuple(parents.get(r.key, ())), r.bullets, r.at)
        made.append(Point(r.key, r.playbook, r.head, revision, r.retired, r.chars, r.words))
    return made


def _storable(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


_MISSPELT = 0.8
"""How like two names are, from 0 to 1, where one may be the other misspelt."""


def made_new(name: str, names: Iterable[str]) -> str:
    """What to tell a person who has playbook `name` made beside those called `names`: that it is new, and a name so like it
    that it may be the one they meant."""
    near = nearest(name, names, like=_MISSPELT)
    return f"made a new playbook {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")


def _no_playbook(c: Connection, name: str) -> str:
    names = _NAMES.all(c)
    if not names:
        return f"there is no playbook {name!r}: the store has none yet; `ace run` makes one"
    alone, _, revision = name.partition("@")
    if revision and alone in names:
        return f"{name!r} is a revision, and what is asked for is a playbook; give its name alone: {alone}"
    near = nearest(name, names, most=3)
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    hint = (
        f"did you mean {' or '.join(repr(n) for n in near)}?"
        if near
        else f"there {'is' if len(names) == 1 else 'are'} {', '.join(names[:10])}{more}"
    )
    return f"there is no playbook {name!r}; {hint}"
