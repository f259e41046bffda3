"""Runs, the units of work they have done, and every model call they made.

A call is written down before it is made and completed when it ends, in two short transactions. What was paid for is never
asked for again, and what was in flight when the process died is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from ace.binding import MARK, Sign, unsigned, with_mark
from ace.errors import NotFound
from ace.memory.database.codec import now, of_stored, pack, unpack, unpack_as
from ace.memory.database.sql import Sql, columns, insertion
from ace.memory.database.work_tables import RunRow
from ace.memory.values import OF_SEVERAL, PRESENT, Call, RoleUsage, Run, RunStatus, episodes_in
from ace.types import JSON, Usage, digest

_RUN = insertion(RunRow, without=("key",))


class _Run(NamedTuple):
    id: str
    status: str
    config: str
    result: str
    started: str
    ended: str


class _Call(NamedTuple):
    run: str
    unit: str
    role: str
    ordinal: int
    request: str
    reply: str | None
    error: str | None
    form: str | None
    calls: int | None
    prompt_tokens: int | None
    cached_tokens: int | None
    completion_tokens: int | None
    cost_usd: float | None
    seconds: float | None
    estimated: int | None


class _Sums(NamedTuple):
    calls: int
    prompt: int
    cached: int
    completion: int
    cost: float
    seconds: float
    unknown: int
    guessed: int


class _RoleSums(NamedTuple):
    role: str
    unit: str
    unended: int
    calls: int
    prompt: int
    cached: int
    completion: int
    cost: float
    seconds: float
    unknown: int
    guessed: int


class _Replies(NamedTuple):
    form: str
    n: int


_FORMS = Sql("SELECT count(*) FROM runs WHERE form = :form", int)
_RUNS = Sql(f"SELECT {columns(_Run)} FROM runs ORDER BY key", _Run)
_ONE = Sql(f"SELECT {columns(_Run)} FROM runs WHERE id = :id", _Run)
_BIND = Sql("UPDATE runs SET config = :config, result = :result WHERE id = :id")
_SET = Sql("UPDATE runs SET status = :status, result = :result, ended = :ended WHERE id = :id")
_DONE = Sql("SELECT unit FROM units WHERE run = :run AND done IS NOT NULL", str)
_MARK = Sql(
    "INSERT INTO units (run, unit, done) VALUES (:run, :unit, :done) "
    "ON CONFLICT (run, unit) DO UPDATE SET done = coalesce(units.done, excluded.done)"
)
_START = Sql(
    "INSERT INTO calls (run, unit, role, ordinal, request, started) VALUES (:run, :unit, :role, :ordinal, :request, :started)"
)
_END = Sql(
    "UPDATE calls SET ended = :ended, reply = :reply, error = :error, form = :form, calls = :calls, "
    "prompt_tokens = :prompt_tokens, "
    "cached_tokens = :cached_tokens, completion_tokens = :completion_tokens, cost_usd = :cost_usd, seconds = :seconds, "
    "estimated = :estimated "
    "WHERE key = (SELECT max(key) FROM calls WHERE run = :run AND unit = :unit AND role = :role AND ordinal = :ordinal "
    "AND ended IS NULL)"
)
_CALL = columns(_Call)
_FOUND = Sql(
    f"SELECT {_CALL} FROM calls WHERE run = :run AND unit = :unit AND role = :role AND ordinal = :ordinal "
    "AND request = :request AND reply IS NOT NULL ORDER BY key DESC LIMIT 1",
    _Call,
)
_OF_UNIT = Sql(f"SELECT {_CALL} FROM calls WHERE unit = :unit OR unit LIKE :several ORDER BY key", _Call)
_OF_SEVERAL = Sql("SELECT DISTINCT unit FROM calls WHERE unit LIKE :several", str)
_IN_FLIGHT = Sql(
    f"SELECT {_CALL} FROM calls a WHERE run = :run AND ended IS NULL AND NOT EXISTS (SELECT 1 FROM calls b WHERE "
    "b.run = a.run AND b.unit = a.unit AND b.role = a.role AND b.ordinal = a.ordinal AND b.key > a.key) ORDER BY key",
    _Call,
)
_SUMS = (
    "coalesce(sum(calls), 0), coalesce(sum(prompt_tokens), 0), coalesce(sum(cached_tokens), 0), "
    "coalesce(sum(completion_tokens), 0), coalesce(sum(cost_usd), 0.0), coalesce(sum(seconds), 0.0), "
    "count(ended) - count(cost_usd), coalesce(sum(estimated), 0)"
)
"""What ended calls cost together; the last columns count those of which the cost is unknown, and tokens that are estimates."""
_USAGE = Sql(f"SELECT {_SUMS} FROM calls WHERE run = :run AND ended IS NOT NULL", _Sums)
_BY_ROLE = Sql(
    f"SELECT role, CASE WHEN role = 'generator' AND substr(unit, 1, {len(PRESENT)}) = '{PRESENT}' THEN unit ELSE '' END, "
    f"count(*) - count(ended), {_SUMS} FROM calls WHERE run = :run GROUP BY 1, 2 ORDER BY min(key)",
    _RoleSums,
)
_REPLIES = Sql(
    "SELECT form, count(*) AS n FROM calls WHERE run = :run AND form IS NOT NULL GROUP BY form ORDER BY form", _Replies
)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def start_run(c: Connection, config: Mapping[str, JSON], sign: Sign = unsigned) -> Run:
    """A new run, with the mark that `sign` makes. Its id comes from the configuration alone; a further run of the same
    configuration gets a number."""
    number = int(digest(json.loads(pack(dict(config))))[:16], 16)
    letters = ""
    for _ in range(8):
        number, digit = divmod(number, 36)
        letters += _DIGITS[digit]
    form = f"r-{letters}"
    earlier = _FORMS.one(c, form=form)
    id, kept = form if not earlier else f"{form}-{earlier + 1}", unpack(pack(dict(config)))
    run = Run(id, RunStatus.RUNNING, kept, {}, now(), mark=sign(id, kept))
    _RUN(c, id=run.id, form=form, status=run.status.value, config=_marked(run), result="{}", started=run.started, ended="")
    return run


def bind(c: Connection, run: Run, sign: Sign) -> Run:
    """`run` as it is given, stored with the marks that `sign` makes."""
    bound = replace(run, mark=sign(run.id, run.config), result=with_mark(run.id, run.result, sign))
    _BIND(c, id=run.id, config=_marked(bound), result=pack(bound.result))
    return bound


def _marked(run: Run) -> str:
    """The configuration as it is stored, with the mark."""
    return pack({**run.config, MARK: run.mark} if run.mark else run.config)


def run(c: Connection, id: str) -> Run:
    row = _ONE.first(c, id=id)
    if row is None:
        known = [r.id for r in runs(c)]
        has = (
            f"there are {', '.join(known[-10:])}{f' and {len(known) - 10} before' if len(known) > 10 else ''}"
            if known
            else "the store has none yet"
        )
        raise NotFound(f"there is no run {id!r}; {has}")
    return _run(row)


def runs(c: Connection) -> list[Run]:
    """All runs, in the order they were started."""
    return [_run(row) for row in _RUNS.all(c)]


@of_stored
def _run(row: _Run) -> Run:
    config = unpack_as(dict, row.config)
    mark = str(config.pop(MARK, ""))
    return Run(row.id, RunStatus(row.status), config, unpack_as(dict, row.result), row.started, row.ended, mark)


def set_run(c: Connection, id: str, status: RunStatus, result: Mapping[str, JSON]) -> None:
    run(c, id)
    ended = "" if status is RunStatus.RUNNING else now()
    _SET(c, id=id, status=status.value, result=pack(dict(result)), ended=ended)


def units(c: Connection, run: str) -> set[str]:
    return set(_DONE.all(c, run=run))


def mark_units(c: Connection, run: str, units: Iterable[str]) -> None:
    at = now()
    _MARK.many(c, [{"run": run, "unit": unit, "done": at} for unit in units])


def call_started(c: Connection, run: str, call: Call) -> None:
    _START(c, run=run, unit=call.unit, role=call.role, ordinal=call.ordinal, request=call.request, started=now())


def call_ended(c: Connection, run: str, call: Call) -> None:
    u = call.usage
    ended = _END(
        c,
        run=run,
        unit=call.unit,
        role=call.role,
        ordinal=call.ordinal,
        ended=now(),
        reply=None if call.reply is None else pack(call.reply),
        error=pack(call.error) if call.error else None,
        form=call.form or None,
        calls=u.calls,
        prompt_tokens=u.prompt_tokens,
        cached_tokens=u.cached_tokens,
        completion_tokens=u.completion_tokens,
        cost_usd=u.cost_usd,
        seconds=u.seconds,
        estimated=u.estimated,
    )
    if ended.rowcount != 1:
        raise NotFound(f"no call {call.role} {call.ordinal} of unit {call.unit!r} in run {run!r} is under way")


def journaled(c: Connection, run: str, call: Call) -> Call | None:
    row = _FOUND.first(c, run=run, unit=call.unit, role=call.role, ordinal=call.ordinal, request=call.request)
    return None if row is None else _call(row)


def in_flight(c: Connection, run: str) -> list[Call]:
    """Calls that were started and never ended, and not made again since."""
    return [_call(row) for row in _IN_FLIGHT.all(c, run=run)]


def calls_of(c: Connection, unit: str) -> list[tuple[str, Call]]:
    """The calls made for a unit of work, in the order they were started, each with its run; of an episode also those in which
    it was one of several that were asked about."""
    rows = _OF_UNIT.all(c, unit=unit, several=f"%{unit}%")
    return [(row.run, _call(row)) for row in rows if row.unit == unit or unit in episodes_in(row.unit)]


def units_naming(c: Connection, episodes: Set[str]) -> dict[str, str]:
    """The units in which any of `episodes` was one of several that were asked about, each with one of them."""
    found = {unit: [id for id in episodes_in(unit) if id in episodes] for unit in _OF_SEVERAL.all(c, several=OF_SEVERAL)}
    return {unit: named[0] for unit, named in found.items() if named}


@of_stored
def _call(row: _Call) -> Call:
    prompt, cached, completion = row.prompt_tokens or 0, row.cached_tokens or 0, row.completion_tokens or 0
    cost, seconds, estimated = row.cost_usd, row.seconds or 0.0, row.estimated or 0
    usage = Usage() if row.calls is None else Usage(row.calls, prompt, cached, completion, cost, seconds, estimated)
    reply = None if row.reply is None else unpack_as(str, row.reply)
    error = unpack_as(str, row.error) if row.error else ""
    return Call(row.unit, row.role, row.ordinal, row.request, reply, error, usage, row.form or "")


def reply_forms(c: Connection, run: str) -> dict[str, int]:
    """How many replies of a run came in each form."""
    return dict(_REPLIES.all(c, run=run))


def usage(c: Connection, run: str) -> Usage:
    """What all ended calls of a run cost together. The cost is `None` where that of any is unknown."""
    return _summed(_USAGE.one(c, run=run))


def usage_by_role(c: Connection, run: str) -> list[tuple[str, RoleUsage]]:
    """What the calls of a run cost by role, in the order in which the roles were first asked. Each question whether a model is
    there stands by itself, with its unit; the unit of all else is empty."""
    rows = _BY_ROLE.all(c, run=run)
    return [(row.unit, RoleUsage(row.role, _summed(row), row.unended)) for row in rows]


def _summed(row: _Sums | _RoleSums) -> Usage:
    """What calls cost together."""
    cost = None if row.unknown else row.cost
    return Usage(row.calls, row.prompt, row.cached, row.completion, cost, row.seconds, row.guessed)
