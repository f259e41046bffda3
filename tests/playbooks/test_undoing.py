"""Whether a delta can still be undone."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given

from ace.playbooks.apply import Change, apply
from ace.playbooks.book import Book
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Op, Operation
from ace.playbooks.rewrites import inverse
from ace.playbooks.undoing import in_the_way
from tests.playbooks.making import any_operations, books, checked, ranked, read_off

ONE = Bullet("ref-0001", "Refunds", "one")
TWO = Bullet("ref-0002", "Refunds", "two")
BOOK = ranked([ONE, TWO])


def after(book: Book, *operations: Operation, origin: str = "origin") -> tuple[Book, list[Change]]:
    changes, _ = apply(book, operations, origin)
    return book.with_changes(changes), changes


def blocked(first: Sequence[Operation], second: Sequence[Operation]) -> list[tuple[str, tuple[str, ...]]]:
    """What stands in the way of undoing `first` once `second` has been done too."""
    book, changes = after(BOOK, *first, origin="first")
    later, _ = after(book, *second, origin="second")
    return [(b.bullet, b.parts) for b in in_the_way(changes, {b.id: b for b in later.everything()})]


def one(op: Op, id: str = "ref-0001", text: str = "") -> Operation:
    return Operation(op, id=id, text=text)


@given(books, any_operations)
@checked
def test_the_last_delta_can_always_be_undone(book: Book, operations: list[Operation]) -> None:
    later, changes = after(book, *operations)
    assert in_the_way(changes, {b.id: b for b in later.everything()}) == []


@given(books, any_operations, any_operations)
@checked
def test_undoing_takes_back_what_the_delta_did_and_nothing_that_came_later(
    book: Book, first: list[Operation], second: list[Operation]
) -> None:
    middle, changes = after(book, *first, origin="first")
    now, _ = after(middle, *second, origin="second")
    if in_the_way(changes, {b.id: b for b in now.everything()}):
        return
    undone, _ = after(now, *inverse(changes, now.everything()))
    touched = {c.after.id for c in changes}
    for b in undone.everything():
        stood, made, kept = book.get(b.id), middle.get(b.id), now.get(b.id)
        assert kept is not None
        if b.id not in touched or made is None:
            assert (b.section, b.text, b.state, b.pinned) == (kept.section, kept.text, kept.state, kept.pinned)
        elif stood is None:
            assert b.state is State.RETIRED
        else:
            for part in ("section", "text", "state", "pinned"):
                own = getattr(stood, part) != getattr(made, part)
                wanted = getattr(stood if own else kept, part)
                waits = stood.state is State.CANDIDATE and stood.text != made.text == kept.text
                assert getattr(b, part) == (State.CANDIDATE if waits and wanted is State.ACTIVE else wanted)


def test_a_guess_whose_text_comes_back_is_one_though_the_newer_text_was_confirmed() -> None:
    guess, _ = after(BOOK, one(Op.DEMOTE))
    reworded, changes = after(guess, one(Op.REVISE, text="uno"))
    confirmed, _ = after(reworded, one(Op.ACTIVATE))
    undone, _ = after(confirmed, *inverse(changes, confirmed.everything()))
    assert undone.get("ref-0001") is not None
    assert (undone.get("ref-0001").text, undone.get("ref-0001").state) == ("one", State.CANDIDATE)  # type: ignore[union-attr]


def test_what_was_changed_again_is_in_the_way_and_other_parts_are_not() -> None:
    assert blocked([one(Op.REVISE, text="uno")], [one(Op.REVISE, text="eins")]) == [("ref-0001", ("text",))]
    assert blocked([one(Op.REVISE, text="uno")], [one(Op.RETIRE)]) == [("ref-0001", ("state",))]
    assert blocked([one(Op.REVISE, text="uno")], [one(Op.PIN)]) == []
    assert blocked([one(Op.REVISE, text="uno")], [one(Op.REVISE, text="one")]) == []
    assert blocked([one(Op.REVISE, text="uno")], [one(Op.REVISE, "ref-0002", "due")]) == []


def test_a_new_bullet_that_was_changed_since_is_in_the_way_and_one_that_is_gone_is_not() -> None:
    new = [Operation(Op.ADD, section="Refunds", text="three", new_id="ref-0003")]
    assert blocked(new, [one(Op.REVISE, "ref-0003", "tre")]) == [("ref-0003", ("text",))]
    assert blocked(new, [one(Op.PIN, "ref-0003")]) == [("ref-0003", ("pinned",))]
    assert blocked(new, [one(Op.RETIRE, "ref-0003")]) == []


def test_undoing_a_merge_of_bullets_brings_both_back() -> None:
    book, changes = after(BOOK, Operation(Op.MERGE, sources=("ref-0001", "ref-0002"), text="both"))
    undone, _ = after(book, *inverse(changes, book.everything()))
    assert read_off(list(undone)) == read_off(list(BOOK))
