"""Which lessons count as the same, which are shown to somebody, and which contradict each other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.bullet import Bullet
from ace.playbooks.similarity.compare import Kind, compare, gist
from ace.playbooks.similarity.pairs import pairs_among
from tests.playbooks.likely import ALIKE, CONTRADICTING, DIFFERENT, SAME
from tests.playbooks.making import checked

PAIRS = [
    *((Kind.SAME, a, b) for a, b in SAME),
    *((Kind.ALIKE, a, b) for a, b in ALIKE),
    *((Kind.CONTRADICTS, a, b) for a, b in CONTRADICTING),
    *((Kind.DIFFERENT, a, b) for a, b in DIFFERENT),
]
TEXTS = sorted({text for _, *pair in PAIRS for text in pair})
texts = st.sampled_from(TEXTS)


@pytest.mark.parametrize(("kind", "a", "b"), PAIRS)
def test_two_lessons_compare_as_a_reader_would_say(kind: Kind, a: str, b: str) -> None:
    assert compare(a, b).kind is kind


# What a similarity of letters or of meaning gets wrong, at 49 to 97 of 100 and cosines of 0.74 to 0.95.
@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("Always paginate the list calls.", "Do not paginate the list calls.", Kind.CONTRADICTS),
        ("Use the 24h clock in all reports.", "Use the 12h clock in all reports.", Kind.CONTRADICTS),
        ("Retry a failed call up to 3 times.", "Retry a failed call up to 5 times.", Kind.CONTRADICTS),
        ("Follow the pages until there is no next page.", "Request page after page until no next page is left.", Kind.ALIKE),
        ("Check the identity before a refund.", "Before a refund, the identity must be checked.", Kind.ALIKE),
        ("Write dates in ISO format.", "Dates are written in the ISO format.", Kind.ALIKE),
        ("Confirm with the customer before cancelling.", "Before you cancel, let the customer confirm.", Kind.ALIKE),
        ("Use the 24h clock in all reports.", "Water the seedlings in the morning.", Kind.DIFFERENT),
        # Rules of one list that stand beside each other, and two of which only one can hold.
        (
            'When "days" is below 30: choose "refund in full".',
            'When "days" is at least 30: choose "refund half".',
            Kind.DIFFERENT,
        ),
        ('If the item is not damaged, choose "decline".', 'If the item is damaged, choose "refund".', Kind.DIFFERENT),
        (
            'When "region" is "home" and "carrier" is "swift": choose "decline".',
            'In all other cases (carrier is "swift", region not home): choose "decline".',
            Kind.DIFFERENT,
        ),
        ('In every other case: choose "refund".', 'In all other cases: choose "decline".', Kind.CONTRADICTS),
        ('When "days" is below 30: choose "refund".', 'When "days" is below 30: choose "decline".', Kind.CONTRADICTS),
    ],
)
def test_a_number_or_a_negation_weighs_more_than_letters(a: str, b: str, kind: Kind) -> None:
    assert compare(a, b).kind is kind


def test_a_contradiction_says_what_stands_against_what() -> None:
    assert compare("Retry 3 times.", "Retry 5 times.").why == "3 against 5"
    assert compare("Check it before lunch.", "Check it after lunch.").why == "before against after"
    assert compare("A deposit of at least 200 is due.", "A deposit of <= 200 is due.").why == ">= against <="
    assert compare("Orders of more than 9 items.", "Orders of less than 9 items.").why == "> against <"
    assert compare("Guests under 16 need a guardian.", "Guests over 16 need a guardian.").why == "under against over"
    assert "not" in compare("Mix the two glues.", "Do not mix the two glues.").why


@checked
@given(texts, texts)
def test_it_does_not_matter_which_of_two_lessons_comes_first(a: str, b: str) -> None:
    one, other = compare(a, b), compare(b, a)
    assert (one.kind, one.score) == (other.kind, other.score)


@checked
@given(texts)
def test_a_lesson_is_the_same_as_itself_however_it_is_written(text: str) -> None:
    for again in (text, text.upper(), f"  {text.rstrip('.')} !", text.replace(" ", "  ")):
        assert compare(text, again).kind is Kind.SAME
        assert gist(text) == gist(again)


@checked
@given(texts, texts)
def test_what_is_the_same_is_found_by_its_gist(a: str, b: str) -> None:
    assert compare(a, b).kind is not Kind.SAME or gist(a) == gist(b)


@checked
@given(texts, st.integers(0, 9), st.sampled_from(("not", "never", "3", "-3", "always", "at least")))
def test_a_word_more_that_may_turn_it_round_is_never_taken_for_the_same(text: str, place: int, word: str) -> None:
    words = text.split()
    other = " ".join([*words[:place], word, *words[place:]])
    assert compare(text, other).kind is not Kind.SAME


@checked
@given(texts, st.data())
def test_another_word_is_never_taken_for_the_same(text: str, data: st.DataObject) -> None:
    words = text.split()
    place = data.draw(st.integers(0, len(words) - 1))
    other = " ".join([*words[:place], "elephant", *words[place + 1 :]])
    assert compare(text, other).kind is not Kind.SAME


@pytest.mark.parametrize("text", ["", " ", "...", "the"])
def test_nothing_is_not_the_same_as_nothing(text: str) -> None:
    assert compare(text, "").kind is Kind.DIFFERENT


def bullets(*lines: str) -> list[Bullet]:
    return [Bullet(f"b-{i:04d}", "S", text, rank=f"{i:08d}") for i, text in enumerate(lines)]


def test_among_many_lessons_the_few_pairs_to_look_at_are_found() -> None:
    everything = bullets(*TEXTS)
    found = pairs_among(everything, limit=10_000)
    told = {frozenset((p.first.text, p.second.text)): p.likeness.kind for p in found}
    wanted = {frozenset((a, b)): kind for kind, a, b in PAIRS if kind is not Kind.DIFFERENT}
    assert wanted.items() <= told.items()
    assert not {frozenset(pair) for pair in DIFFERENT} & told.keys()
    order = [p.likeness.kind for p in found]
    assert order == sorted(order, key=(Kind.SAME, Kind.CONTRADICTS, Kind.ALIKE).index)


def test_of_too_many_pairs_those_that_matter_most_are_told() -> None:
    same, turned = "Ask for the order number.", "Do not ask for the order number."
    found = pairs_among(bullets(same, turned, same.upper(), "Ask for the order number of the gift."), limit=2)
    assert [p.likeness.kind for p in found] == [Kind.SAME, Kind.CONTRADICTS]


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        (
            'When "weight" is under 480, "customer" is "ferry" and "topping" is "linseed": choose "use the deck oven".',
            'When "weight" is under 480, "customer" is "convent" and "shape" is not "brick": choose "use the stone oven".',
            Kind.DIFFERENT,
        ),
        (
            'When "a" is "x", "b" is "y" and "c" is "z": choose "go".',
            'When "a" is "x", "b" is "y" and "c" is "z": choose "stop".',
            Kind.CONTRADICTS,
        ),
        (
            'When the note says "due: now", choose "pay".',
            'When the note says "due: now", choose "wait".',
            Kind.CONTRADICTS,
        ),
        ('When a customer is new, say: "hello".', 'When a customer is new, do not say: "hello".', Kind.CONTRADICTS),
    ],
    ids=["other cases in a list", "one list", "a colon within quotes", "a colon behind the choice"],
)
def test_conditions_in_a_list_end_at_the_choice(a: str, b: str, kind: Kind) -> None:
    assert compare(a, b).kind is compare(b, a).kind is kind


def test_two_lessons_that_a_person_pinned_are_nobody_elses_business() -> None:
    pair = [replace(b, pinned=True) for b in bullets("Retry 3 times.", "Retry 5 times.")]
    assert pairs_among(pair) == []
    assert len(pairs_among([replace(pair[0], pinned=False), pair[1]])) == 1


def test_rules_for_different_cases_are_not_told_as_alike() -> None:
    rules = [f'When the text is about "{a}", "{b}": choose "{c}".' for a, b, c in ("abc", "def", "ghi", "jkl")]
    assert pairs_among(bullets(*rules)) == []
