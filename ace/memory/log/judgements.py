"""Judgements: what each gate decided on a delta, written in the transaction that writes the delta.

A judgement is a record of what was measured at that time, so it is written once, with the delta, and never computed again from
what is stored. The delta's seal covers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.database.codec import of_stored, pack, unpack
from ace.memory.database.sql import Sql, Values, columns, insertion
from ace.memory.database.tables import JudgementRow
from ace.playbooks.operations import Judgement
from ace.types import Usage


class _Stored(NamedTuple):
    delta: int
    gate: str
    body: str


_INSERT = insertion(JudgementRow)
_OF = Sql(f"SELECT {columns(_Stored)} FROM judgements WHERE delta IN ({{keys}}) ORDER BY delta, position", _Stored)


def rows(judgements: Sequence[Judgement]) -> list[Values]:
    """The rows of a delta's judgements, in the order of asking, without the delta's key and the time."""
    return [{"position": i, "gate": j.gate, "passed": j.passed, "body": _body(j)} for i, j in enumerate(judgements)]


def _body(j: Judgement) -> str:
    return pack([j.answer, j.reason, dict(j.figures), j.usage.listed()])


def write(c: Connection, delta: int, made: Sequence[Values], at: str) -> None:
    """Write down the rows of a delta's judgements."""
    _INSERT.many(c, [{"delta": delta, "at": at, **row} for row in made])


@of_stored
def of_deltas(c: Connection, keys: Iterable[int]) -> dict[int, tuple[Judgement, ...]]:
    """The judgements of deltas by the deltas' keys, in the order of asking; a delta that was not judged is left out."""
    found: dict[int, tuple[Judgement, ...]] = {}
    for delta, gate, body in _OF.among(c, keys):
        answer, reason, figures, cost = unpack(body)
        found[delta] = (*found.get(delta, ()), Judgement(gate, answer, reason, figures, Usage(*cost)))
    return found
