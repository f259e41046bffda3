"""Playbooks as JSON: one revision, and the skillbooks of ace-framework."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.errors import BadInput
from ace.playbooks.bullet import Bullet
from ace.playbooks.formats.line import Copy, Line
from ace.playbooks.formats.registry import formats, read
from ace.playbooks.formats.revision import render_revision
from ace.playbooks.formats.skillbook import render_skillbook, render_skillbook_09
from ace.playbooks.formats.spots import line_of
from ace.playbooks.render import by_section
from ace.types import Record
from tests.playbooks.formats.texts import copy_of, live_bullets, said
from tests.playbooks.making import checked

NEWER: dict[str, Any] = {
    "schema_version": "2",
    "skills": {
        "context-00001": {
            "id": "context-00001",
            "section": "context",
            "keywords": ["orders", "refund_rules"],
            "issue": "Order numbers missing",
            "insight": "Ask for the order number first.",
            "occurrences": [],
            "active": True,
            "used_count": 4,
            "helpful_count": 1,
            "harmful_count": 0,
            "neutral_count": 0,
        },
        "harness-00002": {"id": "harness-00002", "section": "harness", "issue": "The search tool times out.", "insight": None},
        "context-00003": {"section": "context", "issue": "Gone.", "insight": "Gone.", "active": False},
        "context-00004": {"section": "context", "issue": "Give refunds in cash.", "insight": "give refunds in cash."},
    },
    "sections": {"context": ["context-00004", "context-00001"], "harness": ["harness-00002"]},
    "next_id": 4,
    "similarity_decisions": {},
}
OLDER: dict[str, Any] = {
    "skills": {
        "math-00001": {"id": "math-00001", "section": "Math Strategies", "content": "Check the units", "status": "active"},
        "error-00002": {
            "id": "error-00002",
            "section": "error handling",
            "content": "Retry 3 times\nthen stop",
            "justification": "it failed",
            "evidence": None,
            "helpful": 5,
            "harmful": 1,
            "status": "active",
        },
        "math-00003": {"id": "math-00003", "section": "Math Strategies", "content": "Guess", "status": "invalid"},
    },
    "sections": {"Math Strategies": ["math-00001", "math-00003"], "error handling": ["error-00002"]},
    "next_id": 3,
}


def lines(value: object) -> list[Line]:
    found = read(json.dumps(value))[1]
    assert all(isinstance(x, Line) for x in found)
    return found  # type: ignore[return-value]


@checked
@given(live_bullets())
def test_a_revision_comes_back_whatever_the_texts(bullets: list[Bullet]) -> None:
    assert said(lines(json.loads(render_revision(copy_of(bullets))))) == said(bullets)


def test_each_bullet_stands_on_a_line_of_its_own() -> None:
    bullets = [
        Bullet("ref-0a1b2c3d4e", "Refunds", "One."),
        Bullet("fee-0a1b2c3d4e", "Fees", "Zwei für é.", parents=("ref-zzzz",)),
    ]
    page = render_revision(copy_of(bullets))
    assert [line.strip().startswith('{"id"') for line in page.splitlines()].count(True) == 2
    assert "Zwei für é." in page
    assert [x.parents for x in lines(json.loads(page))] == [(), ("ref-zzzz",)]


def test_what_show_prints_can_be_imported_without_its_retired_bullets() -> None:
    row = {"id": "ref-0a1b2c3d4e", "section": "Refunds", "text": "One.", "state": "active", "pinned": True, "votes": {}}
    found = lines({"playbook": "support", "revision": 3, "bullets": [row, {**row, "id": "ref-1a1b", "state": "retired"}]})
    assert [(x.id, x.text, x.pinned, x.place) for x in found] == [("ref-0a1b2c3d4e", "One.", True, "bullets[0]")]


def test_a_skillbook_of_the_newer_form_gives_what_its_agents_were_shown() -> None:
    found = lines(NEWER)
    assert [(x.section, x.id, x.text) for x in found] == [
        ("context", "", "give refunds in cash."),
        ("context", "", "Order numbers missing: Ask for the order number first."),
        ("harness", "", "The search tool times out."),
    ]
    assert found[1].note == "it was context-00001 there, helpful 1, used 4, keywords orders refund_rules"


def test_a_skillbook_of_the_older_form_gives_its_skills_in_use() -> None:
    found = lines(OLDER)
    assert [(x.section, x.text) for x in found] == [
        ("Math Strategies", "Check the units"),
        ("error handling", "Retry 3 times then stop"),
    ]
    assert found[1].note == "it was error-00002 there, helpful 5, harmful 1, it failed"
    assert [x.text for x in lines({**OLDER, "bullets": OLDER["skills"], "skills": None})] == [x.text for x in found]


@checked
@given(live_bullets())
def test_our_bullets_come_back_from_skillbooks_of_both_forms(bullets: list[Bullet]) -> None:
    wanted = [(b.id, b.section, b.text) for b in by_section(bullets)]
    for render in (render_skillbook, render_skillbook_09):
        found = lines(json.loads(render(copy_of(bullets))))
        assert [(x.id, x.section, x.text) for x in found] == wanted


def test_votes_become_the_counters_of_other_systems() -> None:
    copy = Copy(
        "s", 1, "", "", [Bullet("ref-0a1b2c3d4e", "R", "One.")], {"ref-0a1b2c3d4e": Record(3, 1, 2, 0, helpful=5, harmful=2)}
    )
    (skill,) = json.loads(formats()["skillbook"].render(copy))["skills"].values()
    assert (skill["helpful_count"], skill["harmful_count"], skill["used_count"]) == (5, 2, 4)
    assert "helpful=5 harmful=2 ::" in formats()["ace"].render(copy)


ROW = '{"id": "ref-0a1b", "section": "A", "text": "One."}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"bullets": [\n{"id": 3}\n]}', "bullets[0].id must be text, not the number 3"),
        ('{"bullets": [{"section": "A"}]}', "bullets[0].text is missing; it must be text"),
        ('{"bullets": [{"section": "A", "text": ["One."]}]}', "bullets[0].text must be text, not a list"),
        ('{"bullets": [{"section": " ", "text": "One."}]}', "bullets[0].section is empty"),
        (
            '{"bullets": [{"section": "A", "text": "One.", "pinned": 1}]}',
            "bullets[0].pinned must be true or false, not the number 1",
        ),
        ('{"bullets": [{"section": "A", "text": "One.", "state": "lost"}]}', "bullets[0].state is 'lost'"),
        ('{"bullets": [{"section": "A", "text": "One.", "id": "no id"}]}', "bullets[0].id is 'no id'; an id looks like"),
        ('{"bullets": [{"section": "A", "text": "One.", "parents": ["x"]}]}', "bullets[0].parents: 'x' is not the id"),
        (f'{{"bullets": [{ROW}, {ROW}]}}', "bullets[1].id: ref-0a1b is the id of bullets[0] already"),
        ('{"bullets": [null]}', "bullets[0] must be an object, not null"),
        ('{"bullets": 3}', "bullets must be a list, not the number 3"),
        ('{"skills": {"a": {"section": "A", "content": 3}}}', 'skills["a"].content must be text, not the number 3'),
        ('{"skills": {"a": {"section": "A", "content": ""}}}', 'skills["a"].content is empty'),
        ('{"skills": {"a": {"section": "A", "content": "x", "helpful": -1}}}', 'skills["a"].helpful must be a whole number'),
        (
            '{"skills": {"a": {"section": "A", "content": "x", "helpful": 1e99}}}',
            'skills["a"].helpful must be a whole number, not the number 1e+99',
        ),
        (
            '{"skills": {"a": {"section": "A", "content": "x", "helpful": ' + "9" * 30 + "}}}",
            'skills["a"].helpful must be a whole',
        ),
        (
            '{"skills": {"a": {"section": "A", "content": "x", "helpful": ' + "9" * 9999 + "}}}",
            "the JSON holds a number with too many",
        ),
        ('{"skills": {"a": {}, "a": {}}}', "the key 'a' stands twice in one object"),
        ('{"skills": {"a": {"section": "A", "content": "x", "helpful": NaN}}}', "NaN is not a JSON number"),
        ('{"schema_version": 3, "skills": {}}', "schema_version must be 2"),
        ('{"sections": {"A": 3}, "skills": {}}', "sections.A must be a list"),
        ('{\n"bullets": [\n}', "line 3: this is not JSON"),
        ("[1]", "the file must be an object, not a list"),
        ("{}", "this JSON is not a playbook"),
        ('{"bullets": ' + "[" * 100_000, "the JSON is nested too deeply"),
        ('{"histories": []}', "histories is empty"),
        (
            '{"version": 2, "histories": []}',
            "the file is of version 2; version 1 is known, so it is of a newer ace: upgrade it",
        ),
        ('{"sections": {"' + "k" * 9000 + '": 3}, "skills": {}}', f'sections["{"k" * 60}"] must be a list'),
        ('{"version": 3, "bullets": []}', "the file is of version 3; version 1 is known"),
        ('{"bullets": [{"id": ' + "9" * 400 + "}]}", "bullets[0].id must be text, not a number of many digits"),
        (
            '{"bullets": [{"section": "A", "text": "a\\u001b[31mb"}]}',
            "bullets[0].text holds a control character (U+001B); take it out",
        ),
        ('{"bullets": [{"section": "A\\u0000", "text": "x"}]}', "bullets[0].section holds a control character (U+0000)"),
        ('{"skills": {"a": {"id": "b", "section": "A", "content": "x"}}}', "skills[\"a\"].id is 'b'; it must be the key"),
        ('{"skills": {"a": {"id": "b", "section": "A", "content": "x", "active": false}}}', 'skills["a"].id is'),
        (
            '{"skills": {"a": {"section": "A", "content": "x\\u009b"}}}',
            'skills["a"].content holds a control character (U+009B)',
        ),
        ('{"schema_version": ' + "[" * 900 + "]" * 900 + ', "skills": {}}', "schema_version must be 2"),
        ('{"sections": {"A\\u001b[31m\\n": 3}, "skills": {}}', 'sections["A\\u001b[31m\\n"] must be a list'),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field(text: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text)
    assert str(refused.value).startswith(said)


def test_what_another_system_says_at_length_is_cut_in_the_note() -> None:
    (line,) = lines({"skills": {"k" * 90_000: {"section": "A", "content": "x", "justification": "y" * 9000}}})
    assert (len(line.note), line.note[-2:]) == (2000, "k…")


FILE = """\
{
  "bullets": [
    {"id": "ref-0a1b", "section": "A", "text": "One."},
    {
      "section": "A", "text": [1, {"x": "]"}]
    }
  ],
  "skills": {
    "a b": {"content": 3}, "a": {"content": 3},
    "é\\"": {"content":
      4}
  }
}
"""


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("bullets must be", 2),
        ("bullets[0].text is empty", 3),
        ("bullets[1]: it breaks off", 4),
        ("bullets[1].text must be text", 5),
        ("bullets[1].id is missing", 4),
        ("bullets[9].id is missing", 2),
        ('skills["a b"].content must be', 9),
        ('skills["\\u00e9\\""].content must be', 11),
        ("line 3: this is not JSON", None),
        ("nothing of this kind", None),
    ],
)
def test_a_field_that_was_refused_is_found_by_its_line(said: str, line: int | None) -> None:
    assert line_of(FILE, said) == line_of("\ufeff" + FILE, said) == line


@checked
@given(st.text('{}[]",: ab1\n', max_size=30), st.sampled_from(["a", "a.b", "[0].a", "a[0][1]", "b: x", ""]))
def test_a_line_is_looked_for_in_any_text(text: str, said: str) -> None:
    assert (line_of(text, said) or 1) <= text.count("\n") + 1
