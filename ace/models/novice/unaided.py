"""The novice as a curator that is shown the newest attempts alone: a handful of attempts is too few to search in, so each win
becomes a rule of one condition, and a rule that the newest attempts refute is dropped where that can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ace.evidence.cases import PastCase
from ace.playbooks.triggers.conditions import Condition
from ace.playbooks.triggers.trigger import Trigger

_AGAINST = 2
"""New attempts against a rule, and more than speak for it, from which it is dropped."""


def rules_from_wins(cases: Sequence[PastCase], present: Sequence[Trigger]) -> dict[Trigger, list[int]]:
    """A rule for each win that no `present` rule explains, with the places of the cases that it agrees with."""
    found: dict[Trigger, list[int]] = {}
    for case in cases:
        known = next((r for r in (*present, *found) if r.covers(case.view)), None)
        if not case.won or not case.plan.choice or (known is not None and known.plan == case.plan):
            continue
        rules = [Trigger((Condition("is", name, value),), case.plan) for name, value in _values(case).items()]
        if rules:
            best = max(rules, key=lambda r: _weight(r, cases))
            found[best] = [n for n, c in enumerate(cases) if best.covers(c.view) and c.says(best.plan)]
    return found


def refuted(rules: Mapping[str, Trigger], cases: Sequence[PastCase]) -> list[str]:
    """The ids of the rules that `cases` speak against."""
    gone = []
    for id, rule in rules.items():
        said = [c.says(rule.plan) for c in cases if rule.covers(c.view)]
        if said.count(False) >= _AGAINST and said.count(False) > said.count(True):
            gone.append(id)
    return gone


def _values(case: PastCase) -> dict[str, Any]:
    return {name: value for name, value in case.view.facts.fields.items() if isinstance(value, str)}


def _weight(rule: Trigger, cases: Sequence[PastCase]) -> tuple[int, int, str]:
    """Attempts for the rule less those against it; of equals the narrower one."""
    said = [c.says(rule.plan) for c in cases if rule.covers(c.view)]
    return said.count(True) - said.count(False), -len(said), rule.sentence()
