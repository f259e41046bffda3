"""Tests that may be stopped after any pair: is one side better, over a whole sequence of questions?

A pair is the same case played with and without a change. Pairs that come out alike say nothing; of the others let b be won and
c be lost with the change. If the change does not help, each of these is won with a chance of at most 1/2. The likelihood ratio
of theta in (1/2, 1] to 1/2, averaged over a uniform theta, is

    E(b, c) = sum_{k=0..b} C(n + 1, k) / ((n + 1) C(n, b)),    n = b + c,

and its mean is at most 1 at any time where the change does not help, so that P(E ever reaches 1/a) <= a (Ville; the mixture is
that of Robbins, Statistical methods related to the law of the iterated logarithm, Annals of Mathematical Statistics 41 (1970),
1397-1409). It is computed in integers, without rounding.

Over a sequence of questions, e-LOND (Xu and Ramdas, Online multiple testing with e-values, AISTATS 2024) accepts question t
where E_t >= 1 / (alpha gamma_t (R + 1)), R the number accepted before and gamma_1 + gamma_2 + ... = 1: on average at most a
share alpha of what is accepted is false, however the questions depend on each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from functools import cache, lru_cache
from math import comb, exp, fsum, log1p

DECAY = 1.6
"""gamma_t falls as t to the power of minus this."""
BEHIND = 5
"""A trial is given up once so many more pairs are lost than won."""
_LARGEST = 10**300
"""The largest E value that is given as a floating point number."""
_LOG_LARGEST = 690.0
_BETS = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""Bets, as shares of the largest that cannot lose everything."""


@lru_cache(maxsize=1 << 14)
def e_value(won: int, lost: int) -> Fraction:
    """E(won, lost): the evidence that more than half of the pairs that differ are won. 1 where there is none."""
    n = won + lost
    chosen = total = 1
    for k in range(1, won + 1):
        chosen = chosen * (n + 2 - k) // k
        total += chosen
    return Fraction(total, (n + 1) * comb(n, won))


def as_float(e: Fraction) -> float:
    """An E value as a finite number."""
    return float(min(e, Fraction(_LARGEST)))


def needed(alpha: float, question: int, accepted: int) -> float:
    """The E value at which question number `question` (from 1) is accepted, where `accepted` were before it (e-LOND)."""
    return 1 / (alpha * share(question) * (accepted + 1))


def share(question: int) -> float:
    """gamma_t: the share of alpha that question number `question`, from 1, has."""
    return float(question**-DECAY / _total())


@cache
def _total() -> float:
    """The sum of t^-DECAY over all t >= 1, by the Euler-Maclaurin formula after the first 1,000 terms."""
    n, s = 1000, DECAY
    rest = n ** (1 - s) / (s - 1) - n**-s / 2 + s * n ** (-s - 1) / 12
    return float(fsum(t**-s for t in range(1, n + 1)) + rest)


class Stop(StrEnum):
    """Why no further pair is played."""

    SUCCESS = "success"
    HARM = "harm"
    FUTILITY = "futility"
    """More is lost than won, or what is left cannot be enough."""


def stopped(won: int, lost: int, left: int, wanted: float, alpha: float) -> Stop | None:
    """Whether to stop, after so many pairs `won` and `lost`, with at most `left` to come: at success, where E reaches `wanted`;
    at harm, where the same evidence the other way round reaches 1 / `alpha`; for futility, where `BEHIND` more are lost than
    won or `wanted` is out of reach. `None`: play on."""
    if e_value(won, lost) >= wanted:
        return Stop.SUCCESS
    if e_value(lost, won) >= 1 / alpha:
        return Stop.HARM
    if lost - won >= BEHIND or not within_reach(won, lost, left, wanted):
        return Stop.FUTILITY
    return None


def within_reach(won: int, lost: int, left: int, wanted: float) -> bool:
    """Whether E reaches `wanted` if each of `left` further pairs is won."""
    return e_value(won + left, lost) >= wanted


def fewest(wanted: float) -> int:
    """The fewest pairs at which E reaches `wanted`: all of them differ, and all are won."""
    n = 0
    while not within_reach(0, 0, n, wanted):
        n += 1
    return n


def not_worse(differences: Iterable[int], margin: float) -> float:
    """The evidence that a change costs less than `margin`, from the differences of pairs in order, each -1 (lost with the
    change), 0 or 1 (won): the mean over fixed bets l in [0, 1 / (1 - margin)) of prod(1 + l (d + margin)). 1 where there is
    none; its mean is at most 1 at any time where the change costs `margin` or more."""
    counts = {-1: 0, 0: 0, 1: 0}
    for d in differences:
        counts[d] += 1
    grown = [fsum(n * log1p(bet / (1 - margin) * (d + margin)) for d, n in counts.items()) for bet in _BETS]
    return fsum(exp(min(g, _LOG_LARGEST)) for g in grown) / len(grown)
