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
    they break, and `steps` of them need one of `possible` first. `commonest` and `single` bound how often the commonest
    resolution, and the best rule on one fact, may be right."""

    facts: tuple[Fact, ...]
    resolutions: tuple[str, ...]
    possible: tuple[str, ...]
    conditions: tuple[int, ...]
    exceptions: int
    steps: int
    least: float
    most: float
    commonest: float
    single: float


LEVELS: dict[Level, Difficulty] = {
    "easy": Difficulty((PRODUCT, MEMBER, CONDITION, DAYS), RESOLUTIONS[:4], (), (1, 1, 1), 0, 0, 0.15, 0.40, 0.50, 0.70),
    "normal": Difficulty(
        (PRODUCT, TOTAL, MEMBER, REGION, DAYS, CONDITION),
        RESOLUTIONS[:6],
        (VERIFY, PHOTO),
        (2, 1, 2, 1, 2),
        1,
        1,
        0.08,
        0.38,
        0.40,
        0.55,
    ),
    "hard": Difficulty(
        (PRODUCT, TOTAL, PAID, MEMBER, REGION, CLAIMS, DAYS, CONDITION),
        RESOLUTIONS,
        (VERIFY, PHOTO, COURIER),
        (2, 3, 1, 2, 1, 2, 2, 1, 2),
        2,
        2,
        0.05,
        0.22,
        0.33,
        0.48,
    ),
}
