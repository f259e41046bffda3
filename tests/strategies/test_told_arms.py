"""The arms that need more than a model: `majority` (listed answers), `fewshot` from the oracle, `oracle-book` (stated rules);
and what is said of them where the environment has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ace.environments.contract import Environment, Policy, Scene
from ace.environments.desk import Desk
from ace.errors import NotUsable
from ace.memory.store import Store
from ace.playbooks.triggers.grammar import read_sentence
from ace.roles.exploring import Course, next_of
from ace.runs.preparing import Given, prepare
from ace.runs.surroundings import surroundings_of
from ace.runs.tasks import Tasks
from ace.settings import RunSettings
from ace.strategies.contract import Surroundings
from ace.strategies.majority import commonest
from ace.types import Observation, Past, Split, Task
from tests.commands.said import Ace
from tests.doing import do
from tests.worlds import Play


def past(choice: str, won: bool = True) -> Past:
    return Past("e", "seen", choice, won)


def test_the_commonest_winning_choice_comes_first_and_losses_do_not_count() -> None:
    attempts = [past("mend"), past("sell"), past("burn", False), past("burn", False), past("paint > sell"), past("sell")]
    assert commonest(attempts) == (Course((), "sell"), Course((), "mend"), Course(("paint",), "sell"))
    assert commonest([]) == ()


SEEN = Observation("Seen.", ("weigh", "Paint"), ("mend", "sell"))


@pytest.mark.parametrize(
    ("plans", "done", "due"),
    [
        ([Course((), "SELL ")], [], "sell"),
        ([Course(("paint",), "sell")], [], "Paint"),
        ([Course(("paint",), "sell")], ["Paint"], "sell"),
        ([Course((), "burn"), Course((), "mend")], [], "mend"),
        ([Course(("paint",), "burn"), Course(("weigh",), "mend")], [], "weigh"),
        ([Course(("weigh", "paint"), "mend")], ["weigh", "Paint"], "mend"),
    ],
)
def test_a_fixed_plan_is_the_first_that_can_be_carried_out(plans: list[Course], done: list[str], due: str) -> None:
    assert next_of(plans, done, SEEN, 1) == due


def test_where_no_fixed_plan_can_be_carried_out_one_of_the_answers_is_drawn() -> None:
    assert {next_of([Course((), "burn")], [], SEEN, seed) for seed in range(30)} == {"mend", "sell"}
    assert {next_of([], [], SEEN, seed) for seed in range(30)} == {"mend", "sell"}
    assert next_of([], [], Observation("Free."), 1) == ""


def test_majority_asks_no_model_when_measuring_and_gives_every_case_the_same(store: Store) -> None:
    done = do(store, Desk(world=3, level="easy"), strategy="majority", episodes=10, eval=20, retries=None)
    after = store.episodes(run=done.run.id, phase="after", limit=None)
    assert len({e.steps[-1].action for e in after}) == 1
    assert sum(e.usage.calls for e in after) == 0
    assert all(e.steps[0].thought == "No model was asked." for e in after)
    learned = store.episodes(run=done.run.id, phase="learn", limit=None)
    assert sum(e.usage.calls for e in learned) > 0


def told(environment: Environment, train: int = 40) -> Surroundings:
    tasks = [t for t, _ in zip(environment.tasks("train"), range(train), strict=False)]
    return surroundings_of(environment, Tasks(tasks, tasks[:1]), RunSettings("it"))


@pytest.mark.parametrize("level", ["easy", "normal", "hard"])
def test_the_desk_states_rules_that_can_be_read_and_demonstrations_with_the_facts(level: Any) -> None:
    desk = Desk(world=3, level=level)
    rules = told(desk).rules()
    assert all(read_sentence(rule) for rule in rules[len(desk.lookups) :])
    shots = told(desk).solved(3)
    assert len(shots) == 3
    for shot in shots:
        task = next(t for t in desk.tasks("train") if t.key == shot.task)
        rule = desk.rules.deciding(task.data)
        assert shot.choice == (f"{rule.step} > " if rule.step else "") + rule.resolution
        assert all(name.name.lower() in shot.situation for name in desk.difficulty.facts)


def test_with_the_rules_the_novice_is_right_nearly_always_and_with_demonstrations_above_the_floor(store: Store) -> None:
    settings: dict[str, Any] = {"episodes": 1, "eval": 30, "retries": 0}
    book = do(store, Desk(world=3), strategy="oracle-book", **settings)
    assert book.after >= 0.95 > book.before
    shots = {"from_": "oracle", "shots": "40"}
    few = do(store, Desk(world=3, level="easy"), strategy="fewshot", strategy_settings=shots, **settings)
    assert few.after >= few.before + 0.15


class Maze(Environment):
    """Many ways are listed and none shows a fact; counts how often a case is opened."""

    instant = True

    def __init__(self) -> None:
        self.opened = 0

    def tasks(self, split: Split) -> Iterator[Task]:
        return iter([Task(f"{split}-{n}", f"{split} maze {n}", split) for n in range(40)])

    def open(self, task: Task, seed: int) -> Scene:
        self.opened += 1
        ways = tuple(f"go {n}" for n in range(30))
        hall = Observation("A hall.", ways)
        return Play(Observation(task.text, ways), lambda did: None if did == "out" else hall, lambda did: did == "out")

    def oracle(self, task: Task) -> Policy:
        return lambda seen: "out"


def test_where_no_listed_action_shows_facts_demonstrations_are_not_looked_for_at_length() -> None:
    maze = Maze()
    assert len(told(maze).solved(8)) == 8
    assert maze.opened <= 8 + 16


class Bare(Environment):
    """A question with a free answer: no list, no oracle, no rules."""

    instant = True

    def tasks(self, split: Split) -> Iterator[Task]:
        return iter([Task(f"{split}-{n}", f"{split} question {n}", split) for n in range(4)])

    def open(self, task: Task, seed: int) -> Scene:
        return Play(Observation(task.text), lambda action: None, lambda action: action == "yes")


class Weak(Desk):
    """Its oracle loses every case."""

    def oracle(self, task: Task) -> Policy:
        return lambda seen: "pass to the moon"


@pytest.mark.parametrize(
    ("strategy", "settings", "make", "why"),
    [
        ("majority", {}, Bare, "lists no answers"),
        ("vote", {}, Bare, "lists no answers"),
        ("oracle-book", {}, Bare, "states no rules"),
        ("fewshot", {"from_": "oracle"}, Bare, "no oracle"),
        ("fewshot", {"from_": "oracle"}, Weak, "no oracle"),
    ],
)
def test_an_arm_that_cannot_be_used_says_so_before_anything_is_spent(
    strategy: str, settings: dict[str, str], make: Callable[[], Environment], why: str
) -> None:
    asked = RunSettings(environment="mine", strategy=strategy, strategy_settings=settings, episodes=4, eval=4)
    with pytest.raises(NotUsable) as refused:
        prepare(asked, Given(environment=make()))
    assert why in str(refused.value)
    assert strategy in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("strategy", ["empty", "retry", "history", "episodic", "fewshot", "frozen", "ace"])
def test_the_others_need_nothing_of_the_environment(strategy: str) -> None:
    assert prepare(RunSettings(environment="mine", strategy=strategy, episodes=4, eval=4), Given(environment=Bare()))


def test_at_the_command_it_is_one_line_and_nothing_is_made(ace: Ace) -> None:
    said = ace("run", "desk", "--strategy", "fewshot", "--strategy-set", "from_=oracle", "--strategy-set", "shots=0")
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    said = ace("run", "desk", "--strategy", "oracle-book", "--episodes", "1", "--eval", "4", "--dry-run")
    assert said.status == 0
