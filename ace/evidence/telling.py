"""Which attempts and conditions are counted where there are too many of them.

The choice depends on the attempts alone, so the same attempts give the same lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ace.evidence.cases import PastCase
from ace.evidence.lists import decide
from ace.playbooks.triggers.trigger import Trigger

CASES = 1000
"""Attempts counted at most."""


def telling_cases(cases: Sequence[PastCase], present: Sequence[Trigger], limit: int = CASES) -> Sequence[PastCase]:
    """At most `limit` of `cases`, in their order: the newest half of the limit; then of the others the most telling, which are
    those that were won, whose right choice was revealed, or that contradict the `present` list; then losses of other plans.
    Among equals the newest."""
    if len(cases) <= limit:
        return cases
    new = len(cases) - limit // 2
    ranked = sorted(range(new), key=lambda n: (not _tells(cases[n], present), -n))
    chosen = {*ranked[: limit - limit // 2], *range(new, len(cases))}
    return [case for n, case in enumerate(cases) if n in chosen]


def _tells(case: PastCase, present: Sequence[Trigger]) -> bool:
    if case.won or case.revealed:
        return True
    plan = decide(present, case.view)
    return plan is not None and case.shows(plan) is False


Tally = tuple[int, int]
"""Of a plan: the cases that show it right and those that show it wrong, as bits."""


def surprise(mask: int, tallies: Iterable[Tally]) -> float:
    """How far wins in the cases of `mask` differ from wins in all, in squared standard errors, summed over plans."""
    total = 0.0
    for right, wrong in tallies:
        won, lost = (mask & right).bit_count(), (mask & wrong).bit_count()
        if won + lost:
            all_won, all_lost = right.bit_count(), wrong.bit_count()
            share = (all_won + 1) / (all_won + all_lost + 2)
            total += (won - (won + lost) * share) ** 2 / ((won + lost) * share * (1 - share))
    return total
