"""Guesses that stored attempts have shown to be right are confirmed by code, in the strategy's delta, without a model."""

from __future__ import annotations

from collections.abc import Sequence

from ace.evidence.fit import BulletFit, Fit
from ace.playbooks.bullet import State
from ace.playbooks.operations import Op, Operation
from ace.roles.curator.settings import Checked


def lifted(found: Fit, proposed: Sequence[Operation], checked: Checked) -> list[Operation]:
    """The operations that make candidates active which `found` confirms: enough of the attempts that they decide are right, and
    few enough wrong. One that `proposed` changes waits until its new text has been fitted."""
    touched = {id for o in proposed for id in (o.id, *o.sources) if id}
    waiting = [b for b in found.bullets if b.bullet.state is State.CANDIDATE and b.bullet.id not in touched]
    return [_lifted(b) for b in waiting if _shown_right(b, checked)]


def _shown_right(b: BulletFit, checked: Checked) -> bool:
    right, wrong = len(b.decided.right), len(b.decided.wrong)
    return checked.lift_right > 0 and right >= checked.lift_right and wrong <= checked.lift_wrong


def _lifted(b: BulletFit) -> Operation:
    right, wrong = len(b.decided.right), len(b.decided.wrong)
    against = f"{wrong} wrong" if wrong else "none wrong"
    reason = f"Of the attempts that it decides, {right} show it right and {against}."
    return Operation(Op.ACTIVATE, id=b.bullet.id, reason=reason, episodes=b.decided.right)
