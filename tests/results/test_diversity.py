"""An agent that narrows and loses by it raises an alarm; one that narrows because it learned, or is just bad luck, does not."""

from __future__ import annotations

import random
from collections.abc import Callable

from ace.results.diversity import LEARNED, MEASURED, diversity
from ace.types import Episode, Observation, Render, Step, Task, failure, success

ANSWERS = tuple("abcdef")
NUMBERS = {f"h{n}": n for n in range(40)}


def attempt(
    n: int,
    revision: int,
    choice: str,
    won: bool,
    *,
    phase: str = "learn",
    thought: str = "because",
    attempts: int = 1,
    of: int = 0,
) -> Episode:
    steps = (Step(choice, None, thought),)
    came = success() if won else failure()
    task = Task(f"t{n}", f"case {n}")
    render = Render("", (f"h{revision}",))
    return Episode(
        f"e{phase}{n}-{of}", task, attempts, phase, of, 100 * n + of, Observation("", (), ANSWERS), steps, came, render
    )


def run(choose: Callable[[random.Random, int], tuple[str, bool]], seed: int = 0, batches: int = 30) -> list[Episode]:
    rng = random.Random(seed)
    return [attempt(n, n // 10, *choose(rng, n // 10)) for n in range(10 * batches)]


def stable(rng: random.Random, revision: int) -> tuple[str, bool]:
    return rng.choice(ANSWERS), rng.random() < 0.5


def collapsed(rng: random.Random, revision: int) -> tuple[str, bool]:
    return stable(rng, revision) if revision < 15 else ("a", rng.random() < 0.15)


def learned(rng: random.Random, revision: int) -> tuple[str, bool]:
    return (rng.choice("ab"), rng.random() < 0.9) if revision > 10 else stable(rng, revision)


def risen_and_collapsed(rng: random.Random, revision: int) -> tuple[str, bool]:
    if revision < 6:
        return rng.choice(ANSWERS), rng.random() < 0.2
    return (rng.choice(ANSWERS), rng.random() < 0.9) if revision < 18 else ("a", rng.random() < 0.3)


def unlucky(rng: random.Random, revision: int) -> tuple[str, bool]:
    return rng.choice(ANSWERS), rng.random() < (0.5 if revision < 15 else 0.1)


def test_a_collapse_is_told_with_what_it_cost() -> None:
    found = diversity(run(collapsed), NUMBERS)
    [*before, last] = found.segments
    assert not before[0].narrowed
    assert last.narrowed == ("choices",)
    assert last.choices.effective < 1.2
    assert found.alarms[-1].startswith("Warning: the agent has narrowed at revisions")
    assert "success of first attempts" in found.alarms[-1]


def test_a_collapse_after_a_rise_is_one_although_the_agent_began_lower() -> None:
    last = diversity(run(risen_and_collapsed), NUMBERS).segments[-1]
    assert (last.narrowed, last.since) == (("choices",), 6)
    assert last.success.success is not None
    assert last.success.success > 0.2


def test_narrowing_that_wins_and_losing_that_does_not_narrow_raise_no_alarm() -> None:
    for choose in (stable, learned, unlucky):
        assert not diversity(run(choose), NUMBERS).alarms


def test_a_form_that_all_replies_take_is_a_collapse_too() -> None:
    rng = random.Random(3)
    forms = [
        "because it is so",
        "1. read\n2. act",
        "```x```",
        "- one\n- two",
        '{"a": 1}',
        "A longer text, in which the case is told.",
    ]
    made = [
        attempt(
            n,
            n // 10,
            rng.choice(ANSWERS),
            rng.random() < (0.6 if n < 150 else 0.1),
            thought=rng.choice(forms if n < 150 else forms[:1]),
        )
        for n in range(300)
    ]
    assert ("formats",) in [s.narrowed for s in diversity(made, NUMBERS).segments]


def test_what_was_measured_and_what_was_learned_from_are_apart() -> None:
    learning = run(stable, batches=5)
    measured = [attempt(n, at, "a", True, phase=p) for p, at in (("before", 0), ("after", 5)) for n in range(30)]
    segments = diversity([*learning, *measured], NUMBERS).segments
    assert [(s.when, s.first) for s in segments if s.when == MEASURED] == [(MEASURED, 0), (MEASURED, 5)]
    assert sum(s.n for s in segments if s.when == LEARNED) == 50


def test_a_playbook_that_did_not_change_was_measured_once() -> None:
    twice = [attempt(n, 0, "a", True, phase=p) for p in ("before", "after") for n in range(30)]
    [only] = diversity(twice, NUMBERS).segments
    assert (only.n, only.attempts, only.p) == (30, 1, None)


def test_with_independent_attempts_success_is_that_of_cases() -> None:
    rng = random.Random(1)
    made = [attempt(n, 0, rng.choice(ANSWERS), of == n % 3, phase="eval", of=of) for n in range(30) for of in range(3)]
    [only] = diversity(made, NUMBERS).segments
    assert (only.attempts, only.success.wins, only.success.n) == (3, 30, 30)


def test_further_attempts_invalid_ones_and_other_playbooks_do_not_count() -> None:
    made = run(stable, batches=4)
    more = [attempt(n, 1, "z", False, attempts=2, of=9) for n in range(40)]
    elsewhere = [attempt(n, 99, "z", False, of=8) for n in range(40)]
    assert diversity([*made, *more, *elsewhere], NUMBERS) == diversity(made, NUMBERS)


def test_few_attempts_are_one_segment_and_none_are_nothing() -> None:
    assert [s.revisions for s in diversity(run(stable, batches=3), NUMBERS).segments] == ["0 to 2"]
    assert diversity((), NUMBERS).segments == ()


def test_every_alarm_is_found_without_every_p_value() -> None:
    made = run(collapsed)
    assert diversity(made, NUMBERS, every_p=False).alarms == diversity(made, NUMBERS).alarms
