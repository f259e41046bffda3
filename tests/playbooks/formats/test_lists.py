"""Lists of lessons that were not made for us: plain ones, and those of the ACE reference code."""

from __future__ import annotations

import pytest
from hypothesis import given

from ace.errors import BadInput
from ace.playbooks.bullet import Bullet
from ace.playbooks.formats.plain import parse_plain, render_plain
from ace.playbooks.formats.reference import parse_reference, render_reference
from ace.playbooks.render import by_section, render_bullets
from tests.playbooks.formats.texts import copy_of, live_bullets
from tests.playbooks.making import checked

LIST = """\
# Support

- Ask for the order number
  before anything else.
* Be polite
\t+ even on Fridays

## Refunds ##

1. Refund damaged goods.
2) Never refund gift cards
after they were used.
- [ ] Check the `date`
- [ref-0a1b2c3d4e] Known already.

<!-- a note -->
- Charge \\<b> 5 Euro
"""
REFERENCE = """\
## STRATEGIES & INSIGHTS
[sai-00001] helpful=5 harmful=0 :: Break hard questions into parts.
[sai-00002] helpful=0 harmful=2 :: Use this code:
def f(x):
    # twice
    return 2 * x

## OTHERS
[ref-0a1b2c3d4e] helpful=1 harmful=0 :: One of ours.
"""


def test_lists_are_read_with_their_wrapped_lines_nested_items_and_headings() -> None:
    assert [(x.number, x.section, x.id, x.text) for x in parse_plain(LIST)] == [
        (3, "Support", "", "Ask for the order number before anything else."),
        (5, "Support", "", "Be polite"),
        (6, "Support", "", "even on Fridays"),
        (10, "Refunds", "", "Refund damaged goods."),
        (11, "Refunds", "", "Never refund gift cards after they were used."),
        (13, "Refunds", "", "Check the `date`"),
        (14, "Refunds", "ref-0a1b2c3d4e", "Known already."),
        (17, "Refunds", "", "Charge <b> 5 Euro"),
    ]


def test_items_under_no_heading_have_a_section_all_the_same() -> None:
    assert [x.section for x in parse_plain("- one\n- two")] == ["General", "General"]


def test_what_agents_are_shown_can_be_read_back() -> None:
    bullets = [Bullet("ref-0a1b2c3d4e", "Refunds", "One."), Bullet("fee-0a1b2c3d4e", "Fees", "Two.")]
    assert [(x.id, x.section, x.text) for x in parse_plain(render_bullets(bullets))] == [
        (b.id, b.section, b.text) for b in bullets
    ]


@checked
@given(live_bullets())
def test_sections_and_texts_come_back_from_a_plain_list(bullets: list[Bullet]) -> None:
    bullets = [b for b in bullets if not b.text.startswith("[")]
    found = parse_plain(render_plain(copy_of(bullets)))
    assert [(x.section, x.text) for x in found] == [(b.section, b.text) for b in by_section(bullets)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- one\n\nsome prose", "line 3: this is neither a list item ('- text') nor a heading ('## section'): 'some prose'"),
        ("- \u200b", "line 1: the bullet has no text"),
        ("- [ref-0a1b] a\n- [ref-0a1b] b", "line 2: the id ref-0a1b is that of line 1 already"),
        ("-" * 100_001, "line 1: it has 100,001 characters"),
        (
            "- a one\n  ```\n  code\n  ```\n- b",
            "line 2: a block of code begins here, and a bullet is one line: write the code on",
        ),
        ("- ```\n  code\n  ```", "line 1: a block of code begins here"),
        ("- one\n\n~~~\ncode\n~~~", "line 3: a block of code begins here"),
        ("- one\n" + "x\n" * 100_000, "line 1: the bullet has 100,003 characters; its lines may have 100,000 together"),
        ("- one\n- t\x1b[31mo", "line 2 holds a control character (U+001B); take it out"),
        ("- one\r- two\r", "line 1 holds a control character (U+000D)"),
    ],
)
def test_what_is_no_list_is_refused_by_line(text: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_plain(text)
    assert str(refused.value).startswith(said)


def test_code_on_one_line_is_no_block() -> None:
    assert [x.text for x in parse_plain("- Run ```ls -l``` first\n- ``` is no fence `\n- Say ~~~\n")] == [
        "Run ```ls -l``` first",
        "``` is no fence `",
        "Say ~~~",
    ]


@pytest.mark.parametrize(
    ("heading", "section"),
    [("## Fees ##", "Fees"), ("# C#", "C#"), ("## C# #", "C#"), ("## a ## #", "a ##"), ("## a" + " " * 90_000 + "b", "a b")],
)
def test_a_heading_may_be_closed_by_signs(heading: str, section: str) -> None:
    assert [x.section for x in parse_plain(f"{heading}\n- one")] == [section]


def test_a_note_on_a_bullet_is_never_longer_than_a_bullet() -> None:
    (line,) = parse_reference("[" + "i" * 5000 + "] helpful=1 harmful=0 :: one")
    assert (len(line.note), line.note[-3:]) == (2000, "ii…")


def test_a_playbook_of_the_reference_code_is_read_with_its_counters_as_a_note() -> None:
    assert [(x.number, x.section, x.id, x.text, x.note) for x in parse_reference(REFERENCE)] == [
        (2, "STRATEGIES & INSIGHTS", "", "Break hard questions into parts.", "it was sai-00001 there, helpful 5, harmful 0"),
        (
            3,
            "STRATEGIES & INSIGHTS",
            "",
            "Use this code: def f(x): # twice return 2 * x",
            "it was sai-00002 there, helpful 0, harmful 2",
        ),
        (9, "OTHERS", "ref-0a1b2c3d4e", "One of ours.", "it was ref-0a1b2c3d4e there, helpful 1, harmful 0"),
    ]


@checked
@given(live_bullets())
def test_our_bullets_come_back_from_the_format_of_the_reference_code(bullets: list[Bullet]) -> None:
    found = parse_reference(render_reference(copy_of(bullets)))
    assert [(x.id, x.section, x.text) for x in found] == [(b.id, b.section, b.text) for b in by_section(bullets)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("some prose", "line 1: this is neither a heading ('## SECTION') nor a bullet"),
        ("## A\n[sai-00001] helpful=x harmful=0 :: one", "line 2: this is neither a heading"),
        ("## A\n[sai-00001] helpful=1 harmful=0 :: one\n[sai-00002] :: two", "line 3: this is neither a heading"),
        ("[a-1] helpful=1 harmful=0 :: x\n[a-1] helpful=1 harmful=0 :: y", "line 2: the id 'a-1' is that of line 1 already"),
        ("[a-1] helpful=1 harmful=0 ::", "line 1: the bullet has no text"),
        ("[a-1] helpful=1 harmful=99999999999999 :: x", "line 1: '99999999999999' is not a count of votes"),
        ("[a-1] helpful=1 harmful=0 :: x\ny\x1b", "line 2 holds a control character (U+001B)"),
        ("[a-1] helpful=1 harmful=0 :: x\n" + "y\n" * 100_000, "line 1: the bullet has 100,001 characters"),
    ],
)
def test_a_broken_playbook_of_the_reference_code_is_refused_by_line(text: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_reference(text)
    assert str(refused.value).startswith(said)
