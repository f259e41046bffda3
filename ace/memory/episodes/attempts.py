"""All valid training attempts of a playbook, flat: what curators and counting start from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.database import codec
from ace.memory.database.sql import Sql
from ace.memory.episodes.inheritance import known_to
from ace.memory.episodes.seen import SEEN
from ace.types import Past, Trust


class _Told(NamedTuple):
    key: int
    task_key: str
    body: str


class _Attempt(NamedTuple):
    key: int
    id: str
    run: str | None
    epoch: int
    task_key: str
    attempt: int
    kind: str
    verdict: str
    past: str
    told: bool


_NEWEST = Sql(
    "SELECT e.key, e.id, e.run, e.epoch, e.task_key, e.attempt, e.kind, e.verdict, e.past, "
    "EXISTS (SELECT 1 FROM reflections r WHERE r.episode = e.key) AS told FROM episodes e "
    f"WHERE e.playbook = :source AND e.verdict = :verdict AND e.key <= :upto AND e.purged IS NULL AND {SEEN} "
    "ORDER BY e.key DESC LIMIT :limit",
    _Attempt,
)


_FIRST = Sql(
    "SELECT e.key, e.task_key, e.body FROM episodes e WHERE e.playbook = :source AND e.phase = 'learn' AND e.attempt <= 1 "
    f"AND e.verdict IN ('success', 'failure') AND e.key <= :upto AND e.purged IS NULL AND {SEEN} ORDER BY e.key LIMIT :limit",
    _Told,
)


def tasks_learned(c: Connection, playbook: int, limit: int, trust: Trust) -> list[str]:
    """The texts of the tasks, each once, oldest first, of the first `limit` valid training attempts, first ones at a case, that
    `playbook` knows of and a request of `trust` may see. What is learned later stands behind them."""
    rows: list[_Told] = []
    for source, known in known_to(c, playbook).items():
        rows += _FIRST.all(c, source=source, upto=known.episodes, limit=limit, least=trust.value)
    first: dict[str, _Told] = {}
    for row in sorted(rows, key=lambda row: row.key)[:limit]:
        first.setdefault(row.task_key, row)
    return [str(codec.unpack(row.body)["task"][1]) for row in first.values()]


def attempts(c: Connection, playbook: int, limit: int, trust: Trust) -> list[Past]:
    """The newest `limit` valid training attempts that `playbook` knows of and a request of `trust` may see, oldest first. One
    that no reflector has described takes the situation of the last one at the same case that was: one reflection covers all
    attempts at a case."""
    rows: list[_Attempt] = []
    for source, known in known_to(c, playbook).items():
        for verdict in ("success", "failure"):
            rows += _NEWEST.all(c, source=source, verdict=verdict, upto=known.episodes, limit=limit, least=trust.value)
    newest = sorted(rows, key=lambda row: row.key)[-limit:] if limit else []
    return _described(newest)


def _described(rows: Sequence[_Attempt]) -> list[Past]:
    pasts = [_past(row) for row in rows]
    told = _last_by_case((_case(row), past.situation) for row, past in zip(rows, pasts, strict=True) if row.told)
    return [
        past if row.told or _case(row) not in told else replace(past, situation=told[_case(row)])
        for row, past in zip(rows, pasts, strict=True)
    ]


def _case(row: _Attempt) -> tuple[str | None, int, str]:
    return row.run, row.epoch, row.task_key


def _last_by_case(found: Iterable[tuple[tuple[str | None, int, str], str]]) -> dict[tuple[str | None, int, str], str]:
    return dict(found)


def _past(row: _Attempt) -> Past:
    past = codec.past(row.id, row.verdict == "success", row.past)
    return replace(past, task=row.task_key, attempt=row.attempt, kind=row.kind)
