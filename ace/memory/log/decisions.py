"""Which deltas were held for review, and what persons decided on them.

A held delta is never changed: its seal covers it. A decision is a later delta of the same playbook, with a judgement that names
the held one by its place in the log. That place is the same in a fork and after an export and import, where keys are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.database.codec import of_stored, unpack
from ace.memory.database.sql import Sql
from ace.memory.values import Review, Reviewed
from ace.playbooks.bullet import clean
from ace.playbooks.operations import REVIEW, Judgement, Status
from ace.types import JSON


class _Logged(NamedTuple):
    key: int
    status: str
    revision: int | None
    at: str


class _Decision(NamedTuple):
    delta: int
    body: str


_LOG = Sql(
    "SELECT d.key, d.status, d.revision, d.at FROM deltas d JOIN playbooks p ON p.key = d.playbook WHERE p.name = :name "
    "ORDER BY d.key",
    _Logged,
)
_DECISIONS = Sql(
    "SELECT j.delta, j.body FROM deltas d JOIN playbooks p ON p.key = d.playbook JOIN judgements j ON j.delta = d.key "
    f"WHERE p.name = :name AND j.gate = '{REVIEW}' ORDER BY j.delta, j.position",
    _Decision,
)


def decision(number: int, accepted: bool, by: str, reason: str) -> Judgement:
    """The judgement that a person makes of the delta with this number."""
    return Judgement(REVIEW, "pass" if accepted else "refuse", reason, {"delta": number, "by": by})


def told_in_review(j: Judgement) -> str:
    """What a person decided, in words; empty for the judgement of a gate."""
    if j.gate != REVIEW:
        return ""
    by, why = clean(str(j.figures.get("by", ""))) or "a person", f" ({clean(j.reason)})" if j.reason else ""
    did = "accepted" if j.passed else "refused"
    return f"review of delta {_number(j.figures)}: {did} by {by}{why}"


@of_stored
def reviews(c: Connection, name: str) -> dict[int, Review]:
    """The deltas of playbook `name` that were held, by their keys, oldest first, each with what was decided first."""
    log = _LOG.all(c, name=name)
    places = {row.key: n for n, row in enumerate(log, 1)}
    found: dict[int, Review] = {row.key: Review(places[row.key]) for row in log if row.status == Status.QUARANTINED}
    if not found:
        return found
    for key, body in _DECISIONS.all(c, name=name):
        answer, reason, figures, _ = unpack(body)
        number = _number(figures)
        held = log[number - 1].key if 0 < number < places[key] else 0
        if held in found and found[held].decided is None:
            row = log[places[key] - 1]
            made = Reviewed(answer == "pass", str(figures.get("by", "")), row.at, reason, row.revision)
            found[held] = Review(number, made)
    return found


def _number(figures: Mapping[str, JSON]) -> int:
    """The number among what a decision names. It is the only one, and the owner's hook may have changed what it is called."""
    return next((v for v in figures.values() if isinstance(v, int) and not isinstance(v, bool)), 0)
