"""Tests on counts against worked values and simulations."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.statistics.significance import benjamini_hochberg, fisher, holm, mcnemar

P = st.lists(st.floats(0, 1), max_size=12)


def test_worked_values() -> None:
    assert mcnemar(5, 15) == pytest.approx(0.041389, abs=1e-6)
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(3, 3) == 1.0
    assert fisher(3, 4, 1, 4) == pytest.approx(17 / 70)
    assert fisher(0, 4, 0, 4) == 1.0
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert benjamini_hochberg([0.01, 0.02, 0.9, 0.04], 0.05) == [True, True, False, False]


@given(P)
def test_holm_keeps_the_order_and_never_lowers(p: list[float]) -> None:
    adjusted = holm(p)
    assert all(1 >= a >= b for a, b in zip(adjusted, p, strict=True))
    order = sorted(range(len(p)), key=p.__getitem__)
    assert [adjusted[i] for i in order] == sorted(adjusted)


@given(P)
def test_what_holm_finds_benjamini_and_hochberg_find_too(p: list[float]) -> None:
    found = benjamini_hochberg(p, 0.05)
    assert all(f for a, f in zip(holm(p), found, strict=True) if a <= 0.05)


def test_family_wise_error_at_no_effect() -> None:
    rng = random.Random(2)
    wrong = sum(min(holm([rng.random() for _ in range(6)])) <= 0.05 for _ in range(2000))
    assert wrong <= 0.065 * 2000
