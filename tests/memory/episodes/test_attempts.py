"""All attempts of a playbook, flat: once each, oldest first, told by the reflection on their case."""

from __future__ import annotations

from dataclasses import replace

from ace.memory.store import Store
from ace.types import Episode, Observation, Reflection, Step, Task, failure, invalid, success
from tests.memory.acts import keep, played
from tests.stories import NAME

FACTS = "tier: gold\namount: 40"


def chosen(id: str, answer: str, attempt: int = 1, task: str = "A customer wants money back.", *, won: bool = False) -> Episode:
    """An attempt that looked at the records and then answered."""
    first = Observation(task, ("look up",), ("decline", "refund"))
    steps = (Step("look up", Observation(FACTS, ("verify",), ("decline", "refund"))), Step(answer, None))
    made = played(id, outcome=success() if won else failure())
    return replace(made, task=Task(f"t-{task}", task, kind="money"), attempt=attempt, first=first, steps=steps)


def test_an_attempt_that_no_reflector_described_is_told_by_its_records_and_its_choice(store: Store) -> None:
    keep(store, chosen("e-1", "decline"))
    [past] = store.view(NAME).attempts()
    assert (past.situation, past.choice, past.won) == ("tier: gold; amount: 40", "decline", False)
    assert (past.kind, past.attempt, past.task) == ("money", 1, chosen("e-1", "decline").task.key)


def test_one_reflection_describes_the_situation_of_all_attempts_at_its_case(store: Store) -> None:
    lost, won, other = chosen("e-1", "decline"), chosen("e-2", "refund", 2, won=True), chosen("e-3", "decline", task="Another.")
    told = Reflection("e-2", "tier: gold; told: angry", "look up > refund", "", "")
    keep(store, lost, won, other, told=(told,))
    found = [(p.episode, p.situation, p.choice, p.won) for p in store.view(NAME).attempts()]
    assert found == [
        ("e-1", "tier: gold; told: angry", "decline", False),
        ("e-2", "tier: gold; told: angry", "look up > refund", True),
        ("e-3", "tier: gold; amount: 40", "decline", False),
    ]


def test_the_newest_are_given_and_what_teaches_nothing_is_not(store: Store) -> None:
    kept = [chosen(f"e-{n}", "decline", task=f"Case {n}", won=n % 2 == 0) for n in range(6)]
    keep(
        store, *kept, replace(chosen("e-9", "decline"), outcome=invalid("a timeout")), replace(chosen("e-8", "x"), phase="eval")
    )
    view = store.view(NAME)
    assert [p.episode for p in view.attempts(3)] == ["e-3", "e-4", "e-5"]
    assert len(view.attempts()) == 6
    assert view.attempts(0) == []


def test_a_fork_knows_the_attempts_of_its_origin(store: Store) -> None:
    keep(store, chosen("e-1", "decline"))
    store.branches.fork(NAME, "other")
    keep(store, chosen("e-2", "refund", task="Later."))
    assert [p.episode for p in store.view("other").attempts()] == ["e-1"]
