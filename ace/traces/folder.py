"""A folder of transcripts with a CSV of their outcomes: a row is an attempt, and names its file.

Files are texts, or JSON: a list of messages, or anything else that is then shown as it is written. A row can lead to no file
outside its folder.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ace.bounds import why_unread
from ace.errors import BadInput
from ace.traces.attempt import LONGEST_FEEDBACK, Grading, PastAttempt, asked, grade
from ace.traces.messages import OUTCOMES, TASKS, short_line

FILES = ("file", "transcript", "path", "name")
LONGEST = 32 * 2**20
"""Bytes of one transcript that is read."""
_NEEDED = "a column file, and one of the outcome"


def attempts(folder: Path, grading: Grading) -> Iterator[PastAttempt]:
    """The attempts that the folder's CSV lists. Raises `BadInput` by line."""
    table = _table(folder)
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            columns = [c for c in rows.fieldnames or [] if c]
            named = _column(table, columns, FILES, _NEEDED)
            outcome = _column(table, columns, (grading.outcome,) if grading.outcome else OUTCOMES, _NEEDED)
            for row in rows:
                yield _attempt(folder, f"{table}, line {rows.line_num}", row, (named, outcome), grading)
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{table} is not CSV in UTF-8: {error}") from None
    except OSError as error:
        raise BadInput(f"{table} cannot be read: {error.strerror or error}") from None


def _table(folder: Path) -> Path:
    found = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".csv" and p.is_file())
    if len(found) == 1:
        return found[0]
    if best := [p for p in found if p.stem.lower() == "outcomes"]:
        return best[0]
    has = "no CSV" if not found else f"{len(found)} CSV files"
    raise BadInput(f"{folder} has {has}; it must have one, outcomes.csv, with {_NEEDED}")


def _column(table: Path, columns: list[str], wanted: tuple[str, ...], needed: str) -> str:
    lower = {c.strip().casefold(): c for c in columns}
    found = next((lower[w.casefold()] for w in wanted if w.casefold() in lower), "")
    if not found:
        has = ", ".join(map(repr, columns)) or "none"
        raise BadInput(
            f"{table}, line 1: none of the columns is called {' or '.join(wanted)}; it has {has}, and needs {needed}"
        )
    return found


def _attempt(folder: Path, where: str, row: Mapping[str, str | None], named: tuple[str, str], grading: Grading) -> PastAttempt:
    column, outcome = named
    name = (row.get(column) or "").strip()
    text = _read(folder, name, where)
    transcript: Any = text
    if name.lower().endswith((".json", ".jsonl")):
        transcript = _json(text, where, name)
    said = [m for m in transcript if isinstance(m, Mapping)] if isinstance(transcript, list) else []
    task = next((t for n in TASKS if (t := (row.get(n) or "").strip())), "") or asked(said)
    if not task:
        raise BadInput(
            f"{where}: the task is not known; give a column {TASKS[0]}, or messages of which the first is the user's"
        )
    kind, origin = short_line(row, "kind", where), short_line(row, "origin", where)
    feedback = (row.get("feedback") or "")[:LONGEST_FEEDBACK]
    value = row.get(outcome)
    return PastAttempt(where, name, task, transcript, grade(value, where, grading.at_least), feedback, kind, origin, True)


def _read(folder: Path, name: str, where: str) -> str:
    """The text of the file `name` in `folder`. Raises `BadInput`, also for a way out of the folder."""
    if not name:
        raise BadInput(f"{where}: the row names no file")
    path = folder / name
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise BadInput(f"{where}: {name!r} leads out of {folder}; transcripts stand in the folder")
        if not path.is_file():
            raise BadInput(f"{where}: there is no file {name!r} in {folder}")
        if path.stat().st_size > LONGEST:
            raise BadInput(f"{where}: {name!r} is larger than {LONGEST >> 20} MiB; a transcript is at most that long")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{where}: {name!r} is not text in UTF-8: {error.reason} at byte {error.start}") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{where}: {name!r} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if not text.strip():
        raise BadInput(f"{where}: {name!r} is empty")
    return text


def _json(text: str, where: str, name: str) -> Any:
    try:
        if name.lower().endswith(".jsonl"):
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{where}: {name!r} is not JSON: {why_unread(error)}") from None
