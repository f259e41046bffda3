"""Ordered lists of triggers on cases: what a list chooses, and how past attempts speak for and against it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ace.evidence.cases import PastCase
from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.trigger import Plan, Trigger


@dataclass(frozen=True, slots=True)
class Explained:
    """Attempts whose verdict agrees with a list (`right`), contradicts it (`wrong`), or says nothing about it (`silent`): the
    list decides nothing there, or an attempt that lost had done something else."""

    right: int = 0
    wrong: int = 0
    silent: int = 0

    @property
    def of(self) -> int:
        return self.right + self.wrong + self.silent


def decide(rules: Sequence[Trigger], view: CaseView) -> Plan | None:
    """The plan of the first trigger that covers the case; `None` where none does."""
    return next((rule.plan for rule in rules if rule.covers(view)), None)


def apply(rules: Sequence[Trigger], view: CaseView) -> str | None:
    """The choice of the first trigger that covers the case; `None` where none does."""
    plan = decide(rules, view)
    return None if plan is None else plan.choice


def explained(rules: Sequence[Trigger], cases: Iterable[PastCase]) -> Explained:
    """How `cases` speak for and against `rules`. A case won by another plan speaks against the plan that the list names."""
    right = wrong = silent = 0
    for case in cases:
        plan = decide(rules, case.view)
        shown = None if plan is None else case.shows(plan)
        if plan is None or (shown is None and not case.won):
            silent += 1
        elif shown:
            right += 1
        else:
            wrong += 1
    return Explained(right, wrong, silent)
