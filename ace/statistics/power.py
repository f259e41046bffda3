"""How many cases a comparison needs, computed and not looked up."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil, exp, floor, lgamma, log, sqrt
from statistics import NormalDist

from ace.statistics.crossed import Spread
from ace.statistics.distributions import binomial_tail

ALPHA = 0.05
_FAR = 8
"""Standard deviations from the mean beyond which a count has no weight."""


def power(n: int, discordance: float, difference: float, alpha: float = ALPHA) -> float:
    """The chance that McNemar's exact test finds a change of `difference` in success on `n` paired cases of which a share
    `discordance` come out differently. `ValueError` where the change is larger than what changes."""
    if not 0 <= difference <= discordance <= 1:
        raise ValueError(f"a change of {difference} needs a share of cases that come out differently between it and 1")
    if discordance == 0:
        return 0.0
    better = (discordance + difference) / (2 * discordance)
    middle, reach = n * discordance, _FAR * sqrt(n * discordance * (1 - discordance)) + _FAR
    counts = range(max(1, floor(middle - reach)), min(n, ceil(middle + reach)) + 1)
    return sum(_binomial(n, changed, discordance) * _rejects(changed, better, alpha) for changed in counts)


def _rejects(changed: int, better: float, alpha: float) -> float:
    """The chance that the test rejects on `changed` cases of which each is for the better with probability `better`."""
    worst = _worst(changed, alpha)
    if worst < 0:
        return 0.0
    return binomial_tail(worst, changed, better) + binomial_tail(worst, changed, 1 - better)


@cache
def _worst(changed: int, alpha: float) -> int:
    """The most cases for the worse with which the test still rejects; -1 where it never does."""
    limit, worst, total, ways = Fraction(alpha) * 2**changed / 2, -1, 0, 1
    while total + ways <= limit:
        worst, total = worst + 1, total + ways
        ways = ways * (changed - worst) // (worst + 1)
    return worst


def _binomial(n: int, k: int, p: float) -> float:
    if p == 1:
        return float(k == n)
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log(1 - p))


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


@dataclass(frozen=True, slots=True)
class Layout:
    """A design over seeds: `seeds` runs measured on the same `tasks` tasks, of which a share `discordance` come out differently
    in one run. `between` is the standard deviation of the change from seed to seed, as a share of success; a share
    `repeated` of the variance between tasks in the change is the same at every seed."""

    seeds: int
    tasks: int
    discordance: float
    between: float = 0.05
    repeated: float = 0.5

    def detectable(self, wanted: float = 0.8) -> float | None:
        """About the smallest change that the crossed interval finds with probability `wanted`; `None` with fewer than two
        seeds or two tasks, and where it would be more than 1."""
        if self.seeds < 2 or self.tasks < 2:
            return None
        rest = (1 - self.repeated) * self.discordance
        by_seed = self.tasks * self.between**2 + rest
        by_task = self.seeds * self.repeated * self.discordance + rest
        spread = Spread(self.seeds, self.tasks, by_seed, by_task, rest)
        found = spread.half() + spread.half(wanted)
        return found if found <= 1 else None
