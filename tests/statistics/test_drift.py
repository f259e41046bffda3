"""The test for a change for the worse: it keeps its error however often it is looked at, and finds a change soon."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.statistics.drift import Worsening, change

ALPHA = 0.05


def record(rng: random.Random, n: int, p: float) -> list[bool]:
    return [rng.random() < p for _ in range(n)]


def when(won: list[bool], alpha: float = ALPHA) -> int | None:
    """After how many trials the alarm is raised, looked at after each."""
    return next((n for n in range(2, len(won) + 1) if change(won[:n]).alarms(alpha)), None)


@pytest.mark.parametrize("p", [0.3, 0.7, 0.9, 0.98])
def test_where_nothing_changes_few_records_are_ever_in_alarm(p: float) -> None:
    rng = random.Random(f"still {p}")
    alarms = sum(when(record(rng, 60, p)) is not None for _ in range(60))
    assert alarms <= 60 * ALPHA


@pytest.mark.parametrize(("before", "after", "most"), [(0.97, 0.03, 10), (0.9, 0.1, 20), (0.95, 0.3, 25)])
def test_a_change_is_found_soon_and_told_where_it_is(before: float, after: float, most: int) -> None:
    rng = random.Random(f"changed {before}")
    found = []
    for _ in range(20):
        won = record(rng, 30, before) + record(rng, 40, after)
        n = when(won)
        if n is not None and n > 30:
            found.append(n - 30)
            assert abs(change(won[:n]).before - 30) <= 12
    assert len(found) >= 17
    assert sorted(found)[len(found) // 2] <= most


def test_a_change_for_the_better_is_none() -> None:
    assert not any(change([False] * 20 + [True] * n).alarms(ALPHA) for n in range(30))


def test_nothing_and_one_trial_say_nothing() -> None:
    assert change([]) == Worsening(0.0, 0, 0, 0, 0)
    assert change([True]) == Worsening(0.0, 1, 1, 0, 0)
    assert not change([False] * 9).alarms(ALPHA)


def test_at_level_0_there_is_no_alarm() -> None:
    c = change([True] * 50 + [False] * 30)
    assert c.alarms(1e-6)
    assert not c.alarms(0)
    assert (c.before, c.won_before, c.after, c.won_after) == (50, 50, 30, 0)


@given(st.lists(st.booleans(), max_size=40))
def test_its_parts_are_those_of_the_record(won: list[bool]) -> None:
    c = change(won)
    assert c.before + c.after == len(won)
    assert c.won_before == sum(won[: c.before])
    assert c.won_after == sum(won[c.before :])
    assert c.evidence >= 0
    if c.after:
        assert c.won_before * c.after > c.won_after * c.before
