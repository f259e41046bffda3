"""Carrying out an experiment: its runs side by side, with one limit on requests and one budget for all of them.

Each cell is an ordinary run, which is skipped where it is done, resumed where it was begun, and begun else. So a killed
experiment goes on where it was, and one that is extended does only what is new.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import count

from ace.binding import signer
from ace.budget import Budget, Ledger
from ace.errors import AceError, Conflict, Interrupted, LimitReached, ModelRefused, NotUsable, WorldError
from ace.events import Listener, silent
from ace.experiments.demonstrations.needs import needs_note
from ace.experiments.design import Cell, Design
from ace.experiments.helpers import Helpers, Listening, processors
from ace.experiments.opened import OpenedDesign, open_design
from ace.memory.database.sqlite import in_memory, store_location
from ace.memory.journal.leases import Owner
from ace.memory.store import Store
from ace.memory.values import Experiment, Run, RunStatus
from ace.models.by_role import close_all
from ace.models.registry import NOVICE
from ace.models.wrappers.retry import Retrying
from ace.models.wrappers.stack import stacked
from ace.registry import fault_line
from ace.runs.claims import LEASE, RENEWED
from ace.runs.context import Models
from ace.runs.lifecycle import Shared, Stop, begin, ready, work_beside
from ace.types import Usage, digest

_ENDING = (LimitReached, Interrupted, ModelRefused)
"""What stops the whole experiment, and not the run alone in which it was met."""
_SECONDS = 1.0
"""What calls in flight are given to finish when a further process is stopped."""
HELPED_FROM = 1500
"""Cases of an experiment from which on further processes are worth their start."""


def to_all(cell: Cell) -> Listener:
    """A listener that hears nothing."""
    return silent


@dataclass(slots=True)
class Conduct:
    """One experiment at work. `stop` may be called at any time, from the same event loop. `numbers` gives the places
    of the runs to do among all of them, each once, so that several processes can share the work."""

    opened: OpenedDesign
    store: Store
    experiment: Experiment
    budget: Budget
    listening: Listening = to_all
    adopted: bool = False
    numbers: Callable[[], int] = field(default_factory=lambda: count().__next__)
    _stops: set[Stop] = field(default_factory=set)
    ended: AceError | None = None
    failed: dict[str, str] = field(default_factory=dict)

    def stop(self, within: float | None = None) -> None:
        """Begin no further run, and stop those at work in good order; asked a second time, or after `within` seconds, calls in
        flight are ended."""
        self.ended = self.ended or Interrupted("interrupted")
        for stop in list(self._stops):
            stop(within)

    async def execute(self) -> None:
        """Do what is owed. Raises `Conflict` where another process is at work on the experiment, what stopped it (a limit, a
        model that refuses, an interruption) once the runs at work have ended, and `WorldError` where runs failed and all else
        is done."""
        async with self._held():
            with self._helped() as helpers:
                await self.share()
                self.failed |= await asyncio.to_thread(helpers.failed)
        if self.ended is not None:
            raise self.ended
        if self.failed:
            told = "; ".join(f"{cell}: {why}" for cell, why in self.failed.items())
            raise WorldError(f"{len(self.failed)} of {len(self.opened.cells)} runs failed: {told}")

    async def share(self) -> None:
        """Do those runs whose numbers this process is given."""
        known = self._known()
        shared, strong = self._shared(known)
        cells = self.opened.cells

        async def one_after_the_other() -> None:
            while (number := self.numbers()) < len(cells) and self.ended is None:
                run, arm = known.get(_key(cells[number])), cells[number].arm.name
                if not _is_done(run):
                    models = replace(shared.models, strong=strong.get(arm))
                    await self._cell(cells[number], run, replace(shared, models=models))

        try:
            await asyncio.gather(*(one_after_the_other() for _ in range(min(len(cells), self._side_by_side()))))
        finally:
            await close_all({**self.opened.base.models, **self.opened.strong}, lasting=False)

    def _helped(self) -> Helpers:
        """Further processes, where the models compute here and the runs are long enough to be worth their start."""
        tasks, cells = self.opened.base.tasks, self.opened.cells
        cases = sum(len(tasks.held_out) + len(tasks.train) * cell.arm.learns for cell in cells)
        alone = self._waits() or self.budget != Budget() or cases < HELPED_FROM or not self.opened.base.environment.instant
        base = self.opened.design.base
        alone = alone or bool(base.record) or in_memory(store_location(base.store))
        helpers = Helpers(
            0 if alone else min(len(cells), processors()) - 1, shared_by, self.opened.design, self.experiment, self.adopted
        )
        if helpers.n:
            self.numbers = helpers.number
            self._stops.add(helpers.stop)
        helpers.start(self.listening)
        return helpers

    async def _cell(self, cell: Cell, run: Run | None, shared: Shared) -> None:
        prepared = self.opened.prepared(cell, self.experiment.id, self.listening(cell))
        stops: list[Stop] = []

        def started(stop: Stop) -> None:
            stops.append(stop)
            self._stops.add(stop)
            if self.ended is not None:
                stop()

        try:
            run = begin(prepared, self.store) if run is None else ready(prepared, self.store, run, adopted=self.adopted)
            self.store.experiments.join(self.experiment.id, cell.arm.name, cell.seed, run.id)
            await work_beside(prepared, self.store, run, shared, started)
        except _ENDING as error:
            if self.ended is None:
                self.ended = error
                self._others_stop(stops)
        except NotUsable as error:
            self._note(cell, str(error))
        except AceError as error:
            self.failed[f"{cell.arm.name}, seed {cell.seed}"] = str(error)
        # A person's strategy, environment or gate runs here: a fault in one arm leaves the others at work.
        except Exception as error:  # noqa: BLE001
            self.failed[f"{cell.arm.name}, seed {cell.seed}"] = fault_line(error)
        finally:
            self._stops.difference_update(stops)

    def _others_stop(self, mine: list[Stop]) -> None:
        for stop in self._stops.difference(mine):
            stop()

    def _note(self, cell: Cell, why: str) -> None:
        """Write down that an arm cannot be used here."""
        result = self.store.experiments.one(self.experiment.id).result
        notes = {**result.get("unusable", {}), cell.arm.name: why}
        self.store.experiments.note(self.experiment.id, {**result, "unusable": notes})

    def _known(self) -> Mapping[tuple[str, int], Run]:
        """The runs of this experiment that were begun, by arm and seed; also one whose process was killed before it was
        noted."""
        return _known(self.store, self.experiment.id)

    def _shared(self, known: Mapping[tuple[str, int], Run]) -> tuple[Shared, Mapping[str, Retrying]]:
        """What all runs share, and by arm the stronger model that its runs have besides, behind the same limits."""
        s = self.opened.design.base
        spent = _spent(self.store, known.values())
        ledger = Ledger(self.budget, spent, anew=self.budget.usd is not None)
        roles, strong = self.opened.base.models, {f"strong/{arm}": m for arm, m in self.opened.strong.items()}
        stack = stacked({**roles, **strong}, ledger, s.concurrency, s.context)
        models = Models(**{role: stack[role] for role in roles})
        return Shared(models, ledger), {name.partition("/")[2]: stack[name] for name in strong}

    def _side_by_side(self) -> int:
        """Runs at work at the same time: enough to fill the requests that may be sent at once, with some that wait for a
        curator. The novice computes its replies here, so that nothing is won by it."""
        s = self.opened.design.base
        return max(2, -(-2 * s.concurrency // s.batch)) if self._waits() else 1

    def _waits(self) -> bool:
        """Whether a model is asked elsewhere, so that this process waits for it."""
        return any(m.name != NOVICE for m in (*self.opened.base.models.values(), *self.opened.strong.values()))

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        """The claim on the experiment, held while the block lasts."""
        owner, experiments, id = Owner.here(secrets.token_hex(4)), self.store.experiments, self.experiment.id
        other = experiments.take(id, owner, LEASE)
        if other is not None:
            raise Conflict(f"experiment {id} is at work ({other.where}); wait for its end, or stop it with Ctrl-C there")

        async def renewed() -> None:
            while True:
                await asyncio.sleep(RENEWED)
                if not experiments.renew(id, owner, LEASE):
                    self.stop()

        renewing = asyncio.create_task(renewed())
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await renewing
            experiments.leave(id, owner)


def _known(store: Store, experiment: str) -> Mapping[tuple[str, int], Run]:
    found: dict[tuple[str, int], Run] = {}
    for run in store.runs():
        if run.config.get("experiment") == experiment:
            found.setdefault((str(run.config.get("arm")), int(run.config["seed"])), run)
    return found


def _spent(store: Store, runs: Iterable[Run]) -> Usage:
    return sum((store.usage(run.id) for run in runs), Usage())


def spent_by(store: Store, experiment: str) -> Usage:
    """What the runs of an experiment have spent together."""
    return _spent(store, _known(store, experiment).values())


def _key(cell: Cell) -> tuple[str, int]:
    return cell.arm.name, cell.seed


def _is_done(run: Run | None) -> bool:
    return run is not None and run.status is RunStatus.DONE


def begun(opened: OpenedDesign, store: Store) -> Experiment:
    """A new experiment in `store`, bound to this person."""
    made = store.experiments.begin(opened.design.as_json(), signer())
    return noted(opened, store, made)


def require_same_tasks(opened: OpenedDesign, experiment: Experiment) -> None:
    """Raise `Conflict` where the environment lists other tasks than when the experiment was begun: seeds and arms that are
    added would be measured on something else."""
    if experiment.result.get("tasks", _tasks(opened)) != _tasks(opened):
        env = opened.design.base.environment
        why = f"environment {env} lists other tasks than when it was begun"
        raise Conflict(f"experiment {experiment.id} cannot go on: {why}; begin another one with ace compare {env}")


def _tasks(opened: OpenedDesign) -> str:
    return digest([t.key for t in opened.base.tasks.all])


def noted(opened: OpenedDesign, store: Store, experiment: Experiment) -> Experiment:
    """`experiment` with what is known of it beside its runs written down: the arms that cannot be used, its limits, and
    what its tasks need where arms show demonstrations."""
    limits = opened.design.base.budget.over(experiment.result.get("limits", {}))
    known = {"unusable": dict(opened.unusable), "limits": limits.as_json(), "tasks": _tasks(opened), **needs_note(opened)}
    return store.experiments.note(experiment.id, {**experiment.result, **known})


def shared_by(
    listening: Listening, numbers: Callable[[], int], design: Design, experiment: Experiment, adopted: bool
) -> Mapping[str, str]:
    """Do, in a process of its own, those runs whose numbers it is given; says what failed, by run."""
    with Store.open(store_location(design.base.store), create=False) as store:
        conduct = Conduct(open_design(design), store, experiment, Budget(), listening, adopted, numbers)
        asyncio.run(_terminable(conduct))
    stopped = conduct.ended is None or isinstance(conduct.ended, Interrupted)
    return conduct.failed if stopped else {**conduct.failed, "all": str(conduct.ended)}


async def _terminable(conduct: Conduct) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, conduct.stop, _SECONDS)
    await conduct.share()
