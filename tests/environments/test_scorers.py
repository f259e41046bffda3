"""What is right, what is wrong, and that junk never passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.environments.patterns import compile_safe
from ace.environments.scorers import LONGEST_REPLY, built_in, chosen, custom, exact, matches, numeric, verdict
from ace.types import Outcome, Verdict, success

CHOICES = ("Revenue", "RevenueTaxes", "C", "C++", "Net Loss")
JUNK = (
    "",
    " ",
    "\n\t",
    ".",
    '""',
    "None",
    "[]",
    "{}",
    "I do not know",
    "yes and no",
    "\0",
    "'; drop table",
    "x" * (LONGEST_REPLY + 1),
)


@pytest.mark.parametrize("reply", ["Paris", " paris ", '"Paris"', "Paris.", "**Paris**", "“PARIS!”", "`Paris`", "'Paris.'"])
def test_case_quotes_and_a_full_stop_do_not_matter(reply: str) -> None:
    assert exact(reply, "Paris")


@pytest.mark.parametrize("reply", ["Paris or London", "not Paris", "Pari", "P a r i s", *JUNK])
def test_another_text_is_not_the_answer(reply: str) -> None:
    assert not exact(reply, "Paris")


def test_what_stands_around_an_answer_may_be_the_answer() -> None:
    assert not exact("C", "C++")
    assert not exact("5", "-5")
    assert exact("?", "?")
    assert not exact("!", "?")


@pytest.mark.parametrize(
    ("reply", "named"),
    [
        ("Revenue", "Revenue"),
        ("revenue.", "Revenue"),
        ("Answer: Revenue", "Revenue"),
        ("The answer is Net  loss.", "Net Loss"),
        ("answer:C++", "C++"),
        ("(C)", "C"),
        ("c", "C"),
        ("Revenue RevenueTaxes", None),
        ("Answer: Revenue or C", None),
        ("It is Revenue", None),
        ("Reven", None),
        ("Answer:", None),
        *((junk, None) for junk in JUNK),
    ],
)
def test_a_choice_is_named_whole_or_not_at_all(reply: str, named: str | None) -> None:
    assert chosen(reply, CHOICES) == named


def test_choices_that_differ_only_in_case_must_be_given_as_written() -> None:
    assert chosen("US", ("US", "us")) == "US"
    assert chosen("Us", ("US", "us")) is None


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("1,234.50", "1234.5"),
        ("$1,234.50", "1234.5"),
        ("-$5", "-5"),
        ("$-5", "-5"),
        ("(3.20)", "-3.2"),
        ("($3.20)", "-3.2"),
        ("−7", "-7"),
        ("2.0 dollars", "2.0"),
        ("Answer: 2", "2.0"),
        ("4e-3", "0.004"),
        ("1.2 million", "1200000"),
        ("$1.2 million dollars", "1200000"),
        ("25%", "25.0"),
        ("25%", "0.25"),
        ("0.25", "25%"),
        ("25 percent", "25%"),
        ("0.3333", "0.33"),
        ("**12.**", "12"),
        (".5", "0.5"),
    ],
)
def test_a_number_may_be_written_in_many_ways(reply: str, answer: str) -> None:
    assert numeric(reply, answer)


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("2 or 3", "2"),
        ("2 or three", "2"),
        ("2 3", "2"),
        ("1,23", "123"),
        ("1 234", "1234"),
        ("5.04", "5.0"),
        ("5.4", "5"),
        ("5 million", "5"),
        ("--5", "5"),
        ("-$-5", "5"),
        ("(5", "-5"),
        ("5)", "-5"),
        ("0.25%", "25%"),
        ("1e999", "inf"),
        ("nan", "nan"),
        ("inf", "inf"),
        ("1+1", "2"),
        ("__import__('os')", "0"),
        ("٣", "3"),
        ("9" * (LONGEST_REPLY + 1), "9"),
        *((junk, "0") for junk in JUNK),
    ],
)
def test_anything_but_that_one_number_is_wrong(reply: str, answer: str) -> None:
    assert not numeric(reply, answer)


def test_tolerance_is_a_share_of_the_answer() -> None:
    assert numeric("101", "100", 0.01)
    assert not numeric("101.1", "100", 0.01)
    assert not numeric("101", "100")


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_every_number_is_equal_to_itself_and_not_to_its_double(value: float) -> None:
    assert numeric(f"{value:,.2f}", f"{value:.2f}")
    assert abs(value) < 1 or not numeric(f"{value * 2:.2f}", f"{value:.2f}")


@given(st.text())
def test_no_text_at_all_makes_a_scorer_raise(reply: str) -> None:
    for name in ("exact", "choice", "numeric"):
        built_in(name)(reply, "12.5", CHOICES)
    assert not matches(reply, "never this")


def test_a_pattern_must_match_the_whole_reply() -> None:
    assert matches(" 2024-05-01 ", r"\d{4}-\d\d-\d\d")
    assert not matches("on 2024-05-01", r"\d{4}-\d\d-\d\d")
    assert not matches("x" * 201, "x*")
    assert not matches("", ".*")


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(a|a)*c", "(a?){30}a{30}", "a?" * 30, ".*.*.*.*.*x", r"(a+)\1", "(", "(?P<n>a)(?P=n)", "*"]
)
def test_a_pattern_that_could_hang_or_does_not_compile_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"too long|does not compile"):
        compile_safe(pattern)


@pytest.mark.parametrize(
    "pattern", [r"\d+(\.\d+)?", "(?i)yes|no", ".*foo.*bar.*", "[a)(+]+", r"(\d{1,3}\.){3}\d{1,3}", "(ab)+c", r"a\+b", "[]x]+"]
)
def test_ordinary_patterns_are_accepted_and_end_on_the_longest_text(pattern: str) -> None:
    compiled = compile_safe(pattern)
    for text in ("a" * 200, "foo" * 66, "1." * 100, "ab" * 100):
        assert compiled.fullmatch(text + "\0") is None


def _raising(reply: str, answer: str) -> bool:
    raise RuntimeError("no disk")


def test_a_scorer_of_ones_own_that_raises_is_not_the_agents_fault() -> None:
    outcome = custom(_raising)("reply", "answer", ())
    assert outcome.verdict is Verdict.INVALID
    assert "RuntimeError: no disk" in outcome.reason


@pytest.mark.parametrize(
    ("value", "expected", "score"),
    [
        (True, Verdict.SUCCESS, None),
        (False, Verdict.FAILURE, None),
        (1, Verdict.SUCCESS, 1.0),
        (0.5, Verdict.FAILURE, 0.5),
        (None, Verdict.INVALID, None),
        (float("nan"), Verdict.INVALID, None),
        (1.5, Verdict.INVALID, None),
        ("yes", Verdict.INVALID, None),
    ],
)
def test_what_a_check_may_say(value: object, expected: Verdict, score: float | None) -> None:
    outcome = verdict(value)
    assert (outcome.verdict, outcome.score) == (expected, score)


def test_an_outcome_is_taken_as_it_is() -> None:
    outcome: Outcome = success("well done", 0.9)
    assert verdict(outcome) is outcome


def test_empty_and_very_long_replies_never_reach_a_scorer_of_ones_own() -> None:
    judge = custom(lambda reply, answer: True)
    assert judge("fine", "x", ()).success
    assert not judge(" ", "x", ()).success
    assert not judge("x" * (LONGEST_REPLY + 1), "x", ()).success
