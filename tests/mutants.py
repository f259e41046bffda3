"""A learner whose model sends mutated replies, and what must hold after each of its batches.

`Mutants` feeds them through the strategy and the store, as the loop does, and looks in the database for what became of them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ace.memory.store import Store
from ace.memory.values import Committed
from ace.models.contract import Reply, Request
from ace.models.replies.parsing import reply
from ace.roles.curator.settings import Shown
from ace.roles.replies import Curation
from ace.strategies.ace import Ace
from ace.strategies.contract import Learned, Roles
from ace.types import Episode, Exposure, Usage, failure, invalid, success
from tests.memory.acts import played
from tests.mutating import STOPS, mutated, valid
from tests.turns import Turns


@dataclass
class Mutant:
    """The model. `edits` is how many edits the last curation that could be read asks for."""

    draw: random.Random
    name: str = "mutant"
    replies: int = 0
    read: int = 0
    edits: int = 0

    async def complete(self, request: Request) -> Reply:
        text = mutated(valid(request, self.draw), self.draw)
        answered = reply(request, text, self.draw.choice(STOPS), Usage(1, 100, 40, 10))
        self.replies += 1
        self.read += answered.parsed is not None
        if isinstance(value := answered.parsed, Curation):
            self.edits = len([*value.retire, *value.revise, *value.merge, *value.move, *value.add])
        return answered

    async def close(self) -> None:
        return None


@dataclass
class Mutants:
    """One playbook that learns from them. `faults` is what did not hold, a line each; `applied` and `refused` count edits."""

    store: Store
    name: str
    seed: int
    faults: list[str] = field(default_factory=list)
    replies: int = 0
    read: int = 0
    applied: int = 0
    refused: int = 0
    reasons: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.store.ensure_playbook(self.name)
        self._draw = random.Random(self.seed)
        self._played = 0

    async def batch(self, size: int = 4) -> None:
        """Learn from `size` new episodes and look at what came of it."""
        model = Mutant(self._draw)
        book = self.store.view(self.name)
        episodes = [self._episode([b.id for b in book.bullets()]) for _ in range(size)]
        shown = Shown(evidence=4, whole=self.seed % 2 == 0, rows=self.seed % 3 > 0)
        strategy = Ace(Roles(lambda unit: model, lambda unit: model), shown=shown)
        [taken] = await Turns(self.store, self.name).take(strategy, episodes)
        learned, committed = taken.learned, taken.committed
        self.replies, self.read = self.replies + model.replies, self.read + model.read
        asked = 0 if learned.delta is None else model.edits or len(learned.delta.operations)
        self._look(learned, committed, asked)
        self._kept(episodes, learned)
        if self.store.head(self.name).number != book.revision.number + bool(committed.changes):
            self._fault("the revision does not go with what was applied")

    def _episode(self, bullets: Sequence[str]) -> Episode:
        self._played += 1
        shown = tuple(self._draw.sample(list(bullets), min(2, len(bullets))))
        outcome = self._draw.choice([success(), failure(), failure("wrong"), invalid("a timeout")])
        made = played(f"e-{self.name}-{self._played}", f"Case {self._played} of {self.name}.", outcome, shown=shown)
        head = self.store.head(self.name)
        return replace(made, render=replace(made.render, revisions=(head.hash,), exposures=_exposures(shown)))

    def _look(self, learned: Learned, committed: Committed, edits: int) -> None:
        """Each edit that was asked for stands in the log, once, as applied or as refused with a reason."""
        if not edits:
            return
        delta = self.store.log(self.name, 1)[0]
        if len(delta.operations) != committed.applied:
            self._fault(f"{committed.applied} edits were applied and {len(delta.operations)} are in the log")
        if len(delta.operations) + len(delta.refusals) != edits:
            self._fault(f"{edits} edits were asked for, {len(delta.operations)} applied, {len(delta.refusals)} refused")
        for r in delta.refusals:
            if not r.reason.strip():
                self._fault(f"{r.operation} was refused without a reason")
        self.applied, self.refused = self.applied + len(delta.operations), self.refused + len(delta.refusals)
        self.reasons.update(r.reason for r in delta.refusals)

    def _kept(self, episodes: Sequence[Episode], learned: Learned) -> None:
        """Each valid episode was reflected on, or a note says why not."""
        told = {r.episode: r for r in learned.reflections}
        for e in episodes:
            stored = self.store.reflections(e.id)
            if stored != ([told[e.id]] if e.id in told else []):
                self._fault(f"{e.id}: the reflection is not stored as it was made")
            noted = any(e.id in note for note in learned.notes)
            if (e.id in told) + noted != int(e.outcome.valid):
                self._fault(f"{e.id}, {e.outcome.verdict}: reflected on {e.id in told}, noted {noted}")

    def _fault(self, what: str) -> None:
        self.faults.append(f"seed {self.seed}, episode {self._played}: {what}")

    def check(self) -> list[str]:
        """`faults`, and what is wrong with the playbook as it is stored."""
        return self.faults + [f"seed {self.seed}: {fault}" for fault in self.store.verify(self.name)]


def _exposures(shown: Sequence[str]) -> tuple[Exposure, ...]:
    return tuple(Exposure(b, 1, i) for i, b in enumerate(shown))
