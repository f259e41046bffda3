"""The first requests of a run, made by the code that sends them, and not sent.

Attempt and strategy run as they do in a run, with a model that keeps the request and ends the work. So what is shown cannot
differ from what is sent. Reflector and curator are asked about an attempt: a stored one of the playbook where there is one,
else one that a policy of the environment plays here, which is said.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ace.attempt import Agent, Unit, attempt, unit_of
from ace.environments.contract import Environment, Policy
from ace.environments.floors import played
from ace.environments.trace import Trace
from ace.errors import BadInput
from ace.memory.store import Store
from ace.memory.view import View
from ace.models import layout
from ace.models.clients.language import LanguageModel
from ace.models.contract import Model, Reply, Request, Sampling
from ace.models.replies.structured import Rung, strict_schema
from ace.roles.instructions import ROLES, Prompts
from ace.roles.replies import Diagnosis
from ace.runs.apart import trust_of
from ace.runs.loop import EXPLORE
from ace.runs.preparing import Prepared
from ace.runs.stored import reads_alone
from ace.strategies.contract import Draw, Lesson, Roles, Strategy
from ace.strategies.reflecting import reflect
from ace.strategies.registry import made
from ace.types import Episode, Reflection, Step, Task, derive_seed

STORED = 50
"""Attempts of the playbook, the newest, among which one to show is looked for."""
_TRIES = 5
_CASES = {
    "before": "held-out case {}, before anything is learned",
    "start": "held-out case {}, at the start",
    "learn": "training case {}",
    "eval": "measured case {}",
}
"""What a case is in each phase."""


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """A request of `role` about `case`. `about` says what attempt it is about, where it is; `request` is `None` where the run
    asks nothing of this role, and `about` then says why."""

    role: str
    case: str
    about: str
    model: Model
    request: Request | None = None

    @property
    def address(self) -> str:
        """Where it would be sent; empty for what is local."""
        return self.model.client.place.address if isinstance(self.model, LanguageModel) else ""

    @property
    def body(self) -> dict[str, Any]:
        """What would be sent: the body of the request to a provider, or what a local model is given."""
        r = self.request
        if r is None:
            return {}
        if isinstance(self.model, LanguageModel):
            return self.model.client.body(r, Rung.SCHEMA)
        said = [{"role": m.role, "content": m.content} for m in r.messages]
        s = r.sampling
        sampling = {"temperature": s.temperature, "top_p": s.top_p, "max_tokens": s.max_tokens, "explore": s.explore or None}
        chosen = {name: value for name, value in sampling.items() if value is not None}
        shape = {} if r.response is None else {"schema": strict_schema(r.response)}
        return {"model": self.model.name, "messages": said, **chosen, "seed": r.seed, **shape}


class _Asked(Exception):
    """A request was about to be sent."""

    def __init__(self, request: Request) -> None:
        self.request = request


class _Keeping:
    """A model that ends the work with what it was asked, or answers as `answer` does."""

    def __init__(self, name: str, answer: Callable[[Request], Reply] | None = None) -> None:
        self.name, self._answer = name, answer

    async def complete(self, request: Request) -> Reply:
        if self._answer is None:
            raise _Asked(request)
        return self._answer(request)

    async def close(self) -> None:
        """Nothing is held."""


class Preview:
    """The first requests of a run that was checked and is not begun. `store` is read only; it may be an empty one."""

    def __init__(self, prepared: Prepared, store: Store) -> None:
        self._prepared, self._store, self._settings = prepared, store, prepared.settings
        s = prepared.settings
        self._prompts = Prompts(s.prompts, prepared.environment.instructions.strip())
        self._sampling = Sampling(**s.sampling)
        self._known = any(b.name == s.playbook.partition("@")[0] for b in store.playbooks())
        self._start = store.resolve(s.playbook).number if s.playbook and (self._known or reads_alone(s)) else 0

    async def requests(self, roles: Sequence[str] = ROLES) -> list[ShownRequest]:
        """What is first asked of each of `roles`, in their order. Raises `BadInput` where the first case cannot be opened."""
        found: list[ShownRequest] = []
        for role in roles:
            found += await self._generator() if role == "generator" else [await self._learning(role)]
        return found

    def _view(self, number: int) -> View:
        if self._known:
            return self._store.view(f"{self._settings.playbook.partition('@')[0]}@{number}")
        return _empty().view("preview")

    def _strategy(self, reflector: Model, curator: Model) -> tuple[Strategy, Roles]:
        p, s = self._prepared, self._settings
        told, read = p.surroundings, self._store.view
        roles = Roles(lambda _: reflector, lambda _: curator, self._sampling, s.timeout, self._prompts, told, read)
        return made(p.strategy, roles, s.strategy), roles

    async def _generator(self) -> list[ShownRequest]:
        """The first request of each phase that begins before anything was learned."""
        s = self._settings
        if s.split:
            phases = [("eval", self._start)]
        elif s.learn_only:
            phases = [("learn", self._start)]
        else:
            phases = [("before", 0), *([("start", self._start)] if self._start else [])]
        known = self._prepared.tasks
        tasks = known.train if s.learn_only and not s.split else known.held_out
        if not tasks:
            return [self._none("generator", "there is no case to play")]
        return [await self._move(tasks[0], phase, number) for phase, number in phases]

    async def _move(self, task: Task, phase: str, number: int) -> ShownRequest:
        s, view = self._settings, self._view(number).at(trust_of(task, phase))
        model = self._prepared.models["generator"]
        strategy, _ = self._strategy(_Keeping(""), _Keeping(""))
        sampling = Sampling(**{**s.sampling, "explore": EXPLORE}) if phase == "learn" else self._sampling
        agent = Agent(_Keeping(model.name), sampling, s.timeout, self._prompts, self._prepared.answering.how)
        unit = _unit(s.seed, phase, task)
        try:
            briefing = strategy.context(task, view, (), Draw(unit.seed, phase, s.holdout, s.mask))
            episode = await attempt(agent, self._prepared.environment, unit, briefing)
        except _Asked as asked:
            with_what = f"{s.playbook.partition('@')[0]}@{number}" if self._known else "an empty playbook"
            case = f"{_CASES[phase].format(task.id)}, with {with_what}"
            return ShownRequest("generator", case, "later turns and cases depend on what is replied", model, asked.request)
        raise BadInput(f"the first case, {task.id}, cannot be played: {episode.outcome.reason}")

    async def _learning(self, role: str) -> ShownRequest:
        s = self._settings
        if s.split and role == "curator":
            return self._none(role, "an evaluation asks no curator: it changes nothing")
        if s.split and not s.retries:
            return self._none(role, "an evaluation without retries asks no reflector")
        view = self._view(self._start)
        why = "no attempt could be played here"
        for episode, about in self._attempts(view):
            request = await self._asked(role, episode, view.at(episode.trust))
            if request is not None:
                told = f"{about}; the diagnosis is a stand-in" if role == "curator" and not self._reflected(episode) else about
                if role == "reflector" and any(layout.NAMES in m.content for m in request.messages):
                    told += "; the names of facts are those of the playbook's attempts as they are now"
                if role == "curator" and s.batch > 1:
                    told += f"; a run shows it the attempts of a batch, up to {s.batch}"
                return ShownRequest(role, f"case {episode.task.id}", told, self._prepared.models[role], request)
            why = f"the strategy {s.strategy}, as it is set, asks no {role}"
        return self._none(role, why)

    def _none(self, role: str, why: str) -> ShownRequest:
        return ShownRequest(role, "", why, self._prepared.models[role])

    async def _asked(self, role: str, episode: Episode, view: View) -> Request | None:
        """What `role` is asked once `episode` is over; `None` where that is nothing."""
        keeping = _Keeping("")
        reflector = keeping if role == "reflector" else _Keeping("", lambda request: _diagnosed(request, episode))
        strategy, roles = self._strategy(reflector, keeping)
        known = {} if role == "reflector" else self._reflected(episode)
        s = self._settings
        try:
            if not s.split:
                await strategy.learn(Lesson([episode], derive_seed(s.seed, "learn/0/0"), known, stored=bool(known)), view)
            if role == "reflector" and s.retries and not episode.outcome.success:
                await reflect(roles, episode, view)
        except _Asked as asked:
            return asked.request
        return None

    def _reflected(self, episode: Episode) -> dict[str, Reflection]:
        found = self._store.reflections(episode.id) if self._known else []
        return {episode.id: found[-1]} if found else {}

    def _attempts(self, view: View) -> Iterator[tuple[Episode, str]]:
        """Attempts to show the learning roles' requests with, each with what it is; the best first."""
        if self._known and not self._settings.split:
            name = self._settings.playbook.partition("@")[0]
            for e in self._store.episodes(playbook=name, phase="learn", limit=STORED):
                # A purged one has no words left.
                if e.outcome.valid and e.first.text:
                    yield e, f"the stored attempt {e.id}"
        known = self._prepared.tasks
        tasks = known.held_out if self._settings.split else known.train
        if tasks:
            yield from self._stand_ins(tasks[0], view)

    def _stand_ins(self, task: Task, view: View) -> Iterator[tuple[Episode, str]]:
        s, environment = self._settings, self._prepared.environment
        unit = _unit(s.seed, "eval" if s.split else "learn", task)
        view = view.at(trust_of(task, unit.phase))
        strategy, _ = self._strategy(_Keeping(""), _Keeping(""))
        found = [(name, t) for name, t in _traces(environment, task, unit.seed) if t.outcome.valid]
        # What acts and fails is what is most often learned from; what does nothing shows least.
        found.sort(key=lambda row: (not any(a.strip() for a in row[1].actions), row[1].outcome.success))
        for name, t in found:
            told = f"a stand-in: the environment's {name} policy played it here, no model; a run's are the agent's own"
            yield (
                _episode(unit, t, strategy.context(task, view, (), Draw(unit.seed, unit.phase, s.holdout, s.mask)).render),
                told,
            )


