"""The best ordered lists that counting finds in past attempts, for any caller: they cost no model call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ace.evidence.cases import PastCase
from ace.evidence.conditions import conditions_of
from ace.evidence.lists import Explained, explained
from ace.evidence.search import search
from ace.evidence.telling import telling_cases
from ace.evidence.terms import terms_of
from ace.playbooks.triggers.trigger import Plan, Trigger

MOST = 3
"""Lists given at most."""
CHOICES, STEPS = 60, 6
"""Choices, and steps before them, that are tried at most."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An ordered list, what it explains of the attempts, and its score in nats (higher is better)."""

    rules: tuple[Trigger, ...]
    explained: Explained
    score: float


def candidates(
    cases: Sequence[PastCase], present: Sequence[Trigger] = (), seed: int = 0, most: int = MOST, *, last: bool = False
) -> list[Candidate]:
    """The best distinct lists found, at most `most`, the best first; none where no attempt made a choice. The search begins
    from `present` and from nothing. With `last`, which says that no more attempts follow, rules that are only guessed cost
    more. The same arguments give the same lists, in any process."""
    plans = plans_of(cases, present)
    if not plans or not cases:
        return []
    kept = [c for rule in present for c in rule.conditions]
    counted = telling_cases(cases, present)
    terms = terms_of(counted, plans, conditions_of([c.view for c in counted], kept), kept)
    found = search(terms, present, seed, most, last=last)
    return [Candidate(tuple(rules), explained(rules, cases), score) for score, rules in found]


def candidate_lines(found: Iterable[Candidate]) -> list[str]:
    """For each list a heading with what it explains, and below it a line for each rule, in order."""
    lines = []
    for number, candidate in enumerate(found, 1):
        e = candidate.explained
        lines.append(f"list {number}: {e.right} right, {e.wrong} wrong, {e.silent} silent of {e.of} attempts")
        lines += [f"{place}. {rule.sentence()}" for place, rule in enumerate(candidate.rules, 1)]
    return lines


def plans_of(cases: Iterable[PastCase], present: Iterable[Trigger] = ()) -> list[Plan]:
    """Every choice seen, alone and after every step seen, in a stable order; of very many the commonest."""
    seen = [rule.plan for rule in present]
    for case in cases:
        seen += [case.plan, Plan(case.revealed)]
    often = Counter(p.choice for p in seen if p.choice)
    choices = sorted(sorted(often, key=lambda choice: (-often[choice], choice))[:CHOICES])
    steps = sorted({p.step for p in seen if p.step})[:STEPS]
    return [Plan(choice, step) for step in ("", *steps) for choice in choices]
