"""Cases: attempts at a task one after the other, all tasks at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from ace.environments.contract import Environment, Scene
from ace.errors import LimitReached
from ace.events import EpisodeEnded, Event
from ace.memory.store import Store
from ace.models import layout
from ace.models.clients.own import Own
from ace.models.contract import Model, Request, Sampling
from ace.models.wrappers.together import together
from ace.runs.playing import Case, Player, Stage
from ace.strategies.ace import Ace
from ace.strategies.contract import Roles
from ace.strategies.frozen import Frozen
from ace.types import Observation, Outcome, Split, Task, failure, invalid, success
from tests.answering import Answering, diagnosis, move
from tests.worlds import Play


class Lock(Environment):
    """Opened by the word in the task; `stuck` breaks it."""

    name = "lock"
    instant = True

    def tasks(self, split: Split) -> Iterator[Task]:
        return (Task(f"{split}-{n}", f"Lock {n}.", split, {"word": "sesame"}) for n in range(1, 9))

    def open(self, task: Task, seed: int) -> Scene:
        play = Play(Observation(task.text, (), ("sesame", "barley", "stuck")), lambda action: None, lambda action: False)

        def act(action: str) -> Observation | Outcome:
            return invalid("it is stuck") if action == "stuck" else success() if action == "sesame" else failure()

        play.act = act  # type: ignore[method-assign]
        return play


TASKS = list(Lock().tasks("train"))


def trying(*answers: str, reflects: str = "") -> Answering:
    """Gives `answers` one attempt after the other, counting the attempts it is told of."""

    def answer(request: Request, number: int) -> str:
        if request.role == "reflector":
            return reflects or diagnosis(choice="barley", lesson=f"lesson {number}")
        return move(answers[request.messages[1].content.count("## Attempt ")])

    return Answering(answer)


async def play(
    store: Store, model: Model, retries: int, tasks: list[Task] | None = None, heard: list[Event] | None = None
) -> list[Case]:
    store.ensure_playbook("locks")
    roles = Roles(lambda unit: model, lambda unit: model)
    told = heard if heard is not None else []
    player = Player(Lock(), lambda unit: model, Frozen(roles), roles, "r-1", 0, retries, told.append)
    return await player.play(tasks or TASKS[:1], Stage("learn", 0, Sampling(), store.view("locks")))


def ends(case: Case) -> list[str]:
    return [e.outcome.verdict.value for e in case.attempts]


async def test_a_lost_case_is_tried_again_with_what_was_reflected_until_it_is_won(store: Store) -> None:
    model, heard = trying("barley", "barley", "sesame", "sesame"), list[Event]()
    [case] = await play(store, model, 3, heard=heard)
    assert ends(case) == ["failure", "failure", "success"]
    assert case.won
    assert model.roles() == ["generator", "reflector", "generator", "reflector", "generator"]
    assert len({e.id for e in case.attempts}) == len({e.seed for e in case.attempts}) == 3
    assert list(case.reflections) == [e.id for e in case.attempts[:2]]
    last = model.asked[-1].messages[1].content
    assert [f"lesson: lesson {n}" in last for n in (2, 4)] == [True, True]
    assert heard == [EpisodeEnded(e) for e in case.attempts]


async def test_after_the_last_attempt_nothing_is_reflected_on(store: Store) -> None:
    model = trying("barley", "barley")
    [case] = await play(store, model, 1)
    assert (ends(case), case.won, len(case.reflections)) == (["failure", "failure"], False, 1)
    assert model.roles() == ["generator", "reflector", "generator"]


async def test_an_invalid_attempt_is_neither_reflected_on_nor_tried_again(store: Store) -> None:
    model = trying("barley", "stuck", "sesame")
    [case] = await play(store, model, 3)
    assert (ends(case), case.won) == (["failure", "invalid"], False)
    assert list(case.reflections) == [case.attempts[0].id]


async def test_without_a_reflection_that_can_be_read_it_is_tried_again_all_the_same(store: Store) -> None:
    model = trying("barley", reflects="hm")
    [case] = await play(store, model, 1)
    assert (ends(case), case.reflections) == (["failure", "failure"], {})
    assert "## Attempt " not in model.asked[-1].messages[1].content


async def test_cases_come_in_the_order_of_their_tasks_whichever_ends_first(store: Store) -> None:
    turn = asyncio.Event()

    async def slow_at_first(request: Request) -> str:
        if "| Lock 1." in request.messages[1].content:
            await turn.wait()
        else:
            turn.set()
        return move("sesame")

    heard: list[Event] = []
    cases = await play(store, Own("slow", slow_at_first), 0, TASKS[:3], heard)
    assert [c.attempts[0].task for c in cases] == TASKS[:3]
    assert [e.episode.task for e in heard if isinstance(e, EpisodeEnded)] == [*TASKS[1:3], TASKS[0]]


async def test_where_one_must_stop_the_others_end_what_is_paid_for(store: Store) -> None:
    ended: list[str] = []

    async def limited(request: Request) -> str:
        text = request.messages[1].content
        if "| Lock 2." in text:
            raise LimitReached("spent")
        for _ in range(20):
            await asyncio.sleep(0)
        ended.append(text)
        return move("sesame")

    with pytest.raises(LimitReached, match="spent"):
        await play(store, Own("limited", limited), 0, TASKS[:4])
    assert len(ended) == 3


async def test_of_several_reasons_to_stop_the_first_in_order_is_raised() -> None:
    async def fails(word: str) -> None:
        raise LimitReached(word)

    with pytest.raises(LimitReached, match="one"):
        await together([fails("one"), fails("two")])


async def explored(store: Store, model: Model, retries: int, phase: str = "learn", *, explore: bool) -> list[Case]:
    store.ensure_playbook("locks")
    roles = Roles(lambda unit: model, lambda unit: model)
    player = Player(Lock(), lambda unit: model, Ace(roles, explore=explore), roles, "r-1", 0, retries, lambda event: None)
    return await player.play(TASKS, Stage(phase, 0, Sampling(), store.view("locks")))


def obeying(request: Request, number: int) -> str:
    """Takes what the request names; without that, always the same wrong answer."""
    if request.role == "reflector":
        return diagnosis(choice="?", lesson="")
    named = next(
        (lines for heading, lines in layout.parts(request.messages[1].content) if heading == layout.TAKE), ["- barley"]
    )
    return move(named[0][2:])


async def test_while_learning_the_request_names_an_answer_that_has_not_lost_in_this_case(store: Store) -> None:
    model = Answering(obeying)
    cases = await explored(store, model, 2, explore=True)
    given = [[e.steps[-1].action for e in c.attempts] for c in cases]
    assert len({tuple(g) for g in given}) > 1
    assert all(len(g) == len(set(g)) for g in given)
    again = await explored(store, Answering(obeying), 2, explore=True)
    assert [[e.prompt_hash for e in c.attempts] for c in again] == [[e.prompt_hash for e in c.attempts] for c in cases]


async def test_every_answer_that_lost_in_the_case_is_named_even_where_none_is_drawn(store: Store) -> None:
    model = trying("barley", "Barley", "BARLEY", "sesame")
    await play(store, model, 4)
    asked = [r.messages[1].content for r in model.asked if r.role == "generator"]
    assert layout.LOST not in asked[0]
    assert f"{layout.LOST}\n- barley\n- Barley\n- BARLEY\n\n" in asked[-1]


@pytest.mark.parametrize("phase", ["before", "start", "after", "eval", "gate"])
async def test_what_is_measured_is_asked_byte_for_byte_as_without_exploring(store: Store, phase: str) -> None:
    with_it, without = Answering(obeying), Answering(obeying)
    await explored(store, with_it, 2, phase, explore=True)
    await explored(store, without, 2, phase, explore=False)
    assert [r.hash for r in with_it.asked] == [r.hash for r in without.asked]
