"""What a stored attempt was asked: its requests made again from what is stored, and compared with what was sent.

The journal holds replies, and of each request its hash. The attempt is played again with the replies and observations that are
stored, by the code that played it. Each request that comes out has the hash of the one that was sent, or is said to differ.
Nothing is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, product

from ace.attempt import Agent, Briefing, Unit, attempt, unit_of, votes_of
from ace.environments.contract import Environment, Limits, Scene
from ace.errors import AceError, NotFound
from ace.memory.store import Store
from ace.memory.values import Call, Run, episodes_in
from ace.memory.view import View
from ace.models.contract import Message, Reply, Request, Sampling
from ace.roles.exploring import tried
from ace.roles.generator import Earlier
from ace.roles.reflector import reflection
from ace.roles.replies import Diagnosis
from ace.runs.answering import decided_in
from ace.runs.journaled import again
from ace.runs.loop import EXPLORE
from ace.runs.planned import briefings
from ace.runs.stored import prompts_of
from ace.strategies.contract import LEARNING, Roles
from ace.strategies.jointly import reflect_jointly
from ace.strategies.reflecting import LAST, SOLVING, as_done, names_of, near_in, reflect, told
from ace.types import Episode, Observation, Outcome, Past, Reflection, Split, Task, Usage

_BESIDES = ("dispatcher", "strong")
"""Roles that are asked in an attempt beside the generator."""
_BATCH = 64
"""Attempts among which the first one of a batch is looked for, at least."""
_MOST = 2000
"""Attempts among which earlier ones at the same task are looked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to `role` in `run`: its `messages`, whether they are `exact` (they have the hash of what was sent), and the
    reply as it came; `None` where none did, or where it was purged. `error` is why none did. `request` is the whole of it."""

    role: str
    run: str
    messages: tuple[Message, ...]
    exact: bool
    reply: str | None
    error: str
    request: Request


class _NoMore(Exception):
    """Nothing further was asked, or what came of it is not stored."""


class _Again:
    """A model that replies what is in the journal, and keeps what it is asked."""

    name = "journal"

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls = {role: [c for c in calls if _apart(c.role) == role] for role in (*_BESIDES, "")}
        self.asked: list[tuple[Request, Call]] = []

    async def complete(self, request: Request) -> Reply:
        role = _apart(request.role)
        call = next(iter(self._calls[role][sum(_apart(r.role) == role for r, _ in self.asked) :]), None)
        if call is None:
            raise _NoMore
        self.asked.append((request, call))
        if call.reply is None:
            raise _NoMore
        return again(request, call)

    async def close(self) -> None:
        """Nothing is held."""

    @property
    def exact(self) -> int:
        return sum(request.hash == call.request for request, call in self.asked)


def _apart(role: str) -> str:
    """The role by which the calls of an attempt are counted: each of those beside the generator by itself."""
    return role if role in _BESIDES else ""


class _Stored(Environment):
    """What was seen in a stored attempt, again."""

    instant = True
    limits = Limits(steps=1_000_000)

    def __init__(self, episode: Episode) -> None:
        self._episode = episode

    def tasks(self, split: Split) -> Iterable[Task]:
        return [self._episode.task]

    def open(self, task: Task, seed: int) -> Scene:
        return _Scene(self._episode)


class _Scene:
    def __init__(self, episode: Episode) -> None:
        self._episode, self._steps = episode, iter(episode.steps)

    @property
    def first(self) -> Observation:
        return self._episode.first

    def act(self, action: str) -> Observation | Outcome:
        step = next(self._steps, None)
        return self._episode.outcome if step is None or step.observation is None else step.observation

    def close(self) -> None:
        """Nothing is held."""


def requests(store: Store, episode: Episode) -> list[Asked]:
    """What the roles were asked about `episode`, in the order of asking: the requests of the attempt (to the generator, the
    dispatcher, the stronger model), then the reflector's. Empty for an attempt that was made elsewhere and is not reflected on,
    and for one that is purged."""
    if purged(episode):
        return []
    found: list[Asked] = []
    for (run, role, unit), calls in _grouped(store.calls_of(episode.id)).items():
        stored = store.run(run)
        if role == "generator":
            found += _best(_moves(store, stored, episode, calls), run)
            continue
        about = _about(store, unit)
        if about and not any(map(purged, about)):
            found += _best(_reflections(store, stored, about, calls), run)
    return found


def gone_with(store: Store, episode: Episode) -> list[str]:
    """Purged episodes that shared a request to the reflector with `episode`, which is therefore gone as well."""
    units = dict.fromkeys(call.unit for _, call in store.calls_of(episode.id) if call.unit != episode.id)
    return list(dict.fromkeys(e.id for unit in units for e in _about(store, unit) if purged(e)))


def _about(store: Store, unit: str) -> list[Episode]:
    """The episodes that `unit` is about; none where one of them is not stored, as after a run that was cut off and then played
    a case in another way."""
    try:
        return [store.episode(id) for id in episodes_in(unit)]
    except NotFound:
        return []


def purged(episode: Episode) -> bool:
    """Whether the words of `episode` are gone."""
    return not episode.first.text and episode.outcome.reason.startswith("purged")


def _grouped(calls: Iterable[tuple[str, Call]]) -> dict[tuple[str, str, str], list[Call]]:
    """By run, the generator or the reflector, and unit, the last call of each role and ordinal: one that was interrupted was
    made again. What was asked in an attempt besides stands with the generator."""
    last: dict[tuple[str, str, str], dict[tuple[str, int], Call]] = {}
    for run, call in calls:
        # Cases that a gate has played are booked to it.
        role = "generator" if call.role in ("gate", *_BESIDES) else call.role
        if role in ("generator", "reflector"):
            last.setdefault((run, role, call.unit), {})[_apart(call.role), call.ordinal] = call
    return {key: [found[n] for n in sorted(found)] for key, found in last.items()}


def _best(tried: Iterator[_Again], run: str) -> list[Asked]:
    """The first try whose requests are all those that were sent; else the one with most of them."""
    best: _Again | None = None
    for one in tried:
        if best is None or one.exact > best.exact:
            best = one
        if one.asked and one.exact == len(one.asked):
            break
    asked = [] if best is None else best.asked
    return [Asked(r.role, run, r.messages, r.hash == c.request, c.reply, c.error, r) for r, c in asked]


def _moves(store: Store, run: Run, episode: Episode, calls: Sequence[Call]) -> Iterator[_Again]:
    """The attempt played again with each briefing that it may have had."""
    prompts, sampling = prompts_of(run), _sampling(run)
    if episode.phase == "learn":
        sampling = replace(sampling, explore=EXPLORE)
    unit = Unit(episode.id, episode.phase, episode.epoch, episode.task, episode.attempt, episode.seed)
    text = episode.render.text
    whole = all(x.policy != "relevant" for x in episode.render.exposures)
    placed = [(text, ""), ("", text)] if whole else [("", text), (text, "")]
    known = tried(_before(store, run, episode))
    # An answer is named by a draw that derives from the attempt's seed, so it comes out the same again.
    explored = (True, False) if episode.phase == LEARNING else (False,)
    told = (
        Briefing(stable, picked, earlier, episode.render, explore=explore, tried=known, votes=votes_of(episode))
        for earlier, explore, (stable, picked) in product(_earlier(store, run, episode), explored, placed)
    )
    planned = (replace(b, tried=known) for b in briefings(store, run, episode, _views(store, run, episode)))
    for briefing in chain(planned, told):
        model = _Again(calls)
        agent = Agent(model, sampling, _timeout(run), prompts, decided_in(run), model)
        _until_no_more(lambda agent=agent, briefing=briefing: attempt(agent, _Stored(episode), unit, briefing))  # type: ignore[misc]
        yield model


def _before(store: Store, run: Run, e: Episode) -> list[Episode]:
    """The attempts at the case of `e` before it in `run`, in order."""
    try:
        return [store.episode(unit_of(run.id, 0, e.phase, e.epoch, e.task, attempt=n).id) for n in range(1, e.attempt)]
    except NotFound:
        return []


def _earlier(store: Store, run: Run, episode: Episode) -> Iterator[list[Earlier]]:
    """What the agent may have been told of earlier attempts at the task: none, and the last one, two and three of those that
    are stored; those of the run first, then those of its playbook."""
    sources = [{"run": run.id}]
    if run.config.get("strategy") != "ace":
        sources.append({"playbook": str(run.result.get("playbook", ""))})
    yield []
    # A retry is told what was done in all the lost attempts before it.
    done = [Earlier(False, "", as_done(e).choice, "", "") for e in _before(store, run, episode)]
    if episode.phase != LEARNING and done:
        yield done
    for source in sources:
        rows = _reflected(store, source, episode)
        for n in range(1, min(LAST, len(rows)) + 1):
            yield told(rows[-n:])


def _reflected(store: Store, source: dict[str, str], episode: Episode) -> list[tuple[Episode, Reflection]]:
    """Attempts at the same task before `episode`, oldest first, each with its reflection."""
    found: list[tuple[Episode, Reflection]] = []
    seen = False
    for e in store.episodes(run=source.get("run"), playbook=source.get("playbook"), limit=_MOST):
        seen = seen or e.id == episode.id
        if seen and e.id != episode.id and e.task.key == episode.task.key and (r := _reflection(store, e)):
            found.append((e, r))
    found.reverse()
    return sorted(found, key=lambda row: row[0].epoch)


def _reflection(store: Store, e: Episode) -> Reflection | None:
    """The last reflection on `e`: as it is stored, else as the journal has it, where it was made between two attempts only."""
    if stored := store.reflections(e.id):
        return stored[-1]
    calls = [c for _, c in store.calls_of(e.id) if c.role == "reflector" and c.unit == e.id and c.reply is not None]
    said = again(Request("reflector", (), Diagnosis), calls[-1]).parsed if calls else None
    return reflection(e, said, Usage()) if isinstance(said, Diagnosis) else None


def _reflections(store: Store, run: Run, about: Sequence[Episode], calls: Sequence[Call]) -> Iterator[_Again]:
    """The reflection on one episode, or on several in one request, made again, with the bullets as they were shown, and as they
    are, and with names of facts as they were."""
    episode = about[0]
    alone: list[list[Episode]] = [[] for _ in about]
    covered = [[x for x in _before(store, run, e) if not store.reflections(x.id)] for e in about]
    near = str(run.config.get("strategy_settings", {}).get("near", ""))
    most = int(near) if near.isdecimal() else 0
    views = _views(store, run, episode)
    shown = ((v, *told) for v in views for told in _told_before(v, episode, most, _longest(run)))
    for (view, names, near_ones), before in product(shown, (covered, alone) if any(covered) else (alone,)):
        model = _Again(calls)

        def asking(_: str, model: _Again = model) -> _Again:
            return model

        roles = Roles(asking, asking, _sampling(run), _timeout(run), prompts_of(run))
        if len(about) > 1:
            cases = list(zip(about, before, strict=True))
            _until_no_more(partial(reflect_jointly, roles, cases, view, names))
        else:
            _until_no_more(partial(reflect, roles, episode, view, names=names, before=before[0], near=near_ones))
        yield model


def _longest(run: Run) -> int:
    """The attempts of a batch among which its first one is looked for."""
    batch, retries = run.config.get("batch"), run.config.get("retries")
    tries = 1 + (retries if isinstance(retries, int) else SOLVING)
    return max(batch * tries, _BATCH) if isinstance(batch, int) else _BATCH


def _told_before(view: View, episode: Episode, most: int, batch: int) -> Iterator[tuple[Sequence[str], Sequence[Past]]]:
    """The names of facts, and the near attempts, at most `most`, that the reflector may have been shown: none, and those of the
    attempts before the batch of `episode`, which began with a case, at most `batch` attempts before it."""
    yield (), ()
    known = view.attempts()
    at = next((n for n, p in enumerate(known) if p.episode == episode.id), 0)
    before: tuple[Sequence[str], Sequence[Past]] = (), ()
    for cut in range(at, max(at - batch, 0), -1):
        if known[cut].attempt > 1 and known[cut].task == known[cut - 1].task:
            continue
        near = near_in(known[:cut], most)(episode)
        found = names_of(known[:cut]), near
        if found == before:
            continue
        yield found
        if near:
            yield (), near
        before = found


def _views(store: Store, run: Run, episode: Episode) -> Iterator[View]:
    name = str(run.result.get("playbook", ""))
    for ref in (*(f"{name}@{hash}" for hash in episode.render.revisions[:1]), name):
        try:
            yield store.view(ref).at(episode.trust)
        except AceError:
            continue


def _until_no_more(work: Callable[[], object]) -> None:
    async def done() -> None:
        await work()  # type: ignore[misc]

    try:
        asyncio.run(done())
    except (_NoMore, AceError):
        return


def _sampling(run: Run) -> Sampling:
    return Sampling(**run.config.get("sampling", {}))


def _timeout(run: Run) -> float:
    return float(run.config.get("timeout", 120.0))
