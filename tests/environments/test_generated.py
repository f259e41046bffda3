"""Splits by content: nothing in two of them, nothing twice, whatever a generator repeats."""

from __future__ import annotations

from itertools import islice

from ace.environments.generated import numbered
from ace.types import SPLITS, Split, Task


def repeating(number: int, split: Split) -> Task:
    """A generator of 50 tasks, which begins anew: neighbouring numbers give the same."""
    return Task(f"t-{number}", f"item {(number // 2) % 50}", split)


def test_no_content_stands_in_two_splits_or_twice_in_one() -> None:
    found = {s: [t.text for t in numbered(repeating, s)] for s in SPLITS}
    assert sorted(text for texts in found.values() for text in texts) == sorted(f"item {n}" for n in range(50))
    assert len(found["train"]) > len(found["test"]) > 0


def test_numbers_without_a_task_are_passed_over() -> None:
    found = numbered(lambda n, s: repeating(n, s) if n % 7 == 0 else None, "train")
    assert all(int(t.id[2:]) % 7 == 0 for t in islice(found, 10))
