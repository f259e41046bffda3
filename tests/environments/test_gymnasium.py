"""Games of gymnasium in words: won by their oracles, the same for the same seed, told so that positions can be read."""

from __future__ import annotations

import json
import random
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest

from ace.environments.contract import Environment, Policy
from ace.environments.gym import NOT_AN_ACTION, Gymnasium
from ace.errors import BadSetting
from ace.keys import refuse_keys
from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.facts import read_facts
from ace.playbooks.triggers.grammar import read_sentence
from ace.types import SPLITS, Observation, Split, Task
from tests.command import ace as command
from tests.environments.installed import require
from tests.environments.playing import played

require("gymnasium")
SOLVED = ("frozen-lake", "cliff-walking", "taxi", "babyai-go-to-red-ball", "babyai-put-next-local", "babyai-open-door")


def first(environment: Environment, split: Split = "train", most: int = 8) -> list[Task]:
    return list(islice(environment.tasks(split), most))


@pytest.mark.parametrize("game", SOLVED)
def test_the_oracle_wins_every_game(game: str) -> None:
    environment = Gymnasium(game=game, steps=200)
    for split in SPLITS:
        for task in first(environment, split, 4):
            oracle = environment.oracle(task)
            assert oracle is not None
            _told, outcome = played(environment, task, oracle)
            assert outcome is not None
            assert outcome.success


def test_the_stated_play_of_blackjack_can_be_read_and_wins_more_than_chance_and_than_sticking() -> None:
    environment = Gymnasium(game="blackjack")
    rules = [read_sentence(rule) for rule in environment.stated_rules()]

    def stated(seen: Observation) -> str:
        view = CaseView.of(read_facts([seen.text]))
        return next(rule.plan.choice for rule in rules if rule is not None and rule.covers(view))

    def rate(policy: Policy) -> float:
        outcomes = [played(environment, task, policy, seed)[1] for task in first(environment, most=100) for seed in range(4)]
        return sum(o is not None and o.success for o in outcomes) / len(outcomes)

    draw = random.Random(1)
    assert None not in rules
    assert rate(stated) > rate(lambda seen: "stick") + 0.02 > rate(lambda seen: draw.choice(seen.actions)) + 0.05
    assert not Gymnasium(game="taxi").stated_rules()
    assert not Gymnasium(game="babyai-go-to-red-ball").stated_rules()


def test_scenes_opened_side_by_side_tell_nothing_and_leave_the_output_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    # A game that says what it drew and threw away.
    environment = Gymnasium(game="babyai-go-to-imp-unlock")
    task = Task("start-0", "", "train", {"number": 0})
    before = sys.stdout
    with ThreadPoolExecutor(4) as pool:
        for scene in pool.map(lambda seed: environment.open(task, seed), range(100)):
            scene.close()
    assert sys.stdout is before
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("game", [*SOLVED, "blackjack", "minigrid-door-key-5x5"])
def test_a_seed_repeats_action_by_action(game: str) -> None:
    environment = Gymnasium(game=game)
    for task in first(environment, most=3):
        plays = []
        for _ in range(2):
            policy = environment.random(task, random.Random(5))
            assert policy is not None
            plays.append(played(environment, task, policy, seed=7))
        assert plays[0] == plays[1]
        assert plays[0][0][0].text == task.text, "the first position is what the task says"


def test_what_is_left_to_chance_depends_on_the_seed() -> None:
    environment = Gymnasium(game="frozen-lake", slippery=True, size=8)
    (task, *_) = first(environment)
    assert environment.oracle(task) is None, "no way is sure to win"
    assert len({tuple(played(environment, task, lambda _: "right", seed)[0]) for seed in range(8)}) > 1


def test_what_is_no_action_changes_nothing() -> None:
    environment = Gymnasium()
    (task, *_) = first(environment)
    scene = environment.open(task, 0)
    for junk in ("", "jump", "left left", "[left]"):
        seen = scene.act(junk)
        assert isinstance(seen, Observation)
        assert seen.text == f"{NOT_AN_ACTION}\n\n{task.text}"
    assert isinstance(scene.act("  Right "), Observation)


def test_games_without_a_bot_have_no_oracle() -> None:
    for game in ("blackjack", "minigrid-door-key-5x5"):
        environment = Gymnasium(game=game)
        assert all(environment.oracle(task) is None for task in first(environment, most=2))


def test_a_view_tells_what_is_where() -> None:
    environment = Gymnasium(game="babyai-go-to-red-ball")
    found = first(environment)
    assert {task.kind for task in found} == {"go to"}
    assert all("red ball\nyou face: " in task.text and "you carry: nothing" in task.text for task in found)
    assert any(re.search("a red ball: \\d ahead", task.text) for task in found)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"game": "babyai-go-to-red-bal"}, "did you mean babyai-go-to-red-ball"),
        ({"game": "frozenlake"}, "did you mean frozen-lake"),
        ({"game": "CartPole-v1"}, "it must be frozen-lake, cliff-walking, taxi, blackjack, or a game of MiniGrid"),
        ({"size": 2}, "size=2 is out of range"),
        ({"steps": 0}, "steps=0 is out of range"),
        ({"game": "BabyAI-GoToRedBal-v0"}, "did you mean babyai-go-to-red-ball"),
        ({"game": "BabyAI-GoToRedBall-v9"}, "did you mean babyai-go-to-red-ball"),
        ({"game": "taxi,blackjack"}, "game=taxi,blackjack names 2 games; one game is played at a time"),
        ({"game": "taxi", "size": 8}, "size is for frozen-lake, and the game is taxi"),
        ({"game": "babyai-go-to-red-ball", "size": 8}, "size is for frozen-lake"),
        ({"game": "taxi", "slippery": True}, "slippery is for frozen-lake and cliff-walking"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], why: str) -> None:
    with pytest.raises(BadSetting, match=why):
        list(Gymnasium(**settings).tasks("train"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("BabyAI-GoToRedBall-v0", "babyai-go-to-red-ball"),
        ("MiniGrid-DoorKey-5x5-v0", "minigrid-door-key-5x5"),
        ("Taxi-v3", "taxi"),
    ],
)
def test_the_packages_own_names_are_taken(theirs: str, ours: str) -> None:
    assert [task.text for task in first(Gymnasium(game=theirs))] == [task.text for task in first(Gymnasium(game=ours))]


def test_no_name_of_a_game_looks_like_a_key() -> None:
    from gymnasium import registry

    for id in registry:
        refuse_keys({"game": id}, "setting")


def test_a_run_with_the_novice_prints_one_value(tmp_path: Path) -> None:
    arguments = (
        "gymnasium",
        "--set",
        "game=babyai-go-to-red-ball",
        "--set",
        "steps=5",
        "--episodes",
        "4",
        "--eval",
        "4",
        "--retries",
        "0",
    )
    done = command("run", *arguments, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["invalid"] == 0
    assert found["oracle"]["n"] == 4
