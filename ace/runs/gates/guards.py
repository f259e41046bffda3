"""The gate `guards`: no delta wears a playbook away or smuggles something into it, whichever strategy proposes it.

It is always the first gate, and asks no model, so no setting and no reply gets around it.
"""

from __future__ import annotations

from ace.playbooks.guards.judge import check_delta
from ace.playbooks.guards.untrusted import check_untrusted
from ace.runs.gates.contract import Proposal, Ruling, Ways, passed, refused
from ace.types import Trust

OFFERS = {"guards": "Guards"}


class Guards:
    """Refuses single operations, by the text before and after them."""

    async def judge(self, proposal: Proposal, ways: Ways, /) -> Ruling:
        operations = proposal.delta.operations
        tasks = [e.task.text for e in proposal.episodes]
        faults: dict[int, str] = {}
        if proposal.trust is Trust.UNTRUSTED:
            faults.update(check_untrusted(operations, proposal.book.distrusted))
        for place, reason in check_delta(operations, proposal.book.shelf(), tasks, live=proposal.book.count):
            faults.setdefault(place, reason)
        figures = {"operations": len(operations), "refused": len(faults)}
        if not faults:
            return passed(figures)
        return refused(f"{len(faults)} of {len(operations)} operations", figures, operations=faults)
