"""Playing a batch of cases, and finding out when nothing can be played any more.

One case that cannot be played is invalid and costs that case; where none can be, going on would only cost, so the run stops
with the commonest reason and can be resumed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ace.attempt import UNANSWERED
from ace.bounds import shortened
from ace.errors import ModelError, WorldError
from ace.memory.store import Store
from ace.runs.playing import Case, Player, Stage
from ace.runs.presence import Presence
from ace.types import Task, Verdict

MOST_UNPLAYED = 10
"""Cases in a row after which a run stops although earlier ones were valid, when all of them were invalid."""


def valid_attempts(store: Store, run: str, phase: str | None = None) -> int:
    """The valid attempts that are committed, of a run or of one of its phases."""
    return sum(store.count_episodes(run=run, phase=phase, verdict=v) for v in (Verdict.SUCCESS, Verdict.FAILURE))


class Playable:
    """The cases of a run, played by `player`, batch by batch."""

    def __init__(self, player: Player, presence: Presence, store: Store) -> None:
        self._player, self._presence, self._store = player, presence, store
        self._unplayed = 0

    async def cases(self, tasks: Sequence[Task], stage: Stage, unit: str, *, left: bool) -> list[Case]:
        """The cases of `tasks`, with more `left` of the phase or none. Raises `ModelError` where the model has gone: what it
        left unanswered is owed still; and `WorldError` where nothing can be played."""
        cases = await self._player.play(tasks, stage)
        await self._presence.require(f"{unit}/played")
        self._require_played(cases, stage.phase, left)
        return cases

    def _require_played(self, cases: Sequence[Case], phase: str, left: bool) -> None:
        if any(e.outcome.valid for c in cases for e in c.attempts):
            self._unplayed = 0
            return
        self._unplayed += len(cases)
        reasons = [c.attempts[-1].outcome.reason for c in cases]
        unanswered = all(r.startswith(UNANSWERED) for r in reasons)
        enough = self._unplayed >= (MOST_UNPLAYED if self._valid() else 2) or (unanswered and len(cases) > 1)
        if enough or (not left and not self._valid(phase)):
            [(reason, _)] = Counter(reasons).most_common(1)
            told = f"none of {self._unplayed} {'case' if self._unplayed == 1 else 'cases'} could be played: {shortened(reason)}"
            raise ModelError(told) if unanswered else WorldError(told)

    def _valid(self, phase: str | None = None) -> int:
        return valid_attempts(self._store, self._player.run, phase)
