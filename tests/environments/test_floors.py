"""The floors beside every result: what the answers, chance and idleness are worth on the same tasks."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from ace.attempt import unit_of
from ace.environments.contract import Environment, Limits, Policy, Scene
from ace.environments.floors import Floor, Floors, measure_floors, play
from ace.environments.function import environment
from ace.environments.registry import open_environment
from ace.statistics.intervals import wilson
from ace.types import Observation, Outcome, Task, Verdict
from tests.environments.broken_scenes import ActHangs, ListedRaises, OneTaskHangs
from tests.environments.broken_tasks import OracleRaises
from tests.environments.sound import LOOK, Box, Sound

EXAMPLE = Path(__file__).parents[2] / "examples" / "shop.py"


def _shop() -> tuple[Environment, list[Task]]:
    shop = open_environment(f"{EXAMPLE}:Shop", {})
    return shop, list(islice(shop.tasks("test"), 400))


def test_the_floors_of_the_example_are_known() -> None:
    floors = measure_floors(*_shop(), 0)
    assert floors.oracle == Floor(400, 400)
    assert floors.nothing == Floor(0, 400)
    assert floors.random is not None
    low, high = floors.random.interval
    assert low < 0.25 < high, "four answers, and looking the customer up costs nothing"
    assert (low, high) == wilson(floors.random.wins, 400)
    assert floors.random.success == floors.random.wins / 400


def test_the_same_seed_gives_the_same_floors() -> None:
    shop, tasks = _shop()
    assert measure_floors(shop, tasks, 7) == measure_floors(shop, iter(tasks), 7)
    assert len({measure_floors(shop, tasks, seed).random for seed in range(4)}) > 1


def test_floors_are_measured_in_the_scenes_that_a_run_evaluates_on() -> None:
    opened = list[tuple[str, int]]()

    class Watched(Sound):
        def open(self, task: Task, seed: int) -> Scene:
            opened.append((task.id, seed))
            return super().open(task, seed)

    tasks = list(Watched().tasks("test"))
    measure_floors(Watched(), tasks, 5)
    assert set(opened) == {(task.id, unit_of("r-1", 5, "before", 0, task).seed) for task in tasks}
    assert len(opened) == 3 * len(tasks)


def test_a_policy_that_an_environment_does_not_have_is_not_measured() -> None:
    @environment(train=["a"], test=["b", "c"])
    def free(task: Task, reply: str) -> bool:
        return len(reply) > 3

    assert measure_floors(free, free.tasks("test"), 0) == Floors(None, None, Floor(0, 2))
    assert measure_floors(free, [], 0) == Floors()


def test_a_policy_may_be_there_for_some_tasks_only() -> None:
    class Partly(Sound):
        def oracle(self, task: Task) -> Policy | None:
            return super().oracle(task) if task.id != "test-1" else None

    assert measure_floors(Partly(), Partly().tasks("test"), 0).oracle == Floor(11, 11)


def test_invalid_attempts_are_not_counted() -> None:
    tasks = list(Sound().tasks("test"))
    blue = sum(task.data["colour"] == "blue" for task in tasks)
    assert 0 < blue < 12
    floors = measure_floors(ListedRaises(), tasks, 0)
    assert floors.oracle == Floor(12 - blue, 12 - blue)
    assert floors.nothing == Floor(0, 12)
    assert measure_floors(OracleRaises(), tasks, 0).oracle is None


def test_where_calls_do_not_return_what_was_measured_before_counts() -> None:
    class Hangs(OneTaskHangs):
        instant = False

    tasks = list(Sound().tasks("train"))
    assert measure_floors(Hangs(), tasks, 0).oracle == Floor(4, 4)
    assert measure_floors(Hangs(), tasks[:4], 0) == measure_floors(Sound(), tasks[:4], 0)


class Counting(Sound):
    """Counts scenes opened and closed."""

    limits = Limits(steps=3)

    def __init__(self) -> None:
        self.count = [0, 0]

    class scene(Box):
        def __init__(self, environment: Any, task: Task, seed: int) -> None:
            super().__init__(environment, task, seed)
            self.environment.count[0] += 1

        def other(self, action: str) -> Outcome:
            raise RuntimeError("unreadable")

        def close(self) -> None:
            self.environment.count[1] += 1


def _raises(seen: Observation) -> str:
    raise LookupError("no idea")


@pytest.mark.parametrize(
    ("policy", "verdict", "reason"),
    [
        (lambda seen: "red", Verdict.SUCCESS, ""),
        (lambda seen: "blue", Verdict.FAILURE, ""),
        (lambda seen: LOOK, Verdict.FAILURE, "no outcome within 3 steps"),
        (lambda seen: "junk", Verdict.INVALID, "act on 'junk' (task train-0) raised RuntimeError: unreadable"),
        (_raises, Verdict.INVALID, "LookupError: no idea"),
        (lambda seen: 3, Verdict.INVALID, "gave a int; an action is a text"),
    ],
    ids=["wins", "loses", "too many steps", "scene raises", "policy raises", "policy gives no text"],
)
def test_a_play_always_ends_in_an_outcome_and_closes_its_scene(policy: Policy, verdict: Verdict, reason: str) -> None:
    counting = Counting()
    task = Task("train-0", "Box 0", "train", {"colour": "red"})
    outcome = play(counting, task, policy, 0)
    assert outcome.verdict is verdict
    assert reason in outcome.reason
    assert counting.count == [1, 1]


def test_a_play_whose_scene_hangs_is_invalid() -> None:
    class Hangs(ActHangs):
        instant = False

    task = next(iter(Hangs().tasks("train")))
    outcome = play(Hangs(), task, lambda seen: LOOK, 0)
    assert outcome.verdict is Verdict.INVALID
    assert outcome.reason == "act on 'look inside' (task train-0) did not return within 0.2 seconds"


def test_chance_is_drawn_from_the_seed_given() -> None:
    class Drawn(Sound):
        def random(self, task: Task, rng: random.Random) -> Policy | None:
            draws.append(rng.random())
            return super().random(task, rng)

    draws = list[float]()
    tasks = list(Drawn().tasks("test"))
    for seed in (1, 1, 2):
        measure_floors(Drawn(), tasks, seed)
    assert draws[:12] == draws[12:24] != draws[24:]
    assert len(set(draws[:12])) == 12
