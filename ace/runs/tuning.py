"""What a strategy finds out on validation cases before a run learns or measures anything.

The attempts are journaled and stored like all others, and nothing is learned from them. What was found is written down with
the run before the work counts as done, so that a run which is killed in between finds it out again, from the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ace.attempt import Briefing
from ace.environments.usable import listed
from ace.events import silent
from ace.memory.values import Batch
from ace.memory.view import View
from ace.models.contract import Sampling
from ace.runs.playing import Player, Stage
from ace.runs.tasks import Tasks
from ace.strategies.contract import TRIED, Draw, Learned, Lesson
from ace.types import Episode, Reflection, Task, derive_seed

PHASE = "tune"
"""The phase of these attempts, and the unit that is done when all is found out."""
FOUND = "tuned"
"""What a run's result calls what was found."""


@dataclass(slots=True)
class Tryout:
    """Attempts at validation cases by the `player` of a run, whose playbook stands at `book` and whose other tasks are
    `tasks_of_run`; `played` are those that were made so far."""

    player: Player
    sampling: Sampling
    book: View
    tasks_of_run: Tasks
    played: dict[str, Episode] = field(default_factory=dict)

    def tasks(self, most: int) -> Sequence[Task]:
        barred = {t.key for t in self.tasks_of_run.all}
        found = listed(self.player.environment, "val", None, min(TRIED, most + len(barred)))
        return [t for t in found if t.key not in barred][:most]

    async def play(
        self, tasks: Sequence[Task], label: str, context: Callable[[Task, View, Draw], Briefing]
    ) -> Sequence[Episode]:
        player = replace(self.player, strategy=_Shown(context), listener=silent)
        stage = Stage(PHASE, 0, self.sampling, self.book, derive_seed(player.seed, PHASE), f"{PHASE}/{label}")
        episodes = [case.attempts[0] for case in await player.play(tasks, stage)]
        self.played |= {e.id: e for e in episodes}
        return episodes

    def batch(self) -> Batch:
        """The attempts, ready to be committed, and that all is found out."""
        return Batch(tuple(self.played.values()), run=self.player.run, units=(PHASE,))


@dataclass(frozen=True, slots=True)
class _Shown:
    """A strategy that shows what `made` gives, and learns nothing."""

    made: Callable[[Task, View, Draw], Briefing]

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw) -> Briefing:
        return self.made(task, book, draw)

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return Learned()
