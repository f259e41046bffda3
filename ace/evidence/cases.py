"""One past attempt as it is counted: what was seen, what was done, how that ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from ace.evidence.told import answers_of, told_answer
from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.facts import parse_line
from ace.playbooks.triggers.trigger import Plan
from ace.types import Past


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
    def seen(cls, past: Past, view: CaseView, known: Sequence[str] = ()) -> Self:
        """The case that `past` tells of. What the environment said of a lost attempt may reveal the right choice; `known` are
        the choices that there are."""
        plan = Plan.parse(past.choice)
        revealed = "" if past.won else told_answer(past.revealed, plan.choice, known)
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
    """The cases that `pasts` tell of. A situation that several of them have is read once; what one of them chose is known as a
    choice in all of them."""
    pasts = list(pasts)
    views: dict[str, CaseView] = {}
    found = []
    known = answers_of(Plan.parse(past.choice).choice for past in pasts)
    for past in pasts:
        if past.situation not in views:
            views[past.situation] = CaseView.of(parse_line(past.situation))
        found.append(PastCase.seen(past, views[past.situation], known))
    return found
