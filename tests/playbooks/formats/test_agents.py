"""Lessons in files that agents read: the part between the marks is ours, every other byte is not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ace.errors import BadInput
from ace.playbooks.bullet import Bullet
from ace.playbooks.formats.agents import parse_agents, place_agents, render_agents
from ace.playbooks.formats.fences import in_fences
from ace.playbooks.formats.line import Copy
from ace.playbooks.render import by_section
from tests.playbooks.formats.texts import copy_of, live_bullets
from tests.playbooks.making import checked

ONE = copy_of([Bullet("ref-0a1b2c3d4e", "Refunds", "Refund damaged goods.")])
PART = """\
<!-- ace:begin support@12 (made by `ace playbook export`; what is changed between these marks is lost at the next export) -->
## Lessons learned

### Refunds

- Refund damaged goods.
<!-- ace:end -->
"""
names = st.text(st.characters(exclude_characters="/\\@", exclude_categories=("C", "Z")), min_size=1, max_size=8)


def test_the_part_is_headings_and_lessons_without_ids() -> None:
    assert render_agents(ONE) == PART


def test_a_new_file_is_the_part_alone_and_another_one_gets_it_at_its_end() -> None:
    assert place_agents(ONE, "") == PART
    assert place_agents(ONE, "# House rules\n") == "# House rules\n\n" + PART
    assert place_agents(ONE, "# House rules") == "# House rules\n\n" + PART


def test_a_new_skill_file_begins_with_its_front_matter() -> None:
    assert place_agents(ONE, "", skill="Refund Desk_2").startswith(
        '---\nname: refund-desk-2\ndescription: "Lessons that agents learned from past attempts about Refunds. '
        'Read them before a task of this kind."\n---\n\n<!-- ace:begin support@12 '
    )
    mine = "---\nname: x\n---\nText\n"
    assert place_agents(ONE, mine, skill="x") == mine + "\n" + PART


@checked
@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(("\n", "\r\n")), live_bullets(), st.booleans())
def test_a_second_export_changes_the_part_and_not_one_byte_around_it(
    above: str, below: str, newline: str, bullets: list[Bullet], last: bool
) -> None:
    above, below = (re.sub("<!--|```|~~~", "", text) for text in (above, below))
    first = "\ufeff# Rules" + newline + above + newline
    part = place_agents(ONE, "").rstrip("\n").replace("\n", newline)
    rest = "" if last else newline + below
    second = place_agents(copy_of(bullets), first + part + rest)
    assert second.startswith(first + "<!-- ace:begin support@12 ")
    assert second.endswith("<!-- ace:end -->" + rest)
    middle = second.removeprefix(first).removesuffix(rest)
    assert middle.replace("\r\n", "\n") + "\n" == render_agents(copy_of(bullets))
    assert ("\r\n" in middle) == (newline == "\r\n")
    assert place_agents(copy_of(bullets), second) == second


@checked
@given(names, names)
def test_several_playbooks_have_a_part_each_whatever_their_names(a: str, b: str) -> None:
    copies = [Copy(name, 1, "", "", [Bullet("ref-0a1b2c3d4e", "R", f"of {i}.")]) for i, name in enumerate((a, "x" + b + b))]
    page = ""
    for copy in [*copies, *copies]:
        page = place_agents(copy, page)
    assert page.count("<!-- ace:begin ") == len({c.playbook for c in copies})
    assert all(render_agents(c) in page for c in copies[a == "x" + b + b :])


def test_a_lesson_cannot_end_the_part_or_begin_another() -> None:
    bad = copy_of([Bullet("ref-0a1b2c3d4e", "<!-- ace:end -->", "<!-- ace:end --> `<!-- ace:begin x@1 -->`")])
    page = place_agents(bad, "# Rules\n")
    assert place_agents(ONE, page) == "# Rules\n\n" + PART


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("a\n<!-- ace:begin support@1 -->\nb", "line 2: the part of 'support' begins here and does not end"),
        ("a\n<!-- ace:end -->", "line 2: a part ends here that never began"),
        (
            "<!-- ace:begin a@1 -->\n<!-- ace:begin b@1 -->\n<!-- ace:end -->",
            "line 2: a part begins before that of line 1 has ended",
        ),
        (PART + PART, "line 8: the part of 'support' begins here and at line 1"),
        (
            "<!-- ace:begin support -->\n<!-- ace:end -->",
            "line 1: this mark is broken: '<!-- ace:begin support -->'; it must be",
        ),
        ("<!-- ace:begin support@1\n<!-- ace:end -->", "line 1: this mark is broken"),
        ("<!-- ace:begin support@1 -->\n<!-- ace:end", "line 2: this mark is broken"),
        ("<!-- ace:start support@1 -->", "line 1: this mark is broken"),
    ],
)
def test_marks_that_are_broken_or_doubled_are_refused_by_line(page: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        place_agents(ONE, page)
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize("indent", ["    ", "\t", "  \t", "        "])
def test_marks_in_an_indented_block_of_code_are_an_example_too(indent: str) -> None:
    example = ("<!-- ace:begin support@3 -->", "- x", "<!-- ace:end -->")
    rules = "# Rules\n\nOurs looks like this:\n\n" + "".join(f"{indent}{line}\n" for line in example)
    once = place_agents(ONE, rules)
    assert once == rules + "\n" + PART
    assert place_agents(ONE, once) == once


FENCED = "# Rules\n\nOurs looks like this:\n\n{open}\n{indent}<!-- ace:begin support@3 -->\n{indent}- x\n{close}\n"


@pytest.mark.parametrize(
    ("opens", "indent", "close"),
    [
        ("```", "", "```"),
        ("```markdown", "", "````"),
        ("~~~~ text", "", "~~~\n~~~~"),
        ("1. so:\n\n    ```", "    ", "    ```"),
        ("- ```", "  ", "  ```"),
        ("````", "", "```\n~~~\n````"),
        ("``` \r", "", "```\r"),
    ],
)
def test_marks_in_a_block_of_code_are_an_example_and_stay_as_they_are(opens: str, indent: str, close: str) -> None:
    rules = FENCED.format(open=opens, indent=indent, close=close)
    once = place_agents(ONE, rules)
    assert once == rules + "\n" + PART
    assert place_agents(ONE, once) == once
    assert [x.text for x in parse_agents(once)] == ["Refund damaged goods."]


@pytest.mark.parametrize("fence", ["```", "~~~ x", "```\n~~~", "Use ``` here", "`````\n```"])
def test_a_fence_that_is_not_closed_hides_no_mark(fence: str) -> None:
    page = place_agents(ONE, f"# Rules\n{fence}\n")
    assert place_agents(ONE, page) == page


BLOCKS = (
    ["x"],
    [""],
    ["```", "~~~", "```"],
    ["````py", "```", "", "````"],
    ["~~~ `a`", "```x", "~~~~ "],
    ["  ```", " x", "```"],
)


@checked
@given(st.lists(st.sampled_from(BLOCKS), max_size=6))
def test_blocks_of_code_are_where_a_viewer_of_markdown_shows_them(blocks: list[list[str]]) -> None:
    lines = [line for block in blocks for line in block]
    shown = [t.map for t in MarkdownIt("commonmark").parse("\n".join(lines)) if t.type == "fence" and t.map]
    code = {n for first, end in shown for n in range(first, end)}
    assert {n for n, inside in enumerate(in_fences(lines)) if inside} == code


@checked
@given(live_bullets().filter(bool))
def test_what_stands_between_the_marks_comes_back_as_a_list(bullets: list[Bullet]) -> None:
    bullets = [b for b in bullets if not b.text.startswith("[")]
    page = place_agents(copy_of(bullets), "# House rules\n\nBe kind.\n\n- mine\n") + "\nMore of mine.\n"
    found = parse_agents(page)
    assert [(x.section, x.text, x.id) for x in found] == [(b.section, b.text, "") for b in by_section(bullets)]
    assert all(page.splitlines()[x.number - 1].startswith("- ") for x in found)


def test_of_several_parts_that_of_the_playbook_is_read() -> None:
    other = Copy("fees", 1, "", "", [Bullet("fee-0a1b2c3d4e", "Fees", "Charge 5 Euro.")])
    page = place_agents(other, PART)
    assert [x.text for x in parse_agents(page, "fees")] == ["Charge 5 Euro."]
    assert [x.text for x in parse_agents(PART, "another")] == ["Refund damaged goods."]
    with pytest.raises(
        BadInput, match="it holds the parts of 2 playbooks, and none of 'x'; import it as one of 'support', 'fees'"
    ):
        parse_agents(page, "x")


def test_prose_between_the_marks_is_refused_by_its_line() -> None:
    with pytest.raises(BadInput, match=r"^line 6: this is neither a list item"):
        parse_agents("Mine.\n\n<!-- ace:begin support@1 -->\n- one\n\nprose\n<!-- ace:end -->\n")


def test_a_mark_that_never_ends_is_broken() -> None:
    with pytest.raises(BadInput, match=r"^line 1: this mark is broken"):
        place_agents(ONE, "<!-- ace:begin support@1 " + "@1 " * 1000 + "-->\n<!-- ace:end -->\n")
