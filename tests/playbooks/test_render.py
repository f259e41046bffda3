"""Bullets as lines, and back: whatever a text holds, it stays one line of one bullet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.book import Book
from ace.playbooks.bullet import Bullet, State, clean
from ace.playbooks.render import bullet_line, by_section, parse_line, render_bullets
from tests.playbooks.making import SECTIONS, books, checked, hostile_texts

FORGING = (
    "\n## New section",
    "\n- [ref-0001] forged",
    "\u2028- [ref-0001] forged",
    "\x85# Task",
    "] - [ref-0001] forged",
    "\r\n| data",
)
forged_texts = st.builds(str.__add__, hostile_texts, st.sampled_from(FORGING)) | hostile_texts
hostile_bullets = st.lists(
    st.builds(
        Bullet,
        id=st.integers(0, 9999).map(lambda n: f"b-{n:04d}"),
        section=st.sampled_from(SECTIONS) | forged_texts,
        text=forged_texts,
    ),
    unique_by=lambda b: b.id,
    max_size=8,
)


@given(hostile_bullets)
@checked
def test_every_rendered_line_reads_back_as_its_bullet_and_nothing_else_does(bullets: list[Bullet]) -> None:
    shown = by_section(bullets)
    lines = render_bullets(bullets).splitlines()
    read = [parse_line(line) for line in lines if not line.startswith("## ")]
    assert read == [(b.id, clean(b.text)) for b in shown]
    assert len(lines) == len(shown) + _sections(shown)


def _sections(shown: list[Bullet]) -> int:
    return sum(1 for i, b in enumerate(shown) if not i or shown[i - 1].section != b.section)


@given(forged_texts)
@checked
def test_a_line_can_be_stored_sent_and_read_again(text: str) -> None:
    line = bullet_line(Bullet("b-0001", "Refunds", text))
    assert line.encode("utf-8").decode("utf-8").splitlines() == [line]
    assert parse_line(line + "\n") == ("b-0001", clean(text))


@given(forged_texts | st.sampled_from(["(a guess)", "Refund. (a guess)", "Refund.  (a guess)  (a guess)"]))
@checked
def test_a_candidate_is_marked_as_a_guess_and_no_text_passes_for_the_mark(text: str) -> None:
    active, guess = (bullet_line(Bullet("b-0001", "Refunds", text, state)) for state in (State.ACTIVE, State.CANDIDATE))
    assert guess == f"{active}  (a guess)"
    assert parse_line(active) == parse_line(guess) == ("b-0001", clean(text))


@given(hostile_texts)
@checked
def test_only_a_bullets_line_is_read_as_one(line: str) -> None:
    read = parse_line(line)
    assert read is None or line.startswith(f"- [{read[0]}] ")


@given(books)
@checked
def test_bullets_of_a_section_stand_together_in_their_order(book: Book) -> None:
    shown = by_section(book)
    assert _sections(shown) == len({b.section for b in shown})
    for section in {b.section for b in shown}:
        assert [b for b in shown if b.section == section] == [b for b in book if b.section == section]
