"""Success is counted by case; what is invalid enters no rate."""

from __future__ import annotations

from dataclasses import replace

from ace.results.score import Score, cases_of, score
from ace.types import Episode
from tests.strategies.lessons import lived

TASK = lived(0, True).task


def attempts(*won: bool | None, epoch: int = 0) -> list[Episode]:
    """The attempts at one task in one epoch."""
    return [replace(lived(n, w), task=TASK, attempt=n + 1, epoch=epoch) for n, w in enumerate(won)]


def test_a_case_is_won_if_any_attempt_at_it_is() -> None:
    assert score([attempts(False, True), attempts(False, False), attempts(True)]) == Score(2, 3, attempts=2)


def test_invalid_attempts_are_counted_beside_the_rate() -> None:
    found = score([attempts(True), attempts(None), attempts(False, None), attempts(None)])
    assert (found, found.success) == (Score(1, 2, 2, 2), 0.5)


def test_of_nothing_there_is_no_rate() -> None:
    for nothing in (score([]), score([attempts(None)])):
        assert (nothing.success, nothing.interval, nothing.as_json()["success"]) == (None, None, None)


def test_a_score_is_printed_with_its_interval() -> None:
    assert Score(9, 12, 1).as_json() == {"success": 0.75, "n": 12, "interval": [0.4677, 0.9111], "invalid": 1, "attempts": 1}


def test_attempts_are_gathered_by_task_and_epoch_in_their_order() -> None:
    first, second = attempts(False, True), attempts(True, epoch=1)
    other = lived(5, True)
    assert cases_of([first[1], other, *second, first[0]]) == [first, [other], second]
