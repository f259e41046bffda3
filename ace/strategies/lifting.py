"""Guesses that stored attempts have shown to be right are confirmed by code, in the strategy's delta, without a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ace.evidence.drift import Demotion
from ace.evidence.fit import BulletFit, Fit, Said
from ace.playbooks.bullet import State
from ace.playbooks.operations import Op, Operation
from ace.roles.curator.settings import Checked


def lifted(found: Fit, proposed: Sequence[Operation], checked: Checked, demotions: Iterable[Demotion] = ()) -> list[Operation]:
    """The operations that make candidates active which `found` confirms: enough of the attempts that they decide are right, and
    few enough wrong. One that `proposed` changes waits until its new text has been fitted. A text that was doubted in one of
    `demotions` is confirmed by the newest attempts since: so many right, with no more wrong among them."""
    doubted = {d.bullet: d for d in demotions}
    touched = {id for o in proposed for id in (o.id, *o.sources) if id}
    waiting = [b for b in found.bullets if b.bullet.state is State.CANDIDATE and b.bullet.id not in touched]
    said = ((b, _since(b, found.attempts, doubted.get(b.bullet.id), checked.lift_wrong)) for b in waiting)
    return [_lifted(b, s) for b, s in said if _shown_right(s, checked)]


def _since(b: BulletFit, attempts: Sequence[str], doubt: Demotion | None, most: int) -> Said:
    """What the attempts say that `b` decides; after the `doubt` of its text alone, back to the newest with `most` wrong."""
    text = next((then.text for then in doubt.then if then.id == b.bullet.id), "") if doubt else ""
    if doubt is None or text != b.bullet.text:
        return b.decided
    last = max((i for i, id in enumerate(attempts) if id in set(doubt.against)), default=-1)
    right, wrong = set(b.decided.right), set(b.decided.wrong)
    kept: list[str] = []
    for id in reversed(attempts[last + 1 :]):
        if id in wrong and sum(k in wrong for k in kept) >= most:
            break
        kept.append(id)
    return Said(*(tuple(id for id in reversed(kept) if id in of) for of in (right, wrong)))


def _shown_right(said: Said, checked: Checked) -> bool:
    right, wrong = len(said.right), len(said.wrong)
    return checked.lift_right > 0 and right >= checked.lift_right and wrong <= checked.lift_wrong


def _lifted(b: BulletFit, said: Said) -> Operation:
    right, wrong = len(said.right), len(said.wrong)
    against = f"{wrong} wrong" if wrong else "none wrong"
    reason = f"Of the attempts that it decides, {right} show it right and {against}."
    return Operation(Op.ACTIVATE, id=b.bullet.id, reason=reason, episodes=said.right)
