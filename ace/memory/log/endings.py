"""What gates decided at the end of runs. It stands in the runs' results: where what was learned stays, no delta says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.database.codec import of_stored, unpack_as
from ace.memory.database.sql import Sql
from ace.playbooks.operations import Judgement


class _Result(NamedTuple):
    id: str
    result: str


class _Last(NamedTuple):
    run: str
    revision: int


_RESULTS = Sql("SELECT id, result FROM runs WHERE id IN ({keys})", _Result)
_LAST = Sql(
    "SELECT run, max(revision) AS revision FROM deltas WHERE run IN ({keys}) AND revision IS NOT NULL GROUP BY run", _Last
)


@of_stored
def at_end(c: Connection, runs: Iterable[str | None]) -> dict[str, tuple[Judgement, ...]]:
    """What gates decided at the end of those of `runs` that a gate judged as a whole, by run."""
    found = {row.id: unpack_as(dict, row.result).get("gates") for row in _RESULTS.among(c, filter(None, runs))}
    return {run: tuple(map(Judgement.from_json, judged.values())) for run, judged in found.items() if judged}


def last_revisions(c: Connection, runs: Iterable[str]) -> dict[str, int]:
    """The number of the last revision that each of `runs` made, in any playbook: a fork counts as its origin does."""
    return {row.run: row.revision for row in _LAST.among(c, runs)}


def besides(judged: Iterable[Judgement], made: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """Those of `judged`, decided at the end of a run, that do not stand among those `made` on a delta, as they do where it
    was made because of them."""
    known = [j.as_json() for j in made]
    return tuple(j for j in judged if j.as_json() not in known)
