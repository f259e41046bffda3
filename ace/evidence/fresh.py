"""Attempts as evidence before the store has them: those of the batch that is learned from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ace.evidence import observed
from ace.types import Episode, Past, Reflection

_FEEDBACK = 200
"""Characters kept of what the environment said."""


def pasts(episodes: Iterable[Episode], reflections: Iterable[Reflection], stored: Sequence[Past] = ()) -> list[Past]:
    """The `stored` attempts and the valid ones of `episodes`, each once, oldest first. One that no reflection describes is told
    as another attempt of `episodes` at its case is, or as it was observed."""
    told = {r.episode: r for r in reflections}
    new = {e.id: e for e in episodes if e.outcome.valid}
    cases = {e.task.key: told[e.id].situation for e in new.values() if e.id in told}
    return [*(p for p in stored if p.episode not in new), *(_past(e, told.get(e.id), cases) for e in new.values())]


def _past(e: Episode, r: Reflection | None, cases: dict[str, str]) -> Past:
    situation = r.situation if r else cases.get(e.task.key) or observed.situation(e)
    choice = r.choice if r else observed.choice(e)
    said = e.outcome.feedback[:_FEEDBACK]
    return Past(e.id, situation, choice, e.outcome.success, said, e.cited, e.task.key, e.attempt, e.task.kind)
