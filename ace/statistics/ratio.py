"""The ratio of two means of the same cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from ace.statistics.distributions import t_quantile


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of two means and its 95 % interval."""

    ratio: float
    interval: tuple[float, float]


def ratio_of_means(above: Sequence[float], below: Sequence[float]) -> Ratio | None:
    """The mean of `above` over the mean of `below`, a value of each for every case in the same order; `None` where the 95 %
    interval of the mean below holds 0, because the ratio may then be anything. `ValueError` where their lengths differ.
    Source: Fieller, Some problems in interval estimation, Journal of the Royal Statistical Society B 16 (1954), 175-185."""
    n = len(below)
    if len(above) != n:
        raise ValueError(f"{len(above)} and {n} values cannot be paired; they must be of the same cases")
    if n < 2:
        return None
    a, b, t = sum(above) / n, sum(below) / n, t_quantile(0.975, n - 1)
    aa, bb, ab = (_covariance(x, y) for x, y in ((above, above), (below, below), (above, below)))
    if b * b <= t * t * bb:
        return None
    # Where (a - r b)^2 is t^2 times its variance.
    outer, middle, inner = b * b - t * t * bb, a * b - t * t * ab, a * a - t * t * aa
    spread = sqrt(max(0.0, middle * middle - outer * inner))
    return Ratio(a / b, ((middle - spread) / outer, (middle + spread) / outer))


def _covariance(x: Sequence[float], y: Sequence[float]) -> float:
    """Of the two means."""
    n, mean_x, mean_y = len(x), sum(x) / len(x), sum(y) / len(y)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / (n - 1) / n
