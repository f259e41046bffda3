"""Reading back the sheet that a person has edited."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from ace.errors import BadInput
from ace.playbooks.apply import apply
from ace.playbooks.book import Book
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.formats.line import Line
from ace.playbooks.formats.markdown import parse_markdown, render_markdown
from ace.playbooks.operations import Operation
from ace.playbooks.render import by_section
from ace.playbooks.rewrites import operations_between
from ace.playbooks.sheet import read_sheet
from tests.playbooks.making import books, checked, hand_edits, ranked, read_off

ONE = Bullet("ref-0001", "Refunds", "one")
GONE = Bullet("ref-0002", "Refunds", "two", State.RETIRED)
BOOK = ranked([ONE, GONE])


def operations(book: Book, lines: list[Line]) -> list[Operation]:
    stood = {b.id: b for b in book.everything()}
    return operations_between(stood.values(), read_sheet(lines, stood, "origin"))


@given(books)
@checked
def test_a_sheet_that_nobody_changed_is_no_change(book: Book) -> None:
    assert operations(book, parse_markdown(render_markdown("support", 1, list(book)))) == []


@given(books)
@checked
def test_a_sheet_that_lost_all_its_ids_is_no_change_either(book: Book) -> None:
    shown = by_section(book)
    assert operations(book, [Line(n, b.section, "", b.text) for n, b in enumerate(shown, 1)]) == []


@given(hand_edits())
@checked
def test_whatever_is_on_the_sheet_the_playbook_reads_so_afterwards(edit: tuple[Book, list[Bullet]]) -> None:
    book, bullets = edit
    live = {b.id for b in book}
    wanted = [replace(b, state=State.CANDIDATE) if b.state is State.RETIRED else b for b in bullets]
    # A new line that says what a bullet said that is gone would be that bullet.
    kept = [b if b.id in live else replace(b, text=f"new {b.text}") for b in wanted if b.id in live or book.get(b.id) is None]
    rows = [(n, b, b.id if b.id in live else "") for n, b in enumerate(kept, 1)]
    lines = [Line(n, b.section, id, b.text, b.state, b.pinned, escalated=b.escalated) for n, b, id in rows]
    changes, refused = apply(book, operations(book, lines), "edit")
    assert refused == []
    after = list(book.with_changes(changes))
    assert [row[1:] for row in read_off(after)] == [row[1:] for row in read_off(kept)]
    assert [b.id for b in after if b.id in live] == [b.id for b in kept if b.id in live]
    assert len({b.id for b in after}) == len(after)


def test_the_same_new_text_twice_is_two_bullets() -> None:
    lines = [Line(1, "Refunds", "", "new"), Line(2, "Refunds", "", "new")]
    first, second = read_sheet(lines, {}, "origin")
    assert first.id != second.id


def test_an_id_that_was_not_on_the_sheet_is_refused_by_its_line() -> None:
    stood = {b.id: b for b in BOOK.everything()}
    with pytest.raises(BadInput, match=r"line 7: there was no bullet ref-0009 .* without an id is a new bullet"):
        read_sheet([Line(3, "Refunds", "ref-0001", "one"), Line(7, "Refunds", "ref-0009", "x")], stood, "origin")
    with pytest.raises(BadInput, match="line 4: ref-0002 is retired"):
        read_sheet([Line(4, "Refunds", "ref-0002", "two")], stood, "origin")


def lost(*lines: Line) -> list[tuple[str, str, bool]]:
    """What is read of lines from a sheet of two bullets that say the same, the second a pinned candidate, and one other."""
    waiting = replace(ONE, id="ref-0003", state=State.CANDIDATE, pinned=True)
    stood = ranked([ONE, waiting, replace(ONE, id="ref-0004", text="x")])
    read = read_sheet(lines, {b.id: b for b in stood.everything()}, "origin")
    return [(b.id, b.state.value, b.pinned) for b in read if stood.get(b.id)]


def test_a_line_without_an_id_is_the_bullet_that_said_so_with_its_state_and_pin() -> None:
    one, other = ("ref-0001", "active", False), ("ref-0003", "candidate", True)
    bare = Line(1, "Refunds", "", "one")
    assert lost(bare, replace(bare, number=2)) == [one, other]
    assert lost(Line(1, "Refunds", "ref-0001", "uno"), replace(bare, number=2)) == [one, other]
    assert lost(replace(bare, section="Fees")) == []
    assert lost(replace(bare, pinned=True)) == [("ref-0001", "active", True)]


def test_a_text_that_named_an_id_all_along_is_no_damage() -> None:
    old = replace(ONE, text="unlike ref-0003 <!-- so -->")
    stood = {b.id: b for b in ranked([old, replace(ONE, id="ref-0003")]).everything()}
    for id in ("ref-0001", ""):
        (read,) = read_sheet([Line(1, "Refunds", id, old.text)], stood, "origin")
        assert (read.id, read.text) == ("ref-0001", old.text)
    with pytest.raises(BadInput, match="line 1: the id comment is damaged; put back <!-- ref-0003 -->"):
        read_sheet([Line(1, "Refunds", "ref-0001", "one ref-0003")], {**stood, "ref-0001": ONE}, "origin")
