"""Seals: by what a delta is known again.

A revision's hash covers what was done, not who did it, when, why, after which episodes, and what was refused. That is sealed
when the delta is written, refused deltas included, so that a row changed behind our back shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.database.sql import Sql, Value, Values, columns
from ace.origins import marked
from ace.types import Trust, digest

FIELDS = ("status", "author", "base", "run", "revision", "at", "note")
"""Columns of a delta's row that its seal covers."""
STEPS = ("stage", "position", "refused", "body")
"""The same of its operations."""


class _Delta(NamedTuple):
    key: int
    seal: str
    status: str
    author: str
    base: str
    run: str | None
    revision: int | None
    at: str
    note: str


class _Episode(NamedTuple):
    delta: int
    position: int
    episode: str
    origin: str
    trust: str


class _Operation(NamedTuple):
    delta: int
    stage: str
    position: int
    refused: str | None
    body: str


class _Judgement(NamedTuple):
    delta: int
    position: int
    gate: str
    passed: bool
    body: str


_DELTAS = Sql(f"SELECT {columns(_Delta)} FROM deltas WHERE playbook = :playbook ORDER BY key", _Delta)
_EPISODES = Sql(f"SELECT {columns(_Episode)} FROM delta_episodes WHERE delta IN ({{keys}}) ORDER BY delta, position", _Episode)
_OPERATIONS = Sql(
    f"SELECT {columns(_Operation)} FROM operations WHERE delta IN ({{keys}}) ORDER BY delta, stage, position", _Operation
)
_JUDGEMENTS = Sql(
    f"SELECT {columns(_Judgement)} FROM judgements WHERE delta IN ({{keys}}) ORDER BY delta, position", _Judgement
)
_PORTION = 2000


def seal(
    row: Mapping[str, Value],
    episodes: Iterable[Mapping[str, Value]],
    operations: Iterable[Mapping[str, Value]],
    judgements: Iterable[Mapping[str, Value]] = (),
) -> str:
    """The seal of a delta: of its row, the episodes behind it by their places with their origins, its operations, and its
    judgements in their order, if it has any. Of an origin its mark is sealed, which a purge leaves in its place."""
    # No two are of the same stage and place.
    steps = sorted(([o[name] for name in STEPS] for o in operations), key=lambda step: (str(step[0]), int(step[1] or 0)))
    decided = sorted(
        ([j["position"], j["gate"], bool(j["passed"]), j["body"]] for j in judgements), key=lambda j: int(j[0] or 0)
    )
    whole = [[row[name] for name in FIELDS], [_behind(e) for e in episodes], steps]
    return digest([*whole, decided] if decided else whole)


def _behind(e: Mapping[str, Value]) -> list[Value]:
    """An episode behind a delta, as it is sealed; one of the environment's, which is trusted, as before there were origins."""
    origin, trust = str(e["origin"]), e["trust"]
    known = [marked(origin), trust] if origin or trust != Trust.TRUSTED.value else []
    return [e["position"], e["episode"], *known]


def broken(c: Connection, playbook: int) -> Iterator[str]:
    """The deltas of a playbook that are not as they were written, a line each."""
    rows = _DELTAS.all(c, playbook=playbook)
    for at in range(0, len(rows), _PORTION):
        yield from _broken(c, rows[at : at + _PORTION])


def _broken(c: Connection, rows: Sequence[_Delta]) -> Iterator[str]:
    keys = [row.key for row in rows]
    episodes: dict[int, list[Values]] = {}
    for behind in _EPISODES.among(c, keys):
        episodes.setdefault(behind.delta, []).append(behind._asdict())
    operations: dict[int, list[Values]] = {}
    for step in _OPERATIONS.among(c, keys):
        operations.setdefault(step.delta, []).append(step._asdict())
    judgements: dict[int, list[Values]] = {}
    for decided in _JUDGEMENTS.among(c, keys):
        judgements.setdefault(decided.delta, []).append(decided._asdict())
    for row in rows:
        key = row.key
        if row.seal != seal(row._asdict(), episodes.get(key, ()), operations.get(key, ()), judgements.get(key, ())):
            where = f"the delta of revision {row.revision}" if row.revision is not None else "a delta that changed nothing"
            what = "its author, time, reason, episodes, refusals or judgements"
            yield f"{where} (delta {key}): {what} are not those that were written"
