"""Doing a run from the command line: progress while it works, a summary when it is over, and a way on when it is stopped."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ace.bounds import shortened
from ace.budget import amount, spent_of
from ace.commands.run.progress import Plain, ProgressDisplay, Quiet, live
from ace.commands.run.result import evaluation_of, floors_json, result_of
from ace.commands.run.summary import NOTHING_KEPT, print_evaluation, print_summary
from ace.commands.terminal.common import about, count, print_json, where
from ace.commands.terminal.outside import tell
from ace.commands.terminal.patience import opening
from ace.commands.terminal.streams import work_is_kept
from ace.commands.terminal.termination import ending_signals, listen_to_termination
from ace.environments.floors import measure_floors
from ace.errors import AceError, LimitReached, ModelRefused, WorldError
from ace.memory.database.refs import made_new
from ace.memory.database.sqlite import in_memory, kept_location, store_location
from ace.memory.store import Store
from ace.memory.values import Run
from ace.models.clients.manual import MANUAL
from ace.models.errors.too_long import exceeds_stated
from ace.models.registry import NOVICE
from ace.results.cautions import WON_BY_NOTHING, won_already
from ace.runs.answering import DecidedAnswering, decided_in
from ace.runs.claims import require_free
from ace.runs.estimate import Expectation, expected
from ace.runs.lifecycle import Stop, begin, ready, work
from ace.runs.preparing import Prepared, prepare
from ace.runs.stored import elsewhere, reads_alone, resumable, settings_of_run
from ace.runs.trust import Names, doubt, require_named
from ace.settings import Execution, RunSettings
from ace.strategies.registry import reads_of
from ace.types import Usage

FLOOR_CASES, FEW_FLOOR_CASES = 200, 50
"""Held-out cases that the floors are measured on; the few where an environment may take its time."""
_LIMITS = {"usd": ("--max-usd", "USD"), "tokens": ("--max-tokens-total", "N"), "calls": ("--max-calls", "N")}
"""What states a limit anew, by its name. The time counts anew whenever a run goes on, so that needs none."""
UNCOUNTED = "; what the gates ask and play comes on top"
"""Said where gates judge of which it is not known before what they need."""
_COUNTED = ("guards", "fit", "trial", "final")


def uncounted(gates: Iterable[str]) -> str:
    """What is said beside an estimate that leaves some of `gates` out; empty where it covers them."""
    return UNCOUNTED if any(g not in _COUNTED for g in gates) else ""


TERMINATED_SECONDS = 1.0
"""What calls in flight are given to finish when the process is terminated."""


def run_new(settings: RunSettings, *, as_json: bool) -> None:
    """Check everything, then make the store, the run and its playbook, and do it."""
    with opening(settings.environment, settings.episodes, settings.eval):
        prepared = prepare(settings)
    location = store_location(settings.store)
    if in_memory(location):
        tell(f"Warning: {NOTHING_KEPT.format(location)}")
    # Where it reads playbooks there has to be a store, and none is made.
    reads = reads_of(prepared.strategy, settings.strategy) or reads_alone(settings)
    with Store.open(location, create=not reads) as store:
        names = [p.name for p in store.playbooks()] if settings.playbook else []
        run = begin(prepared, store)
        if names and settings.playbook not in names:
            tell(f"Warning: {made_new(settings.playbook, names)}")
        _do(prepared, store, run, as_json=as_json)


def run_evaluation(settings: RunSettings, *, as_json: bool) -> None:
    """Measure a stored playbook."""
    with opening(settings.environment, settings.episodes, settings.eval):
        prepared = prepare(settings)
    with Store.open(kept_location(settings.store), create=False) as store:
        store.resolve(settings.playbook)
        for line in elsewhere(store, settings):
            tell(line)
        _do(prepared, store, begin(prepared, store), as_json=as_json)


def run_again(id: str, execution: Execution, named: Names, *, as_json: bool) -> None:
    """Go on with a stored run. `named` is what the person names of it, which a run of another person's wants."""
    location = kept_location(execution.store)
    with Store.open(location, create=False) as store:
        run = resumable(store, id)
        # Before anything is said or opened, which may take long; it is claimed once it can be done.
        require_free(store, run)
        doubted = doubt(run)
        for line in doubted.lines() if doubted else ():
            tell(line)
        require_named(run, doubted, named, f"ace run resume {run.id}{where(location)}")
        settings = settings_of_run(run).done_as(execution)
        with opening(settings.environment, settings.episodes, settings.eval):
            prepared = prepare(settings, decided=DecidedAnswering(decided_in(run)))
        run = ready(prepared, store, run, adopted=doubted is not None)
        if lost := len(store.in_flight(run.id)):
            tell(f"ace: {count(lost, 'call')} in flight when run {run.id} stopped: sent again")
        _do(prepared, store, run, as_json=as_json)


def _do(prepared: Prepared, store: Store, run: Run, *, as_json: bool) -> None:
    done = perform(prepared, store, run, quiet=as_json)
    report(store, done, store_location(prepared.settings.store), as_json=as_json)


