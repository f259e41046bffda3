"""Lessons that were right and no longer are: rules change, and what was learned of them goes stale.

A lesson's record are the first attempts at cases that followed it with the text it has, oldest first, each won or lost.
Where the record changes for the worse (`ace.statistics.drift`) the lesson is in alarm, and is made a guess again. Attempts from
before the change that it decided say nothing of the present, so neither curators nor fits count them; and they are counted
again, and those of the time between are not, once newer attempts have confirmed the lesson.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ace.evidence.cases import cases_of
from ace.evidence.fit import Grounds
from ace.playbooks.bullet import Bullet, State
from ace.statistics.drift import Worsening, change
from ace.types import Past

Trials = Sequence[tuple[str, bool]]
"""Attempts that followed a bullet, oldest first: the id of each, and whether it was won."""


@dataclass(frozen=True, slots=True)
class Demotion:
    """A bullet that an alarm made a guess: its id, the playbook's bullets `then`, the attempts `against` it (oldest first), and
    those that confirmed the same text later (`back`), where they did. `undone`: a person took it back."""

    bullet: str
    then: tuple[Bullet, ...]
    against: tuple[str, ...]
    back: tuple[str, ...] = ()
    undone: bool = False


@dataclass(frozen=True, slots=True)
class BulletDrift:
    """The record of a bullet since it was last in alarm, and what it says of a change for the worse."""

    bullet: Bullet
    trials: Trials
    change: Worsening

    @property
    def against(self) -> tuple[str, ...]:
        """The attempts that were lost since the change, oldest first."""
        return tuple(id for id, won in self.trials[self.change.before :] if not won)

    def alarms(self, alpha: float) -> bool:
        """Whether the bullet is in alarm at this level; a guess never is."""
        return self.bullet.state is State.ACTIVE and self.change.alarms(alpha)

    def told(self) -> str:
        """The record in words."""
        c = self.change
        if not c.after:
            return f"won {c.won_before} of {c.before} attempts that followed it"
        return f"won {c.won_before} of {c.before} attempts that followed it, then {c.won_after} of {c.after}"


def drifts(
    bullets: Iterable[Bullet], trials: Mapping[str, Trials], attempts: Sequence[Past], demotions: Iterable[Demotion]
) -> list[BulletDrift]:
    """The record of each of `bullets` that was followed, given all `trials` of its present text. It begins after the last
    alarm of the bullet, and attempts that followed another bullet in doubt are told by that."""
    begun: dict[str, set[str]] = {}
    doubtful: dict[str, set[str]] = {}
    places = {p.episode: i for i, p in enumerate(attempts)}
    for d in demotions:
        begun.setdefault(d.bullet, set()).update(d.against)
        span = () if d.undone or not d.against else _doubted(places, d, len(attempts))
        for id in (*d.against, *(attempts[i].episode for i in span if d.bullet in attempts[i].cited)):
            doubtful.setdefault(id, set()).add(d.bullet)
    found = ((b, _since(trials.get(b.id, ()), begun.get(b.id, set()))) for b in bullets)
    kept = ((b, [(id, won) for id, won in of if doubtful.get(id, {b.id}) == {b.id}]) for b, of in found)
    return [drift_of(b, of) for b, of in kept if of]


def drift_of(b: Bullet, trials: Trials) -> BulletDrift:
    """What `trials` of a bullet say."""
    return BulletDrift(b, trials, change([won for _, won in trials]))


def in_alarm(found: Iterable[BulletDrift], alpha: float) -> list[BulletDrift]:
    """The bullets in alarm at `alpha`. What was lost by following one does not count against others that were followed too: the
    one that wins least since its change is blamed, of equals the one that was followed least, and not one that is followed in
    every case."""
    alarms: list[BulletDrift] = []
    left = [d for d in found if d.alarms(alpha)]
    while left:
        worst = min(left, key=lambda d: (d.change.won_after / d.change.after, len(d.trials)))
        alarms.append(worst)
        told = {id for id, _ in worst.trials[worst.change.before :]}
        others = (drift_of(d.bullet, [t for t in d.trials if t[0] not in told]) for d in left if d is not worst)
        left = [d for d in others if d.alarms(alpha)]
    return alarms


def _since(trials: Trials, against: set[str]) -> Trials:
    """The trials after the last one that spoke for an earlier alarm."""
    last = max((i for i, (id, _) in enumerate(trials) if id in against), default=-1)
    return trials[last + 1 :]


def stale(attempts: Sequence[Past], demotions: Iterable[Demotion]) -> frozenset[str]:
    """The ids of those of `attempts`, oldest first, that say nothing of the present: decided by a bullet, and older than the
    change for which it was made a guess; where it was confirmed since, those from the change up to then."""
    demotions = [d for d in demotions if d.against and not d.undone]
    if not demotions:
        return frozenset()
    places = {p.episode: i for i, p in enumerate(attempts)}
    grounds = Grounds(cases_of(attempts))
    return frozenset(id for d in demotions for id in _decided(grounds, d) if places[id] in _span(places, d, len(attempts)))


def _span(places: Mapping[str, int], d: Demotion, n: int) -> range:
    """The places of the attempts that `d` makes stale."""
    doubted = _doubted(places, d, n)
    return doubted if d.back else range(doubted.start)


def _doubted(places: Mapping[str, int], d: Demotion, n: int) -> range:
    """The places of the attempts from the change to where its bullet was confirmed, else to the last."""
    changed = next((places[id] for id in d.against if id in places), 0)
    return range(changed, next((places[id] for id in d.back if id in places), n) if d.back else n)


def _decided(grounds: Grounds, d: Demotion) -> Iterable[str]:
    """The attempts that the bullet decided; none where its text is not read, because what else they say is not known then."""
    found = next((b for b in grounds.fit(d.then).bullets if b.bullet.id == d.bullet), None)
    if found is None or not found.read:
        return ()
    return (*found.decided.right, *found.decided.wrong, *found.decided.silent)