def _unit(seed: int, phase: str, task: Task) -> Unit:
    return unit_of("preview", seed, phase, 0, task)


def _empty() -> Store:
    store = Store.open(":memory:")
    store.ensure_playbook("preview")
    return store


def _traces(environment: Environment, task: Task, seed: int) -> Iterator[tuple[str, Trace]]:
    def drawn(n: int) -> Callable[[Task], Policy | None]:
        return lambda t: environment.random(t, random.Random(derive_seed(seed, "random", n)))

    for n in range(_TRIES):
        yield "random", played(environment, task, drawn(n), seed)
    yield "oracle", played(environment, task, environment.oracle, seed)
    yield "do-nothing", played(environment, task, environment.nothing, seed)


def _episode(unit: Unit, t: Trace, render: Any) -> Episode:
    came = [*t.seen[1:], *([None] * (len(t.actions) - len(t.seen) + 1))]
    steps = tuple(Step(action, seen) for action, seen in zip(t.actions, came, strict=True))
    return Episode(unit.id, unit.task, 1, unit.phase, 0, unit.seed, t.seen[0], steps, t.outcome, render)


def _diagnosed(request: Request, episode: Episode) -> Reply:
    """What stands in for the reflector's reply."""
    choice = " > ".join(s.action for s in episode.steps)
    said = Diagnosis(
        situation="(the reflector's summary of the case)",
        choice=choice,
        diagnosis="(the reflector's diagnosis)",
        lesson="(the reflector's lesson)",
        votes=[],
    )
    return Reply(said.model_dump_json(), said)
