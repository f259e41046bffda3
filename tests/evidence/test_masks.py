"""Conditions on many cases at once hold where they hold in each."""

from __future__ import annotations

from ace.evidence.conditions import conditions_of
from ace.evidence.masks import Masks, bits
from ace.playbooks.triggers.conditions import CaseView, Condition
from ace.playbooks.triggers.facts import Facts

VIEWS = [
    CaseView.of(Facts({"Order Total": 40.0, "tier": "Gold"}, "please send 12 kg at once", {"Order Total": "$"})),
    CaseView.of(Facts({"order total": 120.0, "tier": "gold"}, "please hurry", {"order total": "kg"})),
    CaseView.of(Facts({"tier": 3.0}, "12 kg of tea")),
    CaseView.of(Facts({"tier": "none", "order total": "unknown"})),
]
ASKED = [
    Condition("is", "tier", "gold"),
    Condition("is", "Tier", "3"),
    Condition("is not", "tier", "gold"),
    Condition("one of", "tier", ("gold", "none")),
    Condition("at least", "order total", 100.0),
    Condition("at least", "Order Total", 10.0, "$"),
    Condition("below", "order total", 100.0),
    Condition("between", "order total", (30.0, 50.0)),
    Condition("contains", "tier", "gold"),
    Condition("mentions", "please"),
    Condition("mentions", "12 kg of"),
    Condition("lacks", "tea"),
    Condition("count at least", "kg", 10.0),
]


def test_every_kind_of_condition_holds_where_it_holds_in_each_case() -> None:
    masks = Masks(VIEWS)
    for condition in [*ASKED, *conditions_of(VIEWS)]:
        assert masks.of([condition]) == bits(condition.holds(view) for view in VIEWS), condition.sentence()
