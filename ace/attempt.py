"""One agent, one scene, one episode. Knows nothing of learning.

Every way in which an attempt can end becomes an outcome. What the agent does wrong (a reply that does not parse twice, too
many steps) is a failure; what the world does wrong (a model that cannot be reached, an environment that raises or hangs) is
invalid, which is never learned from.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ace.answered import Answered
from ace.environments.calling import EnvironmentFault, called, in_a_thread, observed, told_outcome
from ace.environments.contract import Environment, Scene, left_after
from ace.environments.usable import closing, require_first, require_scene
from ace.errors import ModelError, ModelRefused
from ace.models.contract import Message, Model, Request, Sampling
from ace.models.errors.too_long import is_too_long
from ace.playbooks.bullet import clean
from ace.roles import dispatcher, exploring, routing, scoring
from ace.roles.ask import ask
from ace.roles.generator import Earlier, next_message, opening_message, system_message
from ace.roles.instructions import STOCK, Prompts
from ace.roles.replies import Dispatch, Move
from ace.types import (
    Episode,
    Observation,
    OptionScore,
    Outcome,
    Render,
    Step,
    Task,
    Usage,
    derive_seed,
    digest,
    failure,
    invalid,
)

T = TypeVar("T")
_VOTED = re.compile(r"\d+ of (\d+) votes\. ")
"""How the reason of a move begins that was voted on."""
NOT_ASKED = "No model was asked."
"""The thought of a step that a plan decided and no model."""
_UNSCORED = "the server told no log-probability of any listed option"
UNANSWERED, TURNED_DOWN = "the model could not answer", "the model turned this request down"
TOO_LONG = "the prompt exceeds the model's context size"
"""Why an episode is invalid: the model answers no request; it answers others but not this one; or the case is too long."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The piece of work an attempt is: its id and everything its seed derives from."""

    id: str
    phase: str
    epoch: int
    task: Task
    attempt: int
    seed: int


def unit_of(run: str, seed: int, phase: str, epoch: int, task: Task, *, attempt: int = 1) -> Unit:
    """The unit of one attempt. Ids are unique per run; the seed depends on the run's seed, not on its id, and held-out
    phases share one seed per task, so that before and after pair."""
    stage = phase if phase == "learn" else "eval"
    return Unit(
        f"e-{digest(run, phase, epoch, task.key, attempt)[:12]}",
        phase,
        epoch,
        task,
        attempt,
        derive_seed(seed, stage, epoch, task.key, attempt),
    )


@dataclass(frozen=True, slots=True)
class FirstPass:
    """A question before the attempt: which of `experts`, by name, the case belongs to. `shown` gives the briefing for the name
    that is replied; for `fallback`, where none of them is."""

    experts: Mapping[str, dispatcher.Known]
    fallback: str
    shown: Callable[[str], Briefing] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Briefing:
    """What the agent is given besides the task: the playbook's stable part, the lessons picked for this task, earlier
    attempts at it, and the record of what was shown. Where answers are listed, the agent is also told what was `tried` in this
    case and lost, and with `explore` which answer to take where no lesson decides. `chain` is how many further attempts a lost
    case with listed answers gets, without a reflection in between, unless the run says how many; `None`: it is reflected on
    before each. With `dictionary`, a reflection before a further attempt is shown the names of facts used so far, and
    with `near` so many earlier attempts of the same kind.

    Besides texts: `votes` is how often the model is asked for each move, the commonest of which is taken; `attempts` is how
    many a case gets when measuring, each told that those before it lost, without a reflection; with `fixed` no model is
    asked: the first of these plans that can be carried out is, or a choice by chance where none can. With a `first` pass the
    briefing is the one that it leads to; with `routing` a stronger model takes some of the steps."""

    stable: str = ""
    picked: str = ""
    earlier: Sequence[Earlier] = ()
    render: Render = Render("")
    explore: bool = False
    chain: int | None = None
    tried: exploring.Tried = exploring.Tried()
    dictionary: bool = False
    near: int = 0
    votes: int = 1
    attempts: int = 1
    fixed: Sequence[exploring.Course] | None = None
    first: FirstPass | None = None
    routing: routing.Routing | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """The model that acts, how it samples, the bound on one request in seconds, the prompts, how a listed option is chosen, and
    the stronger model that takes some steps where a briefing says so."""

    model: Model
    sampling: Sampling = Sampling()
    timeout: float = 120.0
    prompts: Prompts = STOCK
    answering: Answered = Answered()
    strong: Model | None = None


