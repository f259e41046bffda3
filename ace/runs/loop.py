"""The loop: attempt, reflect, curate, commit; measured before and after on tasks never learned from.

The decision behind it: a run is a list of owed units minus the units done, both in the database. Each batch is committed in
one transaction, whole; whatever is killed in between is done again from the journal, with the same ids, seeds and replies.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from ace.attempt import UNANSWERED
from ace.bounds import shortened
from ace.budget import Ledger
from ace.environments.contract import Environment
from ace.environments.usable import listed
from ace.errors import BadInput, Interrupted, LimitReached, ModelError, WorldError
from ace.events import BatchCommitted, Listener, PhaseStarted, Reflected, RunEnded, RunStarted, Warned, silent
from ace.evidence.cautions import won_already
from ace.memory.store import Store
from ace.memory.values import PRESENT, Batch, Run, RunStatus
from ace.models.contract import Model, Sampling
from ace.models.wrappers.health import require_present
from ace.models.wrappers.retry import Retrying
from ace.redaction import redact_all
from ace.roles.instructions import STOCK, Prompts
from ace.runs.journaled import Journal, Journaled
from ace.runs.playing import Case, Player, Stage
from ace.settings import RunSettings
from ace.strategies.again import offer_again
from ace.strategies.contract import Learned, Lesson, ModelFor, Roles, Strategy
from ace.strategies.registry import made
from ace.types import JSON, Split, Task, Verdict, derive_seed

EXPLORE = 0.1
"""Share of choices that a model which can choose by chance makes so while learning; none when evaluating."""
DEFAULT_EPISODES = 300
DEFAULT_EVAL = 200
EVAL_CHUNK = 50
"""Held-out cases that are played and committed together, at least."""
HELD_OUT: Split = "test"
MOST_UNPLAYED = 10
"""Cases in a row after which a run stops although earlier ones were valid, when all of them were invalid."""


@dataclass(frozen=True, slots=True)
class Models:
    """The opened models by role, each already behind its retries, budget and concurrency limit."""

    generator: Retrying
    reflector: Retrying
    curator: Retrying


@dataclass(frozen=True, slots=True)
class Work:
    """Everything a run needs, opened. `strategy` builds the strategy from the learning roles; `concurrency` bounds the cases
    played at the same time; `prompts` are those that the run was begun with; `hold` renews the right to work on the run, and
    raises `Conflict` where another process took it over."""

    settings: RunSettings
    environment: Environment
    models: Models
    strategy: Callable[[Roles], Strategy]
    store: Store
    ledger: Ledger
    listener: Listener = silent
    concurrency: int = 16
    prompts: Prompts = STOCK
    hold: Callable[[], None] = lambda: None


def train_tasks(environment: Environment, settings: RunSettings) -> list[Task]:
    """The training tasks of a run: as many as asked for; all of a finite split, else 300, where nothing is asked."""
    return listed(environment, "train", settings.episodes, DEFAULT_EPISODES)


def held_out_tasks(environment: Environment, settings: RunSettings) -> list[Task]:
    """The tasks a run is measured on; by default all of a finite split, else 200."""
    return listed(environment, cast(Split, settings.split or HELD_OUT), settings.eval, DEFAULT_EVAL)


def require_disjoint(train: Sequence[Task], held_out: Sequence[Task]) -> None:
    """Raise `BadInput` where a held-out task has the content of a training task."""
    keys = {t.key: t.id for t in train}
    for task in held_out:
        if task.key in keys:
            same = f"held-out task {task.id} has the same content as training task {keys[task.key]}"
            raise BadInput(f"{same}; what is measured on must not be learned from")


class Loop:
    """One run, from its first owed unit to its last. `stop` may be called at any time, from the same event loop."""

    def __init__(self, work: Work, run: Run) -> None:
        s = work.settings
        self.work, self.run, self.store, self.settings = work, run, work.store, s
        self._result: dict[str, JSON] = dict(run.result)
        self.playbook = str(run.result["playbook"])
        self._stopping, self._unplayed = False, 0
        self._journal = Journal(self.store, run.id, lambda: self._stopping)
        reflector, curator = self._journaled(work.models.reflector), self._journaled(work.models.curator)
        roles = Roles(reflector, curator, Sampling(**s.sampling), s.timeout, work.prompts)
        self._strategy = made(work.strategy, roles, s.strategy)
        generator = self._journaled(work.models.generator)
        self._player = Player(work.environment, generator, self._strategy, roles, run.id, s.seed, s.retries, work.listener)

    def stop(self, within: float | None = None) -> None:
        """Start no further model call; let those in flight finish into the journal; then raise `Interrupted`. Calls that are
        still in flight after `within` seconds are ended, at an unknown cost; asked a second time, all are ended at once."""
        if self._stopping and within is None:
            within = 0.0
        self._stopping = True
        if within is not None:
            self._journal.end_within(within)

    def _journaled(self, model: Model) -> ModelFor:
        return lambda unit: Journaled(model, self._journal, unit)

    async def execute(self) -> Run:
        """Do what is owed, and give the run as it is then stored. Whatever stops it is raised after the run has been marked as
        resumable: `LimitReached`, `Interrupted`, `ModelError`, `ModelRefused`."""
        began = time.monotonic()
        try:
            await self._phases()
        except LimitReached as limit:
            self._end(RunStatus.STOPPED, began, str(self.work.ledger.restated(limit)))
            raise
        except BaseException as error:
            stopped = isinstance(error, Interrupted | KeyboardInterrupt)
            self._end(RunStatus.STOPPED if stopped else RunStatus.FAILED, began, redact_all(str(error)) or type(error).__name__)
            raise
        self._end(RunStatus.DONE, began)
        return self.store.run(self.run.id)

    def _end(self, status: RunStatus, began: float, why: str = "") -> None:
        self._result["seconds"] = round(float(self._result.get("seconds", 0.0)) + time.monotonic() - began, 3)
        self._result["stopped"] = why
        self.store.set_run(self.run.id, status, self._result)
        self.work.listener(RunEnded(self.run.id, status.value, self.store.usage(self.run.id)))

    async def _phases(self) -> None:
        env, s = self.work.environment, self.settings
        if s.split:
            await self._measure(held_out_tasks(env, s))
            return
        train, held_out = train_tasks(env, s), held_out_tasks(env, s)
        require_disjoint(train, held_out)
        start = int(self._result["start"])
        done = self.store.units(self.run.id)
        phases = () if s.learn_only else ("before", "start", "after") if start else ("before", "after")
        total = len(train) * s.epochs + len(held_out) * len(phases)
        self.work.listener(RunStarted(self.run.id, self.playbook, total, len(done)))
        for phase, number in (("before", 0), ("start", start)):
            if phase in phases:
                await self._evaluate(phase, held_out, f"{self.playbook}@{number}")
                self._caution(phase)
        await self._learn(train, done)
        self._result.setdefault("revision", self.store.head(self.playbook).number)
        self.store.set_run(self.run.id, RunStatus.RUNNING, self._result)
        if "after" in phases:
            await self._evaluate("after", held_out, f"{self.playbook}@{self._result['revision']}")

    def _caution(self, phase: str) -> None:
        wins = self.store.count_episodes(run=self.run.id, phase=phase, verdict=Verdict.SUCCESS)
        n = self._valid(phase)
        by = "the agent with an empty playbook" if phase == "before" else "the agent with the playbook as it was found"
        for line in won_already(wins / n if n else None, n, by):
            self.work.listener(Warned(line))

    async def _measure(self, tasks: Sequence[Task]) -> None:
        """Nothing but an evaluation, of the playbook as it stood when the run began."""
        self.work.listener(RunStarted(self.run.id, self.playbook, len(tasks), len(self.store.units(self.run.id))))
        await self._evaluate("eval", tasks, f"{self.playbook}@{self._result['revision']}")

    async def _learn(self, train: Sequence[Task], done: set[str]) -> None:
        size, total = self.settings.batch, len(train) * self.settings.epochs
        self.work.listener(PhaseStarted("learn", total))
        for epoch in range(self.settings.epochs):
            for at in range(0, len(train), size):
                unit = f"learn/{epoch}/{at // size}"
                if unit not in done:
                    left = at + size < len(train) or epoch + 1 < self.settings.epochs
                    await self._batch(train[at : at + size], epoch, unit, left=left)

    async def _batch(self, tasks: Sequence[Task], epoch: int, unit: str, *, left: bool) -> None:
        """One turn of the loop, committed whole; there are more `left` or none."""
        book = self.store.view(self.playbook)
        sampling = replace(Sampling(**self.settings.sampling), explore=EXPLORE)
        cases = await self._played(tasks, Stage("learn", epoch, sampling, book), unit, left=left)
        episodes = [e for c in cases for e in c.attempts]
        given = {id: r for c in cases for id, r in c.reflections.items()}
        lesson = Lesson(episodes, derive_seed(self.settings.seed, unit), given)
        learned = await self._strategy.learn(lesson, book)
        await self._require_models(f"{unit}/learned")
        self._tell(learned)
        batch = Batch(
            episodes=tuple(episodes),
            reflections=learned.reflections,
            playbook=self.playbook,
            delta=learned.delta,
            refusals=learned.refused,
            run=self.run.id,
            units=(unit,),
        )
        self.work.hold()
        committed = self.store.commit(batch)
        self._committed("learn", len(cases), committed.applied, len(committed.refusals))
        if committed.stale:
            learned, committed = await offer_again(self._strategy, self.store, batch, lesson, committed)
            self._tell(learned)
            self._committed("learn", 0, committed.applied, len(committed.refusals))

    def _tell(self, learned: Learned) -> None:
        for reflection in learned.reflections:
            self.work.listener(Reflected(reflection))
        for note in learned.notes:
            self.work.listener(Warned(note))

    def _committed(self, phase: str, episodes: int, accepted: int = 0, refused: int = 0) -> None:
        head = self.store.head(self.playbook)
        usage = self.store.usage(self.run.id)
        self.work.listener(BatchCommitted(phase, episodes, accepted, refused, head.number, head.bullets, usage))

    async def _played(self, tasks: Sequence[Task], stage: Stage, unit: str, *, left: bool) -> list[Case]:
        """The cases of `tasks`, with more `left` of the phase or none. Raises `ModelError` where the model has gone: what it
        left unanswered is owed still."""
        cases = await self._player.play(tasks, stage)
        await self._require_models(f"{unit}/played")
        self._require_played(cases, stage.phase, left)
        return cases

    def _require_played(self, cases: Sequence[Case], phase: str, left: bool) -> None:
        """Raise where nothing can be played: going on would only cost, and nothing could be measured or learned."""
        if any(e.outcome.valid for c in cases for e in c.attempts):
            self._unplayed = 0
            return
        self._unplayed += len(cases)
        reasons = [c.attempts[-1].outcome.reason for c in cases]
        unanswered = all(r.startswith(UNANSWERED) for r in reasons)
        enough = self._unplayed >= (MOST_UNPLAYED if self._valid() else 2) or (unanswered and len(cases) > 1)
        if enough or (not left and not self._valid(phase)):
            [(reason, _)] = Counter(reasons).most_common(1)
            told = f"none of {self._unplayed} {'case' if self._unplayed == 1 else 'cases'} could be played: {shortened(reason)}"
            raise ModelError(told) if unanswered else WorldError(told)

    def _valid(self, phase: str | None = None) -> int:
        """The valid attempts that are committed, of the run or of one of its phases."""
        return sum(
            self.store.count_episodes(run=self.run.id, phase=phase, verdict=v) for v in (Verdict.SUCCESS, Verdict.FAILURE)
        )

    async def _require_models(self, unit: str) -> None:
        def journaled(model: Model) -> Model:
            return Journaled(model, self._journal, f"{PRESENT}{unit}/{model.name}")

        models = self.work.models
        for model in {id(m): m for m in (models.generator, models.reflector, models.curator)}.values():
            await require_present(model, journaled, self.settings.timeout)

    async def _evaluate(self, phase: str, tasks: Sequence[Task], ref: str) -> None:
        """Play held-out `tasks` with the playbook at `ref`. What is committed has no playbook to write to."""
        done = self.store.units(self.run.id)
        book = self.store.view(ref)
        self.work.listener(PhaseStarted(phase, len(tasks)))
        size = max(EVAL_CHUNK, self.work.concurrency)
        owed = [t for t in tasks if f"{phase}/{t.key}" not in done]
        for at in range(0, len(owed), size):
            chunk = owed[at : at + size]
            stage = Stage(phase, 0, Sampling(**self.settings.sampling), book)
            cases = await self._played(chunk, stage, f"{phase}/{chunk[0].key}", left=at + size < len(owed))
            episodes = tuple(e for c in cases for e in c.attempts)
            self.work.hold()
            self.store.commit(Batch(episodes, run=self.run.id, units=tuple(f"{phase}/{t.key}" for t in chunk)))
            self._committed(phase, len(cases))
