"""Distributions against tables, and against sums that are exact."""

from __future__ import annotations

from math import comb

import pytest

from ace.statistics.distributions import beta_cdf, binomial_tail, t_cdf, t_quantile


@pytest.mark.parametrize(
    ("df", "quantile"), [(1, 12.7062047), (2, 4.3026527), (4, 2.7764451), (9, 2.2621572), (30, 2.0422725), (1e6, 1.9599664)]
)
def test_the_quantiles_of_t_are_the_tables(df: float, quantile: float) -> None:
    assert t_quantile(0.975, df) == pytest.approx(quantile, abs=1e-6)
    assert t_quantile(0.025, df) == pytest.approx(-quantile, abs=1e-6)
    assert 2 * t_cdf(-quantile, df) == pytest.approx(0.05, abs=1e-8)


def test_quantile_and_distribution_are_inverse() -> None:
    for df in (0.7, 1.3, 5.5, 80.0):
        for p in (0.001, 0.2, 0.5, 0.9, 0.9999):
            assert t_cdf(t_quantile(p, df), df) == pytest.approx(p, abs=1e-9)


def test_the_binomial_tail_is_the_sum() -> None:
    for n in (1, 7, 40):
        for p in (0.03, 0.5, 0.8):
            for wins in (0, n // 2, n):
                exact = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(wins + 1))
                assert binomial_tail(wins, n, p) == pytest.approx(exact, abs=1e-12)


def test_the_ends_of_beta() -> None:
    assert (beta_cdf(0, 2, 3), beta_cdf(1, 2, 3)) == (0.0, 1.0)
    assert beta_cdf(0.5, 3, 3) == pytest.approx(0.5)


@pytest.mark.parametrize("p", [0.0, 1.0, -1.0])
def test_what_is_no_probability_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match="not a probability"):
        t_quantile(p, 3)
    with pytest.raises(ValueError, match="degrees of freedom"):
        t_cdf(1, 0)
