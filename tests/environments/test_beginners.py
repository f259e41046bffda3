"""An environment written for the first time: what is missing is said in one line, before anything is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import ace

START = """
from ace import Environment, Task, success
from ace.types import Observation
class Scene:
    first = Observation("Say yes.", answers=("yes", "no"))
    def act(self, action): return success()
class Mine(Environment):
    name = "mine"
    def tasks(self, split): return [Task(f"{split}-{n}", f"{split} {n}", split) for n in range(4)]
    def open(self, task, seed): return Scene()
"""
FAULTS = [
    ("    def open(self, task, seed): return None\n", 2, "which has no first and no act"),
    ("    def open(self, task, seed): return object()\n", 2, "which has no first and no act"),
    ('    def tasks(self, split): return [{"text": "x"}]\n', 2, "gave dict where a task was due"),
    ('    def tasks(self, split): return ["x"]\n', 2, "gave str where a task was due"),
    ("    def tasks(self, split): return None\n", 2, "gave NoneType"),
    ("    def tasks(self, split): return 7\n", 2, "gave int"),
    ("    def open(self, task, seed):\n        s = Scene(); s.act = lambda a: 1 / 0; return s\n", 1, "division by zero"),
    ("    def open(self, task, seed):\n        s = Scene(); s.act = lambda a: None; return s\n", 1, "NoneType"),
]


def written(tmp_path: Path, more: str = "") -> str:
    path = tmp_path / "mine.py"
    path.write_text(START + more)
    return f"{path}:Mine"


@pytest.mark.parametrize(("fault", "status", "said"), FAULTS)
def test_what_a_first_environment_lacks_is_said_in_one_line(tmp_path: Path, fault: str, status: int, said: str) -> None:
    ran = ace("run", written(tmp_path, fault), "--model", "novice", cwd=tmp_path)
    assert (ran.returncode, "Traceback" in ran.stderr) == (status, False), ran.stderr
    assert said in " ".join(ran.stderr.split())


def test_a_scene_may_leave_close_out(tmp_path: Path) -> None:
    ran = ace("run", written(tmp_path), "--model", "novice", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
