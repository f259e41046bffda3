"""Attempts in a world whose rules the tests plant."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ace.evidence.cases import PastCase
from ace.evidence.lists import decide
from ace.playbooks.triggers.conditions import CaseView, Condition
from ace.playbooks.triggers.facts import Facts, Value
from ace.playbooks.triggers.trigger import Plan, Trigger

ANSWERS = ("approve", "reject", "escalate", "wait")
RULES = (
    Trigger((Condition("is", "tier", "gold"), Condition("at least", "amount", 100.0)), Plan("approve")),
    Trigger((Condition("is", "region", "overseas"),), Plan("escalate")),
    Trigger((Condition("below", "amount", 50.0),), Plan("wait")),
    Trigger((), Plan("reject")),
)


def facts(rng: random.Random) -> Facts:
    fields: dict[str, Value] = {
        "tier": rng.choice(("gold", "silver", "none")),
        "region": rng.choice(("home", "overseas", "near")),
        "amount": float(rng.randrange(1, 201)),
        "colour": rng.choice(("red", "green", "blue")),
    }
    return Facts(fields)


def attempts(n: int, seed: int = 0, noise: float = 0.0, skill: float = 0.5, rules: Sequence[Trigger] = RULES) -> list[PastCase]:
    """`n` attempts: the right answer in a share `skill` of them, else any answer; a share `noise` of verdicts is flipped."""
    rng, made = random.Random(seed), []
    for number in range(n):
        view = CaseView.of(facts(rng))
        right = decide(rules, view)
        assert right is not None
        plan = right if rng.random() < skill else Plan(rng.choice(ANSWERS))
        made.append(PastCase(view, plan, (plan == right) != (rng.random() < noise), episode=f"e{number}"))
    return made


def agreement(found: Sequence[Trigger], n: int = 400, rules: Sequence[Trigger] = RULES) -> float:
    """The share of fresh cases in which `found` decides as `rules` do."""
    rng = random.Random("fresh")
    views = [CaseView.of(facts(rng)) for _ in range(n)]
    return sum(decide(found, v) == decide(rules, v) for v in views) / n
