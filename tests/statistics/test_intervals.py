"""The intervals that stand beside every success rate."""

from __future__ import annotations

import random
from itertools import product
from math import comb, factorial

import pytest

from ace.statistics.intervals import mean_share, paired, wilson


# Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I, method 3.
@pytest.mark.parametrize(
    ("wins", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_a_share_has_the_published_interval(wins: int, n: int, low: float, high: float) -> None:
    assert wilson(wins, n) == pytest.approx((low, high), abs=5e-5)
    assert wilson(n - wins, n) == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_no_cases_say_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert paired([], []) == (0.0, -1.0, 1.0)


@pytest.mark.parametrize(("wins", "n"), [(-1, 5), (6, 5), (1, 0)])
def test_a_share_that_is_none_is_refused(wins: int, n: int) -> None:
    with pytest.raises(ValueError, match="0 <= wins <= n"):
        wilson(wins, n)


def _verdicts(both: int, after: int, before: int, neither: int) -> tuple[list[bool], list[bool]]:
    """Verdicts (before, after) with so many cases won both times, only after, only before, and never."""
    pairs = [(True, True)] * both + [(False, True)] * after + [(True, False)] * before + [(False, False)] * neither
    return [b for b, _ in pairs], [a for _, a in pairs]


# Newcombe, Improved confidence intervals for the difference ... paired data (1998), method 10.
@pytest.mark.parametrize(
    ("table", "difference", "low", "high"),
    [
        ((36, 12, 2, 0), 0.2, 0.0569, 0.3404),
        ((18, 12, 2, 18), 0.2, 0.0562, 0.3290),
        ((53, 0, 0, 1), 0.0, -0.0729, 0.0729),
        ((0, 30, 0, 0), 1.0, 0.8395, 1.0),
    ],
)
def test_a_difference_has_the_published_interval(
    table: tuple[int, int, int, int], difference: float, low: float, high: float
) -> None:
    before, after = _verdicts(*table)
    assert paired(before, after) == pytest.approx((difference, low, high), abs=5e-5)
    assert paired(after, before) == pytest.approx((-difference, -high, -low), abs=5e-5)


def test_verdicts_that_go_together_tell_more_than_their_number() -> None:
    together, apart = paired(*_verdicts(45, 10, 0, 45)), paired(*_verdicts(25, 30, 20, 25))
    assert together[0] == pytest.approx(apart[0])
    assert together[1] > 0 > apart[1]


def test_verdicts_on_different_cases_cannot_be_paired() -> None:
    with pytest.raises(ValueError, match="2 verdicts before and 1 after"):
        paired([True, False], [True])


@pytest.mark.parametrize(
    ("both", "after", "before"),
    [(0.25, 0.25, 0.25), (0.5, 0.2, 0.1), (0.3, 0.4, 0.1), (0.1, 0.5, 0.1), (0.6, 0.15, 0.15), (0.4, 0.1, 0.1)],
)
def test_the_interval_of_a_difference_holds_the_true_one_nineteen_times_in_twenty(
    both: float, after: float, before: float
) -> None:
    n, covered = 24, 0.0
    for b, a, o in product(range(n + 1), repeat=3):
        rest = n - b - a - o
        if rest < 0:
            continue
        _, low, high = paired(*_verdicts(b, a, o, rest))
        if low <= after - before <= high:
            ways = factorial(n) // (factorial(b) * factorial(a) * factorial(o) * factorial(rest))
            covered += ways * both**b * after**a * before**o * (1 - both - after - before) ** rest
    assert 0.93 <= covered <= 0.98


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9])
def test_the_interval_of_a_share_holds_the_true_one_nineteen_times_in_twenty(share: float) -> None:
    n = 80
    holds = [w for w in range(n + 1) if wilson(w, n)[0] <= share <= wilson(w, n)[1]]
    assert 0.93 <= sum(comb(n, w) * share**w * (1 - share) ** (n - w) for w in holds) <= 0.98


def test_the_mean_of_shares_that_are_0_and_1_has_the_interval_of_a_share() -> None:
    shares = [1.0] * 60 + [0.0] * 140
    assert mean_share(shares, 1) == pytest.approx(wilson(60, 200), abs=0.001)
    assert mean_share([1.0] * 5, 4) == wilson(5, 5)
    assert mean_share([0.0] * 5, 4) == wilson(0, 5)


def test_the_mean_of_a_single_share_has_no_interval_and_that_of_equal_ones_is_not_certain() -> None:
    assert mean_share([0.5], 8) is None
    low, high = mean_share([0.5, 0.5], 8) or (0.0, 0.0)
    assert high - low > 0.5


def test_the_interval_of_a_mean_of_shares_holds_the_truth() -> None:
    draw, held, rounds = random.Random(3), 0, 400
    for _ in range(rounds):
        rates = [draw.betavariate(0.8, 1.6) for _ in range(30)]
        low, high = mean_share([sum(draw.random() < r for _ in range(8)) / 8 for r in rates], 8) or (1.0, 0.0)
        held += low <= 1 / 3 <= high
    assert held / rounds >= 0.93
