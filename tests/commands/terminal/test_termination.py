"""A command that is terminated leaves as little behind as one that is interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.command import ENVIRONMENT
from tests.warm import ACE

OWN = """
import tempfile, time
from ace import Environment
from ace.environments.question import Question
from ace.types import Observation, Task, failure, success

class Slow(Environment):
    name = "slow"
    instant = INSTANT

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="slow-", dir="kept")

    def tasks(self, split):
        return [Task(f"{split}-{n}", f"What is {n} in {split}?", split) for n in range(3)]

    def open(self, task, seed):
        time.sleep(60)
        return Question(Observation(task.text), lambda reply: success() if reply == task.id else failure())
"""


@pytest.mark.parametrize(
    ("asked", "instant", "ended"),
    [(("env", "check"), True, signal.SIGTERM), (("run",), False, signal.SIGHUP)],
    ids=["terminated", "in a thread, by the end of its terminal"],
)
def test_temporary_folders_go_with_a_command_that_is_ended(
    tmp_path: Path, asked: tuple[str, ...], instant: bool, ended: signal.Signals
) -> None:
    (tmp_path / "own.py").write_text(OWN.replace("INSTANT", str(instant)), encoding="utf-8")
    (tmp_path / "kept").mkdir()
    # A process of its own, since what goes at the end of the interpreter is what is tested.
    words = [sys.executable, "-c", ACE, *asked, "./own.py:Slow"]
    process = subprocess.Popen(words, cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
    while not list((tmp_path / "kept").iterdir()):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(ended)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (130, False), err
    assert not list((tmp_path / "kept").iterdir())
