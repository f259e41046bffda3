"""Removing for good what episodes said and saw.

An episode belongs to its owner, who may want it gone; the history that rests on it must stay provable. So its texts go (the
task, observations, actions, thoughts, feedback, reflections, what it alone was shown, the journaled replies of its calls, those
among them that speak of other episodes as well), and its row stays as a tombstone: hashes, verdict, its trust, a mark in the
place of its sender's name, which bullets were shown and used, votes, what it cost. Bullets, and the reasons curators gave for
them, are the playbook's and stay. A purged episode is evidence no more.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import Connection

from ace.errors import BadSetting, NotFound
from ace.memory.database import codec
from ace.memory.database.codec import now, pack, unpack
from ace.memory.database.sql import Sql, Values
from ace.memory.episodes.episodes import read
from ace.memory.journal import journal
from ace.origins import ENVIRONMENT, PURGED, marked
from ace.types import UNVERIFIED, Episode, Observation, Step, Task


class _Known(NamedTuple):
    id: str
    purged: str | None


class _Episode(NamedTuple):
    key: int
    id: str
    task_key: str
    past: str


class _Reflection(NamedTuple):
    key: int
    body: str


_KNOWN = Sql("SELECT id, purged FROM episodes WHERE id IN ({keys})", _Known)
_ORIGINS = Sql("SELECT DISTINCT origin FROM episodes", str)
_KEYS = Sql("SELECT key, id, task_key, past FROM episodes WHERE id IN ({keys})", _Episode)
_BLANK = Sql("UPDATE episodes SET purged = :at, past = :past, body = :body, kind = '', origin = :origin WHERE key = :key")
_UNNAME = Sql("UPDATE delta_episodes SET origin = :origin WHERE episode = :id")
_SHOWN = Sql("SELECT hash FROM renders WHERE episode IN ({keys})", str)
_FORGET = Sql(
    "DELETE FROM render_texts WHERE hash IN ({keys}) AND NOT EXISTS (SELECT 1 FROM renders r JOIN episodes e "
    "ON e.key = r.episode WHERE r.hash = render_texts.hash AND e.purged IS NULL)"
)
_REFLECTIONS = Sql("SELECT key, body FROM reflections WHERE episode IN ({keys})", _Reflection)
_UNTELL = Sql("UPDATE reflections SET body = :body WHERE key = :key")
_UNSAY = Sql("UPDATE calls SET reply = NULL, error = NULL WHERE unit IN ({keys})")
_PORTION = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """Which episodes: those of these `ids`; or, as far as they are given, those of `run`, those of the sender `origin`, and
    those stored `before` a time (UTC, ISO 8601: a day, or as `Revision.at`). Raises `BadSetting` where nothing is given."""

    ids: tuple[str, ...] = ()
    run: str = ""
    before: str = ""
    origin: str = ""

    def __post_init__(self) -> None:
        if bool(self.ids) == bool(self.run or self.before or self.origin):
            raise BadSetting(
                "say which episodes: their ids; or a run, a sender, a date before which they were stored, or more of these"
            )


def chosen(c: Connection, choice: Choice) -> list[str]:
    """Ids of the episodes of `choice` that are not purged yet. Raises `NotFound` for an id, a run or an origin that there is
    not."""
    if choice.ids:
        known = dict(_KNOWN.among(c, choice.ids))
        missing = [id for id in choice.ids if id not in known]
        if missing:
            raise NotFound(
                f"there is no episode {missing[0]!r}; `ace episode list` shows the newest (--run RUN, --playbook NAME: fewer)"
            )
        return [id for id in dict.fromkeys(choice.ids) if not known[id]]
    wanted = ["purged IS NULL"]
    if choice.run:
        journal.run(c, choice.run)
        wanted.append("run = :run")
    if choice.before:
        wanted.append("at < :before")
    if choice.origin:
        require_origin(c, choice.origin)
        wanted.append("origin = :origin")
    statement = Sql(f"SELECT id FROM episodes WHERE {' AND '.join(wanted)} ORDER BY key", str)
    return statement.all(c, run=choice.run, before=choice.before, origin="" if choice.origin == ENVIRONMENT else choice.origin)


def require_origin(c: Connection, origin: str) -> None:
    """Refuse an origin that no episode has or had: who mistypes a name must not believe that its texts are gone."""
    known = {each or ENVIRONMENT for each in _ORIGINS.all(c)}
    if origin in (ENVIRONMENT, UNVERIFIED) or known & {origin, marked(origin)}:
        return
    shown = sorted(each for each in known if not each.startswith(PURGED))
    near = difflib.get_close_matches(origin, shown, n=1)
    has = ", ".join(map(repr, shown[:5])) + (", ..." if len(shown) > 5 else "")
    hint = f"did you mean {near[0]!r}?" if near else f"there are {has}" if shown else "no episode has one"
    raise NotFound(f"no episode has the origin {origin[:80]!r}; {hint}")


def purge(c: Connection, ids: Sequence[str]) -> None:
    """Purge the episodes of `ids`, within the transaction of `c`."""
    at = now()
    for start in range(0, len(ids), _PORTION):
        rows = _KEYS.among(c, ids[start : start + _PORTION])
        keys = [row.key for row in rows]
        stored = dict(zip(keys, read(c, keys), strict=True))
        _BLANK.many(c, [_tombstone(row, stored[row.key], at) for row in rows])
        _UNNAME.many(c, [{"id": e.id, "origin": marked(e.origin)} for e in stored.values() if e.origin])
        told: list[Values] = [{"key": key, "body": _wordless(body)} for key, body in _REFLECTIONS.among(c, keys)]
        _UNTELL.many(c, told)
        _FORGET.each(c, _SHOWN.among(c, keys))
        _UNSAY.each(c, [row.id for row in rows])
    # What was said of several episodes in one reply cannot be told apart.
    _UNSAY.each(c, list(journal.units_naming(c, set(ids))))


def _tombstone(row: _Episode, e: Episode, at: str) -> Values:
    return {
        "key": row.key,
        "at": at,
        "past": pack(["", "", "", unpack(row.past)[3]]),
        "body": pack(codec.episode_json(blank(e, row.task_key, at))),
        "origin": marked(e.origin),
    }


def blank(e: Episode, task_key: str, at: str) -> Episode:
    """`e` without a word of what it said and saw. Its task is known by its content hash alone."""
    return replace(
        e,
        task=Task(task_key, "", e.task.split, {"hash": task_key}, origin=marked(e.origin)),
        first=Observation(""),
        steps=(Step("(purged)", cited=e.cited),) if e.cited else (),
        outcome=replace(e.outcome, feedback="", reason=f"purged {at[:16].replace('T', ' ')}"),
    )


def _wordless(body: str) -> str:
    told = unpack(body)
    return pack({**told, "situation": "", "choice": "", "diagnosis": "", "lesson": ""})
