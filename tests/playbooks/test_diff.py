"""What a reader is told has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.apply import apply
from ace.playbooks.book import Book
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.diff import KINDS, Mark, diff, stat, word_diff
from ace.playbooks.operations import Op, Operation
from ace.playbooks.render import by_section
from tests.playbooks.making import any_operations, books, checked, hostile_texts, ranked

BOOK = ranked(
    [
        Bullet("ref-0001", "Refunds", "refund damaged goods"),
        Bullet("ref-0002", "Refunds", "ask for a photo"),
        Bullet("fee-0003", "Fees", "charge 5 Euro", State.CANDIDATE),
        Bullet("fee-0004", "Fees", "no fee for gold", State.RETIRED),
        Bullet("oth-0005", "Other", "be polite", pinned=True),
    ]
)


def after(*operations: Operation) -> Book:
    changes, refusals = apply(BOOK, operations, "origin")
    assert refusals == []
    return BOOK.with_changes(changes)


def told(book: Book) -> list[tuple[str, tuple[str, ...]]]:
    return [(d.bullet, d.kinds) for d in diff(BOOK.everything(), book.everything())]


@pytest.mark.parametrize(
    ("operation", "kinds"),
    [
        (Operation(Op.ADD, section="Fees", text="new", new_id="b-0009"), {"b-0009": ("added",)}),
        (Operation(Op.REVISE, id="ref-0001", text="refund all"), {"ref-0001": ("revised",)}),
        (Operation(Op.MOVE, id="ref-0002", after="first"), {"ref-0002": ("moved",)}),
        (Operation(Op.MOVE, id="ref-0002", section="Fees", after="ref-0001"), {"ref-0002": ("moved",)}),
        (Operation(Op.RETIRE, id="ref-0001"), {"ref-0001": ("retired",)}),
        (Operation(Op.RESTORE, id="fee-0004"), {"fee-0004": ("restored",)}),
        (Operation(Op.ACTIVATE, id="fee-0003"), {"fee-0003": ("activated",)}),
        (Operation(Op.DEMOTE, id="ref-0001"), {"ref-0001": ("demoted",)}),
        (Operation(Op.PIN, id="ref-0001"), {"ref-0001": ("pinned",)}),
        (Operation(Op.UNPIN, id="oth-0005"), {"oth-0005": ("unpinned",)}),
        (Operation(Op.ESCALATE, id="oth-0005"), {"oth-0005": ("escalated",)}),
        (
            Operation(Op.MERGE, sources=("ref-0001", "ref-0002"), text="both", new_id="b-0009"),
            {"ref-0001": ("retired",), "b-0009": ("merged",), "ref-0002": ("retired",)},
        ),
    ],
)
def test_each_operation_is_told_as_what_it_did(operation: Operation, kinds: dict[str, tuple[str, ...]]) -> None:
    assert dict(told(after(operation))) == kinds


def test_a_bullet_can_change_in_several_ways_at_once() -> None:
    book = after(
        Operation(Op.REVISE, id="fee-0003", text="charge 6 Euro"),
        Operation(Op.MOVE, id="fee-0003", section="Refunds", after="top"),
        Operation(Op.ACTIVATE, id="fee-0003"),
        Operation(Op.PIN, id="fee-0003"),
    )
    assert told(book) == [("fee-0003", ("revised", "moved", "activated", "pinned"))]
    counts = stat(diff(BOOK.everything(), book.everything()))
    assert {kind for kind, n in counts.items() if n == 1} == {"revised", "moved", "activated", "pinned"}
    assert tuple(counts) == KINDS


def test_neighbours_that_come_and_go_do_not_move_a_bullet() -> None:
    book = after(
        Operation(Op.RETIRE, id="ref-0001"),
        Operation(Op.ADD, section="Refunds", text="new", after="top", new_id="b-0009"),
        Operation(Op.ADD, section="Refunds", text="newer", after="ref-0002", new_id="b-0010"),
        Operation(Op.RESTORE, id="fee-0004"),
    )
    assert not any("moved" in kinds for _, kinds in told(book))


def test_changes_stand_where_a_reader_meets_the_bullets_and_retired_ones_where_they_stood() -> None:
    book = after(
        Operation(Op.RETIRE, id="ref-0001"),
        Operation(Op.ADD, section="Refunds", text="late", new_id="b-0009"),
        Operation(Op.REVISE, id="oth-0005", text="be very polite"),
        Operation(Op.MOVE, id="ref-0002", after="b-0009"),
    )
    assert [id for id, _ in told(book)] == ["ref-0001", "b-0009", "ref-0002", "oth-0005"]


def test_what_came_and_went_in_between_is_told_as_both() -> None:
    add = Operation(Op.ADD, section="Fees", text="new", new_id="b-0009")
    assert told(after(add, Operation(Op.RETIRE, id="b-0009"))) == []


def test_playbooks_of_different_descent_are_compared_by_order_not_by_rank() -> None:
    bullets = list(BOOK)
    copy = Book(replace(b, rank="zz" + b.rank) for b in bullets)
    assert diff(bullets, copy, whole=True) == []
    turned = ranked([bullets[1], bullets[0], *bullets[2:]])
    assert [d.kinds for d in diff(bullets, turned, whole=True)] == [("moved",)]
    assert [(d.bullet, d.kinds) for d in diff(bullets[:2], bullets[1:3], whole=True)] == [
        ("ref-0001", ("retired",)),
        ("fee-0003", ("added",)),
    ]


@given(books, any_operations)
@checked
def test_exactly_the_bullets_that_differ_are_told_of(book: Book, operations: list[Operation]) -> None:
    later = book.with_changes(apply(book, operations, "origin")[0])
    found = diff(book.everything(), later.everything())
    assert diff(book.everything(), book.everything()) == []
    for d in found:
        assert d.kinds
        assert (d.before, d.after) == (book.get(d.bullet), later.get(d.bullet))
        assert d.before != d.after
    shown = {b.id: (b.text, b.section, b.state, b.pinned, b.rank) for b in book}
    shown_later = {b.id: (b.text, b.section, b.state, b.pinned, b.rank) for b in later}
    differ = {id for id in shown.keys() | shown_later.keys() if shown.get(id) != shown_later.get(id)}
    assert differ <= {d.bullet for d in found}
    assert all(d.before is None and d.kinds[-1] == "retired" for d in found if d.bullet not in differ)
    assert sum(stat(found).values()) == sum(len(d.kinds) for d in found)


@given(books, any_operations)
@checked
def test_live_bullets_are_told_of_in_the_order_they_are_shown_in(book: Book, operations: list[Operation]) -> None:
    later = book.with_changes(apply(book, operations, "origin")[0])
    by_its_section: dict[str, list[str]] = {}
    for d in diff(book.everything(), later.everything()):
        if d.after is not None and d.after.state is not State.RETIRED:
            by_its_section.setdefault(d.after.section, []).append(d.bullet)
    for section, ids in by_its_section.items():
        assert ids == [b.id for b in by_section(later) if b.section == section and b.id in ids]


words = st.lists(st.sampled_from(("refund", "the", "item", " ", ", ", ".", "\n", "5", "é")), max_size=30).map("".join)


@given(words | hostile_texts, words | hostile_texts)
@checked
def test_the_pieces_make_up_both_texts(a: str, b: str) -> None:
    pieces = word_diff(a, b)
    assert _joined(pieces, "removed") == a
    assert _joined(pieces, "added") == b
    assert all(piece for _, piece in pieces)
    assert [mark for mark, _ in word_diff(a, a)] == ["same"] * bool(a)


def _joined(pieces: list[tuple[Mark, str]], mark: Mark) -> str:
    return "".join(piece for m, piece in pieces if m in ("same", mark))


def test_words_that_changed_are_marked_and_the_others_are_not() -> None:
    assert word_diff("Refund damaged goods within 30 days.", "Refund or replace damaged goods within 14 days.") == [
        ("same", "Refund"),
        ("added", " or replace"),
        ("same", " damaged goods within"),
        ("removed", " 30"),
        ("added", " 14"),
        ("same", " days."),
    ]


def test_long_repetitive_texts_are_shown_as_replaced_whole() -> None:
    a, b = "start " + "x " * 5000 + "end", "start " + "y x " * 5000 + "end"
    pieces = word_diff(a, b)
    assert [mark for mark, _ in pieces] == ["same", "removed", "added", "same"]
    assert _joined(pieces, "removed") == a
    assert _joined(pieces, "added") == b
