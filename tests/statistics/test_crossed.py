"""Means over seeds and tasks: known layouts, and simulated ones whose truth is known."""

from __future__ import annotations

import random

import pytest

from ace.statistics.crossed import estimate


def drawn(rng: random.Random, seeds: int, tasks: int, by_seed: float, by_task: float) -> list[list[float]]:
    """Outcomes with mean 0 that vary by seed, by task and by themselves."""
    columns = [rng.gauss(0, by_task) for _ in range(tasks)]
    rows = [rng.gauss(0, by_seed) for _ in range(seeds)]
    return [[row + column + rng.gauss(0, 1) for column in columns] for row in rows]


def test_the_mean_squares_are_those_of_the_layout() -> None:
    found = estimate([[1, 0, 1, 1], [0, 0, 1, 0]])
    assert found.spread is not None
    assert (found.mean, found.seeds, found.tasks) == (0.5, 2, 4)
    assert found.spread.between_seeds == pytest.approx(0.5)
    assert found.spread.between_tasks == pytest.approx(1 / 3)
    assert found.spread.rest == pytest.approx(1 / 6)
    assert found.spread.error == pytest.approx(((0.5 + 1 / 3 - 1 / 6) / 8) ** 0.5)


def test_one_seed_or_one_task_gives_a_mean_and_no_interval() -> None:
    for outcomes in ([[1, 0, 1]], [[1], [0]]):
        found = estimate(outcomes)
        assert (found.spread, found.interval, found.p, found.detectable()) == (None, None, None, None)


@pytest.mark.parametrize("outcomes", [[], [[]], [[1, 0], [1]]])
def test_a_layout_with_gaps_is_refused(outcomes: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="rows of one length"):
        estimate(outcomes)


def test_outcomes_that_never_vary_leave_no_doubt() -> None:
    found = estimate([[1.0] * 5] * 3)
    assert (found.interval, found.p) == ((1.0, 1.0), 0.0)
    assert estimate([[0.0] * 5] * 3).p == 1.0


def test_p_and_interval_agree() -> None:
    rng = random.Random(3)
    for _ in range(15):
        found = estimate([[y + 0.5 for y in row] for row in drawn(rng, 4, 12, 0.3, 0.5)])
        assert found.interval is not None
        assert found.p is not None
        assert (found.p < 0.05) == (found.interval[0] > 0 or found.interval[1] < 0)


@pytest.mark.parametrize(("seeds", "by_seed", "by_task"), [(2, 0.3, 0.5), (3, 0.0, 1.0), (5, 0.5, 0.0), (10, 0.3, 0.3)])
def test_intervals_hold_the_truth(seeds: int, by_seed: float, by_task: float) -> None:
    rng = random.Random(seeds)
    found = [estimate(drawn(rng, seeds, 20, by_seed, by_task)).interval for _ in range(300)]
    held = sum(interval is not None and interval[0] <= 0 <= interval[1] for interval in found)
    assert held >= 0.91 * 300  # .94 and more are shown over 2,000 by benchmarks/bench_intervals.py; 300 vary by .015


def test_more_seeds_find_smaller_changes() -> None:
    rng = random.Random(1)
    sizes = [estimate(drawn(rng, seeds, 40, 0.3, 0.3)).detectable() for seeds in (2, 5, 20)]
    assert None not in sizes
    assert sizes == sorted(sizes, key=lambda size: -(size or 0))
