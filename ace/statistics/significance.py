"""Tests on counts, and what many of them together allow to say."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

from ace.statistics.distributions import binomial_tail


def mcnemar(gained: int, lost: int) -> float:
    """The exact two-sided p value that cases which changed went one way no more often than the other. Source: McNemar, Note on
    the sampling error of the difference between correlated proportions, Psychometrika 12 (1947), 153-157."""
    return min(1.0, 2 * binomial_tail(min(gained, lost), gained + lost))


def fisher(wins: int, n: int, base_wins: int, base_n: int) -> float:
    """The exact one-sided p value that `wins` of `n` are no more frequent than `base_wins` of `base_n` (Fisher 1922)."""
    total = wins + base_wins
    most = min(n, total)
    return sum(comb(n, k) * comb(base_n, total - k) for k in range(wins, most + 1)) / comb(n + base_n, total)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values adjusted so that none is small by the number of tests alone (family-wise error). Source: Holm, A simple
    sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979), 65-70."""
    adjusted, floor = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = floor
    return adjusted


def benjamini_hochberg(p_values: Sequence[float], rate: float) -> list[bool]:
    """Which of the tests are discoveries, such that on average a share of at most `rate` of them is false. Source: Benjamini
    and Hochberg, Controlling the false discovery rate, Journal of the Royal Statistical Society B 57 (1995), 289-300."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    found = [rank + 1 for rank, i in enumerate(order) if p_values[i] <= rate * (rank + 1) / len(order)]
    chosen = set(order[: max(found, default=0)])
    return [i in chosen for i in range(len(p_values))]
