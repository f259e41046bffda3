"""How gates of a run ask its model and play its cases.

Each gate's calls have a unit of their own in the run's journal, which derives from the turn and the gate's place in it, so a
turn that is done again finds the replies it had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ace.environments.usable import listed
from ace.errors import BadInput
from ace.events import silent
from ace.models.contract import Message, Request, Sampling
from ace.playbooks.operations import Judgement
from ace.roles.ask import ask
from ace.runs.gates.contract import Proposal, Ruling, T
from ace.runs.gates.proposed import Proposed
from ace.runs.playing import Player, Stage
from ace.strategies.contract import Roles
from ace.types import Episode, Split, Task, Usage, derive_seed, digest

PHASE = "gate"
"""The phase of the cases that gates have played."""
_MOST_TASKS = 200
"""Tasks of an endless split that a gate is given."""


@dataclass(frozen=True, slots=True)
class Means:
    """What gates ask and play with: the learning roles of the run, how an agent samples that is measured, and who plays; `None`
    where there is no environment to play in."""

    roles: Roles
    sampling: Sampling
    player: Player | None = None


@dataclass(slots=True)
class RunWays:
    """The ways of one gate, for one proposal. `place` tells its calls from those of others in the run; `usage` and `played` are
    what they cost and gave so far."""

    means: Means
    proposal: Proposal
    place: str
    usage: Usage = Usage()
    played: list[Episode] = field(default_factory=list)
    asked: int = 0

    async def ask(self, question: str, shape: type[T], *, system: str = "") -> T | None:
        roles, seed = self.means.roles, derive_seed(self.proposal.seed, "gate", self.place, self.asked)
        self.asked += 1
        said = [Message("system", system, stable=True)] if system else []
        messages = (*said, Message("user", question))
        request = Request("gate", messages, sampling=roles.sampling, seed=seed, timeout=roles.timeout)
        unit = f"g-{digest(self.place, self.asked)[:12]}"
        answer = await ask(roles.curator(unit), request, shape)
        self.usage += answer.usage
        return answer.value

    def tasks(self, split: Split = "val", limit: int | None = None) -> Sequence[Task]:
        if split == "test":
            raise BadInput(
                "a gate may not play tasks of the split test, which the run is measured on; it may play val and train"
            )
        return listed(self._player().environment, split, limit, _MOST_TASKS)

    async def play(self, tasks: Sequence[Task], operations: bool = True) -> Sequence[Episode]:
        player = replace(self._player(), listener=silent)
        if held_out := next((t.id for t in tasks if t.split == "test"), ""):
            raise BadInput(f"a gate may not play task {held_out}, which is of the split test; it may play val and train")
        book = Proposed(self.proposal.book, self.proposal.delta.operations) if operations else self.proposal.book
        label = f"{self.place}/{'with' if operations else 'without'}"
        stage = Stage(PHASE, 0, self.means.sampling, book, derive_seed(self.proposal.seed, "play"), label)
        episodes = [e for case in await player.play(tasks, stage) for e in case.attempts]
        self.usage = sum((e.usage for e in episodes), self.usage)
        known = {e.id for e in self.played}
        self.played += [e for e in episodes if e.id not in known]
        return episodes

    def judgement(self, gate: str, ruling: Ruling) -> Judgement:
        """What `gate` decided, with what its ways cost."""
        return Judgement(gate, ruling.decision.value, ruling.reason, dict(ruling.figures), self.usage)

    def _player(self) -> Player:
        if self.means.player is None:
            raise BadInput(
                "there is no environment to play in where an agent's own attempts are learned from; leave this gate out"
            )
        return self.means.player
