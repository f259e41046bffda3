"""How many more batches the limits of a run leave room for.

A curator that is told of batches to come leaves guesses to be tested by them. Under a limit on what may be spent, those that
the training cases would allow may never be played, and the guesses would stay.
"""

from __future__ import annotations

from collections.abc import Callable

from ace.budget import Ledger
from ace.types import JSON

KEPT = "pace"
"""The key in a run's result."""


class Pace:
    """Counts the batches of a run and what `ledger` says they took. What it finds is kept in `result`, a run's, and written by
    `keep`, so that a batch that is done again after a kill is told the same."""

    def __init__(self, ledger: Ledger, result: dict[str, JSON], keep: Callable[[], None]) -> None:
        self._ledger, self._result, self._keep = ledger, result, keep

    def begin(self, unit: str) -> None:
        """The batch `unit` is about to be played. What was spent since the one before had been played is what a turn costs."""
        now, kept = self._ledger.spent_by_limit(), self._result.get(KEPT, {})
        if not now or (kept.get("unit") == unit and "start" in kept):
            return
        before = kept.get("played", {})
        turn = {n: now[n] - before[n] for n in now if n in before}
        self._result[KEPT] = {"unit": unit, "start": now, "turn": turn}
        self._keep()

    def left(self, left: int) -> int:
        """Of the `left` batches after the one that was just played those that can be paid for, if each of them takes what
        playing this one took and its turn what the last turn did. All of them where there is no limit."""
        now = self._ledger.spent_by_limit()
        if not now:
            return left
        kept = self._result[KEPT]
        if "left" not in kept:
            limits, start, turn = self._ledger.budget.as_json(), kept["start"], kept["turn"]
            costs = {n: now[n] - start[n] + turn.get(n, 0) for n in now if n in start}
            room = {n: limits[n] - now[n] - turn.get(n, 0) for n in costs}
            kept |= {
                "played": now,
                "left": min([left, *(_times(room[n], cost, left) for n, cost in costs.items() if cost > 0)]),
            }
            self._keep()
        return int(kept["left"])


def _times(room: float, cost: float, most: int) -> int:
    """How often `cost` goes into `room`, `most` at most: a limit may be any number."""
    # A sum of dollars may miss a whole number by a rounding error.
    return most if room >= cost * most else max(0, int(room / cost + 1e-9))
