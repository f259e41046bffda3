"""A run that is killed or interrupted anywhere ends, resumed, with the playbook of an unbroken run."""

from __future__ import annotations

import json
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.command import WORLDS, ace, start

RUN = ("run", f"{WORLDS}:Gate", "--episodes", "40", "--eval", "10")


def playbook(cwd: Path) -> tuple[dict[str, Any], str]:
    [book] = json.loads(ace("playbook", "list", "--json", cwd=cwd).stdout)
    return json.loads(ace("playbook", "show", book["name"], "--json", cwd=cwd).stdout), book["name"]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str, float]:
    cwd = tmp_path_factory.mktemp("unbroken")
    began = time.monotonic()
    done = ace(*RUN, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return *playbook(cwd), time.monotonic() - began


@pytest.mark.parametrize("moment", range(4))
def test_killed_anywhere_and_resumed_it_ends_with_the_same_playbook(
    tmp_path: Path, unbroken: tuple[dict[str, Any], str, float], moment: int
) -> None:
    draw = random.Random(moment)
    process = start(*RUN, cwd=tmp_path)
    time.sleep(unbroken[2] * draw.uniform(0.3, 0.95))
    process.kill()
    process.communicate()
    resumed = ace("run", "resume", "--json", cwd=tmp_path)
    if resumed.returncode == 0:
        assert json.loads(resumed.stdout)["after"]["n"] == 10
    elif "every run in this store is finished" not in resumed.stderr:
        # Killed before there was a run: nothing is there, and the run can be begun.
        assert resumed.returncode == 2
        assert ace(*RUN, cwd=tmp_path).returncode == 0
    assert playbook(tmp_path) == unbroken[:2]


def test_interrupted_it_says_how_to_go_on_and_loses_nothing(
    tmp_path: Path, unbroken: tuple[dict[str, Any], str, float]
) -> None:
    process = start(*RUN, cwd=tmp_path)
    assert process.stderr is not None
    while "learning" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "ace run resume" in err
    assert ace("run", "resume", cwd=tmp_path).returncode == 0
    assert playbook(tmp_path) == unbroken[:2]


def test_a_run_that_is_done_is_not_done_again(tmp_path: Path) -> None:
    assert ace(*RUN, "--episodes", "4", "--eval", "2", cwd=tmp_path).returncode == 0
    again = ace("run", "resume", cwd=tmp_path)
    assert again.returncode == 2
    assert "nothing" in again.stderr or "no run is left" in again.stderr


def test_without_a_name_the_newest_run_that_is_not_done_is_resumed(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        assert ace(*RUN, "--seed", seed, "--max-calls", "3", cwd=tmp_path).returncode == 3
    assert ace("run", "resume", "--max-calls", "4", cwd=tmp_path).returncode == 3
    runs = json.loads(ace("run", "list", "--json", cwd=tmp_path).stdout)
    assert [(r["config"]["seed"], r["result"]["limits"]["calls"]) for r in runs] == [(2, 4), (1, 3)]
