"""Doing a run from the command line: progress while it works, a summary when it is over, and a way on when it is stopped."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from ace.budget import Budget
from ace.commands.common import print_json
from ace.commands.progress import Plain, Quiet, Showing, live
from ace.commands.summary import measured, print_measured, print_summary, result_of
from ace.environments.floors import Floors, measure_floors
from ace.errors import AceError
from ace.learner import Loop, held_out_tasks
from ace.memory.store import Store
from ace.memory.values import Run
from ace.opening import Checked, How, begin, check, ready, resumable, settings_of_run, store_location, work
from ace.settings import RunSettings

if TYPE_CHECKING:
    from ace.environments.contract import Environment

FLOOR_CASES = 200


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the person chose of how a run is done and shown."""

    store: str
    concurrency: int
    budget: Budget
    json: bool

    @property
    def location(self) -> str:
        return store_location(self.store)


def run_new(settings: RunSettings, chosen: Chosen) -> None:
    """Check everything, then make the store, the run and its playbook, and do it."""
    checked = check(settings, How(chosen.location, chosen.concurrency, chosen.budget))
    with Store.open(chosen.location) as store:
        _do(checked, store, begin(checked, store), chosen)


def run_evaluation(settings: RunSettings, chosen: Chosen) -> None:
    """Measure a stored playbook."""
    checked = check(settings, How(chosen.location, chosen.concurrency, chosen.budget))
    with Store.open(chosen.location, create=False) as store:
        store.resolve(settings.playbook)
        _do(checked, store, begin(checked, store), chosen)


def run_again(id: str, chosen: Chosen) -> None:
    """Go on with a stored run."""
    with Store.open(chosen.location, create=False) as store:
        run = resumable(store, id)
        checked = check(settings_of_run(run), How(chosen.location, chosen.concurrency, chosen.budget))
        lost = len(store.in_flight(run.id))
        if lost:
            typer.echo(f"ace: {lost} calls were in flight when run {run.id} stopped; they are sent again", err=True)
        _do(checked, store, ready(checked, store, run), chosen)


def _do(checked: Checked, store: Store, run: Run, chosen: Chosen) -> None:
    floors = _floors(checked.environment, checked.settings)
    showing: Showing = Quiet() if chosen.json else live() if sys.stderr.isatty() else Plain()
    try:
        with showing:
            done = asyncio.run(_stoppable(checked, store, run, showing))
    except AceError as error:
        _say_how_to_go_on(error, store, run.id, chosen)
        raise
    result = measured(store, done, floors) if checked.settings.split else result_of(store, done, floors)
    if chosen.json:
        print_json(result)
    elif checked.settings.split:
        print_measured(result)
    else:
        print_summary(result, chosen.location)


async def _stoppable(checked: Checked, store: Store, run: Run, showing: Showing) -> Run:
    """The run, with Ctrl-C asking it to stop in good order."""
    events = asyncio.get_running_loop()

    def stop_with(loop: Loop) -> None:
        events.add_signal_handler(signal.SIGINT, loop.stop)
        events.add_signal_handler(signal.SIGTERM, loop.stop)

    listening = Checked(
        checked.settings,
        How(checked.how.store, checked.how.concurrency, checked.how.budget, showing.hear),
        checked.environment,
        checked.strategy,
        checked.models,
    )
    return await work(listening, store, run, stop_with)


def _floors(environment: Environment, settings: RunSettings) -> Floors:
    return measure_floors(environment, held_out_tasks(environment, settings)[:FLOOR_CASES], settings.seed)


def _say_how_to_go_on(error: AceError, store: Store, run: str, chosen: Chosen) -> None:
    where = f" --store {chosen.store}" if chosen.store else ""
    done = len(store.units(run))
    typer.echo(f"ace: run {run} stopped after {done} committed units; go on with: ace run resume {run}{where}", err=True)
