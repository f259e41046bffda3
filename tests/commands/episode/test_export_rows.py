"""`ace episode export` and `ace run export`: every attempt on a line of its own."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from pathlib import Path

import pytest

from ace.commands.terminal.export_rows import EPISODE, RUN
from ace.memory.store import Store
from tests.commands.said import Ace
from tests.starting import started
from tests.stories import Story


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_all_episodes_leave_as_json_lines_and_as_csv(ace: Ace) -> None:
    assert ace("run", "desk", "--episodes", "4", "--eval", "4", "--retries", "0").status == 0
    every = ace("episode", "list", "--limit", "1000", "--json").json
    rows = [json.loads(line) for line in ace("episode", "export").out.splitlines()]
    assert rows == [ace("episode", "show", e["episode"], "--json").json for e in every]
    cells = table(ace("episode", "export", "-f", "csv").out)
    assert [c["episode"] for c in cells] == [e["episode"] for e in every]
    assert not [v for c in cells for v in c.values() if v.startswith(("=", "+", "-", "@"))]
    assert ace("episode", "export", "--phase", "learn", "-o", "learn.jsonl").status == 0
    assert len(Path("learn.jsonl").read_text(encoding="utf-8").splitlines()) == 4
    again = ace("episode", "export", "-o", "learn.jsonl")
    assert (again.status, "already" in again.err) == (2, True)


def test_a_run_leaves_as_flat_rows_in_the_order_it_was_played(ace: Ace) -> None:
    run = ace("run", "desk", "--episodes", "4", "--eval", "4", "--retries", "0", "--json").json["run"]
    assert ace("run", "desk", "--episodes", "2", "--eval", "2", "--seed", "9").status == 0
    mine = ace("episode", "list", "--run", run, "--limit", "1000", "--json").json
    rows = [json.loads(line) for line in ace("run", "export", run[:6]).out.splitlines()]
    assert [r["episode"] for r in rows] == [e["episode"] for e in reversed(mine)]
    assert {tuple(r) for r in rows} == {RUN}
    assert {(r["run"], r["environment"], r["strategy"], r["model"]) for r in rows} == {(run, "desk", "ace", "novice")}
    assert [r["phase"] for r in rows] == sorted((r["phase"] for r in rows), key=["before", "learn", "after"].index)
    assert {r["task"] for r in rows if r["phase"] == "before"} == {r["task"] for r in rows if r["phase"] == "after"}
    assert sum(r["calls"] for r in rows) == sum(e["usage"]["calls"] for e in mine) > 0
    cells = table(ace("run", "export", run, "--format", "csv").out)
    assert [c["verdict"] for c in cells] == [r["verdict"] for r in rows]
    assert [json.loads(c["cited"]) for c in cells] == [r["cited"] for r in rows]
    assert ace("run", "export", run, "-f", "csv", "-o", "run.csv").status == 0
    assert table(Path("run.csv").read_text(encoding="utf-8")) == cells


@pytest.mark.parametrize("command", [("episode", "export"), ("run", "export", "r")])
def test_another_format_a_file_that_is_there_and_a_run_that_is_not_are_refused_in_a_line(
    ace: Ace, story: Story, command: tuple[str, ...]
) -> None:
    story.play(True)
    wrong = ace(*command, "-f", "xlsx")
    assert (wrong.status, wrong.out) == (2, "")
    assert "(valid: csv, jsonl)" in wrong.err
    which = ("run", "export", "nowhere") if command[0] == "run" else ("episode", "export", "--run", "nowhere")
    missing = ace(*which)
    assert (missing.status, missing.out, len(missing.err.splitlines())) == (2, "", 1)
    Path("empty.csv").touch()
    if command[0] == "episode":
        assert ace(*command, "-o", "empty.csv").status == 2
        for option, words in (
            ("--phase", "(valid: after, before, eval, gate, learn, rollout, start, tune, waiting)"),
            ("--verdict", "(valid: failure, invalid, success)"),
        ):
            bad = ace(*command, option, "foo")
            assert (bad.status, words in bad.err) == (2, True)


def test_a_table_without_rows_still_has_its_header(ace: Ace, story: Story) -> None:
    assert ace("episode", "export", "-f", "csv").out.splitlines() == [",".join(EPISODE)]
    assert ace("episode", "export").out == ""
    with Store.open("ace.db") as store:
        run = started(store, {"environment": "desk"}).id
    assert ace("run", "export", run, "-f", "csv").out.splitlines() == [",".join(RUN)]


def test_exporting_takes_no_more_memory_for_more_episodes(ace: Ace, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    # Two pages at most are held at a time; small ones show with few episodes that there are no more.
    monkeypatch.setattr("ace.memory.store._PAGE", 20)

    def most(n: int) -> int:
        for _ in range(n):
            story.play(True)
        return min(peak(f"{n}-{i}.jsonl") for i in range(3))

    def peak(out: str) -> int:
        """What one export takes, and what else this process does meanwhile: the least of several is the export's own."""
        tracemalloc.start()
        assert ace("episode", "export", "-o", out).status == 0
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    most(10)
    assert most(90) * 2 > most(300)
    assert len(Path("300-0.jsonl").read_text(encoding="utf-8").splitlines()) == 400
