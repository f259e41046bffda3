"""Power: against a simulation of the test itself."""

from __future__ import annotations

import random

import pytest

from ace.statistics.crossed import estimate
from ace.statistics.power import Layout, cases_needed, power, smallest
from ace.statistics.significance import mcnemar


def test_power_is_how_often_the_test_finds_it() -> None:
    rng, n, discordance, difference = random.Random(8), 60, 0.4, 0.25
    found = 0
    for _ in range(2000):
        changed = sum(rng.random() < discordance for _ in range(n))
        better = sum(rng.random() < (discordance + difference) / (2 * discordance) for _ in range(changed))
        found += mcnemar(better, changed - better) <= 0.05
    assert power(n, discordance, difference) == pytest.approx(found / 2000, abs=0.03)


def test_without_a_change_the_test_finds_one_in_at_most_five_of_a_hundred() -> None:
    for n in (5, 20, 100, 400):
        assert power(n, 0.3, 0.0) <= 0.05


def test_the_smallest_change_falls_with_the_cases() -> None:
    sizes = [smallest(n, 0.3) for n in (40, 100, 300)]
    assert sizes == sorted(sizes, key=lambda size: -(size or 9))
    assert power(100, 0.3, sizes[1] or 0) == pytest.approx(0.8, abs=0.02)
    assert smallest(8, 0.3) is None


def test_the_formula_is_near_the_exact_power() -> None:
    n = cases_needed(0.15, 0.3)
    assert power(n, 0.3, 0.15) == pytest.approx(0.8, abs=0.05)


def test_a_change_larger_than_what_changes_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a change of 0\.5"):
        power(40, 0.3, 0.5)
    assert power(40, 0.0, 0.0) == 0.0


def test_a_layout_finds_its_smallest_change_about_as_often_as_is_wanted() -> None:
    rng, layout, found, rounds = random.Random(5), Layout(5, 60, 0.3), 0, 150
    change = layout.detectable() or 0.0
    for _ in range(rounds):
        tasks = [rng.gauss(0, (0.3 * 0.5) ** 0.5) for _ in range(60)]
        seeds = [change + rng.gauss(0, 0.05) for _ in range(5)]
        interval = estimate([[s + t + rng.gauss(0, (0.3 * 0.5) ** 0.5) for t in tasks] for s in seeds]).interval
        found += interval is not None and interval[0] > 0
    assert 0.65 <= found / rounds <= 0.97


def test_a_layout_without_a_second_seed_or_task_finds_nothing() -> None:
    assert Layout(1, 50, 0.3).detectable() is None
    assert Layout(3, 1, 0.3).detectable() is None
    assert Layout(2, 10, 1.0, between=1.0).detectable() is None


def test_a_large_design_is_computed_at_once() -> None:
    assert smallest(3000, 0.5) == pytest.approx(0.036, abs=0.003)
