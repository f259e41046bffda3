"""The controls that show nothing: `empty`, `retry`, `vote`. What each asks the model, and what a run says of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ace.environments.contract import Environment, Scene
from ace.memory.store import Store
from ace.models.contract import Request, Sampling
from ace.results.score import score
from ace.runs.asked import requests
from ace.runs.playing import Case, Player, Stage
from ace.strategies.contract import LEARNING, Learned, Lesson, Roles, Strategy
from ace.strategies.empty import Empty
from ace.strategies.retry import Retry
from ace.strategies.vote import Voting
from ace.types import Observation, Outcome, Split, Task, failure, success
from tests.answering import Answering, move
from tests.commands.said import Ace
from tests.stories import NAME, Story, add
from tests.strategies.lessons import lived, told
from tests.worlds import Play


class Doors(Environment):
    """One of four doors opens; with `free`, the door is named in the agent's own words."""

    name = "doors"
    instant = True

    def __init__(self, *, free: bool = False) -> None:
        self.free = free

    def tasks(self, split: Split) -> list[Task]:
        return [Task(f"{split}-{n}", f"Door {n} of the {split}.", split) for n in range(8)]

    def open(self, task: Task, seed: int) -> Scene:
        play = Play(Observation(task.text, (), () if self.free else ("north", "south", "east", "west")), lambda a: None, bool)
        play.act = _verdict  # type: ignore[method-assign]
        return play


def _verdict(action: str) -> Observation | Outcome:
    return success() if action == "west" else failure()


async def played(
    store: Store,
    make: Callable[[Roles], Strategy],
    model: Answering,
    phase: str = "after",
    *,
    free: bool = False,
) -> list[Case]:
    store.ensure_playbook(NAME)
    roles = Roles(lambda unit: model, lambda unit: model)
    environment = Doors(free=free)
    player = Player(environment, lambda unit: model, make(roles), roles, "r-1", 0, None, lambda event: None)
    return await player.play(environment.tasks("test")[:1], Stage(phase, 0, Sampling(), store.view(NAME)))


def giving(*answers: str) -> Answering:
    return Answering(lambda request, number: move(answers[min(number, len(answers)) - 1], thought=f"reason {number}"))


async def test_empty_shows_nothing_of_a_playbook_that_is_there_and_learns_nothing(store: Store) -> None:
    story = Story(store)
    story.added(add("Take the west door."))
    model = giving("west")
    [case] = await played(store, Empty, model)
    assert "west door" not in model.asked[0].messages[0].content + model.asked[0].messages[1].content
    assert (case.attempts[0].render.text, case.attempts[0].render.exposures) == ("", ())
    lesson = Lesson([lived(1, False), lived(2, True)], 5, {"e-1": told(1)})
    assert await Empty(Roles(lambda u: model, lambda u: model)).learn(lesson, store.view(NAME)) == Learned((told(1),))
    assert len(model.asked) == 1


async def test_retry_tries_a_measured_case_until_it_wins_with_what_lost_and_no_reflection(store: Store) -> None:
    model = giving("north", "south", "west", "east")
    [case] = await played(store, lambda roles: Retry(roles, attempts=4), model)
    assert [e.outcome.success for e in case.attempts] == [False, False, True]
    assert set(model.roles()) == {"generator"}
    assert case.reflections == {}
    told = [r.messages[1].content for r in model.asked]
    assert ["# Lost in this case" in t for t in told] == [False, True, True]
    assert [n for n in ("north", "south", "west") if f"done: {n}" in told[2]] == ["north", "south"]
    assert score([case.attempts]).attempts == 3
    assert len({e.id for e in case.attempts}) == 3


async def test_retry_tells_what_was_written_freely_too(store: Store) -> None:
    model = giving("the north door", "the east door")
    [case] = await played(store, lambda roles: Retry(roles, attempts=3), model, free=True)
    assert len(case.attempts) == 3
    last = model.asked[-1].messages[1].content
    assert "## Attempt 1: failure\ndone: the north door" in last
    assert "## Attempt 2: failure\ndone: the east door" in last


