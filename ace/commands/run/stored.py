"""`ace run list`, `ace run show` and `ace run export`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ace.binding import MARK
from ace.budget import spent_of
from ace.commands.terminal.common import console, opened, print_json, share, where
from ace.commands.terminal.export_rows import RUN, checked_format, export_rows, run_row
from ace.commands.terminal.page_file import write_page
from ace.commands.terminal.prose import line, say
from ace.commands.terminal.tables import Column, print_table
from ace.errors import LimitReached
from ace.memory.database.prefixes import IdKind
from ace.memory.database.sqlite import store_location
from ace.memory.journal.leases import Owner
from ace.memory.store import Store
from ace.memory.values import Run, RunStatus
from ace.results.measured import measured
from ace.runs.answering import asked_in
from ace.types import JSON, Usage, Verdict

SO_FAR = " so far"
"""Behind a figure of a measurement that is not whole."""
_COLUMNS = (
    *map(Column, ("run", "status")),
    *(Column(name, right=True) for name in ("before", "after", "gain")),
    *map(Column, ("started, UTC", "playbook")),
)


def show_list(store: str, limit: int, as_json: bool) -> None:
    """The runs in the store, newest first."""
    with opened(store) as db:
        runs = db.leases.as_they_are(db.runs()[::-1][:limit])
        cells = [] if as_json else [_cells(db, r) for r in runs]
    if as_json:
        print_json([_row(r) for r in runs])
    elif runs:
        print_table(console(), _COLUMNS, cells)
    else:
        say(console(), "No runs yet. Begin one with: ace run desk")


def _cells(db: Store, r: Run) -> list[str]:
    won = _won(db, r)
    # An evaluation measures a playbook as it is, and has nothing before it.
    last = "eval" if r.config["split"] else "after"
    part = "" if r.status is RunStatus.DONE else SO_FAR
    # What comes later begins when the measurement before it is whole.
    before = _success(won.get("before"), "" if won.keys() - {"before", "start"} else part)
    began = r.started[5:16].replace("T", " ")
    cells = [before, _success(won.get(last), part), _gain(won, part)]
    return [r.id, r.status.value, *cells, began, line(_book(r) + _cell(r))]


def _success(won: Mapping[tuple[int, str], bool] | None, part: str) -> str:
    """The share of cases that were won, with the mark `part` of a measurement that is not whole."""
    return share(sum(won.values()) / len(won)) + part if won else share(None)


def _gain(won: Mapping[str, Mapping[tuple[int, str], bool]], part: str) -> str:
    """The gain in points, over the cases that were measured both times, as in the result of the run."""
    before, after = won.get("before", {}), won.get("after", {})
    both = before.keys() & after.keys()
    return f"{100 * sum(after[k] - before[k] for k in both) / len(both):+.1f}{part}" if both else "–"


def _book(r: Run) -> str:
    """The playbook of a run, and what of it an evaluation measures; empty where it has not begun."""
    name = str(r.result.get("playbook", ""))
    return measured(name, int(r.result["revision"])) if name and r.config["split"] else name


def _cell(r: Run) -> str:
    """Which run of an experiment it is; empty where it belongs to none."""
    if not r.config.get("experiment"):
        return ""
    return f" ({r.config['experiment']}: {r.config.get('arm', '')}, seed {r.config['seed']})"


def _won(db: Store, r: Run) -> dict[str, dict[tuple[int, str], bool]]:
    """By phase of a run, of its cases with a valid attempt, which are won: where any attempt is."""
    cases: dict[str, dict[tuple[int, str], bool]] = {}
    for p in db.experiments.played(r.id):
        if p.verdict != Verdict.INVALID:
            found = cases.setdefault(p.phase, {})
            found[p.epoch, p.task] = found.get((p.epoch, p.task), False) or p.verdict == Verdict.SUCCESS
    return cases


def _row(r: Run) -> dict[str, Any]:
    return {
        "run": r.id,
        "status": r.status.value,
        "config": r.config,
        "result": {name: v["digest"] if name == "prompts" else v for name, v in r.result.items() if name != MARK},
        "started": r.started,
        "ended": r.ended,
    }


def show_one(id: str, store: str, as_json: bool) -> None:
    """One run: its settings and times, and what came out of it as far as it has come."""
    from ace.commands.run.running import report

    with opened(store) as db:
        [run] = db.leases.as_they_are([db.run(db.whole(IdKind.RUN, id))])
        if not as_json:
            _settings(run, store_location(store), db.leases.at_work().get(run.id), db.usage(run.id))
        if "playbook" in run.result:
            report(db, run, store_location(store), as_json=as_json)
        elif as_json:
            print_json(_row(run))


def export_one(id: str, format: str, out: str, store: str) -> None:
    """The episodes of a run, a flat row for each."""
    checked_format(format)
    with opened(store) as db:
        run = db.run(db.whole(IdKind.RUN, id))
        export_rows((run_row(run, e) for e in db.every_episode(run=run.id, oldest_first=True)), RUN, format, out)


def _in_words(value: JSON) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else f"{value:,}"
    return value if isinstance(value, str) else json.dumps(value)


def _settings(run: Run, location: str, owner: Owner | None, spent: Usage) -> None:
    screen = console()
    screen.print(f"run {run.id}: {run.status.value}", style="bold")
    screen.print(f"began {run.started[:19].replace('T', ' ')} UTC" + (f", ended {run.ended[11:19]} UTC" if run.ended else ""))
    for name, value in run.config.items():
        if name not in ("prompts", "answering") and (value or name == "seed"):
            told = _book(run) if name == "playbook" and run.config["split"] else ""
            screen.print(f"  {name.replace('_', ' ')}: {told or _in_words(value)}")
    if how := asked_in(run):
        screen.print(f"  answering: {how}")
    if own := run.config.get("prompts"):
        screen.print(f"  own prompts: {', '.join(own)} (digest {run.result.get('prompts', {}).get('digest', '')[:12]})")
    if limits := run.result.get("limits"):
        screen.print("  limits: " + ", ".join(f"{name} {value:g}" for name, value in limits.items()))
    if owner is not None and run.status is RunStatus.RUNNING:
        screen.print(f"It is at work: {owner.where}")
    elif run.status is not RunStatus.DONE:
        why = f" ({run.result['stopped']})" if run.result.get("stopped") else ""
        how, option = _larger(run, spent)
        way = f"ace run resume {run.id}{option}{where(location)}"
        say(screen, f"It is not done{why}; go on with{how}: {way}", style="yellow")


def _larger(run: Run, spent: Usage) -> tuple[str, str]:
    """What is said of a limit that the run keeps and has met, and the option that states a larger one."""
    from ace.commands.run.running import larger_limit

    limits = run.result.get("limits", {})
    met = [n for n, most in limits.items() if (gone := spent_of(spent, n)) is not None and gone >= most]
    return larger_limit(LimitReached("", met[0]), spent) if met else ("", "")


def report_one(id: str, out: str, force: bool, store: str) -> None:
    """A run as a page."""
    from ace.pages.run import run_page

    write_page(lambda db: run_page(db, db.whole(IdKind.RUN, id)), store, out, force)