async def attempt(agent: Agent, environment: Environment, unit: Unit, briefing: Briefing) -> Episode:
    """Play `unit` in a scene of its own. Raises `ModelRefused`, limits, and `BadInput` where `open` gives no scene; every other
    fault ends in an invalid outcome."""
    play = _Play(agent, environment, unit, briefing)
    began = time.monotonic()
    try:
        outcome = await play.run()
    except ModelRefused:
        raise
    except ModelError as error:
        play.usage += error.usage or Usage()
        why = UNANSWERED if error.retryable or error.status is None else TURNED_DOWN
        outcome = invalid(f"{TOO_LONG if is_too_long(error) else why}: {error}")
    except EnvironmentFault as fault:
        outcome = invalid(str(fault))
    return Episode(
        unit.id,
        unit.task,
        unit.attempt,
        unit.phase,
        unit.epoch,
        unit.seed,
        play.first,
        tuple(play.steps),
        outcome,
        play.briefing.render,
        play.prompt_hash,
        play.usage,
        time.monotonic() - began,
    )


def votes_of(episode: Episode) -> int:
    """How often the model was asked for each move of `episode`."""
    match = _VOTED.match(episode.steps[0].thought) if episode.steps else None
    return int(match[1]) if match else 1


class _Play:
    """The state of one attempt while it lasts."""

    def __init__(self, agent: Agent, environment: Environment, unit: Unit, briefing: Briefing) -> None:
        self.agent, self.environment, self.unit, self.briefing = agent, environment, unit, briefing
        self.first = Observation(unit.task.text)
        self.steps: list[Step] = []
        self.usage = Usage()
        self.prompt_hash = ""
        self.drawn: exploring.Course | None = None
        self.scores: tuple[OptionScore, ...] = ()
        self.bare: list[Message] = []
        """The conversation as it is with an empty playbook; nothing where none was shown."""

    async def run(self) -> Outcome:
        scene = await self._guarded(lambda: self.environment.open(self.unit.task, self.unit.seed), _close)
        require_scene(self.environment, scene)
        try:
            return await self._play(scene)
        finally:
            await self._guarded(closing(scene))

    async def _play(self, scene: Scene) -> Outcome:
        first = await self._guarded(lambda: scene.first)
        require_first(first)
        seen = self.first = observed(first)
        if self.briefing.first is not None:
            self.briefing = await self._dispatched(self.briefing.first, seen)
        b = self.briefing
        shown = {x.bullet for x in b.render.exposures if x.shown}
        told = "\n\n".join(filter(None, [exploring.lost_part(b.tried), self._drawn(seen, 0)]))
        messages = [system_message(b.stable, self.agent.prompts), opening_message(seen, b.picked, b.earlier, told)]
        if b.stable or b.picked:
            self.bare = [system_message("", self.agent.prompts), opening_message(seen, "", b.earlier, told)]
        self.prompt_hash = digest([[m.role, m.content] for m in self._sent(messages, seen)])
        for number in range(self.environment.limits.steps):
            move, thought = await self._chosen(messages, number, seen)
            if move is None:
                return failure(reason=_UNSCORED if self.scores else "the reply could not be read as an action, twice")
            action = _as_listed(move.action, seen)
            came = await self._guarded(lambda action=action: scene.act(action))  # type: ignore[misc]
            # Agents make ids up, and find some in what they read; a bullet that was not shown cannot be cited.
            cited = tuple(dict.fromkeys(c for c in (i.strip("[] ") for i in move.lesson_ids) if c in shown))
            if isinstance(came, Outcome):
                outcome = told_outcome(came)
                self.steps.append(Step(action, None, thought, cited, self.scores))
                return outcome
            before, seen = seen, observed(came)
            self.steps.append(Step(action, seen, thought, cited, self.scores))
            told = self._drawn(seen, number + 1)
            messages.append(Message("assistant", move.model_dump_json()))
            left = left_after(number + 1, self.agent.prompts.instructions)
            messages.append(next_message(seen, before, told, messages, left))
            self.bare += messages[-2:] if self.bare else []
        most = self.environment.limits.steps
        return failure(reason=f"no answer within {most} step{'s' * (most != 1)}")

    async def _dispatched(self, first: FirstPass, seen: Observation) -> Briefing:
        """The briefing that the first pass leads to: the fallback's where the reply names none of the experts, or cannot be
        read."""
        messages = dispatcher.messages(seen, first.experts)
        seed, a = derive_seed(self.unit.seed, "dispatch"), self.agent
        request = Request("dispatcher", messages, sampling=a.sampling, seed=seed, timeout=a.timeout)
        answer = await ask(a.model, request, Dispatch)
        self.usage += answer.usage
        named = clean(answer.value.expert) if answer.value else ""
        found = next((name for name in first.experts if clean(name).casefold() == named.casefold()), first.fallback)
        return replace(first.shown(found), tried=self.briefing.tried)

    def _drawn(self, seen: Observation, number: int) -> str:
        """What is said of the answer to take where no lesson decides: only where it was not said before, or can no longer be
        taken. It is known once answers are listed, at any step."""
        if not self.briefing.explore or exploring.still_open(self.drawn, seen):
            return ""
        self.drawn = exploring.draw(seen, self.briefing.tried, derive_seed(self.unit.seed, "explore", number))
        return exploring.take_part(self.drawn)

    async def _chosen(self, messages: Sequence[Message], number: int, seen: Observation) -> tuple[Move | None, str]:
        """The next move, or none where no reply could be read; and the reason that is kept of it."""
        votes, fixed = self.briefing.votes, self.briefing.fixed
        self.scores = ()
        if fixed is not None:
            done = [step.action for step in self.steps]
            action = exploring.next_of(fixed, done, seen, derive_seed(self.unit.seed, "fixed", number))
            return Move(thought=NOT_ASKED, action=action, lesson_ids=[]), NOT_ASKED
        if self.briefing.routing is not None and self.agent.strong is not None:
            return await self._routed(self.briefing.routing, self.agent.strong, messages, (number, seen))
        if votes == 1:
            move = await self._ask(messages, derive_seed(self.unit.seed, number), seen)
            return move, move.thought if move else ""
        # One after the other, so that work done again asks in the same order.
        seeds = [derive_seed(self.unit.seed, number, *([vote] if vote else [])) for vote in range(votes)]
        cast = [m for seed in seeds if (m := await self._ask(messages, seed, seen)) is not None]
        if not cast:
            return None, ""
        counted = Counter(_as_listed(m.action, seen) for m in cast)
        taken = next(m for m in cast if counted[_as_listed(m.action, seen)] == max(counted.values()))
        return taken, f"{max(counted.values())} of {votes} votes. {taken.thought}"

    async def _routed(
        self, r: routing.Routing, strong: Model, messages: Sequence[Message], at: tuple[int, Observation]
    ) -> tuple[Move | None, str]:
        """The next move, of the stronger model where `r` says so, and its reason. `at` is the step's number and what is
        seen."""
        (number, seen), seed = at, derive_seed(self.unit.seed, at[0])
        texts = [self.first.text, *(s.observation.text for s in self.steps if s.observation)]
        why = r.before(texts, seed)
        if not why:
            seeds = [derive_seed(self.unit.seed, number, *([n] if n else [])) for n in range(r.samples)]
            cast = [m for s in seeds if (m := await self._ask(messages, s, seen)) is not None]
            actions = [_as_listed(m.action, seen) for m in cast]
            why = r.after(cast, actions)
            if not why:
                taken = next((m for m, a in zip(cast, actions, strict=True) if actions.count(a) == _most(actions)), None)
                return taken, routing.told(taken.thought, "") if taken else ""
        move = await self._ask_strong(strong, messages, seed)
        return move, routing.told(move.thought, why) if move else ""

    async def _ask_strong(self, strong: Model, messages: Sequence[Message], seed: int) -> Move | None:
        """The stronger model's move, always asked for as JSON."""
        a, self.scores = self.agent, ()
        answer = await ask(strong, Request("strong", tuple(messages), sampling=a.sampling, seed=seed, timeout=a.timeout), Move)
        self.usage += answer.usage
        return answer.value

    def _is_scored(self, seen: Observation) -> bool:
        """Whether what is listed in `seen` is scored, and not asked for as JSON."""
        return self.agent.answering.scores and bool(scoring.options_of(seen))

    def _sent(self, messages: Sequence[Message], seen: Observation) -> Sequence[Message]:
        """The conversation as it is sent."""
        return scoring.conversation(self._instructed(), messages) if self._is_scored(seen) else messages

    def _without(self, seen: Observation) -> Sequence[Message]:
        """The same with an empty playbook; nothing where none was shown."""
        scored = self._is_scored(seen) and self.bare
        return scoring.conversation(self._instructed(shown=False), self.bare) if scored else self.bare

    def _instructed(self, *, shown: bool = True) -> Message:
        return system_message(self.briefing.stable if shown else "", self.agent.prompts, "scored")

    async def _ask(self, messages: Sequence[Message], seed: int, seen: Observation) -> Move | None:
        sent, without, a = tuple(self._sent(messages, seen)), tuple(self._without(seen)), self.agent
        request = Request("generator", sent, sampling=a.sampling, seed=seed, timeout=a.timeout, without=without)
        if self._is_scored(seen):
            asked = replace(request, options=scoring.options_of(seen))
            bare = scoring.without_case(self._instructed(shown=False), seen) if without else ()
            empty = replace(asked, messages=scoring.without_case(self._instructed(), seen), without=bare)
            found = await scoring.score(a.model, asked, empty, a.answering)
            self.usage += found.usage
            self.scores = found.scores
            option = scoring.chosen(found.scores, a.answering, a.sampling.temperature, seed)
            return None if option is None else Move(thought="", action=option, lesson_ids=[])
        answer = await ask(self.agent.model, request, Move)
        self.usage += answer.usage
        return answer.value

    async def _guarded(self, work: Callable[[], T], late: Callable[[T], object] | None = None) -> T:
        """Call into the environment: in a thread with a wall-clock limit, unless it says that it returns at once. What comes
        after the limit is given to `late`."""
        if self.environment.instant:
            return called(work)
        try:
            return await asyncio.wait_for(in_a_thread(lambda: called(work), late), self.environment.limits.seconds)
        except TimeoutError:
            limit = f"{self.environment.limits.seconds:g} seconds"
            raise EnvironmentFault(f"the environment did not answer within {limit}") from None


def _close(scene: Scene) -> None:
    """Close a scene that was opened too late to be played."""
    # Nothing waits for it, so what it raises is of no use.
    with suppress(EnvironmentFault):
        called(closing(scene))


def _most(actions: Sequence[str]) -> int:
    """How often the commonest of `actions` stands there."""
    return max(Counter(actions).values(), default=0)


def _as_listed(action: str, seen: Observation) -> str:
    """The listed option that `action` is: one with line breaks stands on one line in prompts."""
    options = (*seen.actions, *seen.answers)
    if action in options:
        return action
    meant = {o for o in options if clean(o) == clean(action)}
    return meant.pop() if len(meant) == 1 else action
