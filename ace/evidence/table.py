"""Wins and losses by fact value and choice: what can be counted without a search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ace.evidence.cases import PastCase
from ace.evidence.conditions import conditions_of
from ace.evidence.masks import Masks, chosen
from ace.playbooks.triggers.conditions import Condition

LINES = 40
"""Lines of a printed table at most."""
CHOICES = 6
"""Choices on a line at most: those with the most attempts."""
CHARACTERS = 400
"""Characters of a line at most."""
_COMPLEMENTS = ("below", "count below", "lacks")
"""What says no more than its opposite does."""


@dataclass(frozen=True, slots=True)
class Count:
    """How often a choice won and lost."""

    choice: str
    won: int
    lost: int


@dataclass(frozen=True, slots=True)
class TableRow:
    """The attempts in which `condition` holds, by choice, the commonest choice first; `None` is all attempts."""

    condition: Condition | None
    counts: tuple[Count, ...]


def table(cases: Sequence[PastCase], limit: int = LINES) -> list[TableRow]:
    """The choices of all `cases` with their wins and losses, then the same for the fact values that tell wins and losses apart
    best (the likelihood ratio of verdicts given choice and value to verdicts given choice), at most `limit` rows."""
    if not cases or limit < 1:
        return []
    whole = _counts(cases)
    scored = []
    views = [c.view for c in cases]
    masks, met = Masks(views), set[int]()
    for number, condition in enumerate(conditions_of(views)):
        mask = masks.of([condition])
        if condition.kind in _COMPLEMENTS or mask in met or mask in (0, masks.everything):
            continue
        met.add(mask)
        counts = _counts(chosen(cases, mask))
        scored.append((-_surprise(counts, whole), number, TableRow(condition, counts)))
    scored.sort(key=lambda x: x[:2])
    return [TableRow(None, whole), *(row for _, _, row in scored[: limit - 1])]


def table_lines(rows: Iterable[TableRow], choices: int = CHOICES) -> list[str]:
    """A line a row: `"tier" is "gold": refund 5 won 1 lost; deny 0 won 4 lost`. At most `choices` choices on a line, the rest
    counted; a line of more than `CHARACTERS` is cut."""
    lines = [f"{_named(row.condition)}: {_shown(row.counts, choices)}" for row in rows]
    return [line if len(line) <= CHARACTERS else line[: CHARACTERS - 1] + "…" for line in lines]


def _counts(cases: Iterable[PastCase]) -> tuple[Count, ...]:
    """Wins and losses by choice. Where the right choice was revealed it counts as a win, and a choice that lost as a loss."""
    won: defaultdict[str, int] = defaultdict(int)
    lost: defaultdict[str, int] = defaultdict(int)
    for case in cases:
        if case.revealed:
            won[case.revealed] += 1
        elif case.won:
            won[case.plan.line()] += 1
        if not case.won and case.plan.choice and case.plan.choice != case.revealed:
            lost[case.plan.line()] += 1
    found = [Count(choice, won[choice], lost[choice]) for choice in {**won, **lost}]
    return tuple(sorted(found, key=lambda c: (-c.won - c.lost, c.choice)))


def _surprise(inside: Iterable[Count], whole: Iterable[Count]) -> float:
    """How far the shares of wins inside differ from those of all attempts, in squared standard errors."""
    share = {c.choice: (c.won + 1) / (c.won + c.lost + 2) for c in whole}
    total = 0.0
    for c in inside:
        n, p = c.won + c.lost, share[c.choice]
        total += (c.won - n * p) ** 2 / (n * p * (1 - p))
    return total


def _named(condition: Condition | None) -> str:
    return "all attempts" if condition is None else condition.sentence()


def _shown(counts: Sequence[Count], most: int) -> str:
    shown = "; ".join(f"{c.choice} {c.won} won {c.lost} lost" for c in counts[:most])
    rest = counts[most:]
    if not rest:
        return shown
    return f"{shown}; {len(rest)} more {sum(c.won for c in rest)} won {sum(c.lost for c in rest)} lost"
