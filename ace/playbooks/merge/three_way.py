"""Merging two branches of a playbook, bullet by bullet, against what they both came from.

Of each bullet, text, section, state, pin and place are merged one by one. What one side changed is taken, what both changed
alike is fine, and what they changed differently is a conflict that a person must decide: nothing is guessed. The result is a
list of operations on `ours`, like every other change.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ace.playbooks.bullet import Bullet, State
from ace.playbooks.merge.order import Side, merge_places
from ace.playbooks.merge.unions import same_text, union
from ace.playbooks.operations import Operation
from ace.playbooks.rewrites import operations_between

PARTS = ("text", "section", "state", "pinned", "escalated")
"""What of a bullet is merged besides its place, each by itself."""
PLACE = "place"


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """A bullet of which the sides changed the same `parts` (of `PARTS`, and `PLACE`) in different ways, or which one retired
    and the other reworded, or one pinned and the other reworded or retired. `base` is `None` where both made it. Where the
    place is contested, `follows` are the ids of the live bullets before it in the base, in ours and in theirs (empty: none)."""

    bullet: str
    parts: tuple[str, ...]
    base: Bullet | None
    ours: Bullet
    theirs: Bullet
    follows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What a merge comes to: the operations that make `ours` the result, the open conflicts (the operations then keep ours),
    and those that were `decided`; whether the other side brought anything `new` since the base; and the live bullets that each
    side alone has `added`, in their order."""

    operations: tuple[Operation, ...]
    conflicts: tuple[MergeConflict, ...]
    decided: tuple[MergeConflict, ...]
    new: bool
    added: Mapping[Side, tuple[Bullet, ...]] = field(default_factory=dict)


def merge(
    base: Iterable[Bullet],
    ours: Iterable[Bullet],
    theirs: Iterable[Bullet],
    takes: Mapping[str, Side] | None = None,
    *,
    otherwise: Side | None = None,
    distrusted: Container[str] = (),
) -> MergeResult:
    """Merge `theirs` into `ours`, which both came from `base`; all three with their tombstones.

    A conflict is decided by the side that `takes` names for its bullet, else by `otherwise`, and stays open where that is
    `None`. Live bullets that the sides added with the same text in the same section become one, which descends from both,
    unless one of them alone has its id among the `distrusted`.
    """
    b, o, t = _sorted(base), _sorted(ours), _sorted(theirs)
    chosen = takes or {}
    # Place and text of a retired bullet are not shown: those of both sides stay as they are.
    dead = {id for id in o.keys() & t.keys() if o[id].state is t[id].state is State.RETIRED}
    ours_left, theirs_left = _without(o, dead), _without(t, dead)
    sides = {id: s for id in ours_left.keys() & theirs_left.keys() if (s := chosen.get(id, otherwise)) is not None}
    places = merge_places(_without(b, dead), ours_left, theirs_left, sides)
    wanted, clashes = [], []
    for id in places.order:
        clash = _clash(b.get(id), o.get(id), t.get(id), id in places.contested)
        if clash is not None:
            here = PLACE in clash.parts
            clashes.append(replace(clash, follows=tuple(_followed(side, id) for side in (b, o, t))) if here else clash)
        wanted.append(_combined(b.get(id), o.get(id), t.get(id), clash.parts if clash else (), sides.get(id, "ours")))
    added = _added(b, o, t, wanted)
    return MergeResult(
        operations=(*operations_between(o.values(), wanted), *_united(added, o.keys() | t.keys(), distrusted)),
        conflicts=tuple(x for x in clashes if x.bullet not in sides),
        decided=tuple(x for x in clashes if x.bullet in sides),
        new=_brings_anything(b, t, places.moved["theirs"]),
        added=added,
    )


def _sorted(bullets: Iterable[Bullet]) -> dict[str, Bullet]:
    return {b.id: b for b in sorted(bullets, key=lambda b: (b.rank, b.id))}


def _without(bullets: Mapping[str, Bullet], ids: Collection[str]) -> dict[str, Bullet]:
    return {id: b for id, b in bullets.items() if id not in ids}


def _brings_anything(base: Mapping[str, Bullet], theirs: Mapping[str, Bullet], moved: Collection[str]) -> bool:
    return any(id not in base or id in moved or _seen(base[id]) != _seen(b) for id, b in theirs.items())


