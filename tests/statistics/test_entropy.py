"""Variety: known values, and a fall that is found and one that is not there."""

from __future__ import annotations

import random
from math import log

import pytest

from ace.statistics.entropy import divergence, effective, entropy, fallen


def test_worked_values() -> None:
    assert entropy([]) == 0.0
    assert entropy("aaaa") == 0.0
    assert entropy("ab" * 500) == pytest.approx(log(2) + 1 / 2000)
    assert effective("abcd" * 1000) == pytest.approx(4, abs=0.01)
    assert effective("") == 0.0
    assert divergence("ab", "ba") == 0.0
    assert divergence("aa", "bb") == pytest.approx(log(2))


def test_the_correction_takes_most_of_the_bias() -> None:
    rng = random.Random(6)
    found = [entropy(rng.choices("abcdef", k=30)) for _ in range(500)]
    assert sum(found) / len(found) == pytest.approx(log(6), abs=0.02)


def test_a_collapse_is_found_and_no_alarm_where_nothing_fell() -> None:
    rng = random.Random(7)
    assert fallen(rng.choices("abcdef", k=40), rng.choices("ab", k=40), seed=1, rounds=199) < 0.02
    alarms = sum(fallen(rng.choices("abcdef", k=40), rng.choices("abcdef", k=40), seed, 199) < 0.05 for seed in range(40))
    assert alarms <= 6
    assert fallen("aab", "abc", 3) == fallen("aab", "abc", 3)
