"""How an attempt that no reflector has described is told in one line."""

from __future__ import annotations

import pytest

from ace.evidence.observed import situation
from ace.types import Episode, Observation, Render, Task, success

ABOUT = "You settle cases at a desk. " * 20


def seen(text: str) -> str:
    task = Task("t-1", text, "train")
    return situation(Episode("e-1", task, 1, "learn", 0, 0, Observation(text), (), success(), Render("")))


def test_instructions_that_all_tasks_share_do_not_take_the_place_of_the_case() -> None:
    assert seen(f"{ABOUT}\n\nMy parcel never came. I want my money back.") == "My parcel never came. I want my money back."


def test_as_many_of_the_last_paragraphs_are_kept_as_there_is_room_for() -> None:
    assert seen(f"{ABOUT}\n \nDear shop,\n\nthe lamp broke.\n") == "Dear shop,\n\nthe lamp broke.\n"


@pytest.mark.parametrize("text", ["Which animal purrs?", "", "\n\n", "One.\n\nTwo."])
def test_a_short_text_is_kept_whole(text: str) -> None:
    assert seen(text) == text


def test_of_a_long_last_paragraph_the_beginning_is_kept() -> None:
    last = "word " * 100
    assert seen(f"{ABOUT}\n\n{last}") == last[:300]
    assert seen(last) == last[:300]
