"""Further attempts at the training cases of a run, with a playbook as it might become: for a strategy that measures what it
proposes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ace.errors import BadInput
from ace.events import silent
from ace.memory.store import Store
from ace.memory.view import View
from ace.models.contract import Model, Sampling
from ace.playbooks.operations import Operation
from ace.runs.gates.proposed import Proposed
from ace.runs.playing import Player, Stage
from ace.strategies.contract import LEARNING
from ace.types import Episode, Reflection, Task, Trust, derive_seed

PHASE = "rollout"
"""The phase of these attempts: they are stored, and no bullet is credited with them."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The training `tasks`, who plays them, how the agent samples, the playbook as it stands, and the `episodes` of the
    present batch, which are not stored yet, with the `reflections` on some of them."""

    tasks: Sequence[Task]
    player: Player
    sampling: Sampling
    book: View
    store: Store
    episodes: Sequence[Episode]
    reflections: Mapping[str, Reflection]

    def attempts(self) -> Sequence[Episode]:
        """All trusted attempts of this run from which it learned or learns now."""
        known = {e.id: e for e in self.store.episodes(run=self.player.run, phase=LEARNING, limit=1_000_000)}
        return [e for e in (known | {e.id: e for e in self.episodes}).values() if e.trust is Trust.TRUSTED]

    def calls(self) -> int:
        """The model calls that these attempts took, with the reflections on them."""
        attempts = self.attempts()
        made = [r for e in attempts for r in (self.store.reflections(e.id) or filter(None, [self.reflections.get(e.id)]))]
        return sum(e.usage.calls for e in attempts) + sum(r.usage.calls for r in made)

    async def play(
        self, operations: Sequence[Operation], tasks: Sequence[Task], label: str, bounded: Callable[[Model], Model]
    ) -> Sequence[Episode]:
        """One attempt at each of `tasks` with the playbook as `operations` would make it. `label` tells the ids of these
        attempts from others; `bounded` wraps the model that acts. Raises `BadInput` for a task that is held out."""
        if held_out := next((t.id for t in tasks if t not in self.tasks), ""):
            raise BadInput(f"a strategy may not play task {held_out}, from which this run does not learn")
        generator = self.player.generator
        player = replace(self.player, generator=lambda unit: bounded(generator(unit)), listener=silent)
        book = Proposed(self.book, operations) if operations else self.book
        stage = Stage(PHASE, 0, self.sampling, book, derive_seed(player.seed, PHASE), label)
        return [case.attempts[0] for case in await player.play(tasks, stage)]