def perform(prepared: Prepared, store: Store, run: Run, *, quiet: bool, again: str = "") -> Run:
    """Do what `run` owes, with progress on stderr unless `quiet`. Where it is stopped, the way to go on is told: `again`, else
    `ace run resume`."""
    for line in prepared.warnings:
        tell(line)
    run = _with_floors(prepared, store, run)
    _say_what_is_expected(prepared, run)
    say_where_requests_wait(m.name for m in prepared.models.values())
    showing: ProgressDisplay = Quiet() if quiet else live() if sys.stderr.isatty() else Plain()
    try:
        with showing:
            done = asyncio.run(_stoppable(prepared, store, run, showing))
    except AceError as error:
        _say_how_to_go_on(error, store, run.id, prepared.settings.store, again)
        raise
    finally:
        listen_to_termination()
    work_is_kept()
    return done


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


async def _stoppable(prepared: Prepared, store: Store, run: Run, showing: ProgressDisplay) -> Run:
    """The run, with Ctrl-C asking it to stop in good order, and at once the second time. A supervisor that terminates it waits
    only seconds before it kills."""
    events = asyncio.get_running_loop()

    def stop_with(stop: Stop) -> None:
        events.add_signal_handler(signal.SIGINT, stop)
        for each in ending_signals():
            events.add_signal_handler(each, stop, TERMINATED_SECONDS)

    listening = replace(prepared, listener=showing.hear)
    return await work(listening, store, run, stop_with)


def _with_floors(prepared: Prepared, store: Store, run: Run) -> Run:
    """`run` with the oracle and the floors of its held-out cases, measured once and kept with it."""
    kept = run.result.get("floors")
    if (kept and not kept.get("unmeasured")) or prepared.settings.learn_only:
        return run
    environment, settings = prepared.environment, prepared.settings
    if not environment.instant:
        tell("measuring the oracle and the floors")
    tasks = prepared.tasks.held_out[: FLOOR_CASES if environment.instant else FEW_FLOOR_CASES]
    floors = floors_json(measure_floors(environment, tasks, settings.seed))
    for name, reason in floors.get("unmeasured", {}).items():
        tell(f"Warning: the floor {name!r} is left out, because none of its {len(tasks)} plays was valid: {shortened(reason)}")
    nothing = floors["nothing"] or {"success": None, "n": 0}
    for line in won_already(nothing["success"], nothing["n"], "doing nothing", WON_BY_NOTHING):
        tell(line)
    store.set_run(run.id, run.status, {**run.result, "floors": floors})
    return store.run(run.id)


def say_where_requests_wait(models: Iterable[str]) -> None:
    """Where a person or a program has to answer, for each of `models` that is a folder."""
    for model in dict.fromkeys(models):
        if model.startswith(MANUAL):
            folder = Path(model.removeprefix(MANUAL)).expanduser()
            tell(f"requests wait in {folder}; answer them as {folder / 'README.txt'} says")


def _say_what_is_expected(prepared: Prepared, run: Run) -> None:
    """What the run is expected to spend, unless it is the novice's, which costs nothing."""
    if all(m.name == NOVICE for m in prepared.models.values()):
        return
    e = expectation_of(prepared, int(run.config["start"]))
    tokens = f"{about(e.prompt_tokens)} prompt and {about(e.completion_tokens)} completion tokens"
    unknown = ", ".join(dict.fromkeys(share.model for share in e.shares if share.usd is None and share.calls))
    cost = f"${e.usd:.2f} if nothing is cached" if e.usd is not None else f"the price of {unknown} is unknown"
    more = uncounted(g.name for g in prepared.gates)
    tell(f"expected: up to about {about(e.calls)} calls, {tokens}; {cost}{more}")


def expectation_of(prepared: Prepared, start: int) -> Expectation:
    """What the run is expected to need, whose playbook stands at revision `start` when it begins."""
    s = prepared.settings
    train, held_out = prepared.tasks.train, prepared.tasks.held_out
    phases = s.attempts if s.split else 0 if s.learn_only else 3 if start else 2
    return expected(s, prepared.environment, train, held_out, phases)


def _say_how_to_go_on(error: AceError, store: Store, run: str, location: str, again: str = "") -> None:
    # A reply is kept and used again, also where the case it is of was not done.
    kept = bool(store.units(run)) or store.usage(run).prompt_tokens > 0
    if (isinstance(error, ModelRefused) and not kept) or in_memory(store_location(location)):
        return
    # A run keeps its settings, and with them the size that nothing fits.
    if isinstance(error, WorldError) and exceeds_stated(str(error)):
        tell(f"ace: run {run} stopped; no prompt fits its context, so it cannot go on; begin another run with a larger one")
        return
    how, option = larger_limit(error, store.usage(run))
    way = again or f"ace run resume {run}{option}{where(store_location(location))}"
    tell(f"ace: run {run} stopped; what is done is kept; go on with{how}: {way}")


def larger_limit(error: AceError, spent: Usage) -> tuple[str, str]:
    """What is said of the limit that has to be larger before the work goes on, of which so much is `spent`, and the option that
    states it; empty where no such limit stopped it."""
    if not isinstance(error, LimitReached) or error.limit not in _LIMITS:
        return "", ""
    option, value = _LIMITS[error.limit]
    gone = spent_of(spent, error.limit)
    above = "" if gone is None else f" ({value} above {amount(error.limit, gone)})"
    return f" a larger limit{above}", f" {option} {value}"
