"""Two runs that change one playbook are never at work at once, and a run whose process is gone is said to be stopped."""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ace as library
from ace.errors import Conflict
from ace.types import Task
from tests.command import ace as process
from tests.command import start
from tests.commands.said import Ace
from tests.warm import Process
from tests.worlds import Gate

SLOW = '''
import os
import time
from pathlib import Path
from tests.worlds import Gate

class Slow(Gate):
    """Waits in the process that is at work, once that has looked whether it can be used."""
    instant = False
    opened = 0
    def open(self, task, seed):
        Slow.opened += 1
        for _ in range(1200):
            if Path("go").exists() or Slow.opened == 1 or Path("tester").read_text() == str(os.getpid()):
                break
            time.sleep(0.05)
        return super().open(task, seed)
'''
RUN = ("run", "slow.py:Slow", "--episodes", "4", "--eval", "2", "--batch", "2")
MINE = (*RUN, "--playbook", "gates")


def settled(ace: Ace, number: int) -> dict[str, Any]:
    """The last of `number` runs in the store, once its playbook is there."""
    for _ in range(600):
        said = ace("run", "list", "--json")
        if said.status == 0 and len(said.json) == number and "playbook" in said.json[0]["result"]:
            return dict(said.json[0])
        time.sleep(0.05)
    raise AssertionError(said.err)


@pytest.fixture
def working(ace: Ace) -> Iterator[Process]:
    """A run on the playbook `gates` in another process, which waits for the file `go`."""
    Path("slow.py").write_text(SLOW)
    Path("tester").write_text(str(os.getpid()))
    running = start(*MINE, cwd=Path())
    try:
        settled(ace, 1)
        yield running
    finally:
        running.kill()
        running.communicate()


def whole() -> list[str]:
    with sqlite3.connect("ace.db") as c:
        dump = list(c.iterdump())
    c.close()
    return dump


def test_the_second_run_on_a_playbook_is_refused_and_told_who_is_at_work(ace: Ace, working: Process) -> None:
    run = settled(ace, 1)
    assert run["status"] == "running"
    before = whole()
    for arguments in (
        MINE,
        (*MINE, "--seed", "5"),
        ("run", "resume"),
        ("run", "resume", run["run"]),
        (*MINE, "--strategy", "frozen"),
    ):
        said = ace(*arguments)
        assert (said.status, said.out) == (2, ""), said.err
        for part in (run["run"], f"process {working.pid}", socket.gethostname(), "since 20", "playbook gates"):
            assert part in said.err
        if "resume" in arguments:
            assert said.err.startswith(f"ace: run {run['run']} is at work on playbook gates (")
            assert said.err.count("\n") == 1
    learner = library.Learner(Gate(), store=Path("ace.db"), playbook="gates")
    with pytest.raises(Conflict, match=f"process {working.pid} on "):
        learner.run(episodes=4, eval=2)
    learner.close()
    assert whole() == before
    shown = ace("run", "show", run["run"]).out
    assert f"It is at work: process {working.pid} on " in shown
    Path("go").touch()
    assert working.wait(timeout=120) == 0
    assert ace("run", "show", run["run"], "--json").json["status"] == "done"
    assert ace(*MINE).status == 0


def test_other_playbooks_and_evaluations_go_on_beside_it(ace: Ace, working: Process) -> None:
    gate = ("--episodes", "4", "--eval", "2")
    Path("quick.py").write_text("from tests.worlds import Gate")
    assert ace("run", "quick.py:Gate", *gate).status == 0
    assert ace("run", "quick.py:Gate", *gate).status == 0
    assert ace("run", "quick.py:Gate", *gate, "--playbook", "others").status == 0
    assert ace("eval", "quick.py:Gate", "--playbook", "gates", "--eval", "2").status == 0
    assert [r["status"] for r in ace("run", "list", "--json").json] == ["done"] * 4 + ["running"]


def test_a_killed_run_is_shown_as_stopped_by_reading_alone_and_blocks_nothing(ace: Ace, working: Process) -> None:
    working.kill()
    working.wait()
    before = whole()
    run = settled(ace, 1)
    assert (run["status"], run["result"]["stopped"]) == ("stopped", "its process ended")
    assert ace("run", "show", run["run"], "--json").json["status"] == "stopped"
    assert "stopped" in ace("run", "list").out
    page = ace("run", "show", run["run"]).out
    assert f"run {run['run']}: stopped" in page
    assert f"It is not done (its process ended); go on with: ace run resume {run['run']}" in page
    assert whole() == before
    Path("go").touch()
    assert ace("run", "resume").status == 0
    assert ace(*MINE).status == 0


def test_a_killed_run_does_not_block_a_new_one_on_its_playbook(ace: Ace, working: Process) -> None:
    working.kill()
    working.wait()
    Path("go").touch()
    assert process(*MINE, "--seed", "7", cwd=Path()).returncode == 0
    assert [r["status"] for r in ace("run", "list", "--json").json] == ["done", "stopped"]


def test_a_resumed_run_is_shown_as_running_and_refused_to_others(ace: Ace, working: Process) -> None:
    working.kill()
    working.wait()
    again = start("run", "resume", cwd=Path())
    try:
        for _ in range(600):
            if ace("run", "list", "--json").json[0]["status"] == "running":
                break
            time.sleep(0.05)
        said = ace("run", "resume")
        assert (said.status, f"process {again.pid} " in said.err) == (2, True), said.err
        assert ace(*MINE).status == 2
    finally:
        again.kill()
        again.communicate()


class Held(Gate):
    """Waits in its first case until it is let go, but not where it is only looked at before the run."""

    instant = False

    def __init__(self) -> None:
        self.entered, self.go, self.looked = threading.Event(), threading.Event(), False

    def open(self, task: Task, seed: int) -> Any:
        if self.looked:
            self.entered.set()
            self.go.wait(60)
        self.looked = True
        return super().open(task, seed)


def test_two_threads_of_one_process_are_two_at_work(tmp_path: Path) -> None:
    held = Held()
    first = library.Learner(held, store=tmp_path / "ace.db", playbook="gates")
    other = library.Learner(Gate(), store=tmp_path / "ace.db", playbook="gates")
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(first.run(episodes=2, eval=2)))
    thread.start()
    try:
        assert held.entered.wait(60)
        with pytest.raises(Conflict, match=f"process {os.getpid()} on "):
            other.run(episodes=2, eval=2)
        assert library.Learner(Gate(), store=tmp_path / "ace.db").run(episodes=2, eval=2).after.n == 2
    finally:
        held.go.set()
        thread.join(60)
    assert len(results) == 1
    assert other.run(episodes=2, eval=2).after.n == 2


def test_learning_from_attempts_waits_for_a_run_on_the_same_playbook(ace: Ace, working: Process) -> None:
    playbook = library.open("gates", store="ace.db")
    with playbook.episode(task="Open the gate.") as episode:
        episode.finish(success=False, transcript="no")
    [note] = playbook.learn(model="novice").notes
    assert f"process {working.pid} on " in note
    playbook.close()
