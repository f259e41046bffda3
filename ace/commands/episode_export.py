"""`ace episode export`: attempts as JSON Lines or CSV, for programs and spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ace.commands.streams import write_stdout
from ace.editing.files import existing, write_text
from ace.errors import BadInput, UnknownName

FORMATS = ("jsonl", "csv")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_rows(rows: Iterable[Mapping[str, Any]], format: str, out: str) -> None:
    """Write `rows`, one line each, to the new file `out`, or to standard output where it is empty or `-`. Raises
    `UnknownName` for another format, `BadInput` for a file that is there already."""
    if format not in FORMATS:
        raise UnknownName("format", format, FORMATS)
    write: Callable[[Iterable[Mapping[str, Any]]], str] = _csv if format == "csv" else _json_lines
    if out in ("", "-"):
        write_stdout(write(rows))
        return
    if existing(Path(out)):
        raise BadInput(f"there is a file {out} already; name a new one")
    write_text(Path(out), write(rows))


def _json_lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def _csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """A header and a line for each row; a text that a spreadsheet would take for a formula begins with an apostrophe."""
    page = io.StringIO()
    writer = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(page, list(row))
            writer.writeheader()
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return page.getvalue().encode(errors="backslashreplace").decode()


def _cell(value: object) -> object:
    if isinstance(value, (list, dict)):
        return json.dumps(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
