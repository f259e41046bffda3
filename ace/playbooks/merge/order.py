"""Where bullets stand after two branches are merged.

A place is what a reader sees, the order, and not a rank, because the same order has other ranks in another branch. What
neither side moved keeps the order it had; what a side moved or added follows the bullet that it follows there. Where both put
something behind the same bullet their runs stand one after the other, in an order that does not depend on which side is merged
into which.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from ace.playbooks.bullet import Bullet
from ace.playbooks.rewrites import longest_run

Side = Literal["ours", "theirs"]
"""Which branch: the one that is merged into, or the one that is merged."""
SIDES: tuple[Side, Side] = ("ours", "theirs")


@dataclass(frozen=True, slots=True)
class Places:
    """The ids of both sides in their new order; those `moved` by a side since the base; and those `contested`, which the sides
    put in different places."""

    order: tuple[str, ...]
    moved: Mapping[Side, AbstractSet[str]]
    contested: AbstractSet[str]


def merge_places(
    base: Mapping[str, Bullet], ours: Mapping[str, Bullet], theirs: Mapping[str, Bullet], takes: Mapping[str, Side]
) -> Places:
    """The order of the bullets of `ours` and `theirs`, each given in order, with `base` as what they came from. A contested
    place is that of the side that `takes` names, else ours."""
    moved: dict[Side, AbstractSet[str]] = {"ours": _moved(base, ours), "theirs": _moved(base, theirs)}
    common = ours.keys() & theirs.keys()
    fixed = (common & base.keys()) - moved["ours"] - moved["theirs"]
    placed_twice = (moved["ours"] & moved["theirs"]) | (common - base.keys())
    both = fixed | placed_twice
    # Sorted, so that it does not depend on which side is which.
    a, b = sorted([id for id in side if id in both] for side in (ours, theirs))
    agreed = standing(a, b, fixed) - fixed
    contested = placed_twice - agreed
    skeleton = [id for id in ours if id in fixed or id in agreed]
    by_ours = (ours.keys() - theirs.keys()) | (moved["ours"] - moved["theirs"])
    by_theirs = (theirs.keys() - ours.keys()) | (moved["theirs"] - moved["ours"])
    for id in contested:
        (by_theirs if takes.get(id) == "theirs" else by_ours).add(id)
    runs = _runs(ours, set(skeleton), by_ours), _runs(theirs, set(skeleton), by_theirs)
    return Places(tuple(_woven(skeleton, *runs)), moved, contested)


def standing(a: Sequence[str], b: Sequence[str], fixed: Collection[str]) -> set[str]:
    """The ids that stand alike in `a` and `b`: as many as can be, among them those of `fixed`, which do."""
    gaps, places = _gaps(a, fixed), {id: place for place, id in enumerate(a)}
    others = [id for id, gap in _gaps(b, fixed).items() if id not in fixed and gaps.get(id) == gap]
    return {*longest_run(others, [places[id] for id in others]), *fixed}


def _moved(base: Mapping[str, Bullet], side: Mapping[str, Bullet]) -> set[str]:
    common = base.keys() & side.keys()
    # The same ranks are the same order, on both sides.
    unmoved = {id for id in common if base[id].rank == side[id].rank}
    return common - standing(list(base), list(side), unmoved)


def _gaps(ids: Sequence[str], fixed: Collection[str]) -> dict[str, int]:
    """How many of `fixed` stand before each of `ids`."""
    gap, found = 0, {}
    for id in ids:
        found[id] = gap
        gap += id in fixed
    return found


def _runs(ids: Collection[str], skeleton: AbstractSet[str], floating: AbstractSet[str]) -> dict[str, list[str]]:
    """By bullet of the skeleton (empty: before the first), the floating ones that follow it."""
    runs: dict[str, list[str]] = {}
    at = ""
    for id in ids:
        if id in skeleton:
            at = id
        elif id in floating:
            runs.setdefault(at, []).append(id)
    return runs


def _woven(skeleton: Sequence[str], ours: Mapping[str, list[str]], theirs: Mapping[str, list[str]]) -> list[str]:
    order: list[str] = []
    for at in ("", *skeleton):
        order += [at] if at else []
        for run in sorted(runs[at] for runs in (ours, theirs) if at in runs):
            order += run
    return order
