"""Prompts with placeholders: what is accepted, what is refused and where, and that what is put in is never read again."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.errors import BadPrompts, UnknownName
from ace.roles.generator import system_message
from ace.roles.instructions import PLACEHOLDERS, ROLES, STOCK, Prompts, checked, fill
from ace.roles.replies import Curation, Diagnosis, Move
from tests.roles.prompts import checked as settled

GOOD = "Act.\n{{reply}}\n{{playbook}}"


def faults(role: str, text: str) -> list[str]:
    with pytest.raises(BadPrompts) as refused:
        checked({role: ("own.md", text)})
    assert refused.value.exit_status == 2
    return list(refused.value.faults)


@pytest.mark.parametrize("role", ROLES)
def test_the_stock_prompts_satisfy_their_own_rules(role: str) -> None:
    assert checked({role: ("stock", STOCK.text(role))}).text(role) == STOCK.text(role)
    assert "{{" not in STOCK.filled(role, playbook="# Playbook")


@pytest.mark.parametrize(("role", "shape"), [("generator", Move), ("reflector", Diagnosis), ("curator", Curation)])
def test_what_a_reply_must_look_like_is_a_reply_that_is_accepted(role: str, shape: type[Move]) -> None:
    told = fill("{{reply}}", {"reply": Prompts({role: "{{reply}}"}).filled(role)})
    example = json.loads(told[told.index("{") :])
    assert shape.model_validate(example)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("Act.\n{{playbok}}\n{{reply}}\n{{playbook}}", 2, "unknown placeholder {{playbok}}; did you mean {{playbook}}?"),
        (GOOD + "\n{{x.__class__}}", 4, "unknown placeholder {{x.__class__}}"),
        (GOOD + "\n{{reply.format}}", 4, "unknown placeholder {{reply.format}}"),
        (GOOD + "\n{{playbook[0]}}", 4, "unknown placeholder {{playbook[0]}}"),
        (GOOD + "\n{{ 7 * 7 }}", 4, "unknown placeholder {{7 * 7}}"),
        (GOOD + "\n{{}}", 4, "unknown placeholder {{}}"),
        (GOOD + "\nAnd {{reply", 4, "{{ is not closed"),
        (GOOD + "\nAnd {{reply}", 4, "{{ is not closed"),
        (GOOD + "\nAnd {{re\nply}}", 4, "{{ is not closed"),
        (GOOD + "\n{{{reply}}}", 4, "{{ is not closed"),
        ("Act.\n{{reply}}", 2, "{{playbook}} is missing"),
        ("Act.\n{{playbook}}\n\n", 2, "{{reply}} is missing"),
        ("Act.\n{reply}\n{{playbook}}", 2, "{reply} needs two braces on each side: {{reply}}"),
        ("", 1, "the prompt is empty"),
        (" \n\t\n", 1, "the prompt is empty"),
    ],
)
def test_a_fault_is_one_line_with_its_place(text: str, line: int, said: str) -> None:
    found = faults("generator", text)
    assert len(found) == 1
    assert found[0].startswith(f"own.md:{line}: ")
    assert said in found[0]
    assert "\n" not in found[0]


def test_every_fault_is_told_and_what_is_accepted() -> None:
    found = faults("curator", "{{playbook}}\n{{who}}\n{{x")
    assert [re.match(r"own\.md:(\d)", line) is not None for line in found] == [True] * 4
    assert all("{{reply}}" in line for line in found)


def test_a_role_that_is_none_is_refused() -> None:
    with pytest.raises(UnknownName, match="generator"):
        checked({"actor": ("own.md", GOOD)})


def test_a_text_longer_than_a_prompt_may_be_is_refused() -> None:
    assert "at most 100,000" in faults("reflector", "{{reply}}" + "x" * 100_000)[0]


def test_single_braces_and_escaped_ones_stay_as_they_are() -> None:
    text = 'Write {"a": {"b": 1}} and \\{{name}} and {x.__class__} and {0} and $reply and %s and }}.\n{{ reply }}\n{{playbook}}'
    told = checked({"generator": ("own.md", text)}).filled("generator", playbook="# Playbook")
    assert told.startswith('Write {"a": {"b": 1}} and {{name}} and {x.__class__} and {0} and $reply and %s and }}.\nReply with')
    assert told.endswith("\n# Playbook")


def test_a_bullet_that_looks_like_a_placeholder_is_not_expanded() -> None:
    bullet = "- [rul-0001] Write {{reply}} and \\{{playbook}} and \\1 and \\g<0>."
    for prompts in (STOCK, Prompts({"generator": GOOD})):
        assert bullet in system_message(bullet, prompts).content


@given(st.text(st.sampled_from("{}\\ abreplyok\n\x1b"), max_size=40), st.text(max_size=40))
@settled
def test_any_text_is_either_refused_or_filled_in_once(text: str, value: str) -> None:
    try:
        prompts = checked({"reflector": ("own.md", text + "\n{{reply}}")})
    except BadPrompts as refused:
        faulty = refused.faults
    else:
        faulty = ()
    assert all(line.startswith("own.md:") and "\n" not in line for line in faulty)
    if faulty:
        return
    told = fill(prompts.text("reflector"), {"reply": value})
    assert told.count("{{reply}}") <= value.count("{{reply}}") + text.count("\\{{reply}}")
    assert told.endswith(value)


def test_prompts_are_known_by_what_they_say() -> None:
    own = Prompts({"reflector": "Think. {{reply}}"})
    assert own.digest == Prompts(dict(own.own)).digest != STOCK.digest
    assert own.text("curator") == STOCK.text("curator")
    assert set(PLACEHOLDERS) == set(own.texts) == set(ROLES)
