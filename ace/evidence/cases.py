"""One past attempt as it is counted: what was seen, what was done, how that ended."""

from __future__ import annotations

from dataclasses import dataclass

from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.trigger import Plan


@dataclass(frozen=True, slots=True)
class PastCase:
    """One past attempt: what was seen, the plan followed, whether it won, the right choice where it was revealed, and the id of
    its episode where that is known."""

    view: CaseView
    plan: Plan
    won: bool
    revealed: str = ""
    episode: str = ""

    def shows(self, plan: Plan) -> bool | None:
        """Whether the case shows `plan` to be right or wrong; `None` where it was not followed and nothing was revealed."""
        if self.revealed:
            return plan.choice == self.revealed
        return self.won if self.plan == plan else None
