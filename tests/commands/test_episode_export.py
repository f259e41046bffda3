"""`ace episode export`: every attempt on a line of its own."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from tests.commands.said import Ace


def test_all_episodes_leave_as_json_lines_and_as_csv(ace: Ace) -> None:
    assert ace("run", "desk", "--episodes", "4", "--eval", "4").status == 0
    every = ace("episode", "list", "--limit", "1000", "--json").json
    rows = [json.loads(line) for line in ace("episode", "export").out.splitlines()]
    assert len(rows) == len(every)
    cells = list(csv.DictReader(io.StringIO(ace("episode", "export", "-f", "csv").out)))
    assert [c["episode"] for c in cells] == [e["episode"] for e in every]
    assert not [v for c in cells for v in c.values() if v.startswith(("=", "+", "-", "@"))]
    assert ace("episode", "export", "--phase", "learn", "-o", "learn.jsonl").status == 0
    assert len(Path("learn.jsonl").read_text(encoding="utf-8").splitlines()) == 4
    again = ace("episode", "export", "-o", "learn.jsonl")
    assert (again.status, "already" in again.err) == (2, True)
    assert ace("episode", "export", "-f", "xlsx").status == 2
