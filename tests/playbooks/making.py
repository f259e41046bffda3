"""Random playbooks and operations, sensible and not, and how the properties are run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from ace.playbooks.apply import apply
from ace.playbooks.book import Book
from ace.playbooks.bullet import Bullet, State, clean, rank_between
from ace.playbooks.operations import Op, Operation
from tests.examples import tried

checked = tried(300)

IDS = tuple(f"b-{n:04d}" for n in range(8))
SECTIONS = ("Refunds", "Fees", "Other")
STATES = tuple(State)

HOSTILE = "\n\r\t\0\x0b\x0c\x1b\x85\u2028\u2029\u200b\u202e\ufeff\ud800\udfff #-[]()|:<>*`ab1é字"
hostile_texts = st.text(st.sampled_from(HOSTILE), max_size=40) | st.text(max_size=40)
plain_texts = st.text(st.sampled_from("abc .,"), min_size=1, max_size=12).map(lambda t: "x" + t.strip())

any_operations = st.lists(
    st.builds(
        Operation,
        op=st.sampled_from(Op),
        id=st.sampled_from(("", "b-9999", "no id", *IDS, *IDS, *IDS)),
        section=st.sampled_from(("", "\n", *SECTIONS, *SECTIONS)) | hostile_texts,
        text=st.sampled_from(("", " ", "one", "two", "one and two")) | hostile_texts,
        after=st.sampled_from(("", "first", "top", "b-9999", *IDS)),
        sources=st.lists(st.sampled_from(("b-9999", *IDS)), max_size=3).map(tuple),
        new_id=st.sampled_from(("", "", "no id", *IDS)),
        state=st.sampled_from(("active", "active", "candidate", "retired", "no state")),
    ),
    max_size=8,
)
adding = st.lists(
    st.builds(
        Operation,
        op=st.just(Op.ADD),
        section=st.sampled_from(SECTIONS),
        text=plain_texts,
        after=st.sampled_from(("", "", "first", "top", *IDS)),
        new_id=st.sampled_from(IDS),
        state=st.sampled_from(("active", "candidate")),
    ),
    max_size=10,
)
deltas = st.tuples(adding, any_operations, any_operations).map(list)


def built(parts: Sequence[Sequence[Operation]]) -> Book:
    """The book that deltas make of the empty one, whatever of them can be applied."""
    book = Book()
    for number, operations in enumerate(parts):
        changes, _ = apply(book, operations, f"origin {number}")
        book = book.with_changes(changes)
    return book


books = deltas.map(built)


@st.composite
def hand_edits(draw: st.DrawFn) -> tuple[Book, list[Bullet]]:
    """A book, and its bullets as a person may leave them in an editor: in another order, changed, some gone, some new."""
    book = draw(books)
    wanted = []
    for b in draw(st.permutations(book.everything())):
        if draw(st.booleans()):
            b = replace(b, text=draw(plain_texts))
        if draw(st.booleans()):
            b = replace(b, section=draw(st.sampled_from(SECTIONS)), pinned=draw(st.booleans()), escalated=draw(st.booleans()))
        if draw(st.booleans()):
            b = replace(b, state=draw(st.sampled_from(STATES)))
        if draw(st.integers(0, 4)):
            wanted.append(b)
    for n in range(draw(st.integers(0, 3))):
        new = Bullet(f"new-{n:04d}", draw(st.sampled_from(SECTIONS)), draw(plain_texts), draw(st.sampled_from(STATES)))
        wanted.insert(draw(st.integers(0, len(wanted))), replace(new, pinned=draw(st.booleans())))
    return book, wanted


def ranked(bullets: Sequence[Bullet]) -> Book:
    """The bullets as a book, in the order given."""
    last, placed = None, []
    for b in bullets:
        last = rank_between(last, None)
        placed.append(replace(b, rank=last))
    return Book(placed)


def read_off(bullets: Sequence[Bullet]) -> list[tuple[str, str, str, str, bool, bool]]:
    """What a person can see of bullets, in their order."""
    return [(b.id, clean(b.section), clean(b.text), b.state.value, b.pinned, b.escalated) for b in bullets]
