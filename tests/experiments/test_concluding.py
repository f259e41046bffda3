"""The table and the sentence, from verdicts alone."""

from __future__ import annotations

import random

import pytest

from ace.experiments.answer import Comparison
from ace.experiments.arms import arms_of
from ace.experiments.concluding import concluded
from ace.experiments.design import designed
from ace.experiments.outcomes import ArmOutcomes, Outcomes
from ace.settings import RunSettings
from ace.statistics.intervals import paired, wilson
from ace.statistics.significance import mcnemar

Rates = dict[str, float]


def said(rates: Rates, *, seeds: int = 4, tasks: int = 60, invalid: tuple[str, ...] = (), unusable: str = "") -> Comparison:
    """What is concluded of arms that win each task with these rates; the first tasks of those in `invalid` are invalid."""
    draw = random.Random(7)
    found = {}
    for name, rate in rates.items():
        verdicts = {s: {f"k{t}": draw.random() < rate for t in range(tasks)} for s in range(seeds)}
        if name in invalid:
            verdicts[0]["k0"] = verdicts[1]["k1"] = None  # type: ignore[assignment]
        found[name] = ArmOutcomes({} if name == unusable else verdicts)
    design = designed(RunSettings(), arms_of(",".join(rates)), tuple(range(seeds)))
    names = {f"k{t}": f"task {t}" for t in range(tasks)}
    return concluded("x-1", design, Outcomes(found, names, 0), {unusable: "no rules are stated"} if unusable else {})


def test_an_arm_that_is_far_better_is_said_to_be_and_one_that_is_the_same_is_not() -> None:
    c = said({"empty": 0.2, "ace": 0.9, "reflexion": 0.22})
    assert c.conclusion.startswith("Over 4 seeds and 60 held-out tasks, ace (+")
    assert "better than empty; reflexion (" in c.conclusion
    assert "cannot be told from empty, and a difference of less than about" in c.conclusion
    assert c.conclusion.count(".") == c.conclusion.count(" points)") + 1


def test_an_arm_that_does_harm_is_said_to_be_worse() -> None:
    assert "ace (-" in said({"empty": 0.9, "ace": 0.2}).conclusion
    assert "is worse than empty" in said({"empty": 0.9, "ace": 0.2}).conclusion


@pytest.mark.parametrize(("tasks", "told"), [(2, "ace (+100.0 points) cannot be told"), (40, "is better than empty")])
def test_arms_without_any_spread_are_no_surer_than_their_tasks_allow(tasks: int, told: str) -> None:
    c = said({"empty": 0.0, "ace": 1.0}, tasks=tasks)
    row, base = c.row("ace"), c.row("empty")
    assert row.change is not None
    assert row.change.p == pytest.approx(2 * 0.5**tasks)
    assert row.change.interval == pytest.approx(paired([False] * tasks, [True] * tasks)[1:])
    assert (base.interval, row.interval) == (wilson(0, tasks), wilson(tasks, tasks))
    assert told in c.conclusion


def test_arms_with_the_same_outcomes_are_said_to_have_them() -> None:
    c = said({"empty": 1.0, "ace": 1.0})
    assert c.conclusion == "Over 4 seeds and 60 held-out tasks, ace gave the same outcomes as empty."


def test_p_values_are_adjusted_for_the_number_of_arms_and_not_for_twins() -> None:
    c = said({"empty": 0.3, "ace": 0.5, "reflexion": 0.31, "retry": 0.3})
    changes = [c.row(name).change for name in ("ace", "reflexion", "retry")]
    assert all(x is not None and x.p is not None and x.adjusted is not None and x.adjusted >= x.p for x in changes)
    assert min(x.adjusted or 1 for x in changes if x) == pytest.approx(3 * min(x.p or 1 for x in changes if x), rel=1e-6)


def test_invalid_attempts_are_left_out_pairwise_and_counted() -> None:
    c = said({"empty": 0.2, "ace": 0.9, "reflexion": 0.3}, invalid=("ace",))
    ace, reflexion = c.row("ace"), c.row("reflexion")
    assert ace.change is not None
    assert reflexion.change is not None
    assert (ace.invalid, ace.change.left_out, ace.change.tasks) == (2, 2, 58)
    assert (reflexion.invalid, reflexion.change.left_out, reflexion.change.tasks) == (0, 0, 60)
    assert any("ace 2" in line for line in c.cautions)


def test_one_seed_is_compared_within_itself_by_the_exact_test() -> None:
    c = said({"empty": 0.2, "ace": 0.6}, seeds=1)
    change = c.row("ace").change
    before, after = ([bool(v) for v in c.row(name).outcomes[0].values()] for name in ("empty", "ace"))
    gained = sum(a and not b for a, b in zip(after, before, strict=True))
    lost = sum(b and not a for a, b in zip(after, before, strict=True))
    assert change is not None
    assert (change.difference, *(change.interval or ())) == paired(before, after)
    assert (change.method, change.p) == ("paired", mcnemar(gained, lost))
    assert c.conclusion.startswith("Within seed 0 alone and 60 held-out tasks")


def test_an_arm_that_cannot_be_used_stands_there_with_its_reason_and_no_figures() -> None:
    c = said({"empty": 0.2, "ace": 0.9}, unusable="ace")
    row = c.row("ace")
    assert (row.success, row.change, row.note) == (None, None, "not usable here: no rules are stated")
    assert c.cells == 4
    assert c.conclusion == "Nothing can be concluded: beside the baseline, empty, no arm is usable here."


def test_one_task_is_one() -> None:
    assert "and 1 held-out task, " in said({"empty": 0.0, "ace": 0.0}, tasks=1).conclusion


def test_a_baseline_that_cannot_be_used_is_said_to_leave_nothing_to_conclude() -> None:
    c = said({"empty": 0.2, "ace": 0.9}, unusable="empty")
    assert c.conclusion == "Nothing can be concluded: the baseline, empty, is not usable here."


def test_a_design_of_one_arm_compares_nothing() -> None:
    assert said({"empty": 0.2}).conclusion == "Nothing is compared: empty is the only arm."


def test_an_arm_and_its_copy_tell_what_chance_does_and_compare_nothing() -> None:
    verdicts = {s: {f"k{t}": (t + s) % 3 == 0 for t in range(30)} for s in range(3)}
    other = {s: {f"k{t}": (t + 2 * s) % 3 == 0 for t in range(30)} for s in range(3)}
    design = designed(RunSettings(), arms_of("acex2"), range(3))
    found = Outcomes({"ace": ArmOutcomes(verdicts), "ace#2": ArmOutcomes(other)}, {}, 6)
    c = concluded("x-1", design, found, {})
    assert c.conclusion == "Nothing is compared: ace is the only arm."
    assert c.twins[0].band.interval is not None


def test_an_arm_that_had_several_attempts_says_so_beside_its_figures() -> None:
    verdicts = {s: {f"k{t}": (t + s) % 3 == 0 for t in range(60)} for s in range(4)}
    won = {s: dict.fromkeys(verdicts[s], True) for s in verdicts}
    design = designed(RunSettings(), arms_of("empty,retry"), range(4))
    found = Outcomes(
        {"empty": ArmOutcomes(verdicts), "retry": ArmOutcomes(won, attempts=4)}, {f"k{t}": "" for t in range(60)}, 8
    )
    c = concluded("x-1", design, found, {})
    assert c.row("retry").note == "success within 4 attempts, each told right or wrong"
    assert "retry within 4 attempts (+66.7 points) is better than empty" in c.conclusion
    assert c.row("empty").note == ""
