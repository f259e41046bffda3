"""Several independent attempts at each case: how many were won, and what that says of k attempts.

A retry depends on the attempt before it, which it was shown, so it never counts here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ace.statistics.ceiling import pass_each
from ace.statistics.intervals import mean_share
from ace.types import JSON, Episode


@dataclass(frozen=True, slots=True)
class TaskAttempts:
    """The valid independent attempts at one task: how many were `won` of `n`, how many more were `invalid`, and in how many
    `ways` the agent acted in them."""

    task: str
    key: str
    won: int
    n: int
    invalid: int
    ways: int


@dataclass(frozen=True, slots=True)
class PassAt:
    """The chance that at least one of `k` attempts at a task is won, over the `tasks` tasks with as many valid attempts, with
    its 95 % interval (`None` for a single task). No value without such tasks."""

    k: int
    success: float
    interval: tuple[float, float] | None
    tasks: int

    def as_json(self) -> dict[str, JSON]:
        interval = None if self.interval is None else [round(b, 4) for b in self.interval]
        return {"k": self.k, "success": round(self.success, 4), "interval": interval, "tasks": self.tasks}


def attempts_of(episodes: Sequence[Episode]) -> list[TaskAttempts]:
    """The independent attempts in `episodes`, by task, in the order in which the tasks come first."""
    by_task: dict[str, list[Episode]] = {}
    for e in episodes:
        if e.attempt == 1:
            by_task.setdefault(e.task.key, []).append(e)
    return [_counted(key, found) for key, found in by_task.items()]


def _counted(key: str, found: Sequence[Episode]) -> TaskAttempts:
    valid = [e for e in found if e.outcome.valid]
    ways = {tuple(s.action for s in e.steps) for e in valid}
    won = sum(e.outcome.success for e in valid)
    return TaskAttempts(found[0].task.id, key, won, len(valid), len(found) - len(valid), len(ways))


def numbers(attempts: int) -> list[int]:
    """The k for which pass@k is told: 1, 2, 4 and so on, and `attempts`."""
    return [*(2**i for i in range(attempts.bit_length()) if 2**i < attempts), attempts]


def pass_at_each(tried: Sequence[TaskAttempts], attempts: int) -> list[PassAt]:
    """pass@k for every k of `numbers`, as far as there are tasks with so many valid attempts."""
    found = [(k, pass_each(k, [(t.won, t.n) for t in tried if t.n >= k])) for k in numbers(attempts)]
    return [PassAt(k, sum(shares) / len(shares), mean_share(shares, attempts), len(shares)) for k, shares in found if shares]
