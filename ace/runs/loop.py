"""The loop: the phases of a run, from its first owed unit to its last; learned in between, measured before and after on tasks
never learned from.

A run is a list of owed units minus the units done, both in the database. Each batch is committed in one transaction, whole; a
batch that was cut off is done again from the journal, with the same ids, seeds and replies.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from ace.errors import Interrupted, LimitReached
from ace.events import PhaseStarted, RunEnded, RunStarted, Warned
from ace.memory.values import Run, RunStatus
from ace.memory.view import View
from ace.models.contract import Model, Sampling
from ace.redaction import redact_all
from ace.results.cautions import nothing_drawn
from ace.runs.apart import Material, as_stored, of_trust, rest_of, rest_seed, stored_attempts, trusted_left
from ace.runs.context import RunContext
from ace.runs.counted import batch_unit, cases_learned, cases_measured, going_on, halfway
from ace.runs.gates.contract import Ending, GateTerms, at_end_alone, draws
from ace.runs.gates.ending import ending
from ace.runs.gates.history import RunHistory
from ace.runs.gates.pool import TaskPool
from ace.runs.gates.ways import Means
from ace.runs.journaled import Journal, Journaled
from ace.runs.measuring import Measuring
from ace.runs.pacing import Pace
from ace.runs.playable import Playable
from ace.runs.playing import Player, Stage
from ace.runs.presence import Presence
from ace.runs.reading import READS, playbooks
from ace.runs.rehearsing import Rehearsal
from ace.runs.tuning import FOUND, PHASE, Tryout
from ace.runs.turn import Turn
from ace.settings import RunSettings
from ace.strategies.contract import Lesson, ModelFor, Roles, Tuning
from ace.strategies.registry import made
from ace.types import JSON, Task, Trust, derive_seed

EXPLORE = 0.25
"""Share of choices that a model which can choose by chance makes so while learning; none when evaluating. Where a fifth of the
verdicts is flipped, a tenth leaves the first wrong lessons in force: .59 against .69 over ten worlds of `desk`."""


class Loop:
    """One run, from its first owed unit to its last. `stop` may be called at any time, from the same event loop."""

    def __init__(self, work: RunContext) -> None:
        s, run = work.settings, work.run
        self.work, self.run, self.store, self.settings = work, run, work.store, s
        self._result: dict[str, JSON] = dict(run.result)
        self.playbook = work.playbook
        self._stopping = False
        self._journal = Journal(self.store, run.id, lambda: self._stopping)
        sampling, models = Sampling(**s.sampling), work.models
        reflector, curator = self._journaled(models.reflector), self._journaled(models.curator)
        read = playbooks(self.store, run.config.get(READS, {}))
        roles = Roles(reflector, curator, sampling, s.timeout, work.prompts, work.surroundings, read)
        strategy, generator = made(work.strategy, roles, s.strategy), self._journaled(models.generator)
        said = (run.id, s.seed, s.retries, work.listener)
        strong = self._journaled(models.strong) if models.strong else None
        player = Player(work.environment, generator, strategy, roles, *said, holdout=s.holdout, mask=s.mask, strong=strong)
        player = replace(player, answering=work.answering)
        presence = Presence(models.all, self._journal, s.timeout)
        self._player, self._playable = player, Playable(player, presence, self.store)
        shared = (work.hold, work.listener)
        self._measuring = Measuring(self.store, run.id, self.playbook, self._playable, sampling, s.concurrency, *shared)
        means = self._means = self._for_gates(roles, sampling, player)
        self._presence = presence
        where = (self.store, self.playbook, run.id)
        self._turn = Turn(*where, strategy, work.gates, means, presence, *shared, s.review, s.hold_sensitive, player.said)

    def stop(self, within: float | None = None) -> None:
        """Start no further model call; let those in flight finish into the journal; then raise `Interrupted`. Calls that are
        still in flight after `within` seconds are ended, at an unknown cost; asked a second time, all are ended at once."""
        if self._stopping and within is None:
            within = 0.0
        self._stopping = True
        if within is not None:
            self._journal.end_within(within)

    def _for_gates(self, roles: Roles, sampling: Sampling, player: Player) -> Means:
        """What gates ask and play with; what they have played is booked to them."""
        s, work = self.settings, self.work
        played = replace(player, generator=self._journaled(work.models.generator, "gate"))
        terms = GateTerms(s.gate_alpha, s.gate_pairs, s.gate_every, s.gate_eps)
        history = RunHistory(self.store, self.run.id, self.playbook)
        drawing = [at_end_alone(g.gate) for g in work.gates if draws(g.gate)]
        reserve = s.gate_pairs if len(set(drawing)) > 1 else 0
        pool = TaskPool.of(work.environment, work.tasks, s.seed)
        return Means(roles, sampling, played, terms, history, pool, reserve)

    def _journaled(self, model: Model, role: str = "") -> ModelFor:
        return lambda unit: Journaled(model, self._journal, unit, role)

    async def execute(self) -> Run:
        """Do what is owed, and give the run as it is then stored. An exception that stops it is raised after the run was
        marked as resumable: `LimitReached`, `Interrupted`, `ModelError`, `ModelRefused`."""
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
        # An experiment ends dozens of runs in its store, and makes its backup when that is closed, and hourly.
        self.store.set_run(self.run.id, status, self._result, backup="experiment" not in self.run.config)
        self.work.listener(RunEnded(self.run.id, status.value, self.store.usage(self.run.id)))

    def _keep(self) -> None:
        """Write what is known of the run so far."""
        self.store.set_run(self.run.id, RunStatus.RUNNING, self._result)

    async def _phases(self) -> None:
        s, train, held_out = self.settings, self.work.tasks.train, self.work.tasks.held_out
        self._caution()
        start = int(self._result["start"])
        await self._tune(start)
        if s.split:
            await self._measure(held_out)
            return
        done = self.store.units(self.run.id)
        phases = _measured(s, start)
        total = len(train) * s.epochs + len(held_out) * len(phases)
        before = sum(cases_measured(done, phase, held_out) for phase in phases) + cases_learned(done, train, s.batch, s.epochs)
        self._started(total, before)
        for phase, number in (("before", 0), ("start", start)):
            if phase in phases:
                await self._measuring.phase(phase, held_out, number)
                self._measuring.caution(phase)
        await self._learn(train, done)
        await self._end_gates(start)
        self._result.setdefault("revision", self.store.head(self.playbook).number)
        self._keep()
        if "after" in phases:
            await self._measuring.phase("after", held_out, int(self._result["revision"]))

    def _started(self, total: int, done: int, revision: int | None = None) -> None:
        begins = RunStarted(self.run.id, self.playbook, total, done, revision)
        self.work.listener(going_on(self.store, begins) if done else begins)

    def _caution(self) -> None:
        """Warn where masks are on and neither were draws made nor are they going to be."""
        if self.settings.mask and not self.settings.holdout:
            for line in nothing_drawn(self.store.view(self.playbook).effects().drawn, "learn with --holdout 0.2"):
                self.work.listener(Warned(line))

    async def _tune(self, start: int) -> None:
        """Let the strategy find out on validation cases what it needs to know, once."""
        strategy = self._player.strategy
        if not isinstance(strategy, Tuning):
            return
        if PHASE not in self.store.units(self.run.id):
            book, sampling = self.store.view(f"{self.playbook}@{start}"), Sampling(**self.settings.sampling)
            tryout = Tryout(self._player, sampling, book, self.work.tasks)
            self._result[FOUND] = await strategy.tune(tryout)
            await self._presence.require(PHASE)
            self.work.hold()
            # Written before the unit is done, so that a run that is killed in between finds it out again.
            self._keep()
            self.store.commit(tryout.batch())
        strategy.tuned(self._result[FOUND])

    async def _end_gates(self, start: int) -> None:
        """Let those gates judge that look at what the whole run made of the playbook."""
        gates = self.work.gates
        for gate in sorted(gates, key=lambda g: at_end_alone(g.gate)):
            if isinstance(gate.gate, Ending) and f"end/{gate.name}" not in self.store.units(self.run.id):
                ended = await ending(gate, self._means, self.store, start)
                await self._presence.require(f"end/{gate.name}")
                self.work.hold()
                if ended.judgement is not None:
                    self._result["gates"] = {**self._result.get("gates", {}), gate.name: ended.judgement.as_json()}
                    # Written before the unit is done, so that a run that is killed in between judges again.
                    self._keep()
                self.store.commit(ended.batch)

    async def _measure(self, tasks: Sequence[Task]) -> None:
        """Nothing but an evaluation, of the playbook as it stood when the run began."""
        total, attempts, revision = len(tasks) * self.settings.attempts, self.settings.attempts, int(self._result["revision"])
        before = cases_measured(self.store.units(self.run.id), "eval", tasks, attempts)
        self._started(total, before, revision)
        await self._measuring.phase("eval", tasks, revision, attempts)

    async def _learn(self, train: Sequence[Task], done: set[str]) -> None:
        size, total = self.settings.batch, len(train) * self.settings.epochs
        trusted = trusted_left(train, size)
        self.work.listener(PhaseStarted("learn", total, cases_learned(done, train, size, self.settings.epochs)))
        for epoch in range(self.settings.epochs):
            for at in range(0, len(train), size):
                unit = batch_unit(epoch, at // size)
                if unit in done:
                    continue
                tasks = train[at : at + size]
                if halfway(unit) in done:
                    await self._rest(tasks, epoch, unit)
                    continue
                each = -(-len(train) // size)
                left = each * (self.settings.epochs - epoch) - at // size - 1
                learned = trusted[at // size + 1] + trusted[0] * (self.settings.epochs - epoch - 1)
                await self._batch(tasks, epoch, unit, left=left, learned=learned)

    async def _batch(self, tasks: Sequence[Task], epoch: int, unit: str, *, left: int, learned: int) -> None:
        """One batch, played and taken through a turn, committed whole; so many more are `left`, and so many of them have
        trusted cases to be `learned` from."""
        pace = Pace(self.work.ledger, self._result, self._keep)
        pace.begin(unit)
        book = self.store.view(self.playbook)
        measured = Sampling(**self.settings.sampling)
        sampling = replace(measured, explore=EXPLORE)
        cases = await self._playable.cases(tasks, Stage("learn", epoch, sampling, book), unit, left=left > 0)
        episodes = [e for c in cases for e in c.attempts]
        given = {id: r for c in cases for id, r in c.reflections.items()}
        trusted = of_trust(Trust.TRUSTED, self.work.tasks.train)
        rehearsal = Rehearsal(trusted, self._player, measured, book.at(Trust.TRUSTED), self.store, episodes, given)
        lesson = Lesson(episodes, derive_seed(self.settings.seed, unit), given, left=pace.left(learned), rehearsal=rehearsal)
        await self._take(Material(unit, lesson, len(cases), lambda episodes, learned: (unit,), halfway=halfway(unit)), book)

    async def _rest(self, tasks: Sequence[Task], epoch: int, unit: str) -> None:
        """The untrusted half of a batch whose trusted one was committed before the run was stopped."""
        untrusted = of_trust(Trust.UNTRUSTED, tasks)
        episodes = stored_attempts(self.store, self.run.id, epoch, untrusted)
        seed = rest_seed(derive_seed(self.settings.seed, unit))
        lesson = as_stored(Lesson(episodes, seed), self.store)
        material = Material(rest_of(unit), lesson, len(untrusted), lambda episodes, learned: (unit,))
        await self._take(material, self.store.view(self.playbook))

    async def _take(self, material: Material, book: View) -> None:
        async for _ in self._turn.take(material, book):
            pass


def _measured(s: RunSettings, start: int) -> tuple[str, ...]:
    """The phases in which a run is measured, whose playbook stands at revision `start` when it begins."""
    if s.learn_only or s.measured:
        return () if s.learn_only else ("after",)
    return ("before", "start", "after") if start else ("before", "after")
