"""What is true of a case: the facts that house rules may turn on, and others that look just like them.

Every fact is drawn by itself, so no fact tells another, and none tells the verdict but through the rules. Which record shows a
fact is the same in every world.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Value = str | int
Facts = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Words:
    """A fact with a few values, each as likely."""

    name: str
    values: tuple[str, ...]

    def draw(self, rng: random.Random) -> str:
        return rng.choice(self.values)


@dataclass(frozen=True, slots=True)
class NumberFact:
    """A whole number in [low, high]; small ones are likelier where `skew` is above 1. `cuts` are the bounds that a rule may
    draw; `unit` stands behind it in records."""

    name: str
    low: int
    high: int
    cuts: tuple[int, ...]
    unit: str = ""
    skew: float = 1.0

    def draw(self, rng: random.Random) -> int:
        return self.low + int((self.high - self.low + 1) * rng.random() ** self.skew)


Fact = Words | NumberFact

PRODUCT = Words("Product", ("headphones", "kettle", "rain jacket", "desk lamp", "espresso machine"))
TOTAL = NumberFact("Order total", 12, 480, (100, 150, 200), "EUR", 1.6)
PAID = Words("Paid with", ("card", "invoice", "gift card", "bank transfer"))
MEMBER = Words("Membership", ("none", "silver", "gold"))
REGION = Words("Region", ("home", "neighbouring", "overseas"))
CLAIMS = NumberFact("Claims in the last year", 0, 6, (2, 3, 4))
DAYS = NumberFact("Days since delivery", 1, 75, (14, 30, 45), "days")
CONDITION = Words("Item condition", ("unopened", "opened", "damaged", "faulty"))

CARRIER = Words("Carrier", ("Parcel Post", "Swift", "Blue Van"))

LOOK_ORDER, LOOK_CUSTOMER, LOOK_ITEM = "look up the order", "look up the customer", "look up the returned item"

RECORDS: Mapping[str, Sequence[Fact]] = {
    LOOK_ORDER: (PRODUCT, TOTAL, PAID),
    LOOK_CUSTOMER: (MEMBER, REGION, CLAIMS),
    LOOK_ITEM: (CARRIER, DAYS, CONDITION),
}
"""Which action shows which facts, in the order in which they stand there."""

EVERYTHING: tuple[Fact, ...] = tuple(fact for shown in RECORDS.values() for fact in shown)


def draw_facts(rng: random.Random) -> dict[str, Value]:
    """The facts of one case."""
    return {fact.name: fact.draw(rng) for fact in EVERYTHING}


def shown(fact: Fact, value: Value) -> str:
    """The line of a record that shows `fact`."""
    unit = f" {fact.unit}" if isinstance(fact, NumberFact) and fact.unit else ""
    return f"{fact.name}: {value}{unit}"
