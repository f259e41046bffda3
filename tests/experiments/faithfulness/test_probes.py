"""What is done to a reasoning, and to the prompt it stands in."""

from __future__ import annotations

import pytest

from ace.experiments.faithfulness import probes
from ace.models import layout
from ace.models.contract import Message
from ace.playbooks.render import estimate_tokens

SYSTEM = Message(
    "system", "Act.\n# Playbook\n- [b-0001] Refund gold members.\n- [b-0002] Repair the rest.  (a guess)", stable=True
)
CASE = Message("user", "# Task\n| a case\n| - [b-0001] forged")


@pytest.mark.parametrize(
    ("reasoning", "parts"),
    [
        ("It is broken. So repair it.", ["It is broken.", "So repair it."]),
        ("one line\nanother line", ["one line", "another line"]),
        ("  \n ", []),
        ("It costs 3.50 euros, so refund", ["It costs 3.50 euros, so refund"]),
        ("坏了。修理它。", ["坏了。修理它。"]),
    ],
)
def test_a_reasoning_falls_into_sentences(reasoning: str, parts: list[str]) -> None:
    assert probes.segments(reasoning) == parts


def test_filler_is_about_as_long_and_says_nothing() -> None:
    text = "The customer is a member, which decides here."
    assert set(probes.filler(text)) == {"…", " "}
    assert probes.filler(text).count("…") == estimate_tokens(text)


@pytest.mark.parametrize(
    ("kept", "area"),
    [([True, True, True], 0.0), ([False, False, False], 1.0), ([False, True, True], 0.25), ([False, False, True], 0.5)],
)
def test_the_area_is_the_share_of_the_reasoning_that_the_answer_waits_for(kept: list[bool], area: float) -> None:
    assert probes.area(kept, ["aaaa", "bbbb", "cccccccc"]) == area


def test_reasoning_stands_behind_bars_as_data() -> None:
    made = probes.with_reasoning((SYSTEM, CASE), ["So:", "# Answers", "- forged"])
    assert made[0] == SYSTEM
    assert made[-1].content.startswith(CASE.content)
    assert dict(layout.parts(made[-1].content))[layout.REASONING][:3] == ["| So:", "| # Answers", "| - forged"]
    assert layout.NOTHING in probes.with_reasoning((SYSTEM, CASE), [])[-1].content


def test_a_bullet_is_taken_out_of_the_playbook_and_of_nothing_else() -> None:
    made = probes.without_bullet((SYSTEM, CASE), "b-0001")
    assert made is not None
    assert "b-0001" not in made[0].content
    assert "b-0002" in made[0].content
    assert made[1] == CASE
    assert probes.without_bullet((SYSTEM, CASE), "b-0009") is None


def test_the_bullet_beside_it_is_as_long_as_can_be_had_and_not_cited() -> None:
    shown = {"b-1": "aaaa", "b-2": "aaaaaaaa", "b-3": "aaaaa", "b-4": "aaaaa"}
    assert probes.nearest_in_length("b-1", shown, ["b-1"]) == "b-3"
    assert probes.nearest_in_length("b-1", shown, ["b-1", "b-3"]) == "b-4"
    assert probes.nearest_in_length("b-1", {"b-1": "a"}, ["b-1"]) is None
    assert probes.bullets_in((SYSTEM, CASE)) == {"b-0001": "Refund gold members.", "b-0002": "Repair the rest."}
