"""Learning from the attempts of a user's own agent: reflect on the new ones, curate, commit, batch by batch.

It is a run like any other, journaled and stored, whose episodes were played elsewhere. What is owed is what has no reflection
yet, so calling again goes on where the last call was stopped; and only one learner at a time works on a playbook, so that
nothing is paid for twice.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ace.budget import Ledger
from ace.errors import Interrupted, LimitReached, ModelError, as_given
from ace.events import Event, PhaseStarted, RunEnded, RunStarted, Warned
from ace.memory.episodes.unlearned import PASSED
from ace.memory.journal.leases import Owner
from ace.memory.values import RoleUsage, Run, RunStatus
from ace.models.by_role import close_all, open_models
from ace.models.clients.prices import require_prices
from ace.models.contract import Model, Sampling
from ace.models.reached import ModelSettings
from ace.models.registry import NOVICE
from ace.models.wrappers.retry import Retrying
from ace.models.wrappers.stack import stacked
from ace.playbooks.operations import Status
from ace.redaction import redact_all
from ace.results.spending import by_role
from ace.roles.instructions import Prompts
from ace.runs.apart import Material
from ace.runs.claims import Claim, claim, held
from ace.runs.gates.registry import Opened, open_gates, require_no_drawing
from ace.runs.gates.ways import Means
from ace.runs.journaled import Journal, Journaled
from ace.runs.preparing import Given, sampling_of
from ace.runs.presence import Presence
from ace.runs.stored import SESSIONS
from ace.runs.turn import Taken, Turn
from ace.session import options as chosen
from ace.session.episode import EpisodePlace
from ace.session.options import LearnOptions
from ace.session.watching import Watch, apart
from ace.settings import RunSettings
from ace.strategies.contract import Learned, Lesson, ModelFor, Roles
from ace.strategies.registry import Factory, made, open_strategy, require_no_reading, require_strategy
from ace.types import JSON, Episode, Usage, derive_seed, digest
from ace.warned import warn

NO_CHOICES = (
    "novice found no choices to learn from: it learns which of a few answers is right, and nothing from texts of one's own; "
    f"name a language model with {as_given('model')}, such as openai/gpt-5-mini"
)


@dataclass(frozen=True, slots=True)
class LearnResult:
    """What learning gave. `run` is its id, empty where nothing was done; `revision` is the playbook's number afterwards,
    `bullets` its size; `episodes` were looked at, `reflections` made on them; `accepted` and `refused` count the curator's
    operations; `waiting` counts the deltas that wait for review (`playbook.reviews()`);
    `usage` is of the run, earlier calls of it included, and `roles` what each role cost of it;
    `notes` say what did not work, a line each; where nothing was learned because of it, `ace.AceWarning` says so too."""

    run: str
    playbook: str
    revision: int
    bullets: int
    episodes: int = 0
    reflections: int = 0
    accepted: int = 0
    refused: int = 0
    waiting: int = 0
    usage: Usage = Usage()
    roles: Mapping[str, RoleUsage] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Learnable:
    """What a call of `learn` is to be done with, opened and checked."""

    settings: RunSettings
    given: Given
    sampling: Sampling
    strategy: Factory
    gates: Sequence[Opened]
    models: Mapping[str, Model]


def learnable(name: str, model: object, options: LearnOptions) -> Learnable:
    """Open and check everything that can be wrong in a call of `learn` on the playbook `name`, without a store. Raises the
    user's mistakes."""
    chosen.check(options)
    settings, given = chosen.learning(name, model, options)
    sampling = sampling_of(settings)
    strategy = open_strategy(settings.strategy, settings.strategy_settings)
    require_strategy(strategy, settings.strategy)
    require_no_reading(strategy, settings.strategy)
    gates = open_gates(given.gates or settings.gates, settings.gate_settings)
    require_no_drawing(gates)
    models = open_models(given.sources(settings), ModelSettings(settings.api_base or None))
    found = {role: models[role] for role in ("reflector", "curator")}
    if settings.budget.usd is not None:
        require_prices(dict.fromkeys(m.name for m in found.values()))
    return Learnable(settings, given, sampling, strategy, gates, found)


