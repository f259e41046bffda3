"""Measuring: success on tasks, counted by case, with a 95 % interval.

Invalid attempts are counted and shown, and enter no rate; a case with retries is won if any attempt is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ace.statistics.intervals import wilson
from ace.types import JSON, Episode


@dataclass(frozen=True, slots=True)
class Score:
    """`wins` of `n` valid cases, and how many more were invalid. `interval` is Wilson's at 95 %, as shares. `attempts` is the
    most attempts that a case got: a rate within several attempts, each told that the last one lost, is not pass@k."""

    wins: int
    n: int
    invalid: int = 0
    attempts: int = 1

    @property
    def success(self) -> float | None:
        return self.wins / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.wins, self.n) if self.n else None

    def as_json(self) -> dict[str, JSON]:
        interval = self.interval
        return {
            "success": None if self.success is None else round(self.success, 4),
            "n": self.n,
            "interval": None if interval is None else [round(interval[0], 4), round(interval[1], 4)],
            "invalid": self.invalid,
            "attempts": self.attempts,
        }


def score(cases: Sequence[Sequence[Episode]]) -> Score:
    """The score of `cases`, each given as its attempts in order."""
    valid = [[e for e in attempts if e.outcome.valid] for attempts in cases]
    wins = sum(any(e.outcome.success for e in attempts) for attempts in valid)
    return Score(wins, sum(map(bool, valid)), sum(not a for a in valid), max(map(len, cases), default=1))


def cases_of(episodes: Iterable[Episode]) -> list[list[Episode]]:
    """Episodes grouped into cases: the attempts at one task in one epoch, in order."""
    cases: dict[tuple[int, str], list[Episode]] = {}
    for e in episodes:
        cases.setdefault((e.epoch, e.task.key), []).append(e)
    return [sorted(attempts, key=lambda e: e.attempt) for attempts in cases.values()]
