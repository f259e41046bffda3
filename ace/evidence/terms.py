"""Everything that rules can be made of, as bits over the cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ace.evidence.cases import PastCase
from ace.evidence.masks import Masks, bits, chosen
from ace.evidence.telling import surprise
from ace.playbooks.triggers.conditions import Condition
from ace.playbooks.triggers.trigger import Plan

CELLS = 200_000
"""Conditions times cases at most."""
LEAST = 100
"""Conditions that are always tried."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Conditions and plans, each with the cases it holds in or that speak of it: bit n is case n."""

    conditions: tuple[Condition, ...]
    masks: tuple[int, ...]
    of_fact: Mapping[str, tuple[int, ...]]
    """The conditions on each fact."""
    plans: tuple[Plan, ...]
    followed_won: tuple[int, ...]
    followed_lost: tuple[int, ...]
    """For each plan, the cases that show it right, and those that show it wrong."""
    everything: int
    won: int
    revealed: int
    """The cases that were won, and those whose right choice was revealed."""
    holds: tuple[tuple[int, ...], ...]
    """For each case, the conditions that hold in it."""


def terms_of(
    cases: Sequence[PastCase], plans: Sequence[Plan], conditions: Iterable[Condition], kept: Collection[Condition] = ()
) -> Terms:
    """`conditions` that hold in some cases and not in all, and `plans`, as bits over `cases`. Of too many conditions those on
    which wins and losses turn most, and always the `kept` ones."""
    everything = (1 << len(cases)) - 1
    right, wrong = _shown(cases, plans)
    found = Masks([case.view for case in cases])
    masks: dict[int, Condition] = {}
    for condition in conditions:
        mask = found.of([condition])
        if mask and mask != everything:
            masks.setdefault(mask, condition)
    limit = max(LEAST, CELLS // max(1, len(cases)))
    if len(masks) > limit:
        tallies = list(zip(right, wrong, strict=True))
        scored = sorted((c not in kept, -surprise(m, tallies), n) for n, (m, c) in enumerate(masks.items()))
        best = {n for _, _, n in scored[:limit]}
        masks = {m: c for n, (m, c) in enumerate(masks.items()) if n in best}
    holds: list[list[int]] = [[] for _ in cases]
    for i, mask in enumerate(masks):
        for case_holds in chosen(holds, mask):
            case_holds.append(i)
    return Terms(
        conditions=tuple(masks.values()),
        masks=tuple(masks),
        of_fact=_of_fact(masks.values()),
        plans=tuple(plans),
        followed_won=tuple(right),
        followed_lost=tuple(wrong),
        everything=everything,
        won=bits(case.won for case in cases),
        revealed=bits(bool(case.revealed) for case in cases),
        holds=tuple(map(tuple, holds)),
    )


def _of_fact(conditions: Iterable[Condition]) -> dict[str, tuple[int, ...]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for i, condition in enumerate(conditions):
        found[condition.name].append(i)
    return {name: tuple(at) for name, at in found.items()}


def _shown(cases: Sequence[PastCase], plans: Sequence[Plan]) -> tuple[list[int], list[int]]:
    """For each plan, the cases that show it right, and those that show it wrong."""
    shown = [[case.shows(plan) for case in cases] for plan in plans]
    right = [bits(said is True for said in row) for row in shown]
    wrong = [bits(said is False for said in row) for row in shown]
    return right, wrong
