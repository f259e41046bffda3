"""What attempts with and without a playbook say: counts, tests, and the credit of bullets whose effects are known."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from ace.experiments.counterfactual.credit import counterfactual, counts_of, inclusion, one_out, pairs_of
from ace.experiments.counterfactual.plan import CHANCE
from ace.playbooks.bullet import Bullet
from ace.types import Episode, Exposure, Observation, Render, Task, failure, invalid, success


def attempt(task: int, won: bool | None, exposures: Sequence[Exposure] = ()) -> Episode:
    outcome = invalid("a timeout") if won is None else success() if won else failure()
    t = Task(f"t{task}", f"Case {task}", "test")
    return Episode(
        f"e-{task}-{random.random()}", t, 1, "eval", 0, 0, Observation(t.text), (), outcome, Render("", (), tuple(exposures))
    )


def played(*won: bool | None) -> list[Episode]:
    return [attempt(n, each) for n, each in enumerate(won)]


def bullet(id: str) -> Bullet:
    return Bullet(id, "Section", f"Text of {id}.", rank=id)


def test_the_four_counts_and_the_tasks_behind_them() -> None:
    found = counterfactual(
        played(True, False, False, True, False, None, True), played(True, True, True, False, False, True, None)
    )
    assert found is not None
    c = found.counts
    assert (c.both, c.gained, c.harmed, c.neither, c.n, found.left_out) == (1, 2, 1, 1, 5, 2)
    assert [t.task for t in found.gained] == ["t1", "t2"]
    assert [t.task for t in found.harmed] == ["t3"]
    assert c.difference == pytest.approx(0.2)
    # Two tasks of three that changed: the exact binomial test of 2 of 3 at one half.
    assert c.p == 1.0
    assert counterfactual(played(None), played(True)) is None


def test_mcnemar_is_exact() -> None:
    pairs, _ = pairs_of(played(*[False] * 6, *[True] * 4), played(*[True] * 10))
    assert counts_of(pairs).p == pytest.approx(2 / 2**6)


def test_leaving_one_out_credits_what_only_that_bullet_wins_and_adjusts_for_their_number() -> None:
    whole = played(*[True] * 8, False, False)
    without = [played(*[False] * 8, False, False), played(*[True] * 8, False, False)]
    first, second = one_out([bullet("a"), bullet("b")], whole, without)
    assert first.one_out is not None
    assert second.one_out is not None
    assert first.one_out.gained == 8
    assert first.one_out.difference == pytest.approx(0.8)
    assert first.adjusted == pytest.approx(2 * 2 / 2**8)
    assert (second.one_out.difference, second.adjusted) == (0, 1.0)


def test_random_inclusion_finds_planted_effects_also_of_two_bullets_that_say_the_same() -> None:
    """Success is .2, +.4 with `a`, +.4 with one of the twins `b` and `c`, or both, -.2 with `d`. Leaving out one twin alone
    changes nothing; half of the draws without one are without the other."""
    drawing, ids = random.Random(3), ("a", "b", "c", "d", "e")
    drawn = []
    for task in range(150):
        base = drawing.choice((0.0, 0.2))
        for _ in range(8):
            shown = {id: drawing.random() < CHANCE for id in ids}
            chance = base + 0.4 * shown["a"] + 0.4 * (shown["b"] or shown["c"]) - 0.2 * shown["d"]
            exposures = [Exposure(id, 1, n, shown[id], CHANCE) for n, id in enumerate(ids)]
            drawn.append(attempt(task, drawing.random() < chance, exposures))
    found = inclusion(drawn)
    truth = {"a": 0.4, "b": 0.2, "c": 0.2, "d": -0.2, "e": 0.0}
    for id, effect in truth.items():
        low, high = found[id].interval
        assert low <= effect <= high, id
        assert abs(found[id].mean - effect) < 0.08
    assert found["b"].interval[0] > 0
    assert found["c"].interval[0] > 0
    assert found["d"].interval[1] < 0


def test_a_bullet_that_was_always_shown_and_a_task_played_once_tell_nothing() -> None:
    fixed = [attempt(n, True, [Exposure("a", 1, 0)]) for n in (1, 1, 2, 2)]
    assert inclusion(fixed) == {}
    assert inclusion([attempt(1, True, [Exposure("a", 1, 0, True, CHANCE)])]) == {}