def _followed(side: Mapping[str, Bullet], id: str) -> str:
    """The live bullet that stands before `id` on a side."""
    last = ""
    for b in side.values():
        if b.id == id:
            return last
        last = b.id if b.state is not State.RETIRED else last
    return ""


def _seen(b: Bullet) -> tuple[object, ...]:
    """What there is to see of a bullet besides its place."""
    return (b.state,) if b.state is State.RETIRED else (b.text, b.section, b.state, b.pinned, b.escalated)


def _clash(base: Bullet | None, ours: Bullet | None, theirs: Bullet | None, contested: bool) -> MergeConflict | None:
    """The conflict over one bullet, if there is any."""
    if ours is None or theirs is None or (_seen(ours) == _seen(theirs) and not contested):
        return None
    parts = [p for p in PARTS if _differently(p, base, ours, theirs)]
    if base is not None:
        parts = list(dict.fromkeys([*parts, *_against(base, ours, theirs), *_against(base, theirs, ours)]))
    if "state" not in parts and _merged_part("state", base, ours, theirs) is State.RETIRED:
        return None
    if contested:
        parts.append(PLACE)
    return MergeConflict(ours.id, tuple(parts), base, ours, theirs) if parts else None


def _differently(part: str, base: Bullet | None, ours: Bullet, theirs: Bullet) -> bool:
    mine, other = getattr(ours, part), getattr(theirs, part)
    return mine != other and (base is None or getattr(base, part) not in (mine, other))


def _against(base: Bullet, one: Bullet, other: Bullet) -> Sequence[str]:
    """What stands against each other where `one` retired what `other` reworded, or pinned what `other` changed."""
    reworded = other.text not in (base.text, one.text)
    if one.state is State.RETIRED is not base.state and reworded:
        return ("text", "state")
    if one.pinned and not base.pinned and not other.pinned:
        return [p for p in ("text", "state") if getattr(other, p) not in (getattr(base, p), getattr(one, p))]
    return ()


def _combined(base: Bullet | None, ours: Bullet | None, theirs: Bullet | None, clash: Sequence[str], side: Side) -> Bullet:
    if ours is None or theirs is None:
        return _one(ours, theirs)
    if _seen(ours) == _seen(theirs):
        return ours
    decided = ours if side == "ours" else theirs
    values = {p: getattr(decided, p) if p in clash else _merged_part(p, base, ours, theirs) for p in PARTS}
    merged = replace(ours, **values)
    waited = base is not None and base.state is State.CANDIDATE and merged.state is State.ACTIVE
    # A side that confirmed the guess did so for its own text.
    if waited and not any(s.state is State.ACTIVE and s.text == merged.text for s in (ours, theirs)):
        return replace(merged, state=State.CANDIDATE)
    return merged


def _merged_part(part: str, base: Bullet | None, ours: Bullet, theirs: Bullet) -> Any:
    mine = getattr(ours, part)
    return getattr(theirs, part) if base is not None and mine == getattr(base, part) else mine


def _one(ours: Bullet | None, theirs: Bullet | None) -> Bullet:
    found = ours or theirs
    if found is None:
        raise ValueError("a bullet is on neither side")
    return found


def _added(
    base: Mapping[str, Bullet], ours: Mapping[str, Bullet], theirs: Mapping[str, Bullet], wanted: Iterable[Bullet]
) -> dict[Side, tuple[Bullet, ...]]:
    new = [b for b in wanted if b.id not in base and b.state is not State.RETIRED]
    return {
        "ours": tuple(b for b in new if b.id not in theirs),
        "theirs": tuple(b for b in new if b.id not in ours),
    }


def _united(added: Mapping[Side, Sequence[Bullet]], taken: Iterable[str], distrusted: Container[str]) -> Iterator[Operation]:
    """The operations that make one of two bullets where both sides added the same. One that is distrusted and one that is not
    stay two: what is made of both would rest on what the first does."""
    known = set(taken)
    for pair in same_text(added["ours"], added["theirs"]):
        if len({b.id in distrusted for b in pair}) > 1:
            continue
        o = union(pair)
        if o.new_id not in known:
            known.add(o.new_id)
            yield replace(o, reason="both branches say the same")
