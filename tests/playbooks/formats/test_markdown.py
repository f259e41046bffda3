"""A playbook as Markdown reads well, shows all of its text, and comes back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ace.errors import BadInput
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.formats.escaping import escape, unescape
from ace.playbooks.formats.markdown import parse_markdown, render_markdown
from tests.playbooks.formats.texts import SIGNS, live_bullets, said, texts
from tests.playbooks.making import checked, ranked

BOOK = list(
    ranked(
        [
            Bullet("ref-0a1b2c3d4e", "Refunds", "Refund **damaged** goods within 30 days; see `refund(order)`."),
            Bullet("ref-1a1b2c3d4e", "Refunds", "Never send [the form](http://x.y) twice", State.CANDIDATE, pinned=True),
            Bullet("fee-2a1b2c3d4e", "Fees", "Use `List<String>`, not <b>."),
        ]
    )
)
PAGE = """\
# support (revision 12)

## Refunds

- Refund **damaged** goods within 30 days; see `refund(order)`. <!-- ref-0a1b2c3d4e -->
- Never send [the form](http://x.y) twice <!-- ref-1a1b2c3d4e candidate pinned -->

## Fees

- Use `List<String>`, not \\<b>. <!-- fee-2a1b2c3d4e -->
"""


def test_a_page_is_what_a_reviewer_likes_to_read() -> None:
    assert render_markdown("support", 12, BOOK) == PAGE


def test_the_lines_are_numbered_as_an_editor_numbers_them() -> None:
    assert [x.number for x in parse_markdown(PAGE)] == [5, 6, 10]


@checked
@given(live_bullets())
def test_everything_comes_back_whatever_the_texts(bullets: list[Bullet]) -> None:
    assert said(parse_markdown(render_markdown("support", 3, bullets))) == said(bullets)


@checked
@given(st.text(st.sampled_from(SIGNS), max_size=30))
def test_every_text_comes_back_from_its_escapes(text: str) -> None:
    assert unescape(escape(text)) == text


@checked
@given(st.lists(texts, min_size=1, max_size=4))
def test_a_viewer_of_markdown_shows_every_text_as_one_item_and_hides_nothing_of_it(found: list[str]) -> None:
    bullets = list(ranked([Bullet(f"ref-z{n:04d}", "Refunds", text) for n, text in enumerate(found)]))
    tokens = MarkdownIt("commonmark").parse(render_markdown("support", 3, bullets))
    heading = ["heading_open", "inline", "heading_close"]
    item = ["list_item_open", "paragraph_open", "inline", "paragraph_close", "list_item_close"]
    assert [t.type for t in tokens] == [*heading, *heading, "bullet_list_open", *item * len(found), "bullet_list_close"]
    for b, token in zip(bullets, [t for t in tokens if t.type == "inline"][2:], strict=True):
        hidden = [t.content for t in token.children or () if t.type in ("html_inline", "image")]
        assert hidden == [f"<!-- {b.id} -->"]


def test_sections_that_take_turns_stand_together_and_come_back_in_order() -> None:
    turns = list(ranked([Bullet(f"ref-z{n:04d}", "AB"[n % 2], f"lesson {n}") for n in range(6)]))
    page = render_markdown("support", 3, turns)
    assert [line for line in page.splitlines() if line.startswith("## ")] == ["## A", "## B"]
    assert said(parse_markdown(page)) == said(turns)


def test_edits_by_hand_keep_the_order_of_what_was_not_touched() -> None:
    turns = list(ranked([Bullet(f"ref-z{n:04d}", "AB"[n % 2], f"lesson {n}") for n in range(6)]))
    page = render_markdown("support", 3, turns)
    gone = page.replace("- lesson 2 <!-- ref-z0002 -->\n", "- a new one\n")
    assert [x.text for x in parse_markdown(gone)] == ["lesson 0", "a new one", "lesson 1", "lesson 3", "lesson 4", "lesson 5"]
    swapped = page.replace("lesson 0 <!-- ref-z0000 -->", "@").replace(
        "lesson 4 <!-- ref-z0004 -->", "lesson 0 <!-- ref-z0000 -->"
    )
    swapped = swapped.replace("@", "lesson 4 <!-- ref-z0004 -->")
    assert [x.text[-1] for x in parse_markdown(swapped)] == ["4", "1", "2", "3", "0", "5"]


@pytest.mark.parametrize(
    "page",
    [
        PAGE.replace("\n", "\r\n"),
        "\ufeff" + PAGE,
        PAGE.replace("\n- ", "\n* "),
        PAGE.replace("\n- ", "\n+   "),
        PAGE.replace("\n\n", "\n"),
        PAGE.replace(" within 30 days;", "\n  within 30 days;"),
        PAGE.replace("## Fees", "<!-- a note\n\nof two lines -->\n### Fees"),
        PAGE + "\n\n",
        PAGE.rstrip(),
    ],
)
def test_what_editors_and_formatters_do_to_a_file_changes_nothing(page: str) -> None:
    assert said(parse_markdown(page)) == said(BOOK)


def test_an_escalated_bullet_says_so_behind_its_id() -> None:
    (line,) = parse_markdown("## Fees\n- Charge 5 Euro <!-- fee-1a1b2c3d4e pinned escalated -->\n")
    assert (line.id, line.pinned, line.escalated) == ("fee-1a1b2c3d4e", True, True)


def test_a_line_without_an_id_is_a_new_bullet_and_may_be_pinned() -> None:
    (line,) = parse_markdown("## Fees\n- Charge \\<b> 5 Euro <!-- pinned -->\n")
    assert (line.number, line.section, line.id, line.text, line.pinned) == (2, "Fees", "", "Charge <b> 5 Euro", True)


def test_characters_that_control_a_terminal_or_turn_text_around_do_not_come_in() -> None:
    (line,) = parse_markdown("## Fees\n- Charge\u202e 5\u200b Euro")
    assert line.text == "Charge 5 Euro"
    with pytest.raises(BadInput, match=r"^line 2 holds a control character \(U\+001B\); take it out$"):
        parse_markdown("## Fees\n- Charge 5 \x1b[31m Euro")


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("- no section", "line 1: the bullet is in no section"),
        (
            "## A\n\nsome prose",
            "line 3: this is not a bullet ('- text'), a section heading ('## name') or a comment: 'some prose'",
        ),
        ("## A\n- \n", "line 2: this is not a bullet"),
        ("## A\n- <!-- ref-0a1b2c3d4e -->", "line 2: the bullet has no text"),
        (
            "## A\n- one <!-- ref 0a1b -->",
            "line 2: the comment behind a bullet may hold its id, 'candidate', 'pinned' and 'escalated', not 'ref 0a1b'",
        ),
        ("## A\n- one <!-- ref-0a1b2c retired -->", "line 2: the comment behind a bullet"),
        ("## A\n- one <!-- ref-0a1b2c -->\n- two <!-- ref-0a1b2c -->", "line 3: the id ref-0a1b2c is that of line 2 already"),
        ("## A\n- one\n  - within", "line 3: a bullet within a bullet"),
        (
            "## A\n- one\n  ```sh\n  rm x\n  ```",
            "line 3: a block of code begins here, and a bullet is one line: write the code on",
        ),
        ("## A\n- ~~~\n  rm x\n  ~~~", "line 2: a block of code begins here"),
        ("## A\n- one\n" + "  x\n" * 100_000, "line 2: the bullet has 100,003 characters; its lines may have 100,000 together"),
        ("## A\n- one\rtwo", "line 2 holds a control character (U+000D)"),
        ("## A\n<!-- \x9b -->", "line 2 holds a control character (U+009B)"),
        ("##\n- one", "line 1: the section has no name"),
        ("# T\n## A\n# B\n- one", "line 3: a section's heading begins with ##"),
        ("## A\n<!-- never closed\n- one", "line 2: the comment that begins here does not end"),
        ("## A\n<!-- a --> b", "line 2: after a comment there may be nothing else on its line: 'b'"),
        ("## A\n- " + "x" * 100_001, "line 2: it has 100,003 characters; a line may have 100,000"),
    ],
)
def test_what_cannot_be_read_is_refused_by_line(page: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_markdown(page)
    assert str(refused.value).startswith(said)
