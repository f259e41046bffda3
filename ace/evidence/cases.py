"""One past attempt as it is counted: what was seen, what was done, how that ended."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.facts import parse_line
from ace.playbooks.triggers.trigger import Plan
from ace.types import Past

_SAID = re.compile(r'"([^"]+)"|(?:answer|right|correct|expected)\b[^:]*?(?:\bis\b|\bwas\b|:)\s*(.+)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PastCase:
    """One past attempt: what was seen, the plan followed, whether it won, the right choice where it was revealed, and the id of
    its episode where that is known."""

    view: CaseView
    plan: Plan
    won: bool
    revealed: str = ""
    episode: str = ""

    @classmethod
    def of(cls, past: Past) -> Self:
        """The case that `past` tells of. What the environment said of a lost attempt reveals the right choice, unless it names
        the choice that lost."""
        return cls._seen(past, CaseView.of(parse_line(past.situation)))

    @classmethod
    def _seen(cls, past: Past, view: CaseView) -> Self:
        plan = Plan.parse(past.choice)
        said = "" if past.won else said_answer(past.revealed)
        revealed = "" if said.casefold() == plan.choice.casefold() else said
        return cls(view, plan, past.won, revealed, past.episode)

    def shows(self, plan: Plan) -> bool | None:
        """Whether the case shows `plan` to be right or wrong; `None` where it was not followed and nothing was revealed."""
        if self.revealed:
            return plan.choice == self.revealed
        return self.won if self.plan == plan else None

    def says(self, plan: Plan) -> bool | None:
        """Whether the case speaks for or against `plan` as the one of a lesson. A case has one right choice, so one that was
        won with another choice speaks against it; one that took other steps before the same choice says nothing."""
        if self.revealed or not self.plan.choice:
            return plan.choice == self.revealed if self.revealed else None
        if self.plan.choice == plan.choice:
            return self.won if self.plan.step == plan.step else None
        return False if self.won else None


def cases_of(pasts: Iterable[Past]) -> list[PastCase]:
    """The cases that `pasts` tell of. A situation that several of them have is read once."""
    views: dict[str, CaseView] = {}
    found = []
    for past in pasts:
        if past.situation not in views:
            views[past.situation] = CaseView.of(parse_line(past.situation))
        found.append(PastCase._seen(past, views[past.situation]))
    return found


def said_answer(said: str) -> str:
    """The right answer that the environment named, or nothing."""
    match = _SAID.search(said)
    return (match[1] or match[2]).strip().rstrip(".") if match else ""
