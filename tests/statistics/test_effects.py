"""Effects from draws: worked values, planted effects, and what must not depend on how attempts are written down."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ace.statistics.effects import Attempted, Drawn, by_kind, draws, effects
from ace.statistics.evalues import called, evidence


def one(rest: float, shown: bool, kind: str = "", chance: float = 0.5) -> Drawn:
    return Drawn(kind, rest, shown, chance)


def planted(effect: float, n: int, seed: int, chance: float = 0.8) -> list[Attempted]:
    """Attempts of two kinds at one item, which is drawn at nine in ten easy cases and one in ten hard ones."""
    rng, made = random.Random(seed), []
    for _ in range(n):
        kind = rng.choice(("easy", "hard"))
        shown = rng.random() < chance
        drawn = {"b": (shown, chance)} if rng.random() < {"easy": 0.9, "hard": 0.1}[kind] else {}
        base = {"easy": 0.7, "hard": 0.3}[kind]
        made.append(Attempted(kind, rng.random() < base + effect * shown * bool(drawn), drawn))
    return made


def test_a_worked_value() -> None:
    found = effects({"b": [one(0.5, True), one(0.5, True), one(-0.5, True), one(-0.5, False), one(-0.5, False)]})["b"]
    assert (found.shown, found.left_out) == (3, 2)
    assert found.raw == pytest.approx(1 / 6 + 1 / 2)
    # Sides: (2/3 + 1/4) / 9 and (0 + 1/4) / 4.
    assert found.error == pytest.approx((11 / 108 + 1 / 16) ** 0.5)
    assert 0 < found.mean < 2 / 3
    assert found.harm < 0.5


def test_kinds_count_by_their_share_and_one_without_a_comparison_does_not() -> None:
    easy = [one(0.4, True, "easy"), one(0.0, False, "easy")]
    hard = 3 * [one(-0.2, True, "hard"), one(0.2, False, "hard")]
    alone = [one(0.9, True, "alone")]
    assert effects({"b": easy + hard})["b"].raw == pytest.approx((2 * 0.4 - 6 * 0.4) / 8)
    assert effects({"b": easy + hard + alone})["b"].raw == pytest.approx((2 * 0.4 - 6 * 0.4) / 8)
    assert list(by_kind(easy + hard)) == ["easy", "hard"]


def test_attempts_drawn_with_different_chances_are_weighted() -> None:
    often = [one(0.0, True, chance=0.9), one(0.0, False, chance=0.9)]
    seldom = [one(0.6, True, chance=0.3)]
    assert effects({"b": often + seldom})["b"].raw == pytest.approx(0.6 * (1 / 0.3) / (1 / 0.3 + 1 / 0.9))


def test_without_both_sides_nothing_is_estimated() -> None:
    for shown in (True, False):
        found = effects({"b": [one(0.3, shown)]})["b"]
        assert (found.raw, found.error, found.mean, found.harm) == (None, None, 0.0, 0.5)
    assert effects({}) == {}


def test_what_was_certain_to_be_shown_is_no_draw() -> None:
    made = [Attempted("", True, {"sure": (True, 1.0), "never": (False, 0.0), "drawn": (True, 0.5)})]
    assert list(draws(made)) == ["drawn"]


def test_an_attempt_is_compared_with_earlier_ones_alone() -> None:
    made = planted(0.1, 60, seed=1)
    assert draws(made[:30])["b"] == draws(made)["b"][: len(draws(made[:30])["b"])]


def test_what_is_picked_for_easy_cases_is_not_taken_for_help() -> None:
    found = [effects(draws(planted(0.0, 400, seed)))["b"] for seed in range(40)]
    raw = [e.raw or 0.0 for e in found]
    assert sum(raw) / 40 == pytest.approx(0.0, abs=0.03)
    assert sum(e.interval[0] <= 0 <= e.interval[1] for e in found) >= 36


def test_the_planted_effect_is_found_without_bias() -> None:
    raw = [effects(draws(planted(0.2, 400, seed)))["b"].raw or 0.0 for seed in range(60)]
    assert sum(raw) / 60 == pytest.approx(0.2, abs=0.03)


def test_an_effect_of_few_draws_is_shrunk_more() -> None:
    made = draws(planted(0.25, 800, seed=3))["b"]
    many, few = effects({"b": made})["b"], effects({"b": made[:30]})["b"]
    assert (few.error or 0.0) > (many.error or 0.0) > 0
    assert few.mean / (few.raw or 1.0) < many.mean / (many.raw or 1.0)


@given(st.lists(st.builds(one, st.floats(-1, 1), st.booleans(), st.sampled_from(("", "x"))), min_size=1, max_size=20))
def test_swapping_the_sides_turns_the_effect_around(drawn: list[Drawn]) -> None:
    there = effects({"b": drawn})["b"]
    back = effects({"b": [replace(d, shown=not d.shown) for d in drawn]})["b"]
    assert back.mean == pytest.approx(-there.mean)
    assert back.harm == pytest.approx(1 - there.harm)
    assert effects({"b": drawn, "c": drawn})["b"].raw == there.raw


def test_evidence_stays_small_where_nothing_is_and_grows_where_something_is() -> None:
    nothing = [evidence(draws(planted(0.0, 300, seed))["b"]) for seed in range(200)]
    assert sum(e.any for e in nothing) / 200 <= 1.3
    assert sum(e.any >= 10 for e in nothing) <= 20
    helps, harms = (evidence(draws(planted(effect, 1500, 5, 0.5))["b"]) for effect in (0.25, -0.25))
    assert helps.help > 100 > 1 > helps.harm
    assert harms.harm > 100 > 1 > harms.help


def test_evidence_of_nothing_is_one_and_of_very_much_is_a_number() -> None:
    assert evidence([]).any == 1.0
    assert 1e200 < evidence(20_000 * [one(1.0, True)]).help < float("inf")


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from("abcdefghijkl"), st.floats(0, 1e6)))
def test_calls_are_the_largest_and_grow_with_the_rate(values: dict[str, float]) -> None:
    strict, loose = called(values, 0.05), called(values, 0.2)
    assert strict <= loose <= set(values)
    assert all(values[a] >= values[b] for a in strict for b in set(values) - strict)


def test_calls_by_worked_values() -> None:
    assert called({"a": 25.0, "b": 21.0, "c": 1.0, "d": 1.0}, 0.1) == {"a", "b"}
    assert called({"a": 25.0, "b": 1.0, "c": 1.0, "d": 1.0}, 0.1) == set()
    assert called({}, 0.1) == set()
