"""The ratio of two means: exact where it is known, and an interval that holds the truth."""

from __future__ import annotations

import random

import pytest

from ace.statistics.ratio import ratio_of_means


def test_a_constant_ratio_is_certain() -> None:
    found = ratio_of_means([2.0, 4.0, 6.0, 5.0], [1.0, 2.0, 3.0, 2.5])
    assert found is not None
    assert found.ratio == pytest.approx(2.0)
    assert found.interval == pytest.approx((2.0, 2.0))


def test_a_mean_below_that_may_be_0_has_no_ratio() -> None:
    assert ratio_of_means([1.0, 2.0], [0.0, 0.0]) is None
    assert ratio_of_means([1.0, 1.0, 1.0], [1.0, -1.0, 0.5]) is None
    assert ratio_of_means([1.0], [1.0]) is None


def test_values_of_other_cases_are_refused() -> None:
    with pytest.raises(ValueError, match="2 and 3 values"):
        ratio_of_means([1.0, 2.0], [1.0, 2.0, 3.0])


def test_the_interval_holds_the_truth() -> None:
    draw, held, rounds = random.Random(2), 0, 400
    for _ in range(rounds):
        below = [draw.gauss(1, 0.8) for _ in range(25)]
        found = ratio_of_means([0.6 * b + draw.gauss(0, 0.5) for b in below], below)
        held += found is None or found.interval[0] <= 0.6 <= found.interval[1]
    assert held / rounds >= 0.93
