"""Doing an experiment from the command line: what it will take, progress, the table, and a way on when it is stopped."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ace.binding import signer
from ace.commands.experiment.progress import progress
from ace.commands.experiment.table import print_comparison
from ace.commands.run.running import TERMINATED_SECONDS, larger_limit, say_where_requests_wait
from ace.commands.run.summary import NOTHING_KEPT
from ace.commands.terminal.common import about, console, count, money, print_json, where
from ace.commands.terminal.outside import tell
from ace.commands.terminal.patience import opening
from ace.commands.terminal.prose import say
from ace.commands.terminal.streams import work_is_kept
from ace.commands.terminal.tables import Column, print_table
from ace.commands.terminal.termination import ending_signals, listen_to_termination
from ace.errors import AceError, Conflict
from ace.experiments.arms import Arm
from ace.experiments.concluding import comparison_of
from ace.experiments.conduct import Conduct, begun, noted, require_same_tasks, spent_by
from ace.experiments.design import Design
from ace.experiments.opened import OpenedDesign, open_design
from ace.memory.database.sqlite import in_memory, kept_location, store_location
from ace.memory.store import Store
from ace.memory.values import Experiment, Run, RunStatus
from ace.models.registry import NOVICE
from ace.runs.trust import Names, doubt_design, require_named
from ace.settings import Execution

Added = tuple[Sequence[Arm], Sequence[int]]
"""Arms and seeds that an experiment is extended with."""
_PLAN = (Column("arm"), *(Column(name, right=True) for name in ("runs", "calls", "tokens", "cost")), Column())


def compare(design: Design, *, as_json: bool) -> None:
    """Check everything, then make the store and the experiment, and do it."""
    with opening(design.base.environment, design.base.episodes, design.base.eval):
        opened = open_design(design)
    location = store_location(design.base.store)
    if in_memory(location):
        tell(f"Warning: {NOTHING_KEPT.format(location)}")
    # Where an arm reads playbooks there has to be a store, and none is made.
    with Store.open(location, create=not opened.reads) as store:
        opened.require_readable(store)
        # What demonstrations cover is found out by playing, which may take long too.
        with opening(design.base.environment, design.base.episodes, design.base.eval):
            found = begun(opened, store)
        _do(opened, store, found, as_json=as_json)


def go_on(id: str, execution: Execution, named: Names, added: Added = ((), ()), *, as_json: bool) -> None:
    """Go on with a stored experiment, extended by `added`. `named` is what the person names of it, which one of another
    person's wants."""
    location = kept_location(execution.store)
    with Store.open(location, create=False) as store:
        found = store.experiments.one(id) if id else _last_unfinished(store)
        design = Design.from_json(found.design)
        doubted = doubt_design(found, [a.strategy for a in design.arms], [g for a in design.arms for g in design.gates(a)])
        for line in doubted.lines() if doubted else ():
            tell(line)
        run = doubted.run if doubted else _as_run(found)
        require_named(run, doubted, named, f"ace compare resume {found.id}{where(location)}", "experiment")
        wanted = replace(design.extended(*added), base=design.base.done_as(execution))
        with opening(wanted.base.environment, wanted.base.episodes, wanted.base.eval):
            opened = open_design(wanted)
        require_same_tasks(opened, found)
        opened.require_readable(store)
        spent = spent_by(store, found.id)
        wanted.base.budget.require_room(found.result.get("limits", {}), spent, f"experiment {found.id}")
        if any(added) and wanted.as_json() == design.as_json():
            tell(f"ace: experiment {found.id} has these arms and seeds already; nothing is added")
        if doubted or wanted.as_json() != design.as_json():
            found = store.experiments.redesign(found.id, wanted.as_json(), signer())
        _do(opened, store, noted(opened, store, found), as_json=as_json, adopted=doubted is not None)


def _last_unfinished(store: Store) -> Experiment:
    """The last experiment that is not done, else the last one; which it is, is said. Raises `NotFound` where there is none."""
    last = store.experiments.one("")
    for found in reversed(store.experiments.all()):
        if not is_done(store, found):
            tell(f"ace: going on with {found.id}, the last experiment that is not done")
            return found
    tell(f"ace: no experiment in this store is unfinished; this is the last one, {last.id}")
    return last


def is_done(store: Store, experiment: Experiment) -> bool:
    """Whether every run of an experiment is done."""
    done, cells = progress_of(store, experiment)
    return done >= cells


def progress_of(store: Store, experiment: Experiment) -> tuple[int, int]:
    """How many runs of an experiment are done, and how many there are to be."""
    design = Design.from_json(experiment.design)
    arms = [a for a in design.arms if a.name not in experiment.result.get("unusable", {})]
    done = sum(store.run(run).status is RunStatus.DONE for run in store.experiments.runs(experiment.id).values())
    return done, len(arms) * len(design.seeds)


def _as_run(experiment: Experiment) -> Run:
    """What stands for the experiment where names are compared."""
    return Run(experiment.id, RunStatus.STOPPED, dict(experiment.design["settings"]))


