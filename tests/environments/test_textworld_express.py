"""Games of TextWorldExpress: won by their own ways, the same for the same task, played beside ace with a Java that may die."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from itertools import islice
from pathlib import Path

import pytest

from ace.environments.textworld_express import GAMES, NOT_AN_ACTION, TextWorldExpress
from ace.environments.workers.pool import WorkerFault, WorkerPool
from ace.errors import BadSetting
from ace.types import SPLITS, Observation
from tests.command import ace as command
from tests.environments.installed import require
from tests.environments.playing import played

require("textworld-express")


@pytest.fixture(scope="module")
def environment() -> TextWorldExpress:
    return TextWorldExpress()


def javas(of: int) -> list[int]:
    """The processes of Java below the process `of`."""
    rows = subprocess.run(["ps", "-eo", "pid=,ppid=,comm="], capture_output=True, text=True, check=True).stdout.split("\n")
    found = [(int(a), int(b), c) for a, b, c in (row.split(None, 2) for row in rows if row.strip())]
    below, more = {of}, True
    while more:
        more = bool(new := {a for a, b, _ in found if b in below} - below)
        below |= new
    return [a for a, _, c in found if a in below and c == "java"]


def test_the_oracle_wins_every_game(environment: TextWorldExpress) -> None:
    tasks = {task.kind: task for task in islice(environment.tasks("train"), 24)}
    assert set(tasks) == set(GAMES)
    held_out = [task for split in SPLITS[1:] for task in islice(TextWorldExpress(game="twc,sorting").tasks(split), 3)]
    for task in [*tasks.values(), *held_out]:
        oracle = environment.oracle(task)
        assert oracle is not None
        _told, outcome = played(environment, task, oracle)
        assert outcome is not None, task.id
        assert outcome.success, task.id


def test_splits_share_no_text(environment: TextWorldExpress) -> None:
    texts = [{task.text for task in islice(TextWorldExpress(game="simonsays").tasks(split), 100)} for split in SPLITS]
    assert all(texts)
    assert len(set.union(*texts)) == sum(map(len, texts))


def test_a_task_repeats_action_by_action_in_another_process(environment: TextWorldExpress) -> None:
    for task in islice(environment.tasks("train"), len(GAMES)):
        plays = []
        for other in (
            (environment, TextWorldExpress(game=task.kind)) if task.kind in ("twc", "simonsays") else (environment,) * 2
        ):
            policy = other.random(task, random.Random(5))
            assert policy is not None
            plays.append(played(other, task, policy, seed=7))
        assert plays[0] == plays[1], task.id
        assert plays[0][0][0].text == task.text


def test_what_is_no_action_changes_nothing(environment: TextWorldExpress) -> None:
    task = next(iter(environment.tasks("train")))
    scene = environment.open(task, 0)
    for junk in ("", "jump", "help", "look around\ntake knife", "\ud800", "x" * 100_000):
        assert scene.act(junk) == Observation(f"{NOT_AN_ACTION}\n\n{task.text}", actions=scene.first.actions)
    assert isinstance(scene.act("  Look   AROUND "), Observation)
    scene.close()


def test_a_java_that_dies_spoils_that_attempt_alone() -> None:
    environment = TextWorldExpress(game="sorting")
    task = next(iter(environment.tasks("train")))
    scene = environment.open(task, 0)
    (java,) = javas(os.getpid())[-1:]
    os.kill(java, signal.SIGKILL)
    with pytest.raises(WorkerFault):
        scene.act("look around")
    scene.close()
    oracle = environment.oracle(task)
    assert oracle is not None
    _told, outcome = played(environment, task, oracle)
    assert outcome is not None
    assert outcome.success


def test_settings_of_a_game_are_its_own() -> None:
    small = TextWorldExpress(game="coin", params="numLocations=2,numDistractorItems=0,includeDoors=0", steps=8)
    for task in islice(small.tasks("train"), 2):
        oracle = small.oracle(task)
        assert oracle is not None
        _told, outcome = played(small, task, oracle)
        assert outcome is not None
        assert outcome.success
    assert small.cautions


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"game": "coins"}, r"game=coins is not known; did you mean coin\?"),
        ({"game": "chess"}, "it must be all, or some of cookingworld, twc"),
        ({"game": " , "}, "is not known; it must be all, or some of cookingworld"),
        ({"game": "coin,sortng"}, "did you mean sorting"),
        ({"steps": 0}, "steps=0 is out of range"),
        ({"params": "numLocations=3"}, "params are for one game"),
        ({"game": "coin", "params": "numLocatins=3"}, r"params=numLocatins=3 is not taken by coin.*numLocations"),
        ({"game": "coin", "params": "numLocations=abc"}, "numLocations is 'abc'; it must be a whole number"),
        ({"game": "coin", "params": "numLocations="}, "numLocations has no value; it must be a whole number"),
        ({"game": "coin", "params": "numLocations=1.5"}, "numLocations is '1.5'; it must be a whole number"),
        ({"game": "coin", "params": "numLocations=99999999999"}, "it must be a whole number"),
        ({"game": "coin", "params": "numLocations"}, "params=numLocations cannot be read; write numLocations=5"),
        ({"game": "coin", "params": "numLocations=4,"}, "cannot be read; write numLocations=5"),
        ({"game": "coin", "params": "=4"}, "cannot be read; write numLocations=5"),
        ({"game": "coin", "params": "numLocations=-1"}, r"is not taken by coin: Number of locations[^/]*$"),
        ({"game": "coin", "params": "numLocations=900"}, "must be less than or equal to 11"),
        ({"game": "sorting", "params": "numLocations=3"}, "is not taken by sorting"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_one_line(settings: dict[str, object], why: str) -> None:
    with pytest.raises(BadSetting, match=why) as refused:
        list(islice(TextWorldExpress(**settings).tasks("train"), 1))  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)


def test_an_error_told_as_a_text_is_raised_and_becomes_no_task() -> None:
    pool = WorkerPool("ace.environments.textworld_express:ExpressPlayer", {"params": "numLocations=abc"}, 60.0)
    place = {"game": "coin", "fold": "train", "number": 0}
    with pytest.raises(WorkerFault, match=r"^the game reports an error: [^/]*$"):
        pool.ask("told", **place)
    with pytest.raises(WorkerFault, match=r"^the game reports an error: [^/]*$"):
        pool.scene(place, 0)


def test_a_run_with_params_that_cannot_be_read_leaves_no_store(tmp_path: Path) -> None:
    done = command("run", "textworld-express", "--set", "game=coin", "--set", "params=numLocations=abc", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.rglob("*.db"))


def test_it_keeps_the_contract(tmp_path: Path) -> None:
    checked = command("env", "check", "textworld-express", "-n", "2", "--set", "game=sorting", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout


def test_the_novice_plays_and_leaves_nothing_behind(tmp_path: Path) -> None:
    arguments = ("--set", "game=simonsays", "--set", "steps=8", "--episodes", "4", "--eval", "4", "--retries", "0")
    done = command("run", "textworld-express", *arguments, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"invalid": 0' in done.stdout
