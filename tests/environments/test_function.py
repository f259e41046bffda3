"""Environments of a few lines: a function with rows, and the example of a class."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ace.environments.contract import Environment, Limits
from ace.environments.function import environment
from ace.environments.registry import environment_name, open_environment
from ace.errors import BadInput, BadSetting
from ace.types import SPLITS, Observation, Outcome, Task, Verdict, failure

EXAMPLE = Path(__file__).parents[2] / "examples" / "shop.py"


@environment(train=[("2 + 2", "4"), ("1 + 1", "2")], test=[{"id": "seven", "prompt": "3 + 4", "answer": "7", "note": "prime"}])
def sums(task: Task, reply: str) -> bool:
    """Adding up."""
    return reply.strip() == str(task.data["answer"])


def _play(env: Environment, task: Task, reply: str) -> Outcome:
    came = env.open(task, 0).act(reply)
    assert isinstance(came, Outcome)
    return came


def test_a_function_with_rows_is_an_environment() -> None:
    assert isinstance(sums, Environment)
    assert environment_name(sums) == "sums"
    assert [(t.id, t.text) for t in sums.tasks("train")] == [("train-1", "2 + 2"), ("train-2", "1 + 1")]
    (held_out,) = sums.tasks("test")
    assert (held_out.id, held_out.text, held_out.split) == ("seven", "3 + 4", "test")
    assert held_out.data == {"answer": "7", "note": "prime"}
    assert _play(sums, held_out, "7").success
    assert _play(sums, held_out, "8").verdict is Verdict.FAILURE
    assert sums(held_out, "7") is True


def test_the_rows_answer_is_the_oracle_and_nothing_is_chance_without_choices() -> None:
    task = next(iter(sums.tasks("train")))
    policy = sums.oracle(task)
    assert policy is not None
    assert _play(sums, task, policy(Observation(""))).success
    assert sums.random(task, random.Random(0)) is None


def test_choices_and_a_solution_can_be_given_for_all_rows() -> None:
    @environment(train=["a", "b"], test=["c"], choices=["lower", "upper"], solve=lambda task: "lower", limits=Limits(steps=2))
    def case(task: Task, reply: str) -> Outcome:
        return failure("look again") if reply != "lower" else Outcome(Verdict.SUCCESS)

    task = next(iter(case.tasks("train")))
    assert case.open(task, 0).first == Observation("a", (), ("lower", "upper"))
    assert _play(case, task, "upper").feedback == "look again"
    policy, blind = case.oracle(task), case.random(task, random.Random(0))
    assert policy is not None
    assert policy(Observation("")) == "lower"
    assert blind is not None
    assert blind(case.open(task, 0).first) in ("lower", "upper")
    assert case.limits.steps == 2


def test_endless_rows_come_from_a_function() -> None:
    def rows() -> Iterator[str]:
        return (f"train {n}" for n in itertools.count())

    @environment(train=rows, test=["other"])
    def endless(task: Task, reply: str) -> float:
        return 0.5

    first = [t.text for t in itertools.islice(endless.tasks("train"), 3)]
    assert first == ["train 0", "train 1", "train 2"]
    assert [t.text for t in itertools.islice(endless.tasks("train"), 3)] == first
    assert _play(endless, next(iter(endless.tasks("test"))), "x") == failure(score=0.5)


def test_a_check_that_cannot_tell_or_raises_is_not_the_agents_fault() -> None:
    @environment(train=["a"], test=["b"])
    def broken(task: Task, reply: str) -> Any:
        return None if reply == "hm" else task.data["missing"]

    task = next(iter(broken.tasks("train")))
    assert _play(broken, task, "hm").verdict is Verdict.INVALID
    assert "KeyError" in _play(broken, task, "x").reason


def test_rows_that_stand_twice_are_told_apart() -> None:
    @environment(train=["a", "a"], test=["b"])
    def twice(task: Task, reply: str) -> bool:
        return True

    assert len({t.key for t in twice.tasks("train")}) == 2


@pytest.mark.parametrize("rows", ["a text", iter(["a"]), {"prompt": "a"}, 3])
def test_rows_that_are_no_list_are_refused(rows: Any) -> None:
    with pytest.raises(BadSetting, match="train must be a list of rows or a function that gives one"):
        environment(train=rows, test=["b"])


def test_a_function_that_gives_no_rows_is_refused_when_they_are_read() -> None:
    rows: Any = lambda: 3  # noqa: E731

    @environment(train=rows, test=["b"])
    def none(task: Task, reply: str) -> bool:
        return True

    with pytest.raises(BadInput, match="what gives the rows of train gave 3; it must give a list of rows"):
        next(iter(none.tasks("train")))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"choices": 3}, "choices is 3; it must be a list of texts"),
        ({"solve": "x"}, "solve is 'x'; it must be a function of a task"),
        ({"name": 3}, "name is 3; it must be a text"),
        ({"limits": 3}, r"limits is 3; it must be ace.Limits\(...\)"),
    ],
)
def test_a_value_of_another_type_is_refused_above_the_function(said: Any, why: str) -> None:
    with pytest.raises(BadSetting, match=why):
        environment(train=["a"], test=["b"], **said)


def test_without_rows_it_says_what_to_write() -> None:
    with pytest.raises(BadSetting, match=r"needs rows: write @ace\.environment\(train="):
        environment(train=None, test=["b"])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"question": "a"}, "has no 'prompt' that is text; it has 'question'"),
        (3, "is a int; a row is"),
        ("  ", "has no 'prompt'"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_its_number(row: Any, message: str) -> None:
    @environment(train=["fine", row], test=["b"])
    def mine(task: Task, reply: str) -> bool:
        return True

    with pytest.raises(BadInput) as caught:
        list(mine.tasks("train"))
    assert str(caught.value).startswith("mine: train row 2 ")
    assert message in str(caught.value)


def test_a_decorated_function_in_a_file_is_found_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "sums.py").write_text(
        "from ace.environments.function import environment\n\n"
        "@environment(train=[('2 + 2', '4')], test=[('3 + 4', '7')])\n"
        "def sums(task, reply):\n    return reply == task.data['answer']\n"
    )
    opened = open_environment(f"{tmp_path}/sums.py:sums", {})
    assert environment_name(opened) == "sums"
    assert _play(opened, next(iter(opened.tasks("test"))), "7").success


def test_the_example_shop_is_solved_by_its_oracle_and_by_nothing_less() -> None:
    shop = open_environment(f"{EXAMPLE}:Shop", {})
    assert environment_name(shop) == "shop"
    tasks = {split: list(itertools.islice(shop.tasks(split), 300)) for split in SPLITS}
    keys = [t.key for split in SPLITS for t in tasks[split]]
    assert len(set(keys)) == len(keys)
    right = []
    for task in tasks["train"]:
        scene, policy = shop.open(task, 0), shop.oracle(task)
        looked = scene.act("look up the customer")
        assert isinstance(looked, Observation)
        assert looked.text.startswith("Customer: ")
        assert policy is not None
        right.append(policy(looked))
        assert _play(shop, task, right[-1]).success
        assert not _play(shop, task, "junk").success
        assert not _play(shop, task, "").success
    shares = {answer: right.count(answer) / len(right) for answer in set(right)}
    assert set(shares) == {"letter", "parcel", "courier", "refuse"}
    assert max(shares.values()) < 0.6
