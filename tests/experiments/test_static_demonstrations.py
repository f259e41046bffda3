"""Static demonstrations: the slope of success over their number, and what they do not cover."""

from __future__ import annotations

import pytest

from ace.errors import BadSetting
from ace.experiments.arms import Arm, arms_of, fewshot_arms
from ace.experiments.demonstrations.static import slopes, uncovered
from ace.experiments.outcomes import ArmOutcomes, Verdicts

TASKS = [f"k{n}" for n in range(40)]


def won(first: int) -> Verdicts:
    return {t: n < first for n, t in enumerate(TASKS)}


def test_the_slope_is_points_for_each_doubling() -> None:
    """1, 2, 4, 8 demonstrations win 4, 12, 20, 20 of 40 tasks, in two seeds: 20 points a doubling up to 4, none after."""
    arms = [(f"f{k}", k, ArmOutcomes({s: won(n) for s in (0, 1)})) for k, n in ((1, 4), (2, 12), (4, 20), (8, 20))]
    one, two, four, eight = slopes(arms)
    assert [round(c.success, 3) for c in (one, two, four, eight)] == [0.1, 0.3, 0.5, 0.5]
    # Least squares over 0, 1, 2, 3: (-1.5 * .1 - .5 * .3 + .5 * .5 + 1.5 * .5) / 5.
    assert one.slope == pytest.approx(0.14)
    assert four.slope == 0
    assert (one.rises, four.rises, four.interval, eight.slope) == (True, False, None, None)


def test_one_seed_has_an_interval_over_its_tasks_and_invalid_cells_are_left_out() -> None:
    first: dict[str, bool | None] = {**won(10), "k0": None}
    (low, _) = slopes([("f1", 1, ArmOutcomes({0: first})), ("f2", 2, ArmOutcomes({0: won(20)}))])
    assert low.slope == pytest.approx(10 / 39)
    assert low.interval is not None
    assert low.interval[0] < 10 / 39 < low.interval[1]
    assert slopes([("f1", 1, ArmOutcomes({0: first}))])[0].slope is None


def test_uncovered_tasks_are_those_whose_need_is_not_shown_in_that_seed() -> None:
    needs = {t: "repair" if n % 2 else "refund" for n, t in enumerate(TASKS)}
    few, ace = ArmOutcomes({0: won(10), 1: won(10)}), ArmOutcomes({0: won(30), 1: won(40)})
    found = uncovered(Arm("f4", "fewshot", {"shots": "4"}), few, {0: {"refund"}, 1: {"refund", "repair"}}, needs, {"ace": ace})
    assert (found.cells, found.tasks, found.covered, found.shots) == (20, 20, ("refund", "repair"), 4)
    assert found.success == 5 / 20
    (beside,) = found.beside
    assert (beside.success, beside.difference) == (15 / 20, 0.5)
    assert beside.interval is not None
    assert beside.interval[0] > 0


def test_the_interval_holds_its_level_where_tasks_and_seeds_both_vary() -> None:
    """Success of both arms is .4; tasks vary, seeds vary. The interval covers 0 in at least 93 of 100 draws."""
    import random

    drawing, inside = random.Random(5), 0
    for _ in range(200):
        arms = []
        for _ in range(2):
            shift = {s: drawing.gauss(0, 0.08) for s in range(4)}
            ease = {t: drawing.gauss(0, 0.2) for t in TASKS}
            arms.append(ArmOutcomes({s: {t: drawing.random() < 0.4 + shift[s] + ease[t] for t in TASKS} for s in range(4)}))
        covered = {s: {"a"} if s % 2 else set() for s in range(4)}
        needs = {t: "a" if n < 20 else "b" for n, t in enumerate(TASKS)}
        (beside,) = uncovered(Arm("f1", "fewshot", {"shots": "1"}), arms[0], covered, needs, {"x": arms[1]}).beside
        assert beside.interval is not None
        inside += beside.interval[0] <= 0 <= beside.interval[1]
    assert inside >= 186


def test_where_demonstrations_cover_all_there_is_nothing_to_compare() -> None:
    few = ArmOutcomes({0: won(3)})
    found = uncovered(Arm("f1", "fewshot", {"shots": "1"}), few, {0: {"a"}}, dict.fromkeys(TASKS, "a"), {"ace": few})
    assert (found.cells, found.success, found.beside) == (0, None, ())


@pytest.mark.parametrize("listed", ["x", "1,x", "0", "-1", "1.5", ",", "2,2", "02,2", "1,,2", "٣"])
def test_a_list_of_numbers_that_is_none_is_refused(listed: str) -> None:
    with pytest.raises(BadSetting, match="--shots"):
        fewshot_arms(listed)


def test_numbers_make_arms() -> None:
    arms = arms_of("empty", fewshot_arms("1, 8"))
    assert [(a.name, dict(a.settings)) for a in arms] == [
        ("empty", {}),
        ("fewshot-1", {"shots": "1"}),
        ("fewshot-8", {"shots": "8"}),
    ]
    assert fewshot_arms("") == []
