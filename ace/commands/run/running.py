"""Doing a run from the command line: progress while it works, a summary when it is over, and a way on when it is stopped."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass, replace

from ace.bounds import shortened
from ace.budget import Budget
from ace.commands.run.progress import Plain, Quiet, Showing, live
from ace.commands.run.result import evaluation_of, floors_json, result_of
from ace.commands.run.summary import print_evaluation, print_summary
from ace.commands.terminal.common import about, count, print_json, where
from ace.commands.terminal.outside import tell
from ace.environments.floors import measure_floors
from ace.errors import AceError, LimitReached, ModelRefused
from ace.evidence.cautions import WON_BY_NOTHING, won_already
from ace.memory.database.sqlite import store_location
from ace.memory.store import Store
from ace.memory.values import Run
from ace.models.registry import NOVICE
from ace.runs.estimate import Expectation, expected
from ace.runs.loop import Loop, held_out_tasks, train_tasks
from ace.runs.opening import Checked, How, begin, check, ready, resumable, settings_of_run, work
from ace.runs.trust import Names, doubt, require_named
from ace.settings import RunSettings

FLOOR_CASES, FEW_FLOOR_CASES = 200, 50
"""Held-out cases that the floors are measured on; the few where an environment may take its time."""
_LIMITS = {"usd": " --max-usd USD", "tokens": " --max-tokens-total N", "calls": " --max-calls N"}
"""What states a limit anew, by its name. The time counts anew whenever a run goes on, so that needs none."""
TERMINATED_SECONDS = 1.0
"""What calls in flight are given to finish when the process is terminated."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the person chose of how a run is done and shown."""

    store: str
    concurrency: int
    budget: Budget
    json: bool
    record: str = ""

    @property
    def location(self) -> str:
        return store_location(self.store)

    @property
    def how(self) -> How:
        return How(self.location, self.concurrency, self.budget, record=self.record)


def run_new(settings: RunSettings, chosen: Chosen) -> None:
    """Check everything, then make the store, the run and its playbook, and do it."""
    checked = check(settings, chosen.how)
    with Store.open(chosen.location) as store:
        _do(checked, store, begin(checked, store), chosen)


def run_evaluation(settings: RunSettings, chosen: Chosen) -> None:
    """Measure a stored playbook."""
    checked = check(settings, chosen.how)
    with Store.open(chosen.location, create=False) as store:
        store.resolve(settings.playbook)
        _do(checked, store, begin(checked, store), chosen)


def run_again(id: str, chosen: Chosen, named: Names) -> None:
    """Go on with a stored run. `named` is what the person names of it, which a run of another person's wants."""
    with Store.open(chosen.location, create=False) as store:
        run = resumable(store, id)
        doubted = doubt(run)
        for line in doubted.lines() if doubted else ():
            tell(line)
        require_named(run, doubted, named, f"ace run resume {run.id}{where(chosen.location)}")
        checked = check(settings_of_run(run), chosen.how)
        lost = len(store.in_flight(run.id))
        if lost:
            tell(f"ace: {count(lost, 'call')} in flight when run {run.id} stopped: sent again")
        _do(checked, store, ready(checked, store, run, adopted=doubted is not None), chosen)


def _do(checked: Checked, store: Store, run: Run, chosen: Chosen) -> None:
    for line in checked.warnings:
        tell(line)
    run = _with_floors(checked, store, run)
    _say_what_is_expected(checked, run)
    showing: Showing = Quiet() if chosen.json else live() if sys.stderr.isatty() else Plain()
    try:
        with showing:
            done = asyncio.run(_stoppable(checked, store, run, showing))
    except AceError as error:
        _say_how_to_go_on(error, store, run.id, chosen)
        raise
    report(store, done, chosen.location, as_json=chosen.json)


def report(store: Store, run: Run, location: str, *, as_json: bool) -> None:
    """Print what a run gave."""
    measured = bool(run.config["split"])
    result = evaluation_of(store, run) if measured else result_of(store, run)
    if as_json:
        print_json(result)
    elif measured:
        print_evaluation(result)
    else:
        print_summary(result, location)


async def _stoppable(checked: Checked, store: Store, run: Run, showing: Showing) -> Run:
    """The run, with Ctrl-C asking it to stop in good order, and at once the second time. A supervisor that terminates it waits
    only seconds before it kills."""
    events = asyncio.get_running_loop()

    def stop_with(loop: Loop) -> None:
        events.add_signal_handler(signal.SIGINT, loop.stop)
        events.add_signal_handler(signal.SIGTERM, loop.stop, TERMINATED_SECONDS)

    listening = replace(checked, how=replace(checked.how, listener=showing.hear))
    return await work(listening, store, run, stop_with)


def _with_floors(checked: Checked, store: Store, run: Run) -> Run:
    """`run` with the oracle and the floors of its held-out cases, measured once and kept with it."""
    kept = run.result.get("floors")
    if (kept and not kept.get("unmeasured")) or checked.settings.learn_only:
        return run
    environment, settings = checked.environment, checked.settings
    if not environment.instant:
        tell("measuring the oracle and the floors")
    tasks = held_out_tasks(environment, settings)[: FLOOR_CASES if environment.instant else FEW_FLOOR_CASES]
    floors = floors_json(measure_floors(environment, tasks, settings.seed))
    for name, reason in floors.get("unmeasured", {}).items():
        tell(f"Warning: the floor {name!r} is left out, because none of its {len(tasks)} plays was valid: {shortened(reason)}")
    nothing = floors["nothing"] or {"success": None, "n": 0}
    for line in won_already(nothing["success"], nothing["n"], "doing nothing", WON_BY_NOTHING):
        tell(line)
    store.set_run(run.id, run.status, {**run.result, "floors": floors})
    return store.run(run.id)


def _say_what_is_expected(checked: Checked, run: Run) -> None:
    """What the run is expected to spend, unless it is the novice's, which costs nothing."""
    if all(m.name == NOVICE for m in checked.models.values()):
        return
    e = expectation_of(checked, int(run.config["start"]))
    tokens = f"{about(e.prompt_tokens)} prompt and {about(e.completion_tokens)} completion tokens"
    unknown = ", ".join(dict.fromkeys(share.model for share in e.shares if share.usd is None and share.calls))
    cost = f"${e.usd:.2f} if nothing is cached" if e.usd is not None else f"the price of {unknown} is unknown"
    tell(f"expected: up to about {about(e.calls)} calls, {tokens}; {cost}")


def expectation_of(checked: Checked, start: int) -> Expectation:
    """What the run is expected to need, whose playbook stands at revision `start` when it begins."""
    s = checked.settings
    train = [] if s.split else train_tasks(checked.environment, s)
    phases = 1 if s.split else 0 if s.learn_only else 3 if start else 2
    return expected(s, checked.environment, train, held_out_tasks(checked.environment, s), phases)


def _say_how_to_go_on(error: AceError, store: Store, run: str, chosen: Chosen) -> None:
    done = len(store.units(run))
    if isinstance(error, ModelRefused) and not done:
        return
    where = f" --store {chosen.store}" if chosen.store else ""
    larger = _LIMITS.get(error.limit, "") if isinstance(error, LimitReached) else ""
    how = "go on with a larger limit" if larger else "go on with"
    tell(f"ace: run {run} stopped; what is done is kept; {how}: ace run resume {run}{larger}{where}")
