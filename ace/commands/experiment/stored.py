"""`ace compare list`, `ace compare show` and `ace compare export`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ace.commands.experiment.running import progress_of, report
from ace.commands.terminal.common import console, opened, print_json, where
from ace.commands.terminal.export_rows import export_rows
from ace.commands.terminal.prose import line, say
from ace.commands.terminal.streams import work_is_kept
from ace.commands.terminal.tables import Column, print_table
from ace.editing.files import existing, write_text
from ace.errors import BadInput
from ace.experiments.answer import Comparison
from ace.experiments.concluding import comparison_of
from ace.experiments.design import Design
from ace.memory.store import Store
from ace.memory.values import Experiment

_COLUMNS = (
    *map(Column, ("experiment", "status", "environment")),
    Column("runs", right=True),
    *map(Column, ("started, UTC", "arms")),
)
_OUTCOME = ("experiment", "environment", "arm", "strategy", "seed", "run", "task", "verdict")


def show_list(store: str, limit: int, as_json: bool) -> None:
    """The experiments in the store, newest first."""
    with opened(store) as db:
        rows = [_row(db, e) for e in db.experiments.all()[::-1][:limit]]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(console(), _COLUMNS, [_cells(row) for row in rows])
    else:
        console().print("No experiments yet. Begin one with: ace compare desk")


def _row(db: Store, e: Experiment) -> dict[str, Any]:
    design = Design.from_json(e.design)
    done, cells = progress_of(db, e)
    status = "running" if db.experiments.at_work(e.id) else "done" if done >= cells else "stopped"
    return {
        "experiment": e.id,
        "status": status,
        "environment": design.base.environment,
        "model": design.base.model,
        "arms": [a.name for a in design.arms],
        "baseline": design.baseline,
        "seeds": list(design.seeds),
        "done": done,
        "cells": cells,
        "started": e.started,
    }


def _cells(row: dict[str, Any]) -> list[str]:
    began = row["started"][5:16].replace("T", " ")
    arms = line(", ".join(row["arms"]))
    return [row["experiment"], row["status"], line(row["environment"]), f"{row['done']}/{row['cells']}", began, arms]


def show_one(id: str, store: str, as_json: bool, baseline: str = "") -> None:
    """One experiment, as far as it has come; against the arm `baseline` where one is named."""
    with opened(store) as db:
        found = db.experiments.one(id)
        report(db, found.id, baseline, as_json=as_json)
        row = _row(db, found)
        owner = db.experiments.at_work(found.id)
    if as_json:
        return
    if owner is not None:
        console().print(f"It is at work: {owner.where}")
    elif row["status"] != "done":
        say(console(), f"It is not done; go on with: ace compare resume {found.id}{where(store)}", style="yellow")


def export_one(id: str, store: str, out: str, baseline: str = "", *, as_json: bool) -> None:
    """Every outcome of an experiment: a flat row for each, or one JSON value."""
    with opened(store) as db:
        found = comparison_of(db, db.experiments.one(id), baseline)
    if not as_json:
        export_rows(_outcomes(found), _OUTCOME, "csv", out)
    elif out in ("", "-"):
        print_json(found.as_json())
    elif existing(Path(out)) is not None:
        raise BadInput(f"there is a file {out} already; name a new one")
    else:
        write_text(Path(out), [json.dumps(found.as_json(), ensure_ascii=False, indent=2) + "\n"])
        work_is_kept()


def _outcomes(c: Comparison) -> Iterator[dict[str, Any]]:
    for row in c.rows:
        for seed, found in row.outcomes.items():
            for task, won in found.items():
                verdict = "invalid" if won is None else "success" if won else "failure"
                yield {
                    "experiment": c.experiment,
                    "environment": c.environment,
                    "arm": row.arm.name,
                    "strategy": row.arm.strategy,
                    "seed": seed,
                    "run": row.runs[seed],
                    "task": task,
                    "verdict": verdict,
                }
