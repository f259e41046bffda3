"""Solving before reflecting: lost attempts at a case with listed answers are followed by others at once, and one reflection
covers them all."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from ace.budget import Budget
from ace.environments.contract import Environment, Scene
from ace.errors import LimitReached
from ace.memory.store import Store
from ace.memory.values import Batch, Run
from ace.models import layout
from ace.models.contract import Model, Request, Sampling
from ace.models.novice import Novice
from ace.roles.curator.settings import Shown
from ace.runs.asked import requests
from ace.runs.estimate import expected
from ace.runs.lifecycle import begin, ready, work
from ace.runs.playing import Case, Player, Stage
from ace.runs.tasks import held_out_tasks, train_tasks
from ace.settings import RunSettings
from ace.strategies.ace import Ace
from ace.strategies.contract import Lesson, Roles
from ace.strategies.reflecting import SOLVING
from ace.types import Observation, Outcome, Split, Task, failure, invalid, success
from tests.answering import Answering, curation, diagnosis, move
from tests.doing import checked
from tests.spying import Spy
from tests.strategies.lessons import asked_of, lived, told
from tests.worlds import Ferry, Play

ON = {"explore": "true", "chains": "true"}


class Door(Environment):
    """Opens for `open`; `jam` breaks it. The answers are listed, unless it is `free`; it may list `actions`."""

    name = "door"
    instant = True

    def __init__(self, answers: tuple[str, ...] = ("knock", "push", "open", "jam"), actions: tuple[str, ...] = ()) -> None:
        self.listed = Observation("A door.", actions, answers)

    def tasks(self, split: Split) -> list[Task]:
        return [Task(f"{split}-1", "A door.", split)]

    def open(self, task: Task, seed: int) -> Scene:
        def right(action: str) -> bool:
            return action == "open"

        play = Play(self.listed, lambda action: self.listed if action in self.listed.actions else None, right)

        def act(action: str) -> Observation | Outcome:
            if action == "jam":
                return invalid("it is jammed")
            came = play.seen(action)
            return came if came is not None else success() if right(action) else failure("no")

        play.act = act  # type: ignore[method-assign]
        return play


def giving(*answers: str) -> Answering:
    """Gives `answers` one after the other; reflects and curates without a word."""
    given = iter(answers)

    def answer(request: Request, number: int) -> str:
        if request.role == "generator":
            return move(next(given))
        return diagnosis(situation="door: shut") if request.role == "reflector" else curation()

    return Answering(answer)


def strategy(model: Model, **settings: Any) -> Ace:
    return Ace(Roles(lambda unit: model, lambda unit: model), **{"chains": True, **settings})


async def played(store: Store, model: Model, environment: Environment, retries: int | None, **settings: Any) -> Case:
    store.ensure_playbook("doors")
    roles = Roles(lambda unit: model, lambda unit: model)
    player = Player(environment, lambda unit: model, strategy(model, **settings), roles, "r-1", 0, retries, lambda event: None)
    [case] = await player.play(list(environment.tasks("train")), Stage("learn", 0, Sampling(), store.view("doors")))
    return case


def given(case: Case) -> list[str]:
    return [e.steps[-1].action for e in case.attempts]


@pytest.mark.parametrize(
    ("answers", "retries", "made"),
    [
        (("knock", "push", "open", "open"), 5, 3),
        (("open",), 5, 1),
        (("knock", "knock", "knock"), 1, 2),
        (("knock", "push"), 0, 1),
        (("knock", "jam", "open"), 5, 2),
    ],
)
async def test_a_lost_case_is_tried_again_without_a_reflection_until_it_is_over(
    store: Store, answers: tuple[str, ...], retries: int, made: int
) -> None:
    model = giving(*answers)
    case = await played(store, model, Door(), retries)
    assert given(case) == list(answers[:made])
    assert set(model.roles()) == {"generator"}
    assert case.reflections == {}


async def test_where_the_run_does_not_say_how_often_the_strategy_does(store: Store) -> None:
    assert len((await played(store, giving(*["knock"] * 20), Door(), None)).attempts) == SOLVING + 1
    assert len((await played(store, giving(*["knock"] * 20), Door(), None, chains=False)).attempts) == 1


async def test_a_case_is_given_up_when_all_its_answers_have_lost(store: Store) -> None:
    case = await played(store, giving("knock", "push", "knock", "push"), Door(("knock", "push")), 9)
    assert given(case) == ["knock", "push"]


async def test_where_actions_may_change_what_wins_it_is_tried_until_the_retries_are_used_up(store: Store) -> None:
    case = await played(store, giving(*["knock", "push"] * 3), Door(("knock", "push"), ("ring",)), 4)
    assert len(case.attempts) == 5


@pytest.mark.parametrize("environment", [Door(()), Door((), ("ring",))], ids=["free", "actions listed, answer free"])
async def test_free_answers_are_reflected_on_before_each_retry(store: Store, environment: Environment) -> None:
    model = giving("knock", "push", "open")
    case = await played(store, model, environment, 3)
    assert model.roles() == ["generator", "reflector", "generator", "reflector", "generator"]
    assert len(case.reflections) == 2
    assert len((await played(store, giving("knock"), environment, None)).attempts) == 1


@pytest.mark.parametrize("dictionary", [True, False])
async def test_a_reflection_between_two_attempts_is_shown_the_names_of_facts_as_one_after_a_batch_is(
    store: Store, dictionary: bool
) -> None:
    store.ensure_playbook("doors")
    store.commit(Batch((lived(1, True),), (replace(told(1), situation="door: green; bell: loud"),), "doors"))
    model = giving("knock", "open")
    await played(store, model, Door(()), 1, shown=Shown(dictionary=dictionary, near=0 if dictionary else 2))
    [asked] = asked_of(model, "reflector")
    assert (f"{layout.NAMES}\n" in asked and "- bell: loud (1)" in asked) == dictionary
    assert (f"{layout.NEAR}\n- success | door: green; bell: loud | done: choice 1" in asked) != dictionary


async def test_without_chains_a_lost_case_is_reflected_on_before_each_retry(store: Store) -> None:
    model = giving("knock", "push", "open")
    await played(store, model, Door(), 3, chains=False)
    assert model.roles() == ["generator", "reflector", "generator", "reflector", "generator"]


async def test_one_reflection_on_the_last_attempt_is_shown_what_was_chosen_before(store: Store) -> None:
    case = await played(store, giving("knock", "push", "open"), Door(), 5)
    model = giving()
    learned = await strategy(model).learn(Lesson(case.attempts, 0), store.view("doors"))
    assert [r.episode for r in learned.reflections] == [case.attempts[-1].id]
    asked, curated = (next(r.messages[1].content for r in model.asked if r.role == role) for role in ("reflector", "curator"))
    lines = [f"- failure{layout.FIELD}{a}{layout.FIELD}the environment said: no" for a in ("knock", "push")]
    assert "\n".join([layout.CHAIN, *lines]) in asked
    assert asked.count("## Action") == 1
    assert f"{layout.OUTCOME}\nsuccess" in asked
    # The curator sees every attempt, those without a reflection of their own too.
    rows = ["- #1 new | shut | knock", "- #2 new | shut | push", "+ #3 new | shut"]
    assert [row in curated for row in rows] == [True] * 3


@pytest.mark.parametrize("last", ["push", "jam"])
async def test_a_chain_that_was_never_won_is_covered_by_its_last_valid_attempt(store: Store, last: str) -> None:
    case = await played(store, giving("knock", "push", last), Door(), 2)
    learned = await strategy(giving()).learn(Lesson(case.attempts, 0), store.view("doors"))
    valid = [e for e in case.attempts if e.outcome.valid]
    assert [r.episode for r in learned.reflections] == [valid[-1].id]


async def test_a_solved_case_is_reflected_on_where_only_losses_are_wanted_because_some_were_lost(store: Store) -> None:
    lost_first = await played(store, giving("knock", "open"), Door(), 1)
    won = await played(store, giving("open"), Door(), 1)
    for case, reflected in ((lost_first, 1), (won, 0)):
        learned = await strategy(giving(), successes=False).learn(Lesson(case.attempts, 0), store.view("doors"))
        assert len(learned.reflections) == reflected


def run_of(store: Store, environment: Environment, model: Model, limit: Budget | None = None, **settings: Any) -> Run:
    how = {"episodes": 10, "eval": 2, "batch": 5, "strategy_settings": ON, "retries": 3, **settings}
    prepared = checked(environment, {**how, **({"budget": limit} if limit else {})}, model)
    return asyncio.run(work(prepared, store, begin(prepared, store)))


def test_a_run_reflects_once_a_case_and_keeps_every_attempt_in_the_evidence(store: Store) -> None:
    spy = Spy()
    run = run_of(store, Ferry(), spy)
    played = store.episodes(run=run.id, phase="learn", limit=None)
    asked = Counter(r.role for r in spy.seen)
    # Those of a batch are asked about in one request.
    assert len({e.task.key for e in played}) == sum(len(store.reflections(e.id)) for e in played) == 10
    assert asked["reflector"] == 2
    assert len(played) > 10
    shares = expected(
        RunSettings("ferry", episodes=10, eval=2, batch=5, strategy_settings=ON, retries=3), Ferry(), *_tasks(), 2
    )
    most = [s.calls for s in shares.shares]
    assert [asked["generator"] <= most[0], asked["reflector"] == most[1], asked["curator"] <= most[2]] == [True] * 3
    book = str(run.result["playbook"])
    past = {p.episode: p for p in store.view(book).attempts()}
    assert past.keys() == {e.id for e in played}
    for e in played:
        assert past[e.id].won is e.outcome.success
    lost = [e for e in played if not e.outcome.success]
    assert store.unlearned(book) == []
    assert sum(len(store.reflections(e.id)) for e in lost) < len(lost)
    for e in played[:3]:
        assert all(a.exact for a in requests(store, e)), (e.attempt, e.outcome)


def _tasks() -> tuple[list[Task], list[Task]]:
    s = RunSettings("ferry", episodes=10, eval=2)
    return list(train_tasks(Ferry(), s)), list(held_out_tasks(Ferry(), s))


@pytest.mark.parametrize("calls", [8, 12])
def test_stopped_in_the_middle_of_a_chain_and_resumed_it_gives_the_same(calls: int) -> None:
    def done(budget: Budget | None) -> list[tuple[str, str, str]]:
        with Store.open(":memory:") as store:
            settings: dict[str, Any] = {"episodes": 6, "learn_only": True, "playbook": "ferry"}
            if budget is None:
                run = run_of(store, Ferry(), Novice(), **settings)
            else:
                with pytest.raises(LimitReached):
                    run_of(store, Ferry(), Novice(), budget, **settings)
                how = {"eval": 2, "batch": 5, "strategy_settings": ON, "retries": 3, "budget": Budget(calls=1000), **settings}
                prepared = checked(Ferry(), how, Novice())
                [stored] = store.runs()
                run = asyncio.run(work(prepared, store, ready(prepared, store, stored)))
            rows = [(e.id, e.prompt_hash, e.outcome.verdict.value) for e in store.episodes(run=run.id, limit=None)]
            return [*rows, (store.head("ferry").digest, "", "")]

    assert done(Budget(calls=calls)) == done(None)
