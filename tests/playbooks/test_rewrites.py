"""From one list of bullets to another, and back."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.apply import apply
from ace.playbooks.book import Book
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Op, Operation
from ace.playbooks.rewrites import inverse, longest_run, operations_between, steadiest_run
from tests.playbooks.making import any_operations, books, checked, hand_edits, ranked, read_off

ONE = Bullet("ref-0001", "Refunds", "one")
TWO = Bullet("ref-0002", "Refunds", "two")
THREE = Bullet("fee-0003", "Fees", "three")
FOUR = Bullet("fee-0004", "Fees", "four", State.CANDIDATE)
BOOK = ranked([ONE, TWO, THREE, FOUR])


def between(before: Book, after: list[Bullet]) -> list[tuple[str, str, str]]:
    return [(o.op.value, o.id or o.new_id, o.after) for o in operations_between(before.everything(), after)]


def edited(book: Book, operations: list[Operation]) -> Book:
    changes, refusals = apply(book, operations, "origin")
    assert refusals == []
    return book.with_changes(changes)


@given(hand_edits())
@checked
def test_whatever_is_left_in_the_editor_the_operations_bring_about(edit: tuple[Book, list[Bullet]]) -> None:
    book, wanted = edit
    made = edited(book, operations_between(book.everything(), wanted))
    named = {b.id for b in wanted}
    assert read_off([b for b in made.everything() if b.id in named]) == read_off(wanted)
    assert all(b.state is State.RETIRED for b in made.everything() if b.id not in named)


@given(books, any_operations)
@checked
def test_a_playbook_can_be_led_back_to_what_it_was(book: Book, operations: list[Operation]) -> None:
    changes, _ = apply(book, operations, "origin")
    later = book.with_changes(changes)
    back = edited(later, operations_between(later.everything(), book.everything()))
    known = {b.id for b in book.everything()}
    assert read_off([b for b in back.everything() if b.id in known]) == read_off(book.everything())


@given(hand_edits())
@checked
def test_no_more_is_moved_than_must_be_and_what_stays_the_same_is_left_alone(edit: tuple[Book, list[Bullet]]) -> None:
    book, wanted = edit
    operations = operations_between(book.everything(), wanted)
    common = [b for b in wanted if (old := book.get(b.id)) is not None and old.section == b.section]
    order = [b.id for b in book.everything()]
    kept = _longest_by_trying([order.index(b.id) for b in common])
    moves = [o for o in operations if o.op is Op.MOVE]
    others = [b for b in wanted if book.get(b.id) is not None and b not in common]
    assert len(moves) == len(common) - kept + len(others)
    assert operations_between(book.everything(), book.everything()) == []


def _longest_by_trying(places: list[int]) -> int:
    """The length of the longest rising selection, by trying all of them."""
    best = [0] * len(places)
    for i, place in enumerate(places):
        best[i] = 1 + max((best[j] for j in range(i) if places[j] < place), default=0)
    return max(best, default=0)


@given(st.permutations(range(9)))
@checked
def test_the_longest_run_rises_and_none_is_longer(places: list[int]) -> None:
    ids = [str(p) for p in places]
    run = [int(id) for id in longest_run(ids, places)]
    assert run == sorted(run)
    assert [p for p in places if p in run] == run
    assert len(run) == _longest_by_trying(list(places))


@given(st.lists(st.integers(0, 30), unique=True, max_size=8), st.sets(st.integers(0, 30)))
@checked
def test_of_the_longest_runs_one_is_kept_with_the_most_that_stayed(places: list[int], stayed: set[int]) -> None:
    ids = [str(p) for p in places]
    run = [int(id) for id in steadiest_run(ids, places, {str(p) for p in stayed})]
    rising = [c for n in range(len(places) + 1) for c in combinations(places, n) if list(c) == sorted(c)]
    longest = max(map(len, rising))
    assert tuple(run) in rising
    assert len(run) == longest
    assert len(stayed.intersection(run)) == max(len(stayed.intersection(c)) for c in rising if len(c) == longest)


@given(books, any_operations)
@checked
def test_undoing_a_delta_gives_back_what_readers_saw(book: Book, operations: list[Operation]) -> None:
    changes, _ = apply(book, operations, "origin")
    later = book.with_changes(changes)
    undone = edited(later, inverse(changes, later.everything()))
    assert read_off(list(undone)) == read_off(list(book))
    known = {b.id for b in book.everything()}
    assert read_off([b for b in undone.everything() if b.id in known]) == read_off(book.everything())
    assert all(b.state is State.RETIRED for b in undone.everything() if b.id not in known)


def test_one_bullet_taken_elsewhere_is_one_move() -> None:
    assert between(BOOK, [FOUR, ONE, TWO, THREE]) == [("move", "fee-0004", "top")]
    assert between(BOOK, [TWO, THREE, ONE, FOUR]) == [("move", "ref-0001", "fee-0003")]


def test_another_section_is_a_move_that_keeps_the_place() -> None:
    changed = replace(TWO, section="Fees")
    assert between(BOOK, [ONE, changed, THREE, FOUR]) == [("move", "ref-0002", "ref-0001")]
    made = edited(BOOK, operations_between(BOOK.everything(), [ONE, changed, THREE, FOUR]))
    assert [(b.id, b.section) for b in made][:2] == [("ref-0001", "Refunds"), ("ref-0002", "Fees")]


def test_a_line_taken_out_retires_the_bullet_and_one_put_in_adds_it_there() -> None:
    new = Bullet("new-0005", "Refunds", "five")
    assert between(BOOK, [ONE, new, THREE, FOUR]) == [("retire", "ref-0002", ""), ("add", "new-0005", "ref-0001")]


def test_a_candidate_can_be_made_active_and_a_candidate_again() -> None:
    active = replace(FOUR, state=State.ACTIVE)
    assert between(BOOK, [ONE, TWO, THREE, active]) == [("activate", "fee-0004", "")]
    assert between(ranked([ONE, TWO, THREE, active]), [ONE, TWO, THREE, FOUR]) == [("demote", "fee-0004", "")]


def test_undoing_keeps_what_was_changed_since() -> None:
    first, _ = apply(BOOK, [Operation(Op.REVISE, id="ref-0001", text="uno"), Operation(Op.RETIRE, id="ref-0002")], "origin")
    book = BOOK.with_changes(first)
    second, _ = apply(book, [Operation(Op.REVISE, id="ref-0001", text="eins")], "origin")
    book = book.with_changes(second)
    made = edited(book, inverse(first, book.everything()))
    assert [(b.id, b.text) for b in made][:2] == [("ref-0001", "eins"), ("ref-0002", "two")]


def test_undoing_a_merge_brings_the_sources_back_and_retires_what_they_became() -> None:
    merge = Operation(Op.MERGE, sources=("ref-0001", "ref-0002"), text="both", new_id="ref-0009")
    changes, _ = apply(BOOK, [merge], "origin")
    book = BOOK.with_changes(changes)
    made = edited(book, inverse(changes, book.everything()))
    assert read_off(list(made)) == read_off(list(BOOK))
    tombstone = made.get("ref-0009")
    assert tombstone is not None
    assert tombstone.state is State.RETIRED


@pytest.mark.parametrize("id", [b.id for b in (ONE, TWO)])
@pytest.mark.parametrize("after", ["ref-0002", "ref-0001", "top", "fee-0003"])
def test_undoing_a_move_moves_what_was_moved_and_doing_it_again_too(id: str, after: str) -> None:
    changes, _ = apply(BOOK, [Operation(Op.MOVE, id=id, after=after)], "origin")
    moved = BOOK.with_changes(changes)
    undo = inverse(changes, moved.everything())
    again = operations_between(edited(moved, undo).everything(), moved.everything())
    assert {(o.op, o.id) for o in (*undo, *again)} <= {(Op.MOVE, id)}
