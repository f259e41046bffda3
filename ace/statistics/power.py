"""How many cases a comparison needs, computed and not looked up."""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

from ace.statistics.distributions import binomial_tail

ALPHA = 0.05


def power(n: int, discordance: float, difference: float, alpha: float = ALPHA) -> float:
    """The chance that McNemar's exact test finds a change of `difference` in success on `n` paired cases of which a share
    `discordance` come out differently. `ValueError` where the change is larger than what changes."""
    if not 0 <= difference <= discordance <= 1:
        raise ValueError(f"a change of {difference} needs a share of cases that come out differently between it and 1")
    if discordance == 0:
        return 0.0
    better = (discordance + difference) / (2 * discordance)
    found, chance = 0.0, (1 - discordance) ** n
    for changed in range(1, n + 1):
        chance = _binomial(n, changed, discordance)
        if chance > 1e-12:
            found += chance * _rejects(changed, better, alpha)
    return found


def _rejects(changed: int, better: float, alpha: float) -> float:
    """The chance that the test rejects on `changed` cases of which each is for the better with probability `better`."""
    worst = -1
    while 2 * binomial_tail(worst + 1, changed) <= alpha:
        worst += 1
    if worst < 0:
        return 0.0
    return binomial_tail(worst, changed, better) + binomial_tail(worst, changed, 1 - better)


def _binomial(n: int, k: int, p: float) -> float:
    if p == 1:
        return float(k == n)
    return binomial_tail(k, n, p) - (binomial_tail(k - 1, n, p) if k else 0.0)


def smallest(n: int, discordance: float, wanted: float = 0.8) -> float | None:
    """The smallest change in success that `n` paired cases find with probability `wanted`, to 0.001; `None` where they find not
    even a change of `discordance`."""
    if power(n, discordance, discordance) < wanted:
        return None
    low, high = 0.0, discordance
    while high - low > 0.0005:
        middle = (low + high) / 2
        low, high = (low, middle) if power(n, discordance, middle) >= wanted else (middle, high)
    return round(high, 3)


def cases_needed(difference: float, discordance: float, wanted: float = 0.8) -> int:
    """About how many paired cases find a change of `difference` with probability `wanted` (Connor, Biometrics 43 (1987),
    207-211)."""
    normal = NormalDist()
    a, b = normal.inv_cdf(1 - ALPHA / 2), normal.inv_cdf(wanted)
    return ceil(((a * sqrt(discordance) + b * sqrt(discordance - difference**2)) / difference) ** 2)
