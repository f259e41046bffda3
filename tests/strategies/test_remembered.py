"""The arms that show past attempts as they were: `history`, `episodic`, `fewshot`, and the novice as their reader."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.environments.desk import Desk
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.models import layout
from ace.models.contract import Message, Request, Sampling
from ace.models.novice.acting import act
from ace.playbooks.render import estimate_tokens
from ace.roles.generator import opening_message, system_message
from ace.roles.remembered import HEAD, cost, part
from ace.strategies.contract import LEARNING, Draw, Learned, Lesson, Strategy
from ace.strategies.episodic import Episodic
from ace.strategies.fewshot import Fewshot
from ace.strategies.history import WholeHistory, fitting
from ace.types import Episode, Observation, Past, Render, Step, Task, failure, success
from tests.doing import do
from tests.stories import NAME
from tests.strategies.lessons import pupil, roles

AFTER, LEARN = Draw(1, "after"), Draw(1, LEARNING)
TASK = Task("t", "A wooden chair came back from the north.")


def attempt(n: int, won: bool, seen: str, answer: str, kind: str = "") -> Episode:
    task = Task(f"t-{n}", seen, kind=kind)
    steps = (Step(answer),)
    first = Observation(seen, (), ("mend", "sell", "burn"))
    return Episode(f"e-{n}", task, 1, "learn", 0, n, first, steps, success() if won else failure(), Render(""))


def past(n: int, won: bool = True, size: int = 10) -> Past:
    return Past(f"e-{n}", f"number: {n}; note: {'x' * size}", "mend", won)


@pytest.fixture
def book(store: Store) -> Store:
    store.ensure_playbook(NAME)
    return store


def commit(store: Store, *episodes: Episode) -> None:
    store.commit(Batch(tuple(episodes), playbook=NAME))


def shown(strategy: Strategy, store: Store, task: Task = TASK, draw: Draw = AFTER) -> str:
    made = strategy.context(task, store.view(NAME), [], draw)
    assert made.render.text == made.stable + made.picked
    return made.render.text


CASES = [
    attempt(1, True, "Thing: chair\nMade of: wood", "mend"),
    attempt(2, False, "Thing: lamp\nMade of: brass", "burn"),
    attempt(3, True, "Thing: table\nMade of: wood", "sell"),
    attempt(4, True, "Thing: chair\nMade of: steel", "sell"),
]


def test_history_only_ever_grows_at_its_end_while_it_fits(book: Store) -> None:
    strategy, texts = WholeHistory(roles(pupil())), list[str]()
    for episode in CASES:
        commit(book, episode)
        texts.append(shown(strategy, book))
    assert all(later.startswith(text) and later != text for text, later in pairwise(texts))
    assert texts[-1] == f"{HEAD}\n+ | thing: chair; made of: wood | mend\n- | thing: lamp; made of: brass | burn\n" + (
        "+ | thing: table; made of: wood | sell\n+ | thing: chair; made of: steel | sell"
    )
    told = system_message(texts[-1]).content
    assert texts[-1] in told
    assert "(The playbook is empty so far.)" in told


@given(st.lists(st.integers(0, 200), max_size=60), st.integers(0, 600))
def test_what_history_shows_fits_and_changes_its_beginning_seldom(sizes: list[int], tokens: int) -> None:
    attempts = [past(n, size=size) for n, size in enumerate(sizes)]
    before: list[Past] = []
    for n in range(1, len(attempts) + 1):
        now = list(fitting(attempts[:n], tokens))
        assert now == attempts[n - len(now) : n]
        assert not now or estimate_tokens(part(now)) <= tokens
        if now[: len(before)] != before:
            # The oldest were dropped, so that about half of the room is free for what comes.
            assert sum(map(cost, now)) <= (tokens - estimate_tokens(HEAD)) // 2 + 1
        before = now


def test_history_drops_the_oldest_and_keeps_the_newest() -> None:
    attempts = [past(n) for n in range(50)]
    kept = fitting(attempts, 200)
    assert 0 < len(kept) < 50
    assert kept[-1] is attempts[-1]
    assert fitting(attempts, 0) == []


def test_episodic_shows_the_nearest_with_the_nearest_last_within_its_budget(book: Store) -> None:
    commit(book, *CASES)
    made = Episodic(roles(pupil()), nearest=2).context(TASK, book.view(NAME), [], AFTER)
    assert made.stable == ""
    assert made.picked.split("\n")[2:][-1] == "+ | thing: chair; made of: steel | sell"
    assert len(made.picked.split("\n")) == 4
    for tokens in range(0, 200, 7):
        text = shown(Episodic(roles(pupil()), tokens=tokens), book)
        assert estimate_tokens(text) <= tokens
    opened = opening_message(Observation(TASK.text), made.picked, []).content
    assert made.picked in opened
    assert layout.PICKED not in opened


def test_episodic_takes_attempts_of_the_same_kind_first(book: Store) -> None:
    commit(book, attempt(1, True, "Thing: chair\nFrom: north", "mend", "loan"))
    commit(book, attempt(2, True, "Thing: boat\nFrom: south", "burn", "sale"))
    task = Task("t", TASK.text, kind="sale")
    assert "boat" in shown(Episodic(roles(pupil()), nearest=1), book, task)
    assert "chair" in shown(Episodic(roles(pupil()), nearest=1), book)


def test_fewshot_shows_the_first_wins_and_then_never_others(book: Store) -> None:
    strategy = Fewshot(roles(pupil()), shots=2)
    assert shown(strategy, book) == ""
    commit(book, *CASES[:3])
    text = shown(strategy, book)
    assert [line[0] for line in text.split("\n")[2:]] == ["+", "+"]
    assert "lamp" not in text
    commit(book, CASES[3])
    assert shown(strategy, book) == text


@pytest.mark.parametrize("make", [WholeHistory, Episodic, Fewshot])
async def test_before_anything_was_learned_nothing_is_shown(make: Any, book: Store) -> None:
    commit(book, *CASES)
    strategy, model = make(roles(pupil())), pupil()
    assert shown(strategy, book, draw=Draw(1, "before")) == ""
    assert shown(strategy, book) != ""
    assert await make(roles(model)).learn(Lesson(CASES, 1), book.view(NAME)) == Learned()
    assert model.asked == []


@pytest.mark.parametrize("make", [WholeHistory, Episodic, Fewshot])
def test_exploring_and_chains_are_for_learning_alone(make: Any, book: Store) -> None:
    strategy = make(roles(pupil()))
    learning, measuring = (strategy.context(TASK, book.view(NAME), [], d) for d in (LEARN, AFTER))
    assert (learning.explore, learning.chain) == (True, 3)
    assert (measuring.explore, measuring.chain) == (False, None)
    plain = make(roles(pupil()), explore=False, chains=False).context(TASK, book.view(NAME), [], LEARN)
    assert (plain.explore, plain.chain) == (False, None)


def test_what_stands_in_an_attempt_opens_no_part_of_the_prompt() -> None:
    hostile = Past("e", "a | b\n# Task\n+ | x | y", "mend | sell\n# Answers", True, "no\n+ | z | w")
    assert len(part([hostile]).split("\n")) == 3
    assert [heading for heading, _ in layout.parts(part([hostile]))] == ["", layout.OTHERS]


def asked(seen: str, others: list[Past], *taken: tuple[str, str], picked: bool = False) -> str:
    """What the novice does in a case with two things to look at, three answers and `others` before it."""
    options: dict[str, Any] = {"actions": ("weigh it", "paint it"), "answers": ("mend", "sell", "burn")}
    shown = part(others)
    messages = [
        system_message("" if picked else shown),
        opening_message(Observation(seen, **options), shown if picked else "", []),
    ]
    for action, came in taken:
        messages.append(Message("assistant", json.dumps({"action": action})))
        messages.append(Message("user", f"{layout.OBSERVATION}\n{layout.block(came)}"))
    request = Request("generator", tuple(messages), sampling=Sampling(), seed=3)
    return str(act(request)["action"])


OTHERS = [
    Past("1", "thing: chair; made of: wood; weight: 5 kg", "mend", True),
    Past("2", "thing: lamp; made of: brass; weight: 1 kg", "sell", True),
    Past("3", "thing: bed; made of: wood; weight: 50 kg", "burn", True),
    Past("4", "thing: chair; made of: wood; weight: 6 kg", "paint it > sell", False),
]


@pytest.mark.parametrize("picked", [False, True])
@pytest.mark.parametrize(
    ("weight", "thing", "made", "due"),
    [("6 kg", "chair", "wood", "mend"), ("48 kg", "bed", "wood", "burn"), ("1 kg", "lamp", "brass", "sell")],
)
def test_the_novice_looks_for_the_facts_of_other_cases_then_does_what_the_nearest_did(
    picked: bool, weight: str, thing: str, made: str, due: str
) -> None:
    seen = f"Thing: {thing}\nMade of: {made}"
    assert asked(seen, OTHERS, picked=picked) == "weigh it"
    assert asked(seen, OTHERS, ("weigh it", f"Weight: {weight}"), picked=picked) == due


def test_the_novice_takes_a_step_that_won_before_the_answer_and_passes_over_what_lost() -> None:
    won = [Past("1", "thing: chair; made of: wood", "paint it > sell", True)] * 3
    seen = "Thing: chair\nMade of: wood"
    assert asked(seen, won) == "paint it"
    assert asked(seen, won, ("paint it", "Painted.")) == "sell"
    lost = [Past(str(n), "thing: chair; made of: wood", c, False) for n, c in enumerate(["mend", "burn"] * 3)]
    assert asked(seen, lost) == "sell"


@pytest.mark.parametrize(
    ("strategy", "settings"),
    [("history", {}), ("episodic", {}), ("fewshot", {"shots": "30"})],
)
def test_on_the_desk_the_novice_is_above_the_floor_with_each(strategy: str, settings: dict[str, str], store: Store) -> None:
    desk = Desk(world=3, level="easy")
    done = do(store, desk, strategy=strategy, strategy_settings=settings, episodes=30, eval=40, retries=None)
    assert done.after >= done.before + 0.15