class Learning:
    """One call of `learn`: checked when made, done by `run`. Raises the user's mistakes."""

    def __init__(self, place: EpisodePlace, model: object, options: LearnOptions) -> None:
        self._place, self._store, self._options = place, place.store, options
        found = learnable(place.name, model, options)
        self._settings, self._given, self._sampling = found.settings, found.given, found.sampling
        self._strategy, self._gates, self._models = found.strategy, found.gates, found.models
        self._watch, self._turns, self._stopping = Watch(), list[Taken](), False

    def stop(self) -> None:
        """Start no further model call; raise `Interrupted` once those in flight have ended."""
        self._stopping = True

    async def run(self) -> LearnResult:
        """Do it. What stops it is raised after the run has been marked as one that can be gone on with."""
        mark = apart.set(True)
        try:
            return await self._run()
        finally:
            apart.reset(mark)
            await self._watch.landed()
            await close_all(self._models, lasting=True)

    async def _run(self) -> LearnResult:
        if not self._owed():
            return self._result("")
        taken = claim(self._store, self._config())
        if isinstance(taken, Owner):
            note = f"process {taken.pid} on {taken.host} is learning from this playbook; nothing was done here"
            self._say(Warned(note))
            return self._result("", note)
        async with held(taken):
            await self._marked(taken)
        result = self._result(taken.run.id)
        _warn_of_nothing(result, [note for t in self._turns for note in t.learned.notes])
        return result

    def _owed(self) -> list[int]:
        return self._store.unlearned(self._place.name, self._options.get("limit"))

    def _config(self) -> dict[str, JSON]:
        """What the run is: two calls of the same configuration are the same run while it is not done."""
        return {**self._settings.as_json(), "start": 0, "given": [SESSIONS, *self._given.names], "tasks": ""}

    async def _marked(self, taken: Claim) -> None:
        """Do what is owed, and mark the run with how that ended."""
        began = time.monotonic()
        try:
            await self._learn(taken)
        # Only to write how it ended: all of it is raised on.
        except BaseException as error:
            stops = (LimitReached, Interrupted, asyncio.CancelledError, KeyboardInterrupt)
            status = RunStatus.STOPPED if isinstance(error, stops) else RunStatus.FAILED
            await self._watch.landed()
            self._end(taken.run, status, time.monotonic() - began, redact_all(str(error)) or type(error).__name__)
            raise
        self._end(taken.run, RunStatus.DONE, time.monotonic() - began)

    async def _learn(self, taken: Claim) -> None:
        # Read again: another process may have learned from them before this one had the claim.
        keys = self._owed()
        self._say(RunStarted(taken.run.id, self._place.name, len(keys), 0))
        self._say(PhaseStarted("learn", len(keys)))
        ledger = Ledger(self._settings.budget, self._store.usage(taken.run.id), anew=True)
        turn = self._turn(taken, stacked(self._models, ledger, self._settings.concurrency, self._settings.context))
        for at in range(0, len(keys), self._settings.batch):
            await self._batch(turn, self._store.episodes_of(keys[at : at + self._settings.batch]))

    def _turn(self, taken: Claim, models: Mapping[str, Retrying]) -> Turn:
        """What every turn of this call goes through."""
        journal, s = Journal(self._store, taken.run.id, lambda: self._stopping), self._settings

        def watched(model: Model) -> ModelFor:
            return lambda unit: self._watch.over(Journaled(model, journal, unit))

        roles = Roles(watched(models["reflector"]), watched(models["curator"]), self._sampling, s.timeout, Prompts(s.prompts))
        strategy, presence = made(self._strategy, roles, s.strategy), Presence(models.values(), journal, s.timeout)
        means = Means(roles, self._sampling)
        where = (self._store, self._place.name, taken.run.id)
        return Turn(*where, strategy, self._gates, means, presence, taken.renew, self._say, s.review, s.hold_sensitive)

    async def _batch(self, turn: Turn, episodes: Sequence[Episode]) -> None:
        self._watch.faults.clear()

        def require(learned: Learned) -> None:
            if not learned.reflections and self._watch.faults:
                n = len(episodes)
                raise ModelError(f"none of {n} attempt{'s' * (n != 1)} could be reflected on: {self._watch.faults[0]}")
            self._watch.faults.clear()

        def units(episodes: Sequence[Episode], learned: Learned) -> tuple[str, ...]:
            return tuple(f"{PASSED}{id}" for id in _passed(episodes, learned))

        ids = [e.id for e in episodes]
        material = Material(digest(ids)[:12], Lesson(episodes, derive_seed(ids), stored=True), len(episodes), units, require)
        async for taken in turn.take(material, self._store.view(self._place.name)):
            self._turns.append(taken)

    def _end(self, run: Run, status: RunStatus, seconds: float, why: str = "") -> None:
        done, before = self._result(run.id), run.result
        result = {
            "start": 0,
            "playbook": done.playbook,
            "revision": done.revision,
            "episodes": int(before.get("episodes", 0)) + done.episodes,
            "reflections": int(before.get("reflections", 0)) + done.reflections,
            "seconds": round(float(before.get("seconds", 0.0)) + seconds, 3),
            "stopped": why,
        }
        self._store.set_run(run.id, status, result)
        self._say(RunEnded(run.id, status.value, done.usage))

    def _say(self, event: Event) -> None:
        self._place.hear(event)
        listener = self._options.get("on_event")
        if listener is not None:
            listener(event)

    def _result(self, run: str, *notes: str) -> LearnResult:
        head, turns = self._store.head(self._place.name), self._turns
        noted = [*(note for t in turns for note in t.learned.notes), *notes]
        if turns and not head.bullets and self._settings.model == NOVICE:
            noted.append(NO_CHOICES)
        return LearnResult(
            run=run,
            playbook=self._place.name,
            revision=head.number,
            bullets=head.bullets,
            episodes=sum(t.cases for t in turns),
            reflections=sum(len(t.learned.reflections) for t in turns),
            accepted=sum(t.accepted for t in turns),
            refused=sum(t.refused for t in turns),
            waiting=sum(t.committed.status is Status.QUARANTINED for t in turns),
            usage=self._store.usage(run) if run else Usage(),
            roles=by_role(self._store, self._store.run(run)) if run else {},
            notes=tuple(dict.fromkeys(noted)),
        )


def _warn_of_nothing(result: LearnResult, notes: Sequence[str]) -> None:
    """Warn where attempts were looked at and nothing came of it, for a reason that stands in `notes` alone."""
    if notes and result.episodes and not (result.reflections or result.accepted or result.waiting):
        n = result.episodes
        more = f" (and {len(notes) - 1} more; see the result's notes)" if len(notes) > 1 else ""
        warn(f"nothing was learned from {n} attempt{'s' * (n != 1)}: {notes[0]}{more}")


def _passed(episodes: Iterable[Episode], learned: Learned) -> list[str]:
    """Episodes that the strategy had nothing to say about. Those that a note names are owed still."""
    reflected = {r.episode for r in learned.reflections}
    left = [e.id for e in episodes if e.id not in reflected]
    return [id for id in left if not any(id in note for note in learned.notes)]
