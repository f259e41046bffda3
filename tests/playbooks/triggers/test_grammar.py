"""Every trigger has one printed form, and reads back from it as itself."""

from __future__ import annotations

import pytest
from hypothesis import given

from ace.playbooks.triggers.conditions import CaseView, Condition
from ace.playbooks.triggers.facts import read_facts
from ace.playbooks.triggers.grammar import read_trigger
from ace.playbooks.triggers.trigger import Plan, Trigger
from tests.playbooks.triggers.making import TRIGGERS


@given(TRIGGERS)
def test_every_trigger_reads_back_from_its_sentence(trigger: Trigger) -> None:
    read = read_trigger(trigger.sentence())
    assert read == trigger
    assert read.sentence() == trigger.sentence()


@pytest.mark.parametrize(
    ("said", "trigger"),
    [
        (
            'When "tier" is "gold" and "amount" is at least 200: take "verify" first, then choose "refund".',
            Trigger((Condition("is", "tier", "gold"), Condition("at least", "amount", 200.0)), Plan("refund", "verify")),
        ),
        (
            'When the text says "a bicycle" and the number by "kg" is below 12.5: choose "cabin".',
            Trigger((Condition("mentions", "a bicycle"), Condition("count below", "kg", 12.5)), Plan("cabin")),
        ),
        ('In every other case: choose "decline".', Trigger((), Plan("decline"))),
        (
            'When "tier" is one of "gold", "silver", unless "item" is "fragile": choose "ship".',
            Trigger((Condition("one of", "tier", ("gold", "silver")),), Plan("ship"), ((Condition("is", "item", "fragile"),),)),
        ),
        (
            'When "price" is between $5 and $10 and "length" is at most 0.5: choose "ship".',
            Trigger((Condition("between", "price", (5.0, 10.0), "$"), Condition("at most", "length", 0.5)), Plan("ship")),
        ),
        (
            'When "weight" is between 2 and 10 kg and "price" is above $5: choose "ship".',
            Trigger((Condition("between", "weight", (2.0, 10.0), "kg"), Condition("above", "price", 5.0, "$")), Plan("ship")),
        ),
    ],
)
def test_sentences_state_these_triggers(said: str, trigger: Trigger) -> None:
    assert read_trigger(said) == trigger
    assert trigger.sentence() == said


def test_sentences_of_others_are_left_alone() -> None:
    assert read_trigger("Always be kind to gold members.") is None


HOLDS = [
    (Condition("is", "Tier", "Gold"), True),
    (Condition("is", "tier", "golden"), False),
    (Condition("is not", "tier", "silver"), True),
    (Condition("is not", "tier", "gold"), False),
    (Condition("is not", "colour", "red"), False),
    (Condition("one of", "tier", ("silver", "gold")), True),
    (Condition("one of", "item", ("3", "4")), True),
    (Condition("one of", "item", ("2", "4")), False),
    (Condition("at least", "items", 3.0), True),
    (Condition("at most", "item", 3.0), True),
    (Condition("at most", "item", 2.9), False),
    (Condition("above", "item", 3.0), False),
    (Condition("above", "item", 2.0), True),
    (Condition("below", "item", 3.0), False),
    (Condition("between", "item", (3.0, 5.0)), True),
    (Condition("between", "item", (4.0, 5.0)), False),
    (Condition("at least", "weight", 10.0, "kg"), True),
    (Condition("at least", "weight", 10.0, "kilograms"), True),
    (Condition("at least", "weight", 10.0, "lb"), False),
    (Condition("below", "weight", 100.0, "lb"), False),
    (Condition("above", "weight", 5000.0, "g"), True),
    (Condition("at most", "weight", 11_999.0, "grams"), False),
    (Condition("between", "weight", (11_000.0, 12_000.0), "g"), True),
    (Condition("is", "weight", "12000 g"), True),
    (Condition("is not", "weight", "12000 g"), False),
    (Condition("below", "wait", 2.0, "weeks"), True),
    (Condition("below", "wait", 48.0, "hours"), False),
    (Condition("at least", "wait", 1.0, "month"), False),
    (Condition("below", "wait", 1.0, "month"), False),
    (Condition("is", "weight", "12 kg"), True),
    (Condition("is", "weight", "12"), True),
    (Condition("is", "weight", "12 lb"), False),
    (Condition("is not", "weight", "12 lb"), True),
    (Condition("contains", "note", "screen"), True),
    (Condition("contains", "note", "scree"), False),
    (Condition("omits", "note", "box"), True),
    (Condition("omits", "colour", "box"), False),
    (Condition("at least", "tier", 1.0), False),
    (Condition("is", "version", "1.10"), True),
    (Condition("is", "version", "1.1"), False),
]


@pytest.mark.parametrize(("condition", "holds"), HOLDS, ids=[c.sentence() for c, _ in HOLDS])
def test_conditions_hold_in_a_case(condition: Condition, holds: bool) -> None:
    view = CaseView.of(read_facts(["tier: gold\nitems: 3\nweight: 12 kg\nwait: 10 days\nnote: a broken screen\nversion: 1.10"]))
    assert condition.holds(view) is holds


def test_an_exception_keeps_a_trigger_from_covering_a_case() -> None:
    view = CaseView.of(read_facts(["tier: gold; item: fragile"]))
    gold, fragile, heavy = (
        Condition("is", "tier", "gold"),
        Condition("is", "item", "fragile"),
        Condition("above", "weight", 5.0),
    )
    assert Trigger((gold,), Plan("ship")).covers(view)
    assert not Trigger((gold,), Plan("ship"), ((fragile,),)).covers(view)
    assert Trigger((gold,), Plan("ship"), ((fragile, heavy),)).covers(view)
    assert not Trigger((gold,), Plan("ship"), ((heavy,), (fragile,))).covers(view)


def test_words_next_to_each_other_are_found_in_a_text() -> None:
    view = CaseView.of(read_facts(["The screen was broken on arrival, he wrote."]))
    assert Condition("mentions", "broken on arrival").holds(view)
    assert not Condition("mentions", "broken arrival").holds(view)
    assert Condition("lacks", "arrival on broken").holds(view)
