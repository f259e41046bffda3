"""`ace run list` and `ace run show`."""

from __future__ import annotations

import json
from typing import Any

from ace.commands.common import console, opened, print_json, where
from ace.commands.tables import Column, print_table
from ace.memory.engine import store_location
from ace.memory.leases import Owner, as_they_are, at_work
from ace.memory.values import Run, RunStatus

_COLUMNS = tuple(map(Column, ("run", "status", "environment", "model", "strategy", "playbook", "started")))


def show_list(store: str, limit: int, as_json: bool) -> None:
    """The runs in the store, the last one first."""
    with opened(store) as db:
        runs = as_they_are(db, db.runs()[::-1][:limit])
    if as_json:
        print_json([_row(r) for r in runs])
    elif runs:
        print_table(console(), _COLUMNS, [_cells(r) for r in runs])
    else:
        console().print("No runs yet. Begin one with: ace run desk")


def _cells(r: Run) -> list[str]:
    c = r.config
    named = (c["environment"], c["model"], c["strategy"], r.result.get("playbook", ""))
    return [r.id, r.status.value, *map(str, named), r.started[:19].replace("T", " ")]


def _row(r: Run) -> dict[str, Any]:
    return {
        "run": r.id,
        "status": r.status.value,
        "config": r.config,
        "result": {**r.result, **({"prompts": r.result["prompts"]["digest"]} if "prompts" in r.result else {})},
        "started": r.started,
        "ended": r.ended,
    }


def show_one(id: str, store: str, as_json: bool) -> None:
    """One run: its settings and times, and what came out of it as far as it has come."""
    from ace.commands.running import report

    with opened(store) as db:
        [run] = as_they_are(db, [db.run(id)])
        if not as_json:
            _settings(run, store_location(store), at_work(db).get(run.id))
        if "playbook" in run.result:
            report(db, run, store_location(store), as_json=as_json)
        elif as_json:
            print_json(_row(run))


def _settings(run: Run, location: str, owner: Owner | None) -> None:
    screen = console()
    screen.print(f"run {run.id}: {run.status.value}", style="bold")
    screen.print(f"began {run.started[:19].replace('T', ' ')} UTC" + (f", ended {run.ended[11:19]} UTC" if run.ended else ""))
    for name, value in run.config.items():
        if name != "prompts" and value not in ("", {}, None, []):
            screen.print(f"  {name}: {value if isinstance(value, str | int | float) else json.dumps(value)}")
    if own := run.config.get("prompts"):
        screen.print(f"  own prompts: {', '.join(own)} (digest {run.result.get('prompts', {}).get('digest', '')[:12]})")
    if limits := run.result.get("limits"):
        screen.print("  limits: " + ", ".join(f"{name} {value:g}" for name, value in limits.items()))
    if owner is not None and run.status is RunStatus.RUNNING:
        screen.print(f"It is at work: {owner.where}")
    elif run.status is not RunStatus.DONE:
        why = f" ({run.result['stopped']})" if run.result.get("stopped") else ""
        screen.print(f"It is not done{why}; go on with: ace run resume {run.id}{where(location)}", style="yellow")
