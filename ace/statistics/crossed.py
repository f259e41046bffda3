"""The mean of outcomes over seeds and tasks, and how sure it is when both were drawn.

A run's seed is one draw from the ways in which learning can go, and a held-out task one from the tasks there are. Outcomes of
one seed rise and fall together, and so do outcomes of one task; a standard error that takes them for independent is too small.
The variance of the mean of S x T outcomes is that of the crossed random-effects layout with one outcome a cell,

    V = (MS_seeds + MS_tasks - MS_rest) / (S T),

its degrees of freedom are Satterthwaite's (An approximate distribution of estimates of variance components, Biometrics
Bulletin 2 (1946), 110-114). With two or three seeds an interval of V and those covers too little (.83 to .93 in
`benchmarks/bench_intervals.py`), because few seeds often look more alike than they are. So each component is taken with the
quantile of its own degrees of freedom (Banerjee, Confidence interval of any given length for the difference between two means,
Calcutta Statistical Association Bulletin 10 (1960); conservative for sums of components):

    half^2 = (t_{S-1}^2 MS_seeds + t_{T-1}^2 max(0, MS_tasks - MS_rest)) / (S T), at least t_{T-1}^2 MS_tasks / (S T).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import inf, sqrt

from ace.statistics.distributions import t_quantile

UPPER = 0.975
"""The quantile of a two-sided 95 % interval."""
_SMALLEST = 1e-12
"""The smallest p value that is told apart from 0."""
_quantile = cache(t_quantile)


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean squares of a layout of `seeds` x `tasks` outcomes: between seeds, between tasks, and of the rest."""

    seeds: int
    tasks: int
    between_seeds: float
    between_tasks: float
    rest: float

    @property
    def error(self) -> float:
        """The standard error of the mean; never below what tasks alone give."""
        variance = max(self.between_seeds + self.between_tasks - self.rest, self.between_tasks)
        return sqrt(variance / (self.seeds * self.tasks))

    @property
    def df(self) -> float:
        """Satterthwaite's degrees of freedom of `error`, at least those of the fewer of seeds and tasks."""
        a, b, c, s, t = self.between_seeds, self.between_tasks, self.rest, self.seeds - 1, self.tasks - 1
        spread = a * a / s + b * b / t + c * c / (s * t)
        return max((a + b - c) ** 2 / spread, float(min(s, t))) if spread else inf

    def half(self, quantile: float = UPPER) -> float:
        """How far the interval reaches to each side of the mean."""
        by_seed, by_task = _quantile(quantile, self.seeds - 1) ** 2, _quantile(quantile, self.tasks - 1) ** 2
        both = by_seed * self.between_seeds + by_task * max(0.0, self.between_tasks - self.rest)
        return sqrt(max(both, by_task * self.between_tasks) / (self.seeds * self.tasks))

    def p(self, mean: float) -> float:
        """The two-sided p value of `mean` against 0: 1 less the level of the interval that just reaches 0."""
        if not mean or not self.half():
            return 0.0 if mean else 1.0
        low, high = _SMALLEST, 1.0
        for _ in range(30):
            middle = sqrt(low * high)
            low, high = (low, middle) if self.half(1 - middle / 2) < abs(mean) else (middle, high)
        return high


@dataclass(frozen=True, slots=True)
class Estimate:
    """The `mean` of outcomes over `seeds` seeds and `tasks` tasks, and its `spread`: `None` with fewer than two seeds or two
    tasks, from which nothing can be told of it."""

    mean: float
    seeds: int
    tasks: int
    spread: Spread | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval, not cut to the range of outcomes."""
        if self.spread is None:
            return None
        half = self.spread.half()
        return self.mean - half, self.mean + half

    @property
    def p(self) -> float | None:
        """The two-sided p value of the mean against 0."""
        return None if self.spread is None else self.spread.p(self.mean)

    def detectable(self, power: float = 0.8) -> float | None:
        """The smallest true mean that a design with this spread finds with probability `power` at level 0.05, about."""
        return None if self.spread is None else self.spread.half() + self.spread.half(power)


def estimate(outcomes: Sequence[Sequence[float]]) -> Estimate:
    """The estimate from `outcomes`, a row a seed and a column a task, without gaps. `ValueError` where rows differ in length,
    or there is no outcome."""
    s, t = len(outcomes), len(outcomes[0]) if outcomes else 0
    if not t or any(len(row) != t for row in outcomes):
        raise ValueError("outcomes must be rows of one length, at least 1: a row a seed, a column a task")
    by_seed = [sum(row) / t for row in outcomes]
    by_task = [sum(row[i] for row in outcomes) / s for i in range(t)]
    mean = sum(by_seed) / s
    if s < 2 or t < 2:
        return Estimate(mean, s, t)
    left = sum(
        (y - a - b + mean) ** 2 for a, row in zip(by_seed, outcomes, strict=True) for b, y in zip(by_task, row, strict=True)
    )
    spread = Spread(
        s,
        t,
        t * sum((m - mean) ** 2 for m in by_seed) / (s - 1),
        s * sum((m - mean) ** 2 for m in by_task) / (t - 1),
        left / ((s - 1) * (t - 1)),
    )
    return Estimate(mean, s, t, spread)
