"""What many attempts say of an agent and of the same agent with a playbook, and in which words."""

from __future__ import annotations

import random

import pytest

from ace.experiments.ceiling.reach import AgentAttempts, Ceiling, ceiling
from ace.experiments.ceiling.sentences import Measured, forbidden, quotable, warnings
from ace.results.attempts import TaskAttempts

ON = Measured("desk", "test", "novice")
NEW, ABSENT = "The playbook gives the agent a new ability.", "What was gained is absent from the base."


def played(*won: int, n: int = 16, invalid: int = 0, ways: int = 3, name: str = "p@1") -> AgentAttempts:
    tasks = [TaskAttempts(f"t{i}", f"k{i}", c, n - invalid, invalid, ways) for i, c in enumerate(won)]
    return AgentAttempts(name, f"r-{name}", tasks)


def told(base: AgentAttempts, adapted: AgentAttempts | None = None, attempts: int = 16) -> Ceiling:
    found = ceiling(attempts, base, adapted)
    assert found is not None
    return found


def sentences(found: Ceiling, on: Measured = ON) -> list[str]:
    return [f.sentence for f in forbidden(found, on)]


def test_worked_counts() -> None:
    found = told(played(0, 0, 4, 8, 1), played(16, 0, 4, 8, 16))
    assert [p.k for p in found.base.pass_at] == [1, 2, 4, 8, 16]
    assert found.base.single.success == pytest.approx(13 / 80)
    assert found.base.most.success == pytest.approx(3 / 5)
    assert found.base.cover == {0.2: 0.4, 0.5: 0.2, 0.8: 0.0}
    assert found.base.never == 2
    assert found.against is not None
    assert [c.task for c in found.against.gained] == ["t0", "t4"]
    assert [c.task for c in found.against.unseen] == ["t0"]
    assert found.against.excluded == pytest.approx(1 - 0.05 ** (1 / 16))
    assert found.against.lost == ()


def test_what_the_playbook_took_away_is_told_too() -> None:
    found = told(played(16, 8), played(0, 8))
    assert found.against is not None
    assert [c.task for c in found.against.lost] == ["t0"]
    assert found.against.gained == ()
    assert "rose at 0 tasks and fell at 1" in " ".join(quotable(found, ON))


def test_a_win_that_the_base_never_had_is_not_called_a_new_ability() -> None:
    found = told(played(0, 0, 3), played(16, 16, 3))
    assert {NEW, ABSENT} <= set(sentences(found))
    spoken = " ".join(quotable(found, ON))
    assert "not seen from the base" in spoken
    assert "excludes rates above 17.1 % (95 %)" in spoken
    for word in ("new ability", "absent", "cannot"):
        assert word not in spoken
    (why,) = {f.why for f in forbidden(found, ON) if f.sentence == NEW}
    assert "299 attempts" in why


def test_where_the_base_won_every_gained_task_that_is_the_reason() -> None:
    found = told(played(2, 3), played(16, 16))
    assert found.against is not None
    assert found.against.unseen == ()
    assert found.against.excluded is None
    (why,) = {f.why for f in forbidden(found, ON) if f.sentence in (NEW, ABSENT)}
    assert why == "the base won every task that was gained, only less often"


def test_a_playbook_that_changes_nothing_is_no_proof_of_that() -> None:
    found = told(played(0, 1, 2, n=4), played(0, 1, 2, n=4), attempts=4)
    (why,) = [f.why for f in forbidden(found, ON) if f.sentence == "The playbook changes nothing."]
    assert "a single task has to rise from 0 to 4 of 4" in why
    many = told(played(*[0] * 40, n=4), played(*[0] * 40, n=4), attempts=4)
    (why,) = [f.why for f in forbidden(many, ON) if f.sentence == "The playbook changes nothing."]
    assert "not even a rise from 0 to 4" in why


def test_the_elicitation_share_is_refused_where_the_base_gains_nothing_by_trying() -> None:
    found = told(played(16, 16, 0, 0, 0), played(16, 16, 16, 0, 0))
    assert found.against is not None
    assert found.against.elicited is None
    assert any("elicitation share is refused" in line for line in warnings(found, ON))
    some = told(played(*[4] * 12), played(*[12] * 12))
    assert some.against is not None
    assert some.against.elicited is not None
    assert some.against.elicited.ratio == pytest.approx((12 / 16 - 4 / 16) / (1 - 4 / 16))


def test_attempts_that_are_all_the_same_are_warned_of() -> None:
    same = told(played(0, 16, ways=1))
    assert any(
        "all 16 attempts at each task were the same at temperature 0" in w
        for w in warnings(same, Measured("d", "test", "m", 0))
    )
    assert "The base does not get further with more attempts." in sentences(same)
    assert warnings(told(played(0, 16, ways=2)), ON) == []


def test_training_tasks_say_nothing_of_others() -> None:
    assert "This holds for tasks that were not learned from." in sentences(told(played(3, 4)), Measured("d", "train", "m"))


def test_tasks_with_few_valid_attempts_are_left_out_of_both_sides_and_counted() -> None:
    base, adapted = played(4, 4, 4), played(4, 4, 4)
    spoiled = [TaskAttempts("t1", "k1", 1, 2, 14, 2), *(t for t in adapted.tasks if t.key != "k1")]
    found = told(base, AgentAttempts("p@1", "r", spoiled))
    assert (found.left_out, found.base.tasks) == (1, 2)
    assert any("1 task left out" in w for w in warnings(found, ON))
    assert ceiling(16, played(0, n=3)) is None


def test_invalid_attempts_count_for_nothing() -> None:
    found = told(played(4, 8, invalid=2))
    assert found.base.attempts == 14
    assert found.base.single.success == pytest.approx(12 / 28)
    assert any("4 attempts were invalid" in w for w in warnings(found, ON))


def test_equal_agents_are_rarely_said_to_differ() -> None:
    draw, false = random.Random(8), 0
    for _ in range(60):
        rates = [draw.betavariate(0.6, 1.2) for _ in range(30)]
        one, other = ([sum(draw.random() < r for _ in range(16)) for r in rates] for _ in range(2))
        against = told(played(*one), played(*other)).against
        assert against is not None
        false += bool(against.gained)
    assert false <= 8


@pytest.mark.parametrize("n", [2, 3, 16])
def test_a_single_task_has_no_interval_and_everything_is_told_all_the_same(n: int) -> None:
    found = told(played(1, n=n), played(n, n=n), attempts=n)
    assert found.base.single.interval is None
    assert quotable(found, ON)
    assert found.as_json()["elicitation"] is None
