"""Tests that may be stopped at any time: against numeric integration, by hand, and on simulated sequences."""

from __future__ import annotations

import random
from fractions import Fraction
from math import fsum, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.statistics.sequential import as_float, e_value, fewest, needed, not_worse, share, within_reach


def integrated(won: int, lost: int, steps: int = 4000) -> float:
    """The mean of theta^b (1 - theta)^c / 2^-n over theta uniform in (1/2, 1], by the midpoint rule."""
    width = 0.5 / steps
    thetas = [0.5 + width * (i + 0.5) for i in range(steps)]
    return fsum((2 * t) ** won * (2 * (1 - t)) ** lost for t in thetas) / steps


@pytest.mark.parametrize(("won", "lost"), [(0, 0), (1, 0), (0, 1), (5, 0), (0, 5), (7, 3), (3, 7), (20, 5), (31, 30)])
def test_an_e_value_is_what_integration_gives(won: int, lost: int) -> None:
    assert float(e_value(won, lost)) == pytest.approx(integrated(won, lost), rel=1e-4)


def test_an_e_value_is_exact_by_hand() -> None:
    # n = 1: (C(2,0) + C(2,1)) / (2 C(1,1)) = 3/2, and C(2,0) / (2 C(1,0)) = 1/2; n = 3, two won: (1 + 4 + 6) / (4 * 3).
    assert [e_value(0, 0), e_value(1, 0), e_value(0, 1), e_value(2, 1)] == [1, Fraction(3, 2), Fraction(1, 2), Fraction(11, 12)]


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_fair_coin_neither_gains_nor_loses(won: int, lost: int) -> None:
    after = (e_value(won + 1, lost) + e_value(won, lost + 1)) / 2
    assert after == e_value(won, lost)


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_pair_won_is_evidence_and_a_pair_lost_is_none(won: int, lost: int) -> None:
    assert e_value(won, lost + 1) < e_value(won, lost) < e_value(won + 1, lost)


def test_a_very_large_e_value_is_a_finite_number() -> None:
    assert as_float(e_value(5000, 0)) == 1e300 < inf


def test_the_shares_of_alpha_sum_to_one() -> None:
    n = 20_000
    # What is left after n terms lies between the integrals from n + 1 and from n.
    first = fsum(map(share, range(1, n + 1)))
    assert 1 - share(1) * n**-0.6 / 0.6 <= first <= 1 - share(1) * (n + 1) ** -0.6 / 0.6


def test_a_question_needs_more_the_later_it_comes_and_less_the_more_were_accepted() -> None:
    # gamma_1 = 1 / zeta(1.6) = 1 / 2.28577.
    assert needed(0.05, 1, 0) == pytest.approx(20 * 2.285766, rel=1e-5)
    assert needed(0.05, 10, 0) == pytest.approx(needed(0.05, 1, 0) * 10**1.6)
    assert needed(0.05, 10, 1) == pytest.approx(needed(0.05, 10, 0) / 2)


@pytest.mark.parametrize("wanted", [0.5, 1, 1.5, 20, 45.7, 16725])
def test_the_fewest_pairs_are_those_with_which_all_won_is_enough(wanted: float) -> None:
    n = fewest(wanted)
    assert within_reach(0, 0, n, wanted)
    assert n == 0 or not within_reach(0, 0, n - 1, wanted)


def test_a_change_without_effect_seldom_reaches_the_level_however_often_it_is_looked_at() -> None:
    rng, kept = random.Random(1), 0
    for _ in range(400):
        won = lost = 0
        for _ in range(60):
            won, lost = (won + 1, lost) if rng.random() < 0.5 else (won, lost + 1)
            if e_value(won, lost) >= 20:
                kept += 1
                break
    assert kept <= 0.05 * 400 + 2 * (0.05 * 0.95 * 400) ** 0.5


def test_not_worse_by_a_margin_grows_where_nothing_changes_and_falls_where_more_is_lost() -> None:
    assert not_worse([], 0.1) == 1
    assert not_worse([0] * 100, 0.1) > 20
    assert not_worse([-1] * 10 + [0] * 40, 0.1) < 1
    assert not_worse([1] * 10_000, 0.5) < inf


def test_not_worse_has_a_mean_of_one_where_the_change_costs_the_margin() -> None:
    # A fifth lost, none won: the mean of one step is (0.8 (1 + l m) + 0.2 (1 + l (m - 1))) = 1 for each bet l at m = 0.2.
    assert 0.8 * not_worse([0], 0.2) + 0.2 * not_worse([-1], 0.2) == pytest.approx(1)
