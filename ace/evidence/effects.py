"""What showing each bullet of a playbook does, from the attempts in which chance left it out.

A bullet is its text: draws under the text that it has now make its effect, and draws under earlier texts, or of the bullets
that it was merged from, stand beside it as effects of their own (`before`), because nothing says that a change of words leaves
the effect as it was. How often attempts that were shown it were won is observation; the effect is the estimate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ace.errors import UnknownName
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.render import by_section
from ace.statistics.effects import Attempted, Drawn, Effect, by_kind, draws, effects
from ace.statistics.evalues import Evidence, called, evidence

MASKED = 0.9
"""A bullet whose effect in tasks of a kind is negative is masked there where P(harm) is above this."""
RATE = 0.1
"""The share of `called` bullets that is false on average, at most."""
_EARLIER = "\0"


@dataclass(frozen=True, slots=True)
class BulletDraw:
    """One draw of bullet `id`, which had `text` then: whether it was shown, and with which chance."""

    id: str
    text: str
    shown: bool
    chance: float


@dataclass(frozen=True, slots=True)
class DrawnAttempt:
    """A training attempt: its kind, whether it was won, and the bullets that were drawn for it; none where nothing was."""

    kind: str
    won: bool
    drawn: tuple[BulletDraw, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """The effect of what a bullet came from: of its own earlier texts (`id` is its own), or of a bullet it was merged from."""

    id: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class BulletEffect:
    """What showing `bullet` does: its `effect` (`None` where it was never drawn with its present text), how many of the
    attempts were won that chance showed it to and left it out of (observation), the evidence that may be looked at after each
    attempt, whether it is `called` (`RATE`), its effects by kind, and what stands `before` it. `masked` are the kinds of tasks
    in which it is not shown where masks are on; an empty kind stands for tasks without one."""

    bullet: Bullet
    effect: Effect | None = None
    shown_won: int = 0
    left_out_won: int = 0
    evidence: Evidence = Evidence(1.0, 1.0)
    called: bool = False
    kinds: Mapping[str, Effect] = field(default_factory=dict)
    before: tuple[Before, ...] = ()
    masked: tuple[str, ...] = ()

    @property
    def certainty(self) -> float:
        """How sure the sign of its effect is, from 0.5 to 1."""
        return 0.5 if self.effect is None or self.effect.raw is None else max(self.effect.harm, 1 - self.effect.harm)


@dataclass(frozen=True, slots=True)
class PlaybookEffects:
    """The effects of the bullets of a playbook, the surest first; those of which nothing can be told last, in order. `attempts`
    are the valid training attempts, `drawn` those of them in which a bullet was drawn; of `kind` alone where that is said."""

    bullets: tuple[BulletEffect, ...]
    attempts: int
    drawn: int
    kind: str = ""

    def of(self, id: str) -> BulletEffect | None:
        """The effect of a bullet."""
        return next((b for b in self.bullets if b.bullet.id == id), None)


def playbook_effects(bullets: Sequence[Bullet], attempts: Sequence[DrawnAttempt], kind: str = "") -> PlaybookEffects:
    """The effects of `bullets`, retired ones among them, from `attempts`, oldest first. Raises `UnknownName` for a kind that
    none of them has."""
    if kind and kind not in {a.kind for a in attempts}:
        known = {a.kind for a in attempts} - {""}
        raise UnknownName("kind", kind, known, "" if known else "no attempt at this playbook has a kind")
    every = _drawn(bullets, attempts)
    found = {item: [d for d in ds if not kind or d.kind == kind] for item, ds in every.items()}
    found = {item: ds for item, ds in found.items() if ds}
    masks = _masks(bullets, every)
    made = [replace(b, masked=masks.get(b.bullet.id, ())) for b in _effects(bullets, found)]
    counted = [a for a in attempts if not kind or a.kind == kind]
    ordered = sorted(made, key=lambda b: (-b.certainty, b.effect is None))
    return PlaybookEffects(tuple(ordered), len(counted), sum(bool(a.drawn) for a in counted), kind)


def masks(bullets: Sequence[Bullet], attempts: Sequence[DrawnAttempt]) -> dict[str, tuple[str, ...]]:
    """By bullet the kinds of tasks in which it is masked, of those that are masked in any: its effect there is negative, with
    P(harm) above `MASKED`. In tasks without a kind (the empty one) its effect in all attempts decides. Pinned bullets never are
    masked."""
    return _masks(bullets, _drawn(bullets, attempts))


def _masks(bullets: Sequence[Bullet], found: Mapping[str, Sequence[Drawn]]) -> dict[str, tuple[str, ...]]:
    whole, live = effects(found), [b for b in bullets if b.id in found and b.state is not State.RETIRED]
    kinds = _kinds({b.id: found[b.id] for b in live})
    by = {b.id: {"": whole[b.id]} | {k: e for k, e in kinds[b.id].items() if k} for b in live if not b.pinned}
    harmful = {id: tuple(k for k, e in of.items() if e.raw is not None and e.harm > MASKED) for id, of in by.items()}
    return {id: of for id, of in harmful.items() if of}


def _drawn(bullets: Sequence[Bullet], attempts: Sequence[DrawnAttempt]) -> dict[str, list[Drawn]]:
    now = {b.id: b.text for b in bullets}
    return draws(Attempted(a.kind, a.won, dict(_items(a, now))) for a in attempts)


def _items(a: DrawnAttempt, now: Mapping[str, str]) -> Iterator[tuple[str, tuple[bool, float]]]:
    for d in a.drawn:
        yield d.id if now.get(d.id) == d.text else f"{d.id}{_EARLIER}", (d.shown, d.chance)


def _effects(bullets: Sequence[Bullet], found: Mapping[str, Sequence[Drawn]]) -> list[BulletEffect]:
    whole = effects(found)
    live = by_section([b for b in bullets if b.state is not State.RETIRED])
    values = {b.id: evidence(found[b.id]) for b in live if b.id in found}
    calls = called({id: e.any for id, e in values.items()}, RATE)
    kinds = _kinds({b.id: found[b.id] for b in live if b.id in found})
    return [_one(b, whole, found.get(b.id, ()), values.get(b.id), kinds.get(b.id, {}), called=b.id in calls) for b in live]


def _kinds(found: Mapping[str, Sequence[Drawn]]) -> dict[str, dict[str, Effect]]:
    """By bullet its effects by kind, shrunk together."""
    parts = {(id, kind): ds for id, all_of in found.items() for kind, ds in by_kind(all_of).items()}
    keys = {f"{id}{_EARLIER}{kind}": (id, kind) for id, kind in parts}
    made: dict[str, dict[str, Effect]] = {}
    for key, effect in effects({key: parts[pair] for key, pair in keys.items()}).items():
        id, kind = keys[key]
        made.setdefault(id, {})[kind] = effect
    return made


def _one(
    b: Bullet,
    whole: Mapping[str, Effect],
    drawn: Sequence[Drawn],
    value: Evidence | None,
    kinds: Mapping[str, Effect],
    *,
    called: bool,
) -> BulletEffect:
    earlier = [(b.id, f"{b.id}{_EARLIER}"), *((parent, parent) for parent in b.parents)]
    before = tuple(Before(id, whole[item]) for id, item in earlier if item in whole)
    if value is None:
        return BulletEffect(b, before=before)
    won = [sum(d.won for d in drawn if d.shown is side) for side in (True, False)]
    return BulletEffect(b, whole[b.id], won[0], won[1], value, called, kinds, before)
