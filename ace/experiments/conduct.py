"""Carrying out an experiment: its runs side by side, with one limit on requests and one budget for all of them.

Each cell is an ordinary run, which is skipped where it is done, resumed where it was begun, and begun else. So a killed
experiment goes on where it was, and one that is extended does only what is new.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from ace.binding import signer
from ace.budget import Budget, Ledger
from ace.errors import AceError, Conflict, Interrupted, LimitReached, ModelRefused, NotUsable, WorldError
from ace.events import Listener, silent
from ace.experiments.design import Cell
from ace.experiments.opened import OpenedDesign
from ace.memory.journal.leases import Owner
from ace.memory.store import Store
from ace.memory.values import Experiment, Run, RunStatus
from ace.models.by_role import close_all
from ace.models.registry import NOVICE
from ace.models.wrappers.stack import stacked
from ace.runs.claims import LEASE, RENEWED
from ace.runs.context import Models
from ace.runs.lifecycle import Shared, Stop, begin, ready, work_beside
from ace.types import Usage

_ENDING = (LimitReached, Interrupted, ModelRefused)
"""What stops the whole experiment, and not the run alone in which it was met."""
Listening = Callable[[Cell], Listener]
"""The listener for the events of one run."""


def to_all(cell: Cell) -> Listener:
    """A listener that hears nothing."""
    return silent


@dataclass(slots=True)
class Conduct:
    """One experiment at work. `stop` may be called at any time, from the same event loop."""

    opened: OpenedDesign
    store: Store
    experiment: Experiment
    budget: Budget
    listening: Listening = to_all
    adopted: bool = False
    _stops: set[Stop] = field(default_factory=set)
    _ended: AceError | None = None
    _failed: dict[str, str] = field(default_factory=dict)

    def stop(self, within: float | None = None) -> None:
        """Begin no further run, and stop those at work in good order; asked a second time, or after `within` seconds, calls in
        flight are ended."""
        self._ended = self._ended or Interrupted("interrupted")
        for stop in list(self._stops):
            stop(within)

    async def execute(self) -> None:
        """Do what is owed. Raises `Conflict` where another process is at work on the experiment, what stopped it (a limit, a
        model that refuses, an interruption) once the runs at work have ended, and `WorldError` where runs failed and all else
        is done."""
        async with self._held():
            try:
                await self._cells()
            finally:
                await close_all(self.opened.base.models, lasting=False)
        if self._ended is not None:
            raise self._ended
        if self._failed:
            told = "; ".join(f"{cell}: {why}" for cell, why in self._failed.items())
            raise WorldError(f"{len(self._failed)} of {len(self.opened.cells)} runs failed: {told}")

    async def _cells(self) -> None:
        known = self._known()
        owed = [cell for cell in self.opened.cells if not _is_done(known.get(_key(cell)))]
        shared = self._shared(known)
        waiting = iter(owed)

        async def one_after_the_other() -> None:
            for cell in waiting:
                if self._ended is not None:
                    return
                await self._cell(cell, known.get(_key(cell)), shared)

        await asyncio.gather(*(one_after_the_other() for _ in range(min(len(owed), self._side_by_side()))))

    async def _cell(self, cell: Cell, run: Run | None, shared: Shared) -> None:
        prepared = self.opened.prepared(cell, self.experiment.id, self.listening(cell))
        stops: list[Stop] = []

        def started(stop: Stop) -> None:
            stops.append(stop)
            self._stops.add(stop)
            if self._ended is not None:
                stop()

        try:
            run = begin(prepared, self.store) if run is None else ready(prepared, self.store, run, adopted=self.adopted)
            self.store.experiments.join(self.experiment.id, cell.arm.name, cell.seed, run.id)
            await work_beside(prepared, self.store, run, shared, started)
        except _ENDING as error:
            if self._ended is None:
                self._ended = error
                self._others_stop(stops)
        except NotUsable as error:
            self._note(cell, str(error))
        except AceError as error:
            self._failed[f"{cell.arm.name}, seed {cell.seed}"] = str(error)
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
        found: dict[tuple[str, int], Run] = {}
        for run in self.store.runs():
            if run.config.get("experiment") == self.experiment.id:
                found.setdefault((str(run.config.get("arm")), int(run.config["seed"])), run)
        return found

    def _shared(self, known: Mapping[tuple[str, int], Run]) -> Shared:
        s = self.opened.design.base
        spent = sum((self.store.usage(run.id) for run in known.values()), Usage())
        ledger = Ledger(self.budget, spent, anew=self.budget.usd is not None)
        return Shared(Models(**stacked(self.opened.base.models, ledger, s.concurrency, s.context)), ledger)

    def _side_by_side(self) -> int:
        """Runs at work at the same time: enough to fill the requests that may be sent at once, with some that wait for a
        curator. The novice computes its replies here, so that nothing is won by it."""
        s = self.opened.design.base
        if all(m.name == NOVICE for m in self.opened.base.models.values()):
            return 1
        return max(2, -(-2 * s.concurrency // s.batch))

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


def _key(cell: Cell) -> tuple[str, int]:
    return cell.arm.name, cell.seed


def _is_done(run: Run | None) -> bool:
    return run is not None and run.status is RunStatus.DONE


def begun(opened: OpenedDesign, store: Store) -> Experiment:
    """A new experiment in `store`, bound to this person."""
    made = store.experiments.begin(opened.design.as_json(), signer())
    return noted(opened, store, made)


def noted(opened: OpenedDesign, store: Store, experiment: Experiment) -> Experiment:
    """`experiment` with what is known of it beside its runs written down: the arms that cannot be used, and its limits."""
    limits = opened.design.base.budget.over(experiment.result.get("limits", {}))
    result = {**experiment.result, "unusable": dict(opened.unusable), "limits": limits.as_json()}
    return store.experiments.note(experiment.id, result)
