"""Puzzles of reasoning-gym: answers of their own pass, junk fails, splits share nothing, unsound scorers are refused."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest

from ace.environments.reasoning_gym import ReasoningGym
from ace.errors import BadInput, BadSetting
from ace.types import SPLITS, Outcome, Task
from tests.command import ace as command
from tests.environments.installed import require

require("reasoning-gym")
SOUND = ("knights_knaves", "chain_sum", "word_sorting", "prime_factorization", "graph_color")


def answered(environment: ReasoningGym, task: Task, reply: str) -> Outcome:
    seen = environment.open(task, 0).act(reply)
    assert isinstance(seen, Outcome)
    return seen


def test_its_own_answers_pass_and_junk_fails() -> None:
    environment = ReasoningGym(generator=",".join(SOUND))
    tasks = {split: list(islice(environment.tasks(split), 10)) for split in SPLITS}
    assert {t.kind for found in tasks.values() for t in found} == set(SOUND)
    for task in (t for found in tasks.values() for t in found):
        for junk in ("", "zzz", "\0", "1" * 5000):
            assert not answered(environment, task, junk).success
        oracle = environment.oracle(task)
        if oracle is not None:
            assert answered(environment, task, oracle(environment.open(task, 0).first)).success
        assert (oracle is None) == (task.kind == "graph_color")
    texts = [t.text for found in tasks.values() for t in found]
    assert len(set(texts)) == len(texts)


def test_partial_credit_is_a_failure_that_may_be_told() -> None:
    for told in (False, True):
        environment = ReasoningGym(generator="word_sorting", feedback=told)
        (task,) = islice(environment.tasks("train"), 1)
        oracle = environment.oracle(task)
        assert oracle is not None
        right = oracle(environment.open(task, 0).first)
        wrong = answered(environment, task, ", ".join(reversed(right.split(", "))))
        assert not wrong.success
        assert wrong.score is not None
        assert wrong.score < 0.99


@pytest.mark.parametrize(
    ("settings", "error", "why"),
    [
        ({"generator": "knights_knave"}, BadInput, "did you mean 'knights_knaves'"),
        ({"generator": "game_of_life_halting"}, BadInput, "its scorer passes the reply 'zzz'"),
        ({"generator": "composite"}, BadInput, "the generator composite of reasoning-gym cannot be used: "),
        ({"generator": " , "}, BadSetting, "generator is empty"),
        ({"config": "{"}, BadSetting, "config is not JSON"),
        ({"config": "[1]"}, BadSetting, "it must be a JSON object"),
        ({"config": '{"seed": 3}'}, BadSetting, "splits stay apart"),
        ({"config": '{"no_such": 3}'}, BadSetting, "config: knights_knaves has no setting no_such; it has n_people, "),
        ({"config": '{"n_peple": 3}'}, BadSetting, "config: knights_knaves has no setting n_peple; did you mean n_people"),
        ({"config": '{"n_people": -1}'}, BadSetting, r'config=\{"n_people": -1\} is not taken by knights_knaves: [^/]*$'),
        (
            {"config": '{"n_people": "a"}'},
            BadSetting,
            "knights_knaves: n_people is 'a', and must be of the kind of its default, 2",
        ),
        ({"generator": "chain_sum,gcd", "config": '{"min_terms": 3}'}, BadSetting, "for one generator"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, str], error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        list(islice(ReasoningGym(**settings).tasks("train"), 1))  # type: ignore[arg-type]


def test_floors_and_oracle_are_measured(tmp_path: Path) -> None:
    done = command("env", "show", "reasoning-gym", "--set", "generator=chain_sum", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "chain_sum" in json.dumps(found)
