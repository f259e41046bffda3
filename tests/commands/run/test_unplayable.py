"""A run of which no case can be played stops, says why, and goes on once the environment is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.said import Ace

WORLD = """
import ace
from ace import Environment, Task, success, failure
from ace.types import Observation
class Scene:
    def __init__(self, task): self.task = task; self.first = Observation("Say yes.", answers=("yes", "no"))
    def act(self, action): return judge(self, action)
class Mine(Environment):
    name = "mine"
    instant = True
    def tasks(self, split): return [Task(f"{{split}}-{{n}}", f"{{split}} {{n}}", split) for n in range({sizes}[split])]
    def open(self, task, seed): return Scene(task)
def judge(scene, action): {judge}
"""
SOUND = 'return success() if action == "yes" else failure()'


def write(folder: Path, judge: str, train: int, test: int) -> str:
    path = folder / "mine.py"
    path.write_text(WORLD.format(judge=judge, sizes={"train": train, "test": test, "val": 0}))
    return f"{path}:Mine"


@pytest.mark.parametrize(("train", "test"), [(1, 1), (3, 1), (1, 3), (12, 12)])
@pytest.mark.parametrize("more", [(), ("--batch", "1"), ("--learn-only",)], ids=["", "online", "learn only"])
def test_a_run_without_a_valid_case_stops_and_goes_on_when_mended(
    ace: Ace, tmp_path: Path, train: int, test: int, more: tuple[str, ...]
) -> None:
    spec = write(tmp_path, "raise OSError('the judge is out')", train, test)
    stopped = ace("run", spec, *more)
    assert stopped.status == 1
    assert "could be played: the environment raised OSError: the judge is out" in stopped.err
    assert "ace run resume" in stopped.err
    write(tmp_path, SOUND, train, test)
    mended = ace("run", "resume", "--json")
    assert mended.status == 0
    if not more:
        assert (mended.json["before"]["n"], mended.json["after"]["n"], mended.json["invalid"]) == (test, test, 0)
        assert mended.json["oracle"] is None
        assert mended.json["nothing"]["n"] == test


@pytest.mark.parametrize("cases", [1, 2, 60])
def test_an_evaluation_without_a_valid_case_stops_too(ace: Ace, tmp_path: Path, cases: int) -> None:
    assert ace("run", write(tmp_path, SOUND, 2, 2), "--playbook", "book").status == 0
    spec = write(tmp_path, "return None", 2, cases)
    stopped = ace("eval", spec, "--playbook", "book")
    assert (stopped.status, stopped.out) == (1, "")
    assert "could be played: the environment gave None for an action" in stopped.err
    write(tmp_path, SOUND, 2, cases)
    assert ace("run", "resume", "--json").json["success"]["n"] == cases


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_phase_without_a_valid_case_stops_though_others_had_some(ace: Ace, tmp_path: Path, split: str) -> None:
    judge = f"return 1 / 0 if scene.task.split == {split!r} else success()"
    stopped = ace("run", write(tmp_path, judge, 3, 3), "--episodes", "3")
    assert stopped.status == 1
    assert "ZeroDivisionError" in stopped.err


def test_a_case_that_is_invalid_among_others_stops_nothing(ace: Ace, tmp_path: Path) -> None:
    judge = "return 1 / 0 if scene.task.id.endswith('-1') else success()"
    done = ace("run", write(tmp_path, judge, 3, 3), "--batch", "1", "--json")
    assert done.status == 0
    assert (done.json["before"]["n"], done.json["before"]["invalid"]) == (2, 1)


def test_a_floor_that_could_not_be_measured_is_named(ace: Ace, tmp_path: Path) -> None:
    judge = "return 1 / 0 if action == '' else success()"
    said = ace("run", write(tmp_path, judge, 3, 3), "--model", "novice")
    assert said.status == 0
    assert "the floor 'nothing' is left out, because none of its 3 plays was valid" in said.err
    assert "ZeroDivisionError" in said.err
