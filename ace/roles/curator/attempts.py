"""The attempts that a flat table shows: those in the store, and those of the batch that is learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ace.evidence import observed
from ace.roles.curator.brief import Brief
from ace.types import Episode, Past, Reflection

_FEEDBACK = 200
"""Characters kept of what the environment said."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """The attempts that stand in the table: `past` and `new` ones, each oldest first, and the ids of the `live` lessons."""

    past: Sequence[Past]
    new: Sequence[Past]
    live: frozenset[str] = frozenset()


def attempts_of(brief: Brief) -> Attempts:
    """The attempts of `brief`, each once. A new one that no reflector described is told as another new attempt at its case
    was, or as it was observed."""
    reflections = {e.id: r for e, r in brief.new}
    fresh = {e.id: e for e in (*brief.played, *(e for e, _ in brief.new))}
    told = {e.task.key: r.situation for e, r in brief.new}
    new = [_past(e, reflections.get(e.id), told.get(e.task.key, "")) for e in fresh.values()]
    past = [p for p in brief.attempts if p.episode not in fresh]
    return Attempts(past, new, frozenset(b.id for b in brief.bullets))


def _past(e: Episode, r: Reflection | None, told: str) -> Past:
    situation = r.situation if r else told or observed.situation(e)
    choice = r.choice if r else observed.choice(e)
    said = e.outcome.feedback[:_FEEDBACK]
    return Past(e.id, situation, choice, e.outcome.success, said, e.cited, e.task.key, e.attempt, e.task.kind)
