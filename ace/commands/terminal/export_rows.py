"""`ace episode export` and `ace run export`: attempts as JSON Lines or CSV, for programs and spreadsheets.

Rows pass through one at a time, from the store to the file, so a store of any size can be exported. A CSV file always has the
same columns, also without rows.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ace.commands.terminal.streams import work_is_kept, write_stdout
from ace.editing.files import existing, write_text
from ace.errors import BadInput, UnknownName
from ace.playbooks.visible import visible
from ace.types import Episode, Usage

if TYPE_CHECKING:
    from ace.memory.values import Run

FORMATS = ("jsonl", "csv")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
EPISODE = (
    *(
        "episode",
        "task",
        "kind",
        "origin",
        "trust",
        "phase",
        "epoch",
        "attempt",
        "seed",
        "verdict",
        "score",
        "reason",
        "feedback",
    ),
    *("steps", "last_action", "shown", "cited", *Usage().as_json(), "seconds"),
)
"""The columns of an episode."""
RUN = ("run", "environment", "strategy", "model", *EPISODE)
"""The columns of an episode of a run."""


def checked_format(format: str) -> str:
    """`format` if there is one of that name. Raises `UnknownName`."""
    if format not in FORMATS:
        raise UnknownName("format", format, FORMATS)
    return format


def export_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], format: str, out: str) -> None:
    """Write `rows`, one line each, to the new file `out`, or to standard output where it is empty or `-`. `columns` are those
    of CSV; JSON Lines hold rows as they are. Raises `UnknownName` for another format, `BadInput` for a file that is there."""
    lines = _csv(rows, columns) if checked_format(format) == "csv" else (json.dumps(row) + "\n" for row in rows)
    if out in ("", "-"):
        write_stdout(lines)
        return
    if existing(Path(out)) is not None:
        raise BadInput(f"there is a file {out} already; name a new one")
    write_text(Path(out), lines)
    work_is_kept()


def episode_row(e: Episode) -> dict[str, Any]:
    """One flat row for an attempt. `shown` and `cited` are bullets' ids; `seconds` is wall time; the cost is `None` where the
    price is unknown."""
    return {
        "episode": e.id,
        "task": e.task.id,
        "kind": e.task.kind,
        "origin": e.origin,
        "trust": e.trust.value,
        "phase": e.phase,
        "epoch": e.epoch,
        "attempt": e.attempt,
        "seed": e.seed,
        "verdict": e.outcome.verdict.value,
        "score": e.outcome.score,
        "reason": e.outcome.reason,
        "feedback": e.outcome.feedback,
        "steps": len(e.steps),
        "last_action": e.steps[-1].action if e.steps else "",
        "shown": [x.bullet for x in e.render.exposures if x.shown],
        "cited": list(e.cited),
        **e.usage.as_json(),
        "seconds": round(e.seconds, 4),
    }


def run_row(run: Run, e: Episode) -> dict[str, Any]:
    """One flat row for an attempt of `run`."""
    named = {name: run.config.get(name, "") for name in ("environment", "strategy", "model")}
    return {"run": run.id, **named, **episode_row(e)}


def _csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    """A header and a line for each row; a text that a spreadsheet would take for a formula begins with an apostrophe."""
    page = io.StringIO()
    writer = csv.DictWriter(page, columns, lineterminator="\n")
    writer.writeheader()
    yield page.getvalue()
    for row in rows:
        page.seek(0)
        page.truncate()
        writer.writerow({name: _cell(value) for name, value in row.items()})
        yield page.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, (list, dict)):
        return json.dumps(value)
    if not isinstance(value, str):
        return value
    # A spreadsheet, and a terminal that shows the file, obey what they find in it; JSON Lines keep every character.
    return visible(f"'{value}" if value.startswith(_FORMULA) else value)
