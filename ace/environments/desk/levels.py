"""How hard a world is: what there is to choose from, and what its rules are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ace.environments.desk.facts import CLAIMS, CONDITION, DAYS, MEMBER, PAID, PRODUCT, REGION, TOTAL, Fact

Level = Literal["easy", "normal", "hard"]

RESOLUTIONS = (
    "refund in full",
    "send a replacement",
    "offer a repair",
    "give a voucher",
    "refund half",
    "decline the claim",
    "refer to the manufacturer",
    "pass to the manager",
)
VERIFY, PHOTO, COURIER = "verify the customer's identity", "ask for a photo of the item", "book a courier"


@dataclass(frozen=True, slots=True)
class Difficulty:
    """`conditions` gives, rule by rule, how many facts each rule turns on; `exceptions` of them stand before a wider rule that
    they break, and `steps` of them need one of `possible` first. The rest are shares of cases: what one rule may decide, what
    one that needs a step may, how often the commonest resolution may be right, and the best rule on a single fact at most."""

    facts: tuple[Fact, ...]
    resolutions: tuple[str, ...]
    possible: tuple[str, ...]
    conditions: tuple[int, ...]
    exceptions: int
    steps: int
    decides: tuple[float, float]
    after_step: tuple[float, float]
    commonest: tuple[float, float]
    single: float


LEVELS: dict[Level, Difficulty] = {
    "easy": Difficulty(
        facts=(PRODUCT, MEMBER, CONDITION, DAYS),
        resolutions=RESOLUTIONS[:4],
        possible=(),
        conditions=(1, 1, 1),
        exceptions=0,
        steps=0,
        decides=(0.15, 0.40),
        after_step=(0.0, 0.0),
        commonest=(0.25, 0.45),
        single=0.70,
    ),
    "normal": Difficulty(
        facts=(PRODUCT, TOTAL, MEMBER, REGION, DAYS, CONDITION),
        resolutions=RESOLUTIONS[:6],
        possible=(VERIFY, PHOTO),
        conditions=(2, 1, 2, 1, 2),
        exceptions=1,
        steps=1,
        decides=(0.08, 0.38),
        after_step=(0.08, 0.12),
        commonest=(0.32, 0.38),
        single=0.52,
    ),
    "hard": Difficulty(
        facts=(PRODUCT, TOTAL, PAID, MEMBER, REGION, CLAIMS, DAYS, CONDITION),
        resolutions=RESOLUTIONS,
        possible=(VERIFY, PHOTO, COURIER),
        conditions=(2, 3, 1, 2, 1, 2, 2, 1, 2),
        exceptions=2,
        steps=2,
        decides=(0.05, 0.22),
        after_step=(0.05, 0.22),
        commonest=(0.12, 0.33),
        single=0.48,
    ),
}
