"""Student's t and the binomial tail, by arithmetic alone: what the intervals and tests of this room are read off.

`statistics.NormalDist` has the normal distribution; a library for these two alone would cost more to install than all others.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb, exp, lgamma, log

_TINY, _CLOSE, _TERMS = 1e-300, 1e-15, 10_000


def t_cdf(x: float, df: float) -> float:
    """P(T <= `x`) of Student's t with `df` > 0 degrees of freedom, which need not be whole."""
    if df <= 0:
        raise ValueError(f"{df} degrees of freedom; more than 0 are needed")
    tail = 0.5 * beta_cdf(df / (df + x * x), df / 2, 0.5)
    return 1 - tail if x > 0 else tail


def t_quantile(p: float, df: float) -> float:
    """The x with P(T <= x) = `p`, for 0 < p < 1. Found by halving, to 10 digits."""
    if not 0 < p < 1:
        raise ValueError(f"{p} is not a probability strictly between 0 and 1")
    if p < 0.5:
        return -t_quantile(1 - p, df)
    low, high = 0.0, 1.0
    while t_cdf(high, df) < p:
        low, high = high, 2 * high
    while high - low > 1e-10 * max(1.0, high):
        middle = (low + high) / 2
        low, high = (middle, high) if t_cdf(middle, df) < p else (low, middle)
    return (low + high) / 2


def beta_cdf(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b), for a, b > 0, by its continued fraction. Source: Abramowitz and
    Stegun, Handbook of Mathematical Functions (1964), 26.5.8."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
    if x > (a + 1) / (a + b + 2):
        return 1 - front * _fraction(1 - x, b, a) / b
    return front * _fraction(x, a, b) / a


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of I_x(a, b), evaluated by Lentz's method."""
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _TERMS):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / _away(1 + step * d), _away(1 + step / c)
            value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return value


def _away(x: float) -> float:
    """`x`, kept away from 0."""
    return x if abs(x) > _TINY else _TINY


def binomial_tail(wins: int, n: int, p: float = 0.5) -> float:
    """P(at most `wins` of `n`) where each wins with probability `p`. Exact for p = 1/2."""
    if p == 0.5:
        return float(Fraction(sum(comb(n, k) for k in range(wins + 1)), 2**n))
    return 1.0 if wins >= n else beta_cdf(1 - p, n - wins, wins + 1)
