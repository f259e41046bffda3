"""Tasks of ScienceWorld: won by the package's own ways, told the same in every process, apart by what they say."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from ace.environments.scienceworld import EXPERIMENTS, ScienceWorld
from ace.environments.workers.pool import WorkerFault
from ace.errors import BadSetting
from ace.types import SPLITS, Observation, Task
from tests.command import ace as command
from tests.environments.installed import require
from tests.environments.playing import played

require("scienceworld")
QUICK = ("find-plant", "melt", "lifespan-longest-lived", "identify-life-stages-1")


@pytest.fixture(scope="module")
def environment() -> ScienceWorld:
    return ScienceWorld(task=",".join(QUICK))


def test_the_tasks_are_those_of_the_package() -> None:
    from scienceworld.constants import ID2TASK

    assert set(EXPERIMENTS) == set(ID2TASK.values())


def test_the_oracle_wins(environment: ScienceWorld) -> None:
    for split in SPLITS:
        for task in islice(environment.tasks(split), 2):
            _told, outcome = played(environment, task, environment.oracle(task))
            assert outcome is not None, task.id
            assert outcome.success, task.id


def test_a_task_is_told_alike_in_every_process_whatever_was_played_before(environment: ScienceWorld) -> None:
    said = ["look around", "open door", "0", "inventory", "look around", "focus on door", "0", "wait1"]
    tasks = list(islice(environment.tasks("train"), 4))
    plays = []
    for order in (tasks, tasks[::-1]):
        other, found = ScienceWorld(task=",".join(QUICK)), {}
        for task in order:
            script = iter(said)
            found[task.id] = played(other, task, lambda _, script=script: next(script, "wait"))  # type: ignore[misc]
        plays.append(found)
    assert plays[0] == plays[1]
    assert all(plays[0][task.id][0][0].text == task.text for task in tasks)
    assert any("Ambiguous request" in seen.text for told, _ in plays[0].values() for seen in told)


def test_splits_share_no_text() -> None:
    environment = ScienceWorld(task="lifespan-longest-lived")
    texts = [{task.text for task in environment.tasks(split)} for split in SPLITS]
    assert all(texts)
    assert len(set.union(*texts)) == sum(map(len, texts))


def test_what_is_no_action_is_answered(environment: ScienceWorld) -> None:
    scene = environment.open(next(iter(environment.tasks("train"))), 0)
    for junk in ("", "  \n", "reset task", "x" * 501, "\ud800"):
        assert scene.act(junk) == Observation("That is not an action.")
    unknown = scene.act("dance")
    assert isinstance(unknown, Observation)
    assert "No known action" in unknown.text
    scene.close()


def test_the_wrong_focus_loses(environment: ScienceWorld) -> None:
    task = next(task for task in environment.tasks("train") if task.kind == "find-plant")
    script = iter(["focus on air", "focus on agent", "focus on door", "0"])
    _told, outcome = played(environment, task, lambda _: next(script, "wait1"))
    assert outcome is not None
    assert not outcome.success
    assert outcome.valid


def test_a_variation_that_there_is_not_is_a_fault(environment: ScienceWorld) -> None:
    with pytest.raises(WorkerFault):
        environment.open(Task("none", "none", data={"experiment": "boyl", "variation": 0}), 0)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"task": "boyl"}, r"task=boyl is not known; did you mean boil\?"),
        ({"task": "boil,find-plants"}, "did you mean find-plant?"),
        ({"task": ""}, "task= is not known; it must be all, or some of boil"),
        ({"simplify": "opendoors"}, "did you mean openDoors?"),
        ({"simplify": "xyz"}, "it must be none, or some of easy, teleportAction"),
        ({"steps": 0}, "steps=0 is out of range"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], why: str) -> None:
    with pytest.raises(BadSetting, match=why):
        ScienceWorld(**settings)  # type: ignore[arg-type]


def test_it_keeps_the_contract(tmp_path: Path) -> None:
    checked = command("env", "check", "scienceworld", "-n", "1", "--set", "task=lifespan-longest-lived", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
