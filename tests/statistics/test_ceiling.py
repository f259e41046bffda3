"""What many attempts reach: exact values, and what a simulated agent reaches."""

from __future__ import annotations

import random
from math import prod

import pytest

from ace.statistics.ceiling import cover, excluded_rate, pass_at, still_unseen


def test_worked_values() -> None:
    counts = [(1, 4), (0, 4), (4, 4)]
    assert pass_at(1, counts) == pytest.approx(5 / 12)
    assert pass_at(2, counts) == pytest.approx((0.5 + 0 + 1) / 3)
    assert pass_at(4, counts) == pytest.approx(2 / 3)
    assert (cover(0.25, counts), cover(0.5, counts)) == (2 / 3, 1 / 3)
    assert excluded_rate(64) == pytest.approx(0.0457, abs=1e-4)
    assert excluded_rate(299) <= 0.01


def test_pass_at_k_is_unbiased() -> None:
    rng, rates = random.Random(4), [0.05, 0.3, 0.8]
    draws = [pass_at(3, [(sum(rng.random() < r for _ in range(8)), 8) for r in rates]) for _ in range(3000)]
    truth = 1 - sum(prod([1 - r] * 3) for r in rates) / 3
    assert sum(draws) / len(draws) == pytest.approx(truth, abs=0.01)


@pytest.mark.parametrize("counts", [[], [(1, 2), (1, 3)]])
def test_fewer_attempts_than_k_are_refused(counts: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="pass@3 needs"):
        pass_at(3, counts)


def test_the_unseen_are_bounded_from_below() -> None:
    rng, rate, found, truth = random.Random(5), 0.04, 0.0, 0.0
    for _ in range(200):
        counts = [(sum(rng.random() < rate for _ in range(16)), 16) for _ in range(60)]
        found += still_unseen(counts)
        truth += sum(c == 0 for c, _ in counts)
    assert 0.6 * truth <= found <= 1.1 * truth
    assert still_unseen([]) == 0.0
    assert str(still_unseen([(0, 5), (5, 5)])) == "0.0"  # not -0.0, which would be printed
