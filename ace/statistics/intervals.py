"""Confidence intervals for shares of successes, and for how far two shares measured on the same cases are apart.

Intervals that hold for few cases and for shares near 0 and 1, where the usual "plus or minus two standard errors" does not;
nothing but arithmetic, so that any room may use it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from ace.statistics.distributions import t_quantile

Z = 1.959963984540054
"""The normal quantile for 95 %, two-sided."""


def wilson(wins: float, n: float) -> tuple[float, float]:
    """The 95 % score interval for a share of `wins` in `n` cases, as shares in [0, 1]; (0, 1) where `n` is 0. `ValueError`
    unless 0 <= wins <= n. Source: Wilson, Probable inference, the law of succession, and statistical inference, JASA 22
    (1927), 209-212."""
    if not 0 <= wins <= n:
        raise ValueError(f"{wins} wins of {n} cases are not a share; it must be 0 <= wins <= n")
    if n == 0:
        return 0.0, 1.0
    share = wins / n
    centre = share + Z * Z / (2 * n)
    half = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    # At the ends the bound is the share itself, which rounding must not miss.
    low = 0.0 if wins == 0 else (centre - half) / scale
    high = 1.0 if wins == n else (centre + half) / scale
    return low, high


def mean_share(shares: Sequence[float], each: int) -> tuple[float, float] | None:
    """The 95 % interval for the mean of `shares` in [0, 1], one of each case drawn, from `each` attempts: the score interval
    for as many yes-or-no cases as would leave the mean so uncertain. For shares of 0 and 1 that is `wilson`, a little wider
    where there are few. Shares are taken to vary at least as the luck of their attempts does, so that a few equal ones do not
    make the mean certain. `None` with fewer than two shares. Source: Korn and Graubard, Confidence intervals for proportions
    with small expected number of positive counts estimated from survey data, Survey Methodology 24 (1998), 193-201."""
    n = len(shares)
    if n < 2:
        return None
    mean = sum(shares) / n
    if not 0 < mean < 1:
        return wilson(mean * n, n)
    variance = max(sum((s - mean) ** 2 for s in shares) / (n - 1), mean * (1 - mean) / each) / n
    cases = mean * (1 - mean) / variance * (Z / t_quantile(0.975, n - 1)) ** 2
    return wilson(mean * cases, cases)


def paired(before: Sequence[bool], after: Sequence[bool]) -> tuple[float, float, float]:
    """The share of successes in `after` less that in `before`, and its 95 % interval: (difference, low, high), each in
    [-1, 1]; (0, -1, 1) without cases. The two are verdicts on the same cases in the same order, and that they go together is
    used: the interval is narrower than for two separate samples. `ValueError` where their lengths differ.

    Source: Newcombe, Improved confidence intervals for the difference between binomial proportions based on paired data,
    Statistics in Medicine 17 (1998), 2635-2650, method 10."""
    if len(before) != len(after):
        raise ValueError(
            f"{len(before)} verdicts before and {len(after)} after cannot be paired; they must be of the same cases"
        )
    n = len(after)
    if n == 0:
        return 0.0, -1.0, 1.0
    won = sum(1 for b, a in zip(before, after, strict=True) if a and b)
    first, second = sum(1 for a in after if a), sum(1 for b in before if b)
    (low_1, high_1), (low_2, high_2) = wilson(first, n), wilson(second, n)
    share_1, share_2 = first / n, second / n
    phi = _correlation(won, first, second, n)
    difference = share_1 - share_2
    below = _joined(share_1 - low_1, high_2 - share_2, phi)
    above = _joined(share_2 - low_2, high_1 - share_1, phi)
    return difference, max(-1.0, difference - below), min(1.0, difference + above)


def _joined(one: float, other: float, phi: float) -> float:
    return sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))


def _correlation(both: int, first: int, second: int, n: int) -> float:
    """How strongly the verdicts go together, from -1 to 1; 0 where one share is 0 or 1. A positive one is corrected for
    continuity (n / 2), as method 10 has it, which keeps the interval from being too narrow."""
    spread = first * (n - first) * second * (n - second)
    if spread == 0:
        return 0.0
    product = both * (n - first - second + both) - (first - both) * (second - both)
    return (max(0.0, product - n / 2) if product > 0 else float(product)) / sqrt(spread)
