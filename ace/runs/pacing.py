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

    def left(self, unit: str, left: int) -> int:
        """Of the `left` batches after `unit` those that can be paid for, if each costs what the last one did or the mean of all
        before, whichever is more; all of them where there is no limit, and while no batch was done."""
        now = self._ledger.spent_by_limit()
        if not now:
            return left
        before = kept = self._result.get(KEPT, {})
        if not kept:
            kept = {"unit": unit, "done": 0, "first": now, "from": now, "left": left}
        elif kept["unit"] != unit:
            done = kept["done"] + 1
            each = {n: max((now[n] - kept["first"][n]) / done, now[n] - kept["from"][n]) for n in now if n in kept["from"]}
            limits = self._ledger.budget.as_json()
            room = [max(0, int((limits[n] - now[n]) / cost) - 1) for n, cost in each.items() if cost > 0]
            kept = {**kept, "unit": unit, "done": done, "from": now, "left": min([left, *room])}
        if kept is not before:
            self._result[KEPT] = kept
            self._keep()
        return int(kept["left"])
