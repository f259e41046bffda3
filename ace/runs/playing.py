"""Playing cases: the attempts at a batch of tasks, all at the same time, with retries and the reflections between them.

Where answers are listed and the strategy asks for it, a lost case is tried again without a reflection, until it is solved, its
answers have run out or the retries are used up: elimination needs no diagnosis. One reflection then covers all its attempts.

A case is played by itself, and what it was shown is one revision of the playbook, so a batch comes out the same however many
of its cases are played at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count

from ace.answered import Answered
from ace.attempt import Agent, Unit, attempt, unit_of
from ace.environments.contract import Environment
from ace.events import EpisodeEnded, Listener, Warned
from ace.memory.view import View
from ace.models.contract import Sampling
from ace.models.wrappers.together import together
from ace.roles.exploring import listed, ran_out, told_right, tried
from ace.runs.apart import trust_of
from ace.strategies.contract import LEARNING, Draw, ModelFor, Roles, Strategy
from ace.strategies.reflecting import as_done, names_of, near_in, reflect, seen_in
from ace.types import Episode, Past, Reflection, Task, digest


@dataclass(slots=True)
class Case:
    """One task's attempts in order, and the reflections made between them by episode id."""

    attempts: list[Episode] = field(default_factory=list)
    reflections: dict[str, Reflection] = field(default_factory=dict)

    @property
    def won(self) -> bool:
        return any(e.outcome.success for e in self.attempts)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a case is played: its phase and epoch, how the agent samples, and the playbook's revision it is shown. Cases that a
    gate has played have a `seed` of the gate's (`None`: the run's), and a `label` that tells their ids from those of others."""

    phase: str
    epoch: int
    sampling: Sampling
    book: View
    seed: int | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Player:
    """Who plays: the environment, the generator by unit, the strategy and its roles, the run's id and seed, and how many
    further attempts a lost training case gets (`None`: as the strategy says)."""

    environment: Environment
    generator: ModelFor
    strategy: Strategy
    roles: Roles
    run: str
    seed: int
    retries: int | None
    listener: Listener
    said: set[str] = field(default_factory=set)
    """Notes that are told once in a run, and were; the turn has the same."""
    holdout: float = 0.0
    """The chance that a bullet is left out of an attempt that is learned from."""
    mask: bool = False
    """Whether a bullet is not shown in kinds of tasks where draws say that it harms."""
    answering: Answered = Answered()
    """How a listed option is chosen."""
    strong: ModelFor | None = None
    """The stronger model that takes steps where the strategy says so, by unit."""

    async def play(self, tasks: Sequence[Task], stage: Stage) -> list[Case]:
        """The cases of `tasks`, in their order."""
        seen = cache(seen_in)
        return await together(self._case(task, stage, seen) for task in tasks)

    def _unit(self, stage: Stage, task: Task, number: int) -> Unit:
        seed = self.seed if stage.seed is None else stage.seed
        unit = unit_of(self.run, seed, stage.phase, stage.epoch, task, attempt=number)
        return replace(unit, id=f"e-{digest(unit.id, stage.label)[:12]}") if stage.label else unit

    async def _case(self, task: Task, stage: Stage, seen: Callable[[View], Sequence[Past]]) -> Case:
        case, book = Case(), stage.book.at(trust_of(task, stage.phase))
        earlier: list[tuple[Episode, Reflection]] = []
        covered: list[Episode] = []
        for number in count(1):
            unit = self._unit(stage, task, number)
            strong = self.strong(unit.id) if self.strong else None
            how = (self.roles.timeout, self.roles.prompts, self.answering, strong)
            agent = Agent(self.generator(unit.id), stage.sampling, *how)
            draw = Draw(unit.seed, stage.phase, self.holdout, self.mask)
            briefing = self.strategy.context(task, book, earlier, draw)
            briefing = replace(briefing, tried=tried(case.attempts))
            episode = await attempt(agent, self.environment, unit, briefing)
            case.attempts.append(episode)
            self.listener(EpisodeEnded(episode))
            if episode.outcome.success or not episode.outcome.valid:
                break
            if stage.phase != LEARNING:
                # What is measured is first attempts, unless the strategy is a retry: its rate is one within so many.
                if number >= briefing.attempts or (listed(episode) and ran_out(case.attempts)):
                    break
                earlier.append((episode, as_done(episode)))
                continue
            chained = briefing.chain is not None and listed(episode) and not told_right(episode)
            allowed = (briefing.chain or 0) if chained else 0
            if number > (allowed if self.retries is None else self.retries) or (chained and ran_out(case.attempts)):
                break
            if chained:
                covered.append(episode)
                continue
            notes: list[str] = []
            names = names_of(seen(book)) if briefing.dictionary else ()
            near = near_in(seen(book) if briefing.near else (), briefing.near)(episode)
            reflection = await reflect(self.roles, episode, book, notes, names=names, before=covered, near=near)
            covered = []
            for note in set(notes) - self.said:
                self.said.add(note)
                self.listener(Warned(note))
            if isinstance(reflection, Reflection):
                case.reflections[episode.id] = reflection
                earlier.append((episode, reflection))
        return case
