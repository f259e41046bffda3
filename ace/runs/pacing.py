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
        """Of the `left` batches after `unit` those that can be paid for, if it and each of them cost what the last one did.
        All of them where there is no limit, and while no batch was done."""
        now = self._ledger.spent_by_limit()
        if not now:
            return left
        kept = self._result.get(KEPT, {})
        if kept.get("unit") != unit:
            limits, before = self._ledger.budget.as_json(), kept.get("from", {})
            costs = {n: now[n] - before[n] for n in now if n in before}
            room = [max(0, int((limits[n] - now[n]) / cost) - 1) for n, cost in costs.items() if cost > 0]
            kept = self._result[KEPT] = {"unit": unit, "from": now, "left": min([left, *room])}
            self._keep()
        return int(kept["left"])
