"""Exploring a case: what lost in it, and which answer is drawn next."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.roles.exploring import Course, Tried, draw, lost_part, ran_out, take_part, told_right, tried
from ace.types import Episode, Observation, Outcome, Render, Step, Task, failure, invalid, success

ANSWERS = ("water", "sell", "prune")
LISTED = Observation("A plant is ill.", (), ANSWERS)
ACTING = Observation("A plant is ill.", ("look", "call"), ANSWERS)


def attempt(*done: str, seen: Observation = LISTED, came: str = "Soil: peat", outcome: Outcome | None = None) -> Episode:
    """Takes actions, each of which shows `came`, and ends with the last of `done`."""
    steps = [*(Step(a, Observation(came, seen.actions, seen.answers)) for a in done[:-1]), Step(done[-1])]
    return Episode("e", Task("t", "A plant."), 1, "learn", 0, 0, seen, tuple(steps), outcome or failure(), Render(""))


def lost(*answers: str) -> list[Episode]:
    return [attempt(a) for a in answers]


def drawn(attempts: Sequence[Episode], seen: Observation = LISTED) -> set[str]:
    plans = [draw(seen, tried(attempts), seed) for seed in range(60)]
    return {p.line() for p in plans if p}


def test_every_answer_can_be_drawn_until_it_has_lost_in_this_case() -> None:
    assert drawn([]) == set(ANSWERS)
    assert drawn(lost("sell")) == {"water", "prune"}
    assert drawn(lost("sell", "prune")) == {"water"}
    assert drawn(lost(*ANSWERS)) == set()


def test_an_answer_that_was_written_otherwise_has_lost_all_the_same() -> None:
    assert drawn(lost("Sell", " water ")) == {"prune"}


def test_answers_that_differ_in_case_or_blanks_alone_are_listed_apart_and_lose_apart() -> None:
    seen = Observation("A plant is ill.", (), ("a", "a", "A", "b"))
    assert drawn([attempt("a", seen=seen)], seen) == {"A", "b"}
    assert not ran_out([attempt(x, seen=seen) for x in ("a", "b")])
    assert ran_out([attempt(x, seen=seen) for x in ("a", "B", "A")])


def test_an_answer_that_lost_after_an_action_is_drawn_again_only_when_all_have_lost() -> None:
    spent = [attempt("call", a, seen=ACTING, came="Nobody answers.") for a in ("water", "sell")]
    assert drawn(spent, ACTING) == {"prune"}
    spent.append(attempt("prune", seen=ACTING))
    assert drawn(spent, ACTING) == {"look > water", "look > sell", "look > prune", "call > prune"}


def test_an_action_that_only_showed_facts_is_no_other_way_to_an_answer() -> None:
    spent = [attempt("look", a, seen=ACTING) for a in ANSWERS]
    assert tried(spent).lost == tuple(Course((), a) for a in ANSWERS)
    assert drawn(spent, ACTING) == {"call > water", "call > sell", "call > prune"}


@pytest.mark.parametrize("ended", [success(), invalid("a timeout")])
def test_only_a_loss_excludes_an_answer(ended: Outcome) -> None:
    assert tried([attempt("sell", outcome=ended)]) == Tried()


def test_what_was_no_answer_excludes_none() -> None:
    free = attempt("I would sell it.", seen=Observation("A plant is ill."))
    endless = attempt("look", "look", seen=ACTING)
    last = endless.steps[0]
    unanswered = Episode(
        "e", free.task, 1, "learn", 0, 0, ACTING, (last,), failure(reason="no answer within 1 step"), Render("")
    )
    silent = Episode("e", free.task, 1, "learn", 0, 0, ACTING, (), failure(reason="the reply could not be read"), Render(""))
    assert tried([free, unanswered, silent]).lost == ()


def test_answers_that_are_listed_later_are_drawn_from_then() -> None:
    assert draw(Observation("Wait.", ("look",)), Tried(), 0) is None
    assert drawn([], Observation("Now.", (), ("keep",))) == {"keep"}


def test_a_case_has_run_out_when_all_answers_lost_and_no_action_could_change_that() -> None:
    assert [ran_out(lost(*ANSWERS[:n])) for n in (1, 2, 3)] == [False, False, True]
    assert not ran_out([attempt(a, seen=ACTING) for a in ANSWERS])
    assert not ran_out([attempt("call", a, seen=ACTING) for a in ANSWERS])


def test_what_lost_is_named_once_each_and_in_order() -> None:
    spent = [attempt("call", "sell", seen=ACTING, came="No."), attempt("water", seen=ACTING), attempt("water", seen=ACTING)]
    assert lost_part(tried(spent)) == "# Lost in this case\n- call > sell\n- water"
    assert (lost_part(Tried()), take_part(None)) == ("", "")


@given(st.lists(st.text(min_size=1), min_size=1, max_size=6), st.lists(st.text(min_size=1), max_size=6), st.integers(0, 2**32))
def test_what_is_drawn_is_listed_and_has_not_lost_and_is_the_same_again(listed: list[str], gone: list[str], seed: int) -> None:
    seen, known = Observation("", (), tuple(listed)), tried([attempt(a, seen=Observation("", (), tuple(listed))) for a in gone])
    plan = draw(seen, known, seed)
    assert plan == draw(seen, known, seed)
    if plan is not None:
        assert plan.answer in listed
        assert plan.answer not in gone


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("The right answer was: prune.", True),
        ("wrong, PRUNE", True),
        ("", False),
        ("wrong", False),
        ("sell was wrong", False),
        ("this needs pruned roses", False),
        ("valid answers: water, sell, prune", False),
        ("not sell but prune", True),
    ],
)
def test_an_environment_that_names_another_answer_leaves_nothing_to_eliminate(said: str, right: bool) -> None:
    assert told_right(attempt("sell", outcome=failure(said))) is right


@pytest.mark.parametrize(
    ("said", "right"), [("A wrong answer.", False), ("It was A.", True), ("correct: A", True), ("not B", False)]
)
def test_an_answer_of_one_letter_is_named_behind_a_mark_only(said: str, right: bool) -> None:
    assert told_right(attempt("B", seen=Observation("?", (), ("A", "B")), outcome=failure(said))) is right


@pytest.mark.parametrize(
    ("given", "said", "right"),
    [("refund", "it was: refund half", True), ("refund half", "refund half was wrong", False), ("deny", "Refund half.", True)],
)
def test_an_answer_inside_another_is_not_named_by_it(given: str, said: str, right: bool) -> None:
    seen = Observation("?", (), ("refund", "refund half", "deny"))
    assert told_right(attempt(given, seen=seen, outcome=failure(said))) is right
