"""The right answer in feedback, in the words that environments use; and that the loop and the counts read the same one."""

from __future__ import annotations

import pytest

from ace.evidence.cases import cases_of
from ace.evidence.told import answers_of, told_answer
from ace.types import Past

LISTED = ("refund", "refund half", "deny", "send a voucher")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("The right answer: 42", "42"),
        ("Checked twice.\nThe right answer: Be on time. Then ring.", "Be on time. Then ring"),
        ("the correct answer was deny.", "deny"),
        ('It should have been "send a voucher".', "send a voucher"),
        ('"send a voucher" would have been right.', "send a voucher"),
        ("it was: a golden key", "a golden key"),
        ("The answer is 3.5. Check the units.", "3.5"),
        ("The right answer was Dr. Smith", "Dr. Smith"),
        ("Expected 3, got 4", "3"),
        ("expected: 3, got: 4", "3"),
        ("expected 'a' but got 'b'", "'a'"),
        ("The right answer is: no", "no"),
        ("Right answer: False", "False"),
        ("Your answer was 4; the right one was 3", "3"),
        # How it ended, and what else was said, is no answer.
        ("", ""),
        ("wrong", ""),
        ("Wrong answer.", ""),
        ("Your answer is wrong.", ""),
        ("The answer you gave is incorrect.", ""),
        ("The answer is not correct.", ""),
        ("incorrect: a step was left out", ""),
        ("This is not correct: try again.", ""),
        ("not right: the amount is above 200", ""),
        ("The right answer was not given.", ""),
        ('The customer wrote "please hurry".', ""),
        ("It was wrong.", ""),
    ],
)
def test_feedback_announces_an_answer_or_only_says_how_it_ended(said: str, answer: str) -> None:
    assert told_answer(said, "4") == answer


@pytest.mark.parametrize(
    ("given", "said", "answer"),
    [
        ("refund", "Refund half is what the house rules call for.", "refund half"),
        ("refund", "the right answer was: REFUND HALF", "refund half"),
        ("refund", "not refund but deny", "deny"),
        ("refund half", "refund half was wrong", ""),
        ("refund", "The right answer was: refund", ""),
        ("refund", "One of these is right: deny, send a voucher", ""),
        ("refund", "The right answer was: ring the bell", "ring the bell"),
    ],
)
def test_an_answer_that_can_be_given_is_named_by_its_words(given: str, said: str, answer: str) -> None:
    assert told_answer(said, given, LISTED) == answer


def test_what_other_attempts_chose_is_known_as_an_answer_when_attempts_are_counted() -> None:
    won = Past("e1", "tier: gold", "deny", True)
    lost = Past("e2", "tier: gold", "refund", False, "Deny it, say the house rules.")
    assert [c.revealed for c in cases_of([won, lost])] == ["", "deny"]
    assert [c.revealed for c in cases_of([lost])] == [""]
    assert answers_of(str(n) for n in range(61)) == ()
