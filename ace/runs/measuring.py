"""Measuring a playbook: held-out cases played with one of its revisions, and committed where nothing can learn from them.

What is committed names no playbook, so there is none to write to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ace.events import BatchCommitted, Listener, PhaseStarted, Warned
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.models.contract import Sampling
from ace.results.cautions import won_already
from ace.runs.counted import cases_measured, measured_unit
from ace.runs.playable import Playable, valid_attempts
from ace.runs.playing import Stage
from ace.types import Task, Verdict

EVAL_CHUNK = 50
"""Held-out cases that are played and committed together, at least."""


@dataclass(frozen=True, slots=True)
class Measuring:
    """The phases of `run` that measure `playbook`: where they are written, who plays, how the agent samples, how many cases are
    played at a time, `hold`, which renews the right to work on the run, and who is told."""

    store: Store
    run: str
    playbook: str
    playable: Playable
    sampling: Sampling
    concurrency: int
    hold: Callable[[], None]
    listener: Listener

    async def phase(self, phase: str, tasks: Sequence[Task], revision: int, attempts: int = 1) -> None:
        """Play what is owed of so many independent `attempts` at each of the held-out `tasks`, with the playbook at
        `revision`. None is shown another one. Each stands in an epoch of its own, from which its seed derives; that of the
        first is the seed of a single attempt."""
        done = self.store.units(self.run)
        book = self.store.view(f"{self.playbook}@{revision}")
        self.listener(PhaseStarted(phase, len(tasks) * attempts, cases_measured(done, phase, tasks, attempts)))
        size = max(EVAL_CHUNK, self.concurrency)
        for epoch in range(attempts):
            owed = [t for t in tasks if measured_unit(phase, t, epoch) not in done]
            stage = Stage(phase, epoch, self.sampling, book)
            for at in range(0, len(owed), size):
                await self._chunk(owed[at : at + size], stage, left=at + size < len(owed) or epoch + 1 < attempts)

    async def _chunk(self, tasks: Sequence[Task], stage: Stage, *, left: bool) -> None:
        units = [measured_unit(stage.phase, t, stage.epoch) for t in tasks]
        cases = await self.playable.cases(tasks, stage, units[0], left=left)
        episodes = tuple(e for c in cases for e in c.attempts)
        self.hold()
        self.store.commit(Batch(episodes, run=self.run, units=tuple(units)))
        self._committed(stage.phase, len(cases))

    def caution(self, phase: str) -> None:
        """Warn where there is next to nothing left to learn."""
        wins = self.store.count_episodes(run=self.run, phase=phase, verdict=Verdict.SUCCESS)
        n = valid_attempts(self.store, self.run, phase)
        by = "the agent with an empty playbook" if phase == "before" else "the agent with the playbook as it was found"
        for line in won_already(wins / n if n else None, n, by):
            self.listener(Warned(line))

    def _committed(self, phase: str, episodes: int) -> None:
        head = self.store.head(self.playbook)
        self.listener(BatchCommitted(phase, episodes, 0, 0, head.number, head.bullets, self.store.usage(self.run)))
