"""Households in ALFWorld's words: who knows where things are does every type of task; the same number repeats."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from ace.environments.alfworld import Alfworld
from ace.environments.alfworld.household import KINDS, household
from ace.types import Observation, Outcome, Task
from tests.environments.installed import require

require("alfworld")
COOLED = 2
"""A household of world 0 whose task is to cool something and to put it into the fridge."""


def played(environment: Alfworld, task: Task) -> tuple[list[str], Outcome]:
    scene, policy = environment.open(task, 0), environment.oracle(task)
    assert policy is not None
    seen: Observation | Outcome = scene.first
    assert scene.first.text == task.text
    told = []
    for _ in range(environment.limits.steps):
        assert isinstance(seen, Observation)
        told.append(seen.text)
        action = policy(seen)
        assert action in seen.actions
        seen = scene.act(action)
        if isinstance(seen, Outcome):
            assert isinstance(scene.act("look"), Observation)
            scene.close()
            return told, seen
    raise AssertionError("the oracle's way ends the game")


def test_the_oracle_does_every_type_of_task() -> None:
    environment = Alfworld(world=2)
    done: set[str] = set()
    for task in islice(environment.tasks("train"), 40):
        if task.kind not in done:
            assert played(environment, task)[1].success
            done.add(task.kind)
    assert done == set(KINDS)


def test_the_same_number_repeats() -> None:
    environment = Alfworld()
    (task,) = islice(environment.tasks("test"), 1)
    assert played(environment, task) == played(environment, task)
    assert played(environment, Task("cool", household(0, COOLED).text, "train", {"number": COOLED}))[1].success


def test_any_text_is_answered() -> None:
    environment = Alfworld()
    (task,) = islice(environment.tasks("train"), 1)
    scene = environment.open(task, 0)
    for junk in ("", "zzz", "x" * 5000, "take everything", "go to nowhere 9"):
        assert isinstance(scene.act(junk), Observation)
    scene.close()


# The library leaves the file of a game to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_process_loads_one_planner_however_many_households_it_plays() -> None:
    from ace.environments.alfworld.player import HouseholdPlayer

    player = HouseholdPlayer(0)
    for number in (0, 1, 0):
        scene = player.open({"number": number}, 0)
        assert isinstance(scene.act("look"), Observation)
        scene.close()
    maps = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    assert len({line.split(maxsplit=5)[5] for line in maps if "libdownward" in line}) == 1
