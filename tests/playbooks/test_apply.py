"""What applying operations keeps true, whatever the operations are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.apply import Change, apply
from ace.playbooks.book import EMPTY_DIGEST, Book, revision_hash, updated_digest
from ace.playbooks.bullet import Bullet, State, clean
from ace.playbooks.operations import Op, Operation
from tests.playbooks.making import IDS, SECTIONS, any_operations, books, checked, deltas, ranked


@given(books, any_operations)
@checked
def test_every_operation_is_applied_whole_or_refused_with_a_reason(book: Book, operations: list[Operation]) -> None:
    before = book.everything()
    changes, refusals = apply(book, operations, "origin")
    done = {change.index for change in changes}
    assert done.isdisjoint(r.index for r in refusals)
    assert done | {r.index for r in refusals} == set(range(len(operations)))
    assert all(r.reason and r.operation == operations[r.index] for r in refusals)
    for index in done:
        _is_whole(operations[index], [change for change in changes if change.index == index])
    assert book.everything() == before


def _is_whole(operation: Operation, made: Sequence[Change]) -> None:
    assert all(change.before != change.after for change in made)
    if operation.op is Op.MERGE:
        assert made[0].before is None
        assert made[0].after.parents == tuple(change.after.id for change in made[1:])
        assert all(change.after.state is State.RETIRED for change in made[1:])
    else:
        assert len(made) == 1


@given(books, any_operations)
@checked
def test_refused_operations_leave_no_trace(book: Book, operations: list[Operation]) -> None:
    changes, refusals = apply(book, operations, "origin")
    refused = {r.index for r in refusals}
    filled = {c.index: c.after.id for c in reversed(changes)}
    kept = [_with_id(o, filled.get(i, "")) for i, o in enumerate(operations) if i not in refused]
    alone, none = apply(book, kept, "origin")
    assert none == []
    assert book.with_changes(alone).everything() == book.with_changes(changes).everything()


def _with_id(o: Operation, id: str) -> Operation:
    return replace(o, new_id=id) if o.op in (Op.ADD, Op.MERGE) else o


@given(deltas)
@checked
def test_replaying_what_was_applied_gives_the_same_digests(parts: list[list[Operation]]) -> None:
    book, log, states = Book(), [], []
    for number, operations in enumerate(parts):
        changes, _ = apply(book, operations, f"origin {number}")
        filled = {c.index: _with_id(c.operation, c.after.id).as_json() for c in reversed(changes)}
        log.append([filled[i] for i in sorted(filled)])
        book = book.with_changes(changes)
        states.append(book.digest)
    assert _replayed(log) == states


def _replayed(log: list[list[dict[str, Any]]]) -> list[str]:
    book, states = Book(), []
    for number, rows in enumerate(log):
        operations = [Operation.from_json(row) for row in rows]
        changes, refusals = apply(book, operations, f"origin {number}")
        assert refusals == []
        assert revision_hash(["p"], operations) == revision_hash(["p"], [Operation.from_json(o.as_json()) for o in operations])
        book = book.with_changes(changes)
        states.append(book.digest)
    return states


@given(deltas)
@checked
def test_the_digest_kept_along_the_way_is_that_of_the_content(parts: list[list[Operation]]) -> None:
    book, digest = Book(), EMPTY_DIGEST
    for operations in parts:
        changes, _ = apply(book, operations, digest)
        digest = updated_digest(digest, changes)
        book = book.with_changes(changes)
        assert digest == book.digest == Book(reversed(book.everything())).digest


@given(deltas)
@checked
def test_ids_and_places_are_never_shared_and_no_bullet_is_ever_lost(parts: list[list[Operation]]) -> None:
    book, seen = Book(), dict[str, str]()
    for number, operations in enumerate(parts):
        changes, _ = apply(book, operations, f"origin {number}")
        made = [c.after.id for c in changes if c.before is None]
        assert len(set(made)) == len(made)
        assert seen.keys().isdisjoint(made)
        book = book.with_changes(changes)
        seen |= {b.id: b.text for b in book.everything()}
        assert seen.keys() == {b.id for b in book.everything()}
        assert len({b.rank for b in book.everything()}) == len(seen)
        assert all(b.text and b.text == clean(b.text) for b in book.everything())


placing = st.lists(
    st.tuples(
        st.sampled_from((Op.ADD, Op.ADD, Op.MOVE)),
        st.sampled_from(IDS),
        st.sampled_from(SECTIONS),
        st.sampled_from(("", "first", "top", *IDS)),
    ),
    max_size=14,
)


@given(placing, st.lists(st.integers(1, 5), min_size=14, max_size=14))
@checked
def test_bullets_stand_where_a_list_kept_by_hand_has_them(steps: list[tuple[Op, str, str, str]], sizes: list[int]) -> None:
    book, order, sections = Book(), list[str](), dict[str, str]()
    operations = [Operation(op, id=id, section=s, text="x", after=after, new_id=id) for op, id, s, after in steps]
    for size in sizes:
        part, operations = operations[:size], operations[size:]
        changes, refusals = apply(book, part, "origin")
        refused = {r.index for r in refusals}
        for o in (o for i, o in enumerate(part) if i not in refused):
            _place_by_hand(order, sections, o)
        book = book.with_changes(changes)
        assert [b.id for b in book.everything()] == order


def _place_by_hand(order: list[str], sections: dict[str, str], o: Operation) -> None:
    firsts = [i for i, id in enumerate(order) if sections[id] == o.section and o.after == "first"]
    if o.after in order:
        order.insert(order.index(o.after) + 1, "here")
    elif o.after == "top" or firsts:
        order.insert(firsts[0] if firsts else 0, "here")
    else:
        order.append("here")
    if o.id in order:
        order.remove(o.id)
    order[order.index("here")] = o.id
    sections[o.id] = o.section


BOOK = ranked(
    [
        Bullet("ref-0001", "Refunds", "one"),
        Bullet("ref-0002", "Refunds", "two"),
        Bullet("fee-0001", "Fees", "three"),
        Bullet("fee-0002", "Fees", "four", State.RETIRED),
    ]
)


def order_after(*operations: Operation) -> list[str]:
    changes, refusals = apply(BOOK, operations, "origin")
    assert refusals == []
    return [b.id for b in BOOK.with_changes(changes).everything()]


def refused(*operations: Operation) -> str:
    _, refusals = apply(BOOK, operations, "origin")
    return refusals[-1].reason


def test_first_is_the_top_of_the_section_and_leaves_the_sections_in_their_order() -> None:
    added = Operation(Op.ADD, section="Fees", text="five", after="first", new_id="fee-0005")
    assert order_after(added) == ["ref-0001", "ref-0002", "fee-0005", "fee-0001", "fee-0002"]
    again = Operation(Op.ADD, section="Fees", text="six", after="first", new_id="fee-0006")
    assert order_after(added, again) == ["ref-0001", "ref-0002", "fee-0006", "fee-0005", "fee-0001", "fee-0002"]


def test_first_in_a_new_section_is_the_end_and_top_is_before_everything() -> None:
    added = Operation(Op.ADD, section="New", text="five", after="first", new_id="new-0005")
    assert order_after(added)[-1] == "new-0005"
    assert order_after(replace(added, after="top"))[0] == "new-0005"


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (Operation(Op.MOVE, id="ref-0002", after="ref-0001"), "changes nothing"),
        (Operation(Op.MOVE, id="ref-0001", after="first"), "changes nothing"),
        (Operation(Op.MOVE, id="ref-0001", after="top"), "changes nothing"),
        (Operation(Op.MOVE, id="ref-0001", after="ref-0001"), "after itself"),
        (Operation(Op.MOVE, id="fee-0002", section="Refunds"), "fee-0002 is retired"),
        (Operation(Op.MOVE, id="ref-0001", after="ref-9999"), "there is no bullet ref-9999"),
        (Operation(Op.REVISE, id="ref-0001", text=" one\n"), "changes nothing"),
        (Operation(Op.ADD, section="Fees", text="five", state="retired"), "it can as active or candidate"),
        (Operation(Op.ADD, section="Fees", text="five", state="no state"), "cannot start as 'no state'"),
        (Operation(Op.ADD, section="Fees", text="five", new_id="fee-0002"), "the id fee-0002 is taken"),
        (Operation(Op.RESTORE, id="fee-0002", state="retired"), "it can as active or candidate"),
        (Operation(Op.MERGE, sources=("ref-0001", "ref-0001"), text="both"), "two or more bullets"),
        (Operation(Op.DEMOTE, id="fee-0002"), "fee-0002 is retired"),
        (Operation(Op.DEMOTE, id="ref-9999"), "there is no bullet ref-9999"),
        (Operation(Op.ESCALATE, id="fee-0002"), "fee-0002 is retired"),
        (Operation(Op.ESCALATE), "no bullet id given"),
        (Operation(Op.DEESCALATE, id="ref-0001"), "changes nothing"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(operation: Operation, reason: str) -> None:
    assert reason in refused(operation)


def test_a_restored_bullet_stands_where_it_stood_and_may_wait_for_evidence_again() -> None:
    changes, _ = apply(BOOK, [Operation(Op.RESTORE, id="fee-0002", state="candidate")], "origin")
    assert [(c.after.state, c.after.rank) for c in changes] == [(State.CANDIDATE, BOOK.everything()[3].rank)]


def test_a_lesson_that_is_made_a_guess_keeps_all_else_and_is_one_once() -> None:
    demote = Operation(Op.DEMOTE, id="ref-0001")
    changes, refusals = apply(BOOK, [demote, demote, Operation(Op.ACTIVATE, id="ref-0001")], "origin")
    assert [c.after.state for c in changes] == [State.CANDIDATE, State.ACTIVE]
    assert changes[1].after == changes[0].before
    assert [r.reason for r in refusals] == ["ref-0001 is a candidate already"]
    assert Operation.from_json(demote.as_json()) == demote


def test_a_pinned_bullet_cannot_be_merged_away() -> None:
    pin = Operation(Op.PIN, id="ref-0001")
    merge = Operation(Op.MERGE, sources=("ref-0001", "ref-0002"), text="both")
    assert refused(pin, merge) == "ref-0001 is pinned"
