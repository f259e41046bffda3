"""`ace env check` says on a terminal what it does, and `ace env show` shows the beginning of a long task."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ace.commands.parts.env import ROWS
from tests.command import ace
from tests.terminal import on_terminal

OWN = """
from ace import Environment
from ace.environments.question import Question
from ace.types import Observation, Task, failure, success


class Long(Environment):
    name = "long"

    def tasks(self, split):
        yield Task(f"{split}-1", f"Say {split}.\\n" + "\\n".join(f"Line {n} of the manual." for n in range(200)), split)

    def open(self, task, seed):
        return Question(Observation(task.text), lambda reply: success() if reply == task.split else failure())

    def oracle(self, task):
        return lambda seen: task.split
"""


@pytest.fixture
def own(tmp_path: Path) -> str:
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    return "./own.py:Long"


def test_a_check_says_on_a_terminal_what_it_does_and_one_is_one(own: str, tmp_path: Path) -> None:
    screen = on_terminal("env", "check", own, "-n", "1", cwd=tmp_path, columns=140)
    assert screen.status == 0, screen.text
    assert "checking ./own.py:Long: playing 3 tasks by the oracle" in screen.text
    assert "␛" not in screen.text
    piped = ace("env", "check", own, "-n", "1", cwd=tmp_path)
    assert "checking" not in piped.stderr + piped.stdout
    assert "passes 3 of 3 tasks" in piped.stdout
    assert "and all options joined do too" in piped.stdout
    assert not re.search(r"\b1 (?:plays|tasks)\b", piped.stdout), piped.stdout


def test_a_long_task_is_cut(own: str, tmp_path: Path) -> None:
    shown = ace("env", "show", own, cwd=tmp_path).stdout
    assert f"Line {ROWS - 2} of the manual." in shown
    assert f"Line {ROWS - 1} of the manual." not in shown
    assert re.search(r"\([\d,]+ characters in all; --json shows them\)", shown)
    assert "Line 199 of the manual." in ace("env", "show", own, "--json", cwd=tmp_path).stdout