def _do(opened: OpenedDesign, store: Store, experiment: Experiment, *, as_json: bool, adopted: bool = False) -> None:
    for line in opened.cautions:
        tell(line)
    for arm, why in opened.unusable.items():
        tell(f"Warning: arm {arm} is not usable here: {why}")
    _say_what_is_expected(opened)
    done = sum(store.run(run).status is RunStatus.DONE for run in store.experiments.runs(experiment.id).values())
    showing = progress(experiment.id, len(opened.cells), done, quiet=as_json)
    budget = opened.design.base.budget.over(experiment.result.get("limits", {}))
    conduct = Conduct(opened, store, experiment, budget, showing.of, adopted)
    try:
        with showing:
            asyncio.run(_stoppable(conduct))
    except AceError as error:
        _say_how_to_go_on(error, store, experiment.id, opened.design.base.store)
        raise
    finally:
        listen_to_termination()
    work_is_kept()
    report(store, experiment.id, as_json=as_json, told=opened.cautions)
    if not as_json and not in_memory(store_location(opened.design.base.store)):
        _say_what_next(experiment.id, opened.design.base.store)


async def _stoppable(conduct: Conduct) -> None:
    """The experiment, with Ctrl-C asking it to stop in good order, and at once the second time."""
    events = asyncio.get_running_loop()
    events.add_signal_handler(signal.SIGINT, conduct.stop)
    for each in ending_signals():
        events.add_signal_handler(each, conduct.stop, TERMINATED_SECONDS)
    await conduct.execute()


def _say_what_next(id: str, location: str) -> None:
    at, screen = where(store_location(location)), console()
    screen.print(f"\nEverything is in {store_location(location)} as experiment {id}.")
    screen.print("\nNext:", style="bold")
    say(screen, f"ace compare report {id} -o compare.html{at}", 2)
    say(screen, f"ace compare extend {id} --seeds N{at}", 2)


def report(store: Store, id: str, baseline: str = "", *, as_json: bool, told: Sequence[str] = ()) -> None:
    """Print what an experiment gave so far, against the arm `baseline` where one is named; warnings that were `told` are left
    out."""
    found = comparison_of(store, store.experiments.one(id), baseline)
    if as_json:
        print_json(found.as_json())
    else:
        print_comparison(console(), found, told)


def preview(design: Design, *, as_json: bool) -> None:
    """Print what the experiment would do, with calls, tokens and cost per arm; nothing is sent or stored."""
    with opening(design.base.environment, design.base.episodes, design.base.eval):
        opened = open_design(design, sending=False)
    plan = plan_of(opened)
    if as_json:
        print_json(plan)
        return
    for line in opened.cautions:
        tell(line)
    screen = console()
    seeds = f"seed{'s' * (len(design.seeds) > 1)} {', '.join(map(str, design.seeds))}"
    screen.print("What this would do", style="bold")
    screen.print(f"  {count(plan['train'], 'training case')}, {count(plan['held_out'], 'held-out case')}, {seeds}")
    screen.print(f"  compared with {design.baseline}")
    print_table(screen, _PLAN, [_plan_cells(row) for row in (*plan["arms"], {**plan["all"], "arm": "all", "note": ""})])
    screen.print("An upper estimate. Nothing was sent, and nothing was stored.", style="bold")


def plan_of(opened: OpenedDesign) -> dict[str, Any]:
    """What the experiment would do, by arm."""
    design, n = opened.design, len(opened.design.seeds)
    rows: list[dict[str, Any]] = []
    for arm in design.arms:
        usable = arm.name in opened.arms
        e, runs = opened.expected(arm), n if usable else 0
        note = "" if usable else f"not usable here: {opened.unusable[arm.name]}"
        rows.append(
            {
                "arm": arm.name,
                "strategy": arm.strategy,
                "settings": dict(arm.settings),
                "own": dict(arm.own),
                "runs": runs,
                "calls": runs * e.calls,
                "prompt_tokens": runs * e.prompt_tokens,
                "completion_tokens": runs * e.completion_tokens,
                "cost_usd": None if e.usd is None else round(runs * e.usd, 6),
                "note": note,
            }
        )
    costs = [row["cost_usd"] for row in rows]
    total = {name: sum(row[name] for row in rows) for name in ("runs", "calls", "prompt_tokens", "completion_tokens")}
    return {
        "environment": design.base.environment,
        "model": design.base.model,
        "baseline": design.baseline,
        "seeds": list(design.seeds),
        "train": len(opened.base.tasks.train),
        "held_out": len(opened.base.tasks.held_out),
        "arms": rows,
        "all": {**total, "cost_usd": None if None in costs else round(sum(costs), 6)},
        "limits": design.base.budget.as_json(),
        "cautions": list(opened.cautions),
    }


def _plan_cells(row: dict[str, Any]) -> list[str]:
    tokens = row["prompt_tokens"] + row["completion_tokens"]
    return [row["arm"], str(row["runs"]), about(row["calls"]), about(tokens), money(row["cost_usd"]), row["note"]]


def _say_what_is_expected(opened: OpenedDesign) -> None:
    """What the experiment is expected to spend, unless it is the novice's, which costs nothing."""
    if all(m.name == NOVICE for m in opened.base.models.values()):
        return
    total = plan_of(opened)["all"]
    tokens = about(total["prompt_tokens"] + total["completion_tokens"])
    cost = "the price is not known" if total["cost_usd"] is None else f"${total['cost_usd']:.2f} if nothing is cached"
    tell(f"expected of all {count(total['runs'], 'run')}: up to about {about(total['calls'])} calls, {tokens} tokens; {cost}")
    say_where_requests_wait(m.name for m in opened.base.models.values())


def _say_how_to_go_on(error: AceError, store: Store, id: str, location: str) -> None:
    # Where another process is at work on it, it has not stopped.
    if not isinstance(error, Conflict) and not in_memory(store_location(location)) and store.experiments.runs(id):
        how, option = larger_limit(error, spent_by(store, id))
        at = where(store_location(location))
        tell(f"ace: experiment {id} stopped; what is done is kept; go on with{how}: ace compare resume {id}{option}{at}")
