"""Ordered lists of triggers on cases: what a list chooses, and how past attempts speak for and against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ace.evidence.cases import PastCase
from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.trigger import Plan, Trigger


@dataclass(frozen=True, slots=True)
class Explained:
    """Attempts whose verdict agrees with a list (`right`), contradicts it (`wrong`), or says nothing about it (`silent`): the
    list decides nothing there, or the attempt did something else that does not exclude it."""

    right: int = 0
    wrong: int = 0
    silent: int = 0

    @property
    def of(self) -> int:
        return self.right + self.wrong + self.silent


def decide(rules: Sequence[Trigger], view: CaseView) -> Plan | None:
    """The plan of the first trigger that covers the case; `None` where none does."""
    return next((rule.plan for rule in rules if rule.covers(view)), None)


def explained(rules: Sequence[Trigger], cases: Iterable[PastCase]) -> Explained:
    """How `cases` speak for and against `rules`."""
    said = Counter(None if (plan := decide(rules, case.view)) is None else case.says(plan) for case in cases)
    return Explained(said[True], said[False], said[None])
