"""Experiments and the runs that belong to them.

An experiment is its design; what came out is in its runs. One process at a time is at work on it: the claim is that of a run,
in a row of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from ace.binding import Sign
from ace.errors import Conflict, NotFound
from ace.memory.database.codec import now, of_stored, pack, unpack, unpack_as
from ace.memory.database.protocol import Database
from ace.memory.database.sql import Sql
from ace.memory.journal.leases import Owner, holds, until
from ace.memory.values import Experiment
from ace.types import JSON, digest

Cleared = Callable[[dict[str, JSON]], dict[str, JSON]]
"""What the owner of the store lets be kept of a value."""


class _Experiment(NamedTuple):
    id: str
    design: str
    result: str
    mark: str
    started: str


_ROW = "id, design, result, mark, started"
_ALL = Sql(f"SELECT {_ROW} FROM experiments ORDER BY key", _Experiment)
_ONE = Sql(f"SELECT {_ROW} FROM experiments WHERE id = :id", _Experiment)
_IDS = Sql("SELECT id FROM experiments WHERE id >= :low AND id < :high ORDER BY key", str)
_NEW = Sql(
    "INSERT INTO experiments (id, design, result, mark, started) VALUES (:id, :design, :result, :mark, :started)",
)
_DESIGN = Sql("UPDATE experiments SET design = :design, mark = :mark WHERE id = :id")
_RESULT = Sql("UPDATE experiments SET result = :result WHERE id = :id")
_OWNER = Sql("SELECT owner, leased_until FROM experiments WHERE id = :id AND owner IS NOT NULL", tuple[str, ...])
_TAKE = Sql("UPDATE experiments SET owner = :owner, leased_until = :until WHERE id = :id")
_RENEW = Sql("UPDATE experiments SET leased_until = :until WHERE id = :id AND owner = :owner")
_LEAVE = Sql("UPDATE experiments SET owner = NULL, leased_until = NULL WHERE id = :id AND owner = :owner")
_RUNS = Sql(
    "SELECT r.arm, r.seed, r.run FROM experiment_runs r JOIN experiments e ON e.key = r.experiment WHERE e.id = :id",
    tuple[str, ...],
)
_JOIN = Sql(
    "INSERT INTO experiment_runs (experiment, arm, seed, run) "
    "SELECT key, :arm, :seed, :run FROM experiments WHERE id = :id "
    "ON CONFLICT (experiment, arm, seed) DO UPDATE SET run = excluded.run"
)


class Played(NamedTuple):
    """One attempt of a run, without its words: its unit, where it was played, and its verdict."""

    unit: str
    phase: str
    epoch: int
    attempt: int
    task: str
    verdict: str


class Spent(NamedTuple):
    """What the ended calls of one unit of a run took: requests, and tokens of prompts and replies."""

    unit: str
    calls: int
    tokens: int


_PLAYED = Sql(
    "SELECT id AS unit, phase, epoch, attempt, task_key AS task, verdict FROM episodes WHERE run = :run ORDER BY key", Played
)
_SPENT = Sql(
    "SELECT unit, coalesce(sum(calls), 0) AS calls, coalesce(sum(prompt_tokens + completion_tokens), 0) AS tokens FROM calls "
    "WHERE run = :run AND ended IS NOT NULL GROUP BY unit ORDER BY min(key)",
    Spent,
)


class Experiments:
    """The experiments of a store."""

    def __init__(self, database: Database, cleared: Cleared) -> None:
        self._database, self._cleared = database, cleared

    def begin(self, design: Mapping[str, JSON], sign: Sign) -> Experiment:
        """A new experiment, with the mark that `sign` makes. Its id comes from the design alone; a further one of the same
        design gets a number."""
        kept = unpack(pack(dict(design)))
        form = f"x-{digest(kept)[:8]}"
        with self._database.write() as c:
            taken = set(_IDS.all(c, low=form, high=f"{form}\U0010ffff"))
            id = next(name for n in range(1, len(taken) + 2) if (name := form if n == 1 else f"{form}-{n}") not in taken)
            made = Experiment(id, kept, {}, sign(id, kept), now())
            _NEW(c, id=id, design=pack(kept), result="{}", mark=made.mark, started=made.started)
        return made

    def all(self) -> list[Experiment]:
        """All experiments, in the order they were begun."""
        with self._database.read() as c:
            return [_experiment(row) for row in _ALL.all(c)]

    def one(self, text: str) -> Experiment:
        """The experiment whose id is `text` or begins so; the last one that was begun where `text` is empty. Raises
        `NotFound`, and `Conflict` where several begin so."""
        with self._database.read() as c:
            return _experiment(_found(c, text))

    def redesign(self, id: str, design: Mapping[str, JSON], sign: Sign) -> Experiment:
        """The experiment with another design, stored with the mark that `sign` makes."""
        kept = unpack(pack(dict(design)))
        with self._database.write() as c:
            _DESIGN(c, id=id, design=pack(kept), mark=sign(id, kept))
            return _experiment(_found(c, id))

    def note(self, id: str, result: Mapping[str, JSON]) -> Experiment:
        """The experiment with `result` written down beside its runs."""
        kept = self._cleared(dict(result))
        with self._database.write() as c:
            _RESULT(c, id=id, result=pack(kept))
            return _experiment(_found(c, id))

    def runs(self, id: str) -> dict[tuple[str, int], str]:
        """The runs of an experiment, by arm and seed."""
        with self._database.read() as c:
            return {(arm, int(seed)): run for arm, seed, run in _RUNS.all(c, id=id)}

    def join(self, id: str, arm: str, seed: int, run: str) -> None:
        """`run` is the run of this arm and seed."""
        with self._database.write() as c:
            _JOIN(c, id=id, arm=arm, seed=str(seed), run=run)

    def played(self, run: str) -> list[Played]:
        """The attempts of a run, in the order they were stored."""
        with self._database.read() as c:
            return _PLAYED.all(c, run=run)

    def spent(self, run: str) -> list[Spent]:
        """What each unit of a run took, in the order in which they were begun."""
        with self._database.read() as c:
            return _SPENT.all(c, run=run)

    def take(self, id: str, owner: Owner, seconds: float) -> Owner | None:
        """Claim the experiment for `owner`, for so many seconds. Gives who else is at work on it; nothing is then changed."""
        with self._database.write() as c:
            row = _OWNER.first(c, id=id)
            if row is not None and holds(row[0], row[1]) and Owner.read(row[0]) != owner:
                return Owner.read(row[0])
            _TAKE(c, id=id, owner=str(owner), until=until(seconds))
            return None

    def renew(self, id: str, owner: Owner, seconds: float) -> bool:
        """Hold on for `seconds` from now; false where another owner has it meanwhile."""
        with self._database.write() as c:
            return bool(_RENEW(c, id=id, owner=str(owner), until=until(seconds)).rowcount == 1)

    def leave(self, id: str, owner: Owner) -> None:
        """Give the claim back."""
        with self._database.write() as c:
            _LEAVE(c, id=id, owner=str(owner))

    def at_work(self, id: str) -> Owner | None:
        """Who is at work on the experiment now."""
        with self._database.read() as c:
            row = _OWNER.first(c, id=id)
        return Owner.read(row[0]) if row is not None and holds(row[0], row[1]) else None


def _found(c: Connection, text: str) -> _Experiment:
    if text and (row := _ONE.first(c, id=text)) is not None:
        return row
    rows = [row for row in _ALL.all(c) if row.id.startswith(text)]
    if not rows:
        known = [row.id for row in _ALL.all(c)]
        has = (
            f"there are {', '.join(known[-10:])}{f' and {len(known) - 10} before' if len(known) > 10 else ''}"
            if known
            else "the store has none yet; begin one with: ace compare ENV"
        )
        raise NotFound(f"there is no experiment {text!r}; {has}" if text else f"there is no experiment; {has}")
    if text and len(rows) > 1:
        raise Conflict(f"experiment {text!r} is not one: {', '.join(row.id for row in rows)} begin so; give more of the id")
    return rows[-1]


@of_stored
def _experiment(row: _Experiment) -> Experiment:
    return Experiment(row.id, unpack_as(dict, row.design), unpack_as(dict, row.result), row.mark, row.started)
