"""How gates of a run ask its model and play its cases.

Each gate's calls have a unit of their own in the run's journal, which derives from the turn and the gate's place in it, so a
turn that is done again finds the replies it had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ace.attempt import Briefing
from ace.environments.usable import listed
from ace.errors import BadInput
from ace.events import GatePlayed, silent
from ace.memory.view import View
from ace.models.contract import Message, Request, Sampling
from ace.playbooks.operations import Judgement
from ace.roles.ask import ask
from ace.runs.apart import trust_of
from ace.runs.gates.contract import Fresh, GateTerms, Proposal, Ruling, T
from ace.runs.gates.history import PHASE, RunHistory
from ace.runs.gates.pool import TaskPool
from ace.runs.gates.proposed import Proposed
from ace.runs.playing import Player, Stage
from ace.strategies.contract import Draw, Roles
from ace.types import Episode, Render, Split, Task, Usage, derive_seed, digest

_MOST_TASKS = 200
"""Tasks of an endless split that a gate is given."""
_LOOKED_AT = 5
"""Tasks that are looked at for each that may be played, while tasks with a changed prompt are sought."""


@dataclass(frozen=True, slots=True)
class Means:
    """What gates ask and play with: the learning roles of the run, how an agent samples that is measured, and who plays; `None`
    where there is no environment to play in. `terms` are what the run states for its gates, `history` is its past, and `pool`
    the tasks that they may draw, of which so many are kept back (`reserve`) for a gate that judges the run as a whole."""

    roles: Roles
    sampling: Sampling
    player: Player | None = None
    terms: GateTerms = GateTerms()
    history: RunHistory | None = None
    pool: TaskPool | None = None
    reserve: int = 0


@dataclass(frozen=True, slots=True)
class EarlierProposal:
    """What gates made of an earlier proposal of the same turn, which is not in the store yet."""

    judgements: Sequence[Judgement] = ()
    played: Sequence[Episode] = ()


FIRST = EarlierProposal()


@dataclass(slots=True)
class RunWays:
    """The ways of one gate, for one proposal. `place` tells its calls from those of others in the run; `usage` and `played` are
    what they cost and gave so far. `last`: the gate judges a run as a whole, for which tasks are kept back from the others."""

    means: Means
    proposal: Proposal
    place: str
    gate: str = ""
    before: EarlierProposal = FIRST
    usage: Usage = Usage()
    played: list[Episode] = field(default_factory=list)
    asked: int = 0
    last: bool = False

    @property
    def terms(self) -> GateTerms:
        return self.means.terms

    def earlier(self) -> Sequence[Judgement]:
        stored = self.means.history.judged(self.gate) if self.means.history else ()
        return [*stored, *(j for j in self.before.judgements if j.gate == self.gate)]

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

    def fresh(self, most: int, revision: int | None = None) -> Fresh:
        self._player()
        pool, history = self.means.pool, self.means.history
        if pool is None or history is None:
            raise BadInput("there are no validation tasks to draw from here; leave this gate out")
        used = history.played() | {e.task.key for e in (*self.before.played, *self.played)}
        kept_back = set() if self.last else {t.key for t in pool.first(self.means.reserve)}
        barred = pool.barred | history.learned()
        sides = self._book(revision=revision), self._book(operations=True)
        taken: list[Task] = []
        counts = dict.fromkeys(("left_out", "used", "kept_back", "alike"), 0)
        for n, task in enumerate(pool.all()):
            if len(taken) >= most or n >= _LOOKED_AT * most + len(used | kept_back):
                break
            known, key = (("left_out", barred), ("used", used), ("kept_back", kept_back)), task.key
            why = next((name for name, keys in known if key in keys), "")
            if why or self._alike(task, *sides):
                counts[why or "alike"] += 1
            else:
                taken.append(task)
        return Fresh(taken, **counts)

    def _alike(self, task: Task, without: View, with_it: View) -> bool:
        """Whether the agent is told the same from both. Only where bullets are searched can that depend on the task."""
        player = self._player()

        def told(book: View) -> Briefing:
            shown = book.at(trust_of(task, PHASE))
            briefing = player.strategy.context(task, shown, (), Draw(phase=PHASE, mask=player.mask))
            return replace(briefing, render=Render(briefing.render.text))

        return told(without) == told(with_it)

    def _book(self, *, operations: bool = False, revision: int | None = None) -> View:
        book = self.proposal.book
        if operations:
            return Proposed(book, self.proposal.delta.operations) if self.proposal.delta.operations else book
        if revision is None or self.means.history is None:
            return book
        return self.means.history.store.view(f"{book.revision.playbook}@{revision}")

    async def play(self, tasks: Sequence[Task], operations: bool = True, revision: int | None = None) -> Sequence[Episode]:
        player = replace(self._player(), listener=silent)
        if held_out := next((t.id for t in tasks if t.split == "test"), ""):
            raise BadInput(f"a gate may not play task {held_out}, which is of the split test; it may play val and train")
        book = self._book(operations=operations and revision is None, revision=revision)
        which = "without" if revision is None else f"at {revision}"
        label = f"{self.place}/{'with' if operations and revision is None else which}"
        stage = Stage(PHASE, 0, self.means.sampling, book, derive_seed(self.proposal.seed, "play"), label)
        cases = await player.play(tasks, stage)
        known = {e.id for e in self.played}
        new = [e for case in cases for e in case.attempts if e.id not in known]
        self.usage = sum((e.usage for e in new), self.usage)
        self.played += new
        self._player().listener(GatePlayed(self.gate, len(self.played)))
        # A case that has several attempts is won where the last of them is.
        return [case.attempts[-1] for case in cases]

    def judgement(self, gate: str, ruling: Ruling) -> Judgement:
        """What `gate` decided, with what its ways cost."""
        return Judgement(gate, ruling.decision.value, ruling.reason, dict(ruling.figures), self.usage)

    def _player(self) -> Player:
        if self.means.player is None:
            raise BadInput(
                "there is no environment to play in where an agent's own attempts are learned from; leave this gate out"
            )
        return self.means.player
