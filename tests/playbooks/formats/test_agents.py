"""Lessons in files that agents read: the part between the marks is ours, every other byte is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.errors import BadInput
from ace.playbooks.bullet import Bullet
from ace.playbooks.formats.agents import place_agents, render_agents
from ace.playbooks.formats.line import Copy
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
    above, below = above.replace("<!--", ""), below.replace("<!--", "")
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
