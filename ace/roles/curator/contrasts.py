"""Attempts of one kind that ended differently, side by side, where answers are free.

A table of facts does not tell why one answer was taken and the other was not: the work does, and what the environment said.
"""

from __future__ import annotations

from ace.evidence.nearest import contrasts
from ace.models import layout
from ace.roles.curator.brief import Brief
from ace.types import Past

MOST = 6
"""Pairs shown."""
_LONGEST = 400
"""Characters of what was done, and of what the environment said."""


def side_by_side(brief: Brief, numbers: dict[str, int]) -> str:
    """The part of the request: pairs of a right and a wrong attempt, each with what was done and what was said of it. Attempts
    that have no number yet are given one in `numbers`. Empty where answers or actions are listed."""
    if any(e.first.actions or e.first.answers for e, _ in brief.new):
        return ""
    attempts = brief.flat
    lines = []
    for n, pair in enumerate(contrasts(attempts.new, attempts.all, MOST), 1):
        kind = pair[0].kind and f" of the kind {layout.item(pair[0].kind, 100)}"
        lines += [f"## Pair {n}{kind}", *(_line(p, numbers) for p in pair)]
    return "\n".join([layout.CONTRASTS, *lines]) if lines else ""


def _line(p: Past, numbers: dict[str, int]) -> str:
    number = numbers.setdefault(p.episode, len(numbers) + 1)
    said = [f"{layout.SAID}: {layout.item(p.revealed, _LONGEST)}"] if p.revealed else []
    done = [f"done: {layout.item(p.choice, _LONGEST)}"]
    return layout.row([f"{'+' if p.won else '-'} #{number}", layout.item(p.situation, _LONGEST), *done, *said])
