"""The drift alarm, for every strategy that curates: which lessons no longer hold, and which attempts say nothing any more.

An alarm retires nothing. It makes the lesson a guess, in the curator's delta, and the curator is told of it with the attempts
that speak against the lesson.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ace.evidence.drift import BulletDrift, Demotion, Trials, drifts, in_alarm, stale
from ace.memory.view import View
from ace.playbooks.operations import Op, Operation
from ace.strategies.contract import Lesson
from ace.types import Past, Trust


@dataclass(frozen=True, slots=True)
class Watched:
    """What the alarm found at the level `alpha`: the bullets in alarm, the alarms before (`demotions`), and the ids of the
    attempts that say nothing of the present."""

    alpha: float = 0.0
    alarms: tuple[BulletDrift, ...] = ()
    demotions: tuple[Demotion, ...] = ()
    stale: frozenset[str] = frozenset()

    def operations(self) -> list[Operation]:
        """The operations that make guesses of the bullets in alarm; a pinned one is changed by a person alone."""
        return [
            Operation(Op.DEMOTE, id=a.bullet.id, reason=self._reason(a), episodes=a.against)
            for a in self.alarms
            if not a.bullet.pinned
        ]

    def _reason(self, a: BulletDrift) -> str:
        told = f"{a.told()[:1].upper()}{a.told()[1:]}"
        return f"{told}: it may no longer hold (drift alarm: e-value {a.change.evidence:.3g}, alarm from {1 / self.alpha:.3g})."


NOT_WATCHED = Watched()


def watch(book: View, lesson: Lesson, attempts: Sequence[Past], alpha: float) -> Watched:
    """The bullets of `book` that are in alarm at `alpha` after `lesson`, and which of all `attempts`, oldest first, are stale.
    A lesson that is not trusted raises no alarm."""
    if not alpha or lesson.trust is not Trust.TRUSTED:
        return NOT_WATCHED
    bullets = book.bullets()
    known = book.demotions()
    trials = _trials(book, lesson, {b.id: b.version for b in bullets})
    alarms = tuple(in_alarm(drifts(bullets, trials, attempts, known), alpha))
    new = [Demotion(a.bullet.id, tuple(bullets), a.against) for a in alarms]
    return Watched(alpha, alarms, tuple(known), stale(attempts, [*known, *new]))


def _trials(book: View, lesson: Lesson, versions: Mapping[str, int]) -> dict[str, Trials]:
    """The stored trials, with those of the lesson where it is not stored yet."""
    found: dict[str, Trials] = dict(book.trials())
    for e in () if lesson.stored else lesson.episodes:
        shown = {x.bullet: x.version for x in e.render.exposures if x.shown}
        if not e.outcome.valid or e.attempt > 1 or e.trust is not Trust.TRUSTED:
            continue
        for id in dict.fromkeys(e.cited):
            if id in versions and shown.get(id) == versions[id]:
                found[id] = [*found.get(id, ()), (e.id, e.outcome.success)]
    return found
