"""Sums of logits, tokens chosen from them, and how far two distributions are apart."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.models.proxy.arithmetic import combined, divergence, drawn, likeliest, log_total

LOGITS = st.floats(-40, 40, allow_nan=False, width=32)
PAIR = st.integers(2, 30).flatmap(lambda n: st.tuples(*[st.lists(LOGITS, min_size=n, max_size=n)] * 2))
THREE = st.integers(2, 30).flatmap(lambda n: st.tuples(*[st.lists(LOGITS, min_size=n, max_size=n)] * 3))


def shares(row: list[float]) -> list[float]:
    total = log_total(row)
    return [math.exp(x - total) for x in row]


@given(PAIR)
def test_with_one_model_0_is_without_and_1_is_with_the_playbook_to_the_last_bit(pair: tuple[list[float], list[float]]) -> None:
    shown, bare = pair
    assert combined(bare, shown, bare, 0.0) == bare
    assert combined(bare, shown, bare, 1.0) == shown


@given(THREE, st.floats(-3, 3))
def test_the_sum_is_the_base_and_alpha_times_the_difference(rows: tuple[list[float], ...], alpha: float) -> None:
    base, shown, bare = rows
    assert combined(base, shown, bare, 0.0) == base
    for got, b, y, x in zip(combined(base, shown, bare, alpha), base, shown, bare, strict=True):
        assert got == pytest.approx(b + alpha * (y - x), abs=1e-9)


@given(PAIR, st.floats(-3, 3))
def test_one_model_as_both_gives_what_the_sum_of_three_gives(pair: tuple[list[float], list[float]], alpha: float) -> None:
    shown, bare = pair
    assert combined(bare, shown, bare, alpha) == pytest.approx(combined([*bare], shown, bare, alpha), abs=1e-4)


@given(PAIR, st.floats(-20, 20))
def test_a_constant_added_to_logits_changes_neither_choice_nor_divergence(
    pair: tuple[list[float], list[float]], constant: float
) -> None:
    row, other = pair
    moved = [x + constant for x in row]
    assert shares(moved) == pytest.approx(shares(row), abs=1e-9)
    assert divergence(moved, other) == pytest.approx(divergence(row, other), abs=1e-6)


@given(st.lists(LOGITS, min_size=1, max_size=30))
def test_the_likeliest_is_the_first_of_the_largest(row: list[float]) -> None:
    token = likeliest(row)
    assert row[token] == max(row)
    assert all(x < row[token] for x in row[:token])


@given(st.lists(LOGITS, min_size=1, max_size=30))
def test_shares_sum_to_1(row: list[float]) -> None:
    assert sum(shares(row)) == pytest.approx(1)


@given(PAIR)
def test_divergence_is_0_of_itself_and_never_below(pair: tuple[list[float], list[float]]) -> None:
    row, other = pair
    assert divergence(row, row) == 0
    assert divergence(row, other) >= 0


def test_divergence_of_two_coins_is_what_the_formula_gives() -> None:
    even, biased = [0.0, 0.0], [math.log(0.9), math.log(0.1)]
    assert divergence(biased, even) == pytest.approx(0.9 * math.log(1.8) + 0.1 * math.log(0.2))
    assert divergence([0.0, -2000.0], even) == pytest.approx(math.log(2))


@given(st.lists(LOGITS, min_size=1, max_size=30), st.floats(0.05, 5), st.floats(0.01, 1), st.integers(0, 2**32))
def test_a_draw_repeats_with_its_seed_and_keeps_to_the_likeliest(
    row: list[float], temperature: float, top_p: float, seed: int
) -> None:
    token = drawn(row, temperature, top_p, Random(seed))
    assert token == drawn(row, temperature, top_p, Random(seed))
    scaled = shares([x / temperature for x in row])
    # What is likelier than the token that was drawn has less than `top_p` by itself: it was within the bound.
    assert sum(p for p in scaled if p > scaled[token]) < top_p + 1e-9


def test_draws_come_as_often_as_their_shares_say() -> None:
    random, row = Random(5), [math.log(p) for p in (0.6, 0.3, 0.1)]
    counts = [0, 0, 0]
    for _ in range(6000):
        counts[drawn(row, 1.0, 1.0, random)] += 1
    assert [n / 6000 for n in counts] == pytest.approx([0.6, 0.3, 0.1], abs=0.03)
    kept = {drawn(row, 1.0, 0.85, random) for _ in range(300)}
    assert kept == {0, 1}
    assert {drawn(row, 0.01, 1.0, random) for _ in range(50)} == {0}
