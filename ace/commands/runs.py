"""`ace run list` and `ace run show`."""

from __future__ import annotations

import json
from typing import Any

from ace.commands.common import console, opened, print_json
from ace.memory.values import Run


def show_list(store: str, limit: int, as_json: bool) -> None:
    """The runs in the store, the last one first."""
    with opened(store) as db:
        runs = db.runs()[:limit]
    if as_json:
        print_json([_row(r) for r in runs])
        return
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("run", "status", "environment", "model", "strategy", "playbook", "started"):
        table.add_column(heading)
    for r in runs:
        c = r.config
        row = (r.id, r.status.value, c["environment"], c["model"], c["strategy"], r.result.get("playbook", ""), r.started[:19])
        table.add_row(*map(str, row))
    console().print(table if runs else "No runs yet. Begin one with: ace run desk")


def _row(r: Run) -> dict[str, Any]:
    return {
        "run": r.id,
        "status": r.status.value,
        "config": r.config,
        "result": r.result,
        "started": r.started,
        "ended": r.ended,
    }


def show_one(id: str, store: str, as_json: bool) -> None:
    """One run."""
    with opened(store) as db:
        run = db.run(id)
        usage = db.usage(id)
        episodes = {v: db.count_episodes(run=id, verdict=v) for v in ("success", "failure", "invalid")}
    if as_json:
        print_json({**_row(run), "episodes": episodes, "usage": usage.as_json()})
        return
    screen = console()
    screen.print(f"run {run.id}: {run.status.value}" + (f", {run.result['stopped']}" if run.result.get("stopped") else ""))
    screen.print(f"began {run.started[:19]} UTC" + (f", ended {run.ended[:19]} UTC" if run.ended else ""))
    for name, value in run.config.items():
        if value not in ("", {}, None, []):
            screen.print(f"  {name}: {value if isinstance(value, str | int | float) else json.dumps(value)}")
    screen.print(
        f"playbook {run.result.get('playbook')}, from revision {run.result.get('start')} to {run.result.get('revision', '?')}"
    )
    screen.print("episodes: " + ", ".join(f"{n} {v}" for v, n in episodes.items()))
    cost = "price unknown" if usage.cost_usd is None else f"{usage.cost_usd:.4f} USD"
    screen.print(
        f"{usage.calls} calls, {usage.prompt_tokens} prompt tokens, {usage.completion_tokens} completion tokens, {cost}"
    )