@pytest.mark.parametrize("k", [1, 2, 3])
async def test_retry_makes_at_most_so_many_attempts(store: Store, k: int) -> None:
    [case] = await played(store, lambda roles: Retry(roles, attempts=k), giving("north"))
    assert len(case.attempts) == k


async def test_retry_stops_where_all_listed_answers_have_lost(store: Store) -> None:
    [case] = await played(store, lambda roles: Retry(roles, attempts=9), giving("north", "south", "east", "WEST "))
    assert len(case.attempts) <= 4


async def test_while_learning_a_retry_is_one_attempt(store: Store) -> None:
    [case] = await played(store, lambda roles: Retry(roles, attempts=4), giving("north"), LEARNING)
    assert len(case.attempts) == 1


async def test_vote_takes_the_commonest_of_its_samples_and_counts_each_call(store: Store) -> None:
    model = giving("north", "west", "south", "west ", "north", "west", "east")
    [case] = await played(store, lambda roles: Voting(roles, samples=7), model)
    [step] = case.attempts[0].steps
    assert (step.action, step.thought) == ("west", "3 of 7 votes. reason 2")
    assert case.attempts[0].usage.calls == len(model.asked) == 7
    assert len({r.seed for r in model.asked}) == 7
    assert len({json.dumps([m.content for m in r.messages]) for r in model.asked}) == 1


async def test_of_choices_with_as_many_votes_the_first_is_taken(store: Store) -> None:
    [case] = await played(store, lambda roles: Voting(roles, samples=4), giving("south", "west", "west", "south"))
    assert case.attempts[0].steps[0].action == "south"


async def test_a_sample_that_cannot_be_read_has_no_vote(store: Store) -> None:
    def answer(request: Request, number: int) -> str:
        return "hm" if number < 5 else move("west")

    [case] = await played(store, lambda roles: Voting(roles, samples=3), Answering(answer))
    assert case.attempts[0].steps[0].thought == "1 of 3 votes. "
    [case] = await played(store, lambda roles: Voting(roles, samples=3), Answering(lambda request, number: "hm"))
    assert "could not be read" in case.attempts[0].outcome.reason


async def test_while_learning_nothing_is_voted_on(store: Store) -> None:
    [case] = await played(store, lambda roles: Voting(roles, samples=5), giving("west"), LEARNING)
    assert case.attempts[0].usage.calls == 1


def test_a_run_says_within_how_many_attempts_it_measured(ace: Ace) -> None:
    told: dict[str, Any] = json.loads(
        ace(
            "run", "desk", "--strategy", "retry", "--strategy-set", "attempts=3", "--episodes", "2", "--eval", "12", "--json"
        ).out
    )
    assert (told["after"]["attempts"], told["before"]["attempts"]) == (3, 3)
    assert list(told["roles"]) == ["generator"]
    text = ace("run", "show", told["run"]).out
    assert "within 3 attempts" in text


@pytest.mark.parametrize(
    ("strategy", "setting"),
    [
        ("retry", "attempts=3"),
        ("vote", "samples=3"),
        ("history", "tokens=900"),
        ("episodic", "nearest=4"),
        ("fewshot", "shots=2"),
    ],
)
def test_what_a_model_was_asked_in_an_arm_is_shown_exactly(ace: Ace, strategy: str, setting: str) -> None:
    wanted = ("run", "desk", "--set", "level=easy", "--episodes", "4", "--eval", "4", "--strategy", strategy)
    run = json.loads(ace(*wanted, "--strategy-set", setting, "--retries", "0", "--json").out)["run"]
    with Store.open("ace.db") as store:
        episodes = store.episodes(run=run, limit=None)
        told = [one for e in episodes for one in requests(store, e)]
        assert len(told) == store.usage(run).calls
    assert [one.exact for one in told] == [True] * len(told)
