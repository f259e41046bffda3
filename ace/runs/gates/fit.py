"""The gate `fit`: does the list as proposed still explain what the present one explains?

Before a delta is committed, the playbook as it stands and as it would be are both fitted to the stored attempts and the new
ones (`ace.evidence.fit`). No model is asked by the gate itself. By default it judges every delta and only keeps the figures,
because asking once more helped in no trial; where it is named the strategy's curator is asked once more at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from ace.evidence.attempts import COUNTED, Attempts
from ace.evidence.cases import cases_of
from ace.evidence.fit import FitChange, Grounds, changed
from ace.options import Least
from ace.playbooks.bullet import Bullet, clean
from ace.runs.gates.contract import Figures, Proposal, Ruling, Ways, again, passed, refused
from ace.runs.gates.proposed import Proposed
from ace.types import Past

OFFERS = {"fit": "FitGate"}
_AGAINST = 200
"""Ids of attempts against the list that a judgement keeps, the newest."""


class FitGate:
    """Counts the attempts that a delta contradicts and newly explains; where it is named, objects to what is worse.

    By default it judges every delta and only keeps the figures. Named, it asks once more where more attempts are contradicted
    than newly explained, and then refuses only what is clearly worse."""

    def __init__(
        self,
        *,
        ask: Annotated[
            bool, "Ask once more where more attempts are contradicted than gained, and refuse what is then clearly worse."
        ] = True,
        attempts: Annotated[int, Least(1), "The newest attempts that the lists are fitted to."] = COUNTED,
        shown: Annotated[int, Least(0), "Contradicted attempts that the curator is shown when it is asked once more."] = 12,
    ) -> None:
        self._ask, self._attempts, self._shown = ask, attempts, shown

    async def judge(self, proposal: Proposal, ways: Ways, /) -> Ruling:
        known, grounds = self._grounds(proposal)
        proposed = Proposed(proposal.book, proposal.delta.operations).bullets()
        change = changed(grounds.fit(proposal.book.bullets()), grounds.fit(proposed))
        figures = _figures(change)
        if not self._ask:
            return passed(figures)
        if change.worse and not proposal.second:
            return again(_objection(change, known, self._shown), figures)
        if change.clearly_worse:
            return refused(f"{_summary(change)}, asked once more too", figures)
        return passed(figures)

    def _grounds(self, proposal: Proposal) -> tuple[Sequence[Past], Grounds]:
        """The attempts, and the cases made of them: those that the strategy made, where it counts as many."""
        if proposal.attempts is not None and self._attempts == COUNTED:
            return proposal.attempts.all, proposal.attempts.grounds
        stored = proposal.book.attempts(self._attempts)
        known = Attempts.of(proposal.episodes, proposal.reflections, stored).all[-self._attempts :]
        return known, Grounds(cases_of(known))


def _figures(change: FitChange) -> Figures:
    before, after = change.before, change.after
    return {
        "attempts": len(after.attempts),
        "right before": len(before.right),
        "wrong before": len(before.wrong),
        "right after": len(after.right),
        "wrong after": len(after.wrong),
        "gained": list(change.gained),
        "contradicted": list(change.contradicted),
        "unjudged": len(change.unjudged),
        "against": list(after.wrong[-_AGAINST:]),
    }


def _summary(change: FitChange) -> str:
    lost, won = len(change.contradicted), len(change.gained)
    return f"it decides {lost} attempt{'s' * (lost != 1)} wrongly that the present lessons explain, and newly explains {won}"


def _objection(change: FitChange, known: Sequence[Past], most: int) -> str:
    """What the curator is shown: the newest attempts that its list contradicts, under the lessons that then decide them."""
    told = {p.episode: p for p in known}
    newest = set(change.contradicted[-most:] if most else ())
    lines = [f"With your edits the playbook was matched with the past attempts: {_summary(change)}."]
    for b in change.after.bullets:
        found = [told[id] for id in b.decided.wrong if id in newest]
        if found:
            lines += [f"Decided by the lesson: {_named(b.bullet)}", *map(_row, found)]
    left = len(change.contradicted) - len(newest)
    lines += [f"and {left} more."] if left else []
    lines.append(
        "Propose edits that keep what these attempts show, or the same edits where the verdicts are likely to be noise."
    )
    return "\n".join(lines)


def _named(b: Bullet) -> str:
    return clean(b.text)


def _row(p: Past) -> str:
    said = f" | the environment said: {clean(p.revealed)}" if p.revealed else ""
    return f"{'+' if p.won else '-'} {clean(p.situation)} | {clean(p.choice)}{said}"
