"""Merging two branches of a playbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.apply import apply
from ace.playbooks.book import Book
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.merge.order import Side
from ace.playbooks.merge.three_way import MergeConflict, MergeResult, merge
from ace.playbooks.merge.unions import alike
from ace.playbooks.operations import Op, Operation
from ace.playbooks.similarity.compare import Kind
from tests.playbooks.making import (
    IDS,
    SECTIONS,
    any_operations,
    books,
    checked,
    deltas,
    plain_texts,
    ranked,
    read_off,
)

ONE = Bullet("ref-0001", "Refunds", "one")
TWO = Bullet("ref-0002", "Refunds", "two")
THREE = Bullet("fee-0003", "Fees", "three")
FOUR = Bullet("fee-0004", "Fees", "four", State.CANDIDATE)
BASE = ranked([ONE, TWO, THREE, FOUR])
EMPTY = Book()


def changed(book: Book, operations: Sequence[Operation], origin: str) -> Book:
    """The book after whatever of `operations` can be applied."""
    changes, _ = apply(book, operations, origin)
    return book.with_changes(changes)


def merged(base: Book, ours: Book, theirs: Book, otherwise: Side | None = None, **takes: Side) -> tuple[Book, MergeResult]:
    """The book that a merge gives, and the merge."""
    chosen: dict[str, Side] = {id.replace("_", "-"): side for id, side in takes.items()}
    made = merge(base.everything(), ours.everything(), theirs.everything(), chosen, otherwise=otherwise)
    changes, refusals = apply(ours, made.operations, "merge")
    assert refusals == []
    return ours.with_changes(changes), made


def one(op: Op, id: str = "ref-0001", text: str = "", **more: str) -> Operation:
    return Operation(op, id=id, text=text, **more)  # type: ignore[arg-type]


def branches(ours: Sequence[Operation], theirs: Sequence[Operation]) -> tuple[Book, Book]:
    return changed(BASE, ours, "ours"), changed(BASE, theirs, "theirs")


def conflicts(ours: Sequence[Operation], theirs: Sequence[Operation]) -> list[tuple[str, tuple[str, ...]]]:
    mine, other = branches(ours, theirs)
    _, made = merged(BASE, mine, other)
    _, other_way = merged(BASE, other, mine)
    assert [(x.bullet, set(x.parts)) for x in made.conflicts] == [(x.bullet, set(x.parts)) for x in other_way.conflicts]
    return [(x.bullet, x.parts) for x in made.conflicts]


def texts(book: Book) -> list[str]:
    return [b.text for b in book]


edits = st.lists(
    st.builds(
        Operation,
        op=st.sampled_from([op for op in Op if op is not Op.MERGE]),
        id=st.sampled_from(IDS),
        section=st.sampled_from(SECTIONS),
        text=st.sampled_from(("uno", "due", "tre")) | plain_texts,
        after=st.sampled_from(("", "first", "top", *IDS)),
        state=st.sampled_from(("active", "candidate")),
    )
    | st.builds(
        Operation,
        op=st.just(Op.MERGE),
        sources=st.lists(st.sampled_from(IDS), min_size=2, max_size=2, unique=True).map(tuple),
        text=plain_texts,
    ),
    min_size=1,
    max_size=6,
)


@st.composite
def bases(draw: st.DrawFn) -> Book:
    """A book of most of `IDS`, in some order, a few of them retired or candidates."""
    ids = draw(st.permutations(IDS))[: draw(st.integers(4, len(IDS)))]
    states = (State.ACTIVE, State.ACTIVE, State.ACTIVE, State.CANDIDATE, State.RETIRED)
    drawn = [(id, draw(st.sampled_from(SECTIONS)), draw(st.sampled_from(states))) for id in ids]
    return ranked([Bullet(id, section, f"text of {id}", state) for id, section, state in drawn])


@st.composite
def forks(draw: st.DrawFn) -> tuple[Book, Book, Book]:
    """A book and what became of it in two branches."""
    base = draw(st.one_of(bases(), bases(), books))
    ours = changed(base, draw(st.one_of(edits, edits, any_operations)), "ours")
    return base, ours, changed(base, draw(st.one_of(edits, edits, any_operations)), "theirs")


@st.composite
def independent_forks(draw: st.DrawFn) -> tuple[Book, Book, Book]:
    """The same where no bullet was changed in both branches, and what they added has other ids and other texts."""
    base = draw(bases())
    known = [b.id for b in base.everything()]
    mine = draw(st.sets(st.sampled_from(known))) if known else set()
    made = []
    for side, ids in (("ours", mine), ("theirs", set(known) - mine)):
        operations = [o for o in draw(edits) if {i for i in (o.id, *o.sources) if i in known} <= ids]
        own = [replace(o, new_id="", text=f"{side} {n} {o.text}") for n, o in enumerate(operations)]
        made.append(changed(base, own, side))
    return base, made[0], made[1]


@given(independent_forks())
@checked
def test_independent_changes_combine_without_conflict_and_whichever_branch_is_merged_into_which(
    fork: tuple[Book, Book, Book],
) -> None:
    base, ours, theirs = fork
    one_way, made = merged(base, ours, theirs)
    other_way, other = merged(base, theirs, ours)
    assert (made.conflicts, other.conflicts) == ((), ())
    assert read_off(list(one_way)) == read_off(list(other_way))
    for side in (ours, theirs):
        for b in side.everything():
            stood, now = base.get(b.id), one_way.get(b.id)
            assert now is not None
            if stood is None or (b.text, b.section, b.state, b.pinned) != (
                stood.text,
                stood.section,
                stood.state,
                stood.pinned,
            ):
                assert (now.text, now.section, now.state, now.pinned) == (b.text, b.section, b.state, b.pinned)


@given(forks())
@checked
def test_what_was_decided_the_same_way_reads_the_same_whichever_branch_is_merged_into_which(
    fork: tuple[Book, Book, Book],
) -> None:
    base, ours, theirs = fork
    one_way, made = merged(base, ours, theirs, "ours")
    other_way, other = merged(base, theirs, ours, "theirs")
    assert {(x.bullet, *sorted(x.parts)) for x in made.decided} == {(x.bullet, *sorted(x.parts)) for x in other.decided}
    assert read_off(list(one_way)) == read_off(list(other_way))


@given(forks(), st.sampled_from(["ours", "theirs"]))
@checked
def test_merging_again_brings_nothing_and_merging_back_makes_both_read_the_same(
    fork: tuple[Book, Book, Book], side: Side
) -> None:
    base, ours, theirs = fork
    result, _ = merged(base, ours, theirs, side)
    again, made = merged(theirs, result, theirs)
    assert (made.operations, made.conflicts, made.new) == ((), (), False)
    assert again.digest == result.digest
    back, made = merged(theirs, theirs, result)
    assert made.conflicts == ()
    assert read_off(list(back)) == read_off(list(result))
    _, made = merged(result, result, back)
    assert not made.new


@given(forks())
@checked
def test_a_branch_that_did_not_change_takes_everything_and_gives_nothing(fork: tuple[Book, Book, Book]) -> None:
    base, ours, _ = fork
    taken, made = merged(base, base, ours)
    assert made.conflicts == ()
    assert read_off(list(taken)) == read_off(list(ours))
    given_back, made = merged(base, ours, base)
    assert (made.operations, made.new) == ((), False)
    assert given_back.digest == ours.digest
    _, made = merged(base, ours, ours)
    assert (made.operations, made.conflicts) == ((), ())


@given(deltas, deltas)
@checked
def test_playbooks_without_a_common_past_keep_what_each_has(ours: list[list[Operation]], theirs: list[list[Operation]]) -> None:
    a, b = EMPTY, EMPTY
    for n, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        a, b = changed(a, mine, f"a{n}"), changed(b, other, f"b{n}")
    result, made = merged(EMPTY, a, b, "ours")
    known = {x.id for x in result.everything()}
    assert {x.id for x in (*a.everything(), *b.everything())} <= known
    assert {x.bullet for x in made.decided} <= {x.id for x in a.everything()} & {x.id for x in b.everything()}


@given(forks())
@checked
def test_nothing_is_guessed(fork: tuple[Book, Book, Book]) -> None:
    base, ours, theirs = fork
    result, made = merged(base, ours, theirs)
    decided = {x.bullet: x.parts for x in made.conflicts}
    for b in result:
        stood, mine, other = base.get(b.id), ours.get(b.id), theirs.get(b.id)
        for part in ("text", "section", "state", "pinned"):
            if mine is None or other is None or part in decided.get(b.id, ()):
                continue
            confirmed = b.text in {s.text for s in (mine, other) if s.state is State.ACTIVE}
            if part == "state" and stood is not None and stood.state is State.CANDIDATE and not confirmed:
                assert b.state is not State.ACTIVE
                continue
            sides = {getattr(mine, part), getattr(other, part)}
            wanted = sides - {getattr(stood, part)} if stood is not None and len(sides) > 1 else sides
            assert {getattr(b, part)} == wanted


def test_each_part_of_a_bullet_is_merged_by_itself() -> None:
    ours = [one(Op.REVISE, text="uno"), one(Op.PIN, "fee-0003")]
    theirs = [one(Op.MOVE, section="Other", after="fee-0004"), one(Op.REVISE, "ref-0002", "due"), one(Op.ACTIVATE, "fee-0004")]
    book, made = merged(BASE, *branches(ours, theirs))
    assert made.conflicts == ()
    assert [(b.text, b.section, b.state.value, b.pinned) for b in book] == [
        ("due", "Refunds", "active", False),
        ("three", "Fees", "active", True),
        ("four", "Fees", "active", False),
        ("uno", "Other", "active", False),
    ]


def test_a_guess_that_one_side_reworded_is_not_confirmed_by_what_the_other_confirmed() -> None:
    reworded, confirmed = [one(Op.REVISE, "fee-0004", "vier")], [one(Op.ACTIVATE, "fee-0004")]
    for sides in ((reworded, confirmed), (confirmed, reworded)):
        book, made = merged(BASE, *branches(*sides))
        assert made.conflicts == ()
        assert [(b.text, b.state) for b in book if b.id == "fee-0004"] == [("vier", State.CANDIDATE)]


def test_a_guess_and_a_lesson_that_say_the_same_become_a_guess() -> None:
    ours = [Operation(Op.ADD, section="Fees", text="five", new_id="fee-0005", state="candidate")]
    theirs = [Operation(Op.ADD, section="Fees", text="five", new_id="fee-0006")]
    for sides in ((ours, theirs), (theirs, ours)):
        book, _ = merged(BASE, *branches(*sides))
        assert [b.state for b in book if b.text == "five"] == [State.CANDIDATE]


def test_what_both_sides_changed_differently_is_a_conflict_and_is_not_written() -> None:
    assert conflicts([one(Op.REVISE, text="uno")], [one(Op.REVISE, text="eins")]) == [("ref-0001", ("text",))]
    assert conflicts([one(Op.REVISE, text="uno")], [one(Op.REVISE, text="uno")]) == []
    assert conflicts([one(Op.RETIRE)], [one(Op.RETIRE)]) == []
    moved = conflicts([one(Op.MOVE, section="Fees", after="fee-0003")], [one(Op.MOVE, section="Other", after="fee-0003")])
    assert moved == [("ref-0001", ("section",))]
    assert conflicts([one(Op.MOVE, after="ref-0002")], [one(Op.MOVE, after="fee-0004")]) == [("ref-0001", ("place",))]
    assert conflicts([one(Op.ACTIVATE, "fee-0004")], [one(Op.RETIRE, "fee-0004")]) == [("fee-0004", ("state",))]
    book, _ = merged(BASE, *branches([one(Op.REVISE, text="uno")], [one(Op.REVISE, text="eins")]))
    assert texts(book)[0] == "uno"


def test_retiring_what_the_other_side_reworded_or_pinned_is_a_conflict() -> None:
    assert conflicts([one(Op.RETIRE)], [one(Op.REVISE, text="uno")]) == [("ref-0001", ("text", "state"))]
    assert conflicts([one(Op.RETIRE)], [one(Op.PIN)]) == [("ref-0001", ("state",))]
    assert conflicts([one(Op.PIN)], [one(Op.REVISE, text="uno")]) == [("ref-0001", ("text",))]
    merge_away = Operation(Op.MERGE, sources=("ref-0001", "ref-0002"), text="both")
    assert conflicts([merge_away], [one(Op.REVISE, text="uno")]) == [("ref-0001", ("text", "state"))]
    assert conflicts([one(Op.RETIRE)], [one(Op.MOVE, after="fee-0004")]) == []


def test_a_conflict_is_decided_by_the_side_named_for_its_bullet_else_by_the_one_for_all() -> None:
    ours, theirs = branches(
        [one(Op.REVISE, text="uno"), one(Op.REVISE, "ref-0002", "due"), one(Op.RETIRE, "fee-0003")],
        [one(Op.REVISE, text="eins"), one(Op.REVISE, "ref-0002", "zwei"), one(Op.REVISE, "fee-0003", "drei")],
    )
    book, made = merged(BASE, ours, theirs, ref_0001="theirs")
    assert texts(book)[:2] == ["eins", "due"]
    assert [x.bullet for x in made.conflicts] == ["ref-0002", "fee-0003"]
    assert [x.bullet for x in made.decided] == ["ref-0001"]
    book, made = merged(BASE, ours, theirs, "theirs", ref_0002="ours")
    assert texts(book) == ["eins", "due", "drei", "four"]
    assert made.conflicts == ()
    book, _ = merged(BASE, ours, theirs, "ours")
    assert texts(book) == ["uno", "due", "four"]


def test_a_decided_place_is_where_that_side_put_it() -> None:
    ours, theirs = branches([one(Op.MOVE, after="ref-0002")], [one(Op.MOVE, after="fee-0004")])
    assert texts(merged(BASE, ours, theirs, "ours")[0]) == ["two", "one", "three", "four"]
    assert texts(merged(BASE, ours, theirs, "theirs")[0]) == ["two", "three", "four", "one"]


def test_independent_moves_combine_and_what_was_added_stays_behind_the_bullet_it_follows() -> None:
    ours = [one(Op.MOVE, "ref-0001", after="ref-0002"), Operation(Op.ADD, section="Refunds", text="five", after="ref-0002")]
    theirs = [one(Op.MOVE, "fee-0004", after="top"), Operation(Op.ADD, section="Fees", text="six", after="fee-0003")]
    assert texts(merged(BASE, *branches(ours, theirs))[0]) == ["four", "two", "five", "one", "three", "six"]


def test_what_one_side_merged_is_the_same_bullet_with_the_same_lineage_on_the_other() -> None:
    union = Operation(Op.MERGE, sources=("ref-0001", "ref-0002"), text="both", new_id="ref-0009")
    book, made = merged(BASE, *branches([one(Op.REVISE, "fee-0003", "drei")], [union]))
    assert made.conflicts == ()
    assert texts(book) == ["both", "drei", "four"]
    both = book.get("ref-0009")
    assert both is not None
    assert both.parents == ("ref-0001", "ref-0002")


def test_the_same_lesson_added_on_both_sides_becomes_one_that_descends_from_both() -> None:
    ours = [Operation(Op.ADD, section="Refunds", text="Ask for the receipt first.", new_id="ref-0011")]
    theirs = [Operation(Op.ADD, section="Refunds", text="ask for the receipt first", new_id="ref-0012")]
    mine, other = branches(ours, theirs)
    book, made = merged(BASE, mine, other)
    (union,) = [o for o in made.operations if o.op is Op.MERGE]
    assert union.sources == ("ref-0011", "ref-0012")
    assert texts(book) == ["one", "two", "three", "four", "Ask for the receipt first."]
    other_way, _ = merged(BASE, other, mine)
    assert [b.id for b in other_way] == [b.id for b in book]


def test_the_same_words_with_another_number_are_told_and_never_made_one() -> None:
    ours = [Operation(Op.ADD, section="Refunds", text="Retry 3 times before giving up", new_id="ref-0011")]
    theirs = [
        Operation(Op.ADD, section="Refunds", text="Retry 5 times before giving up", new_id="ref-0012"),
        Operation(Op.ADD, section="Refunds", text="Before giving up, retry 3 times at least", new_id="ref-0013"),
    ]
    book, made = merged(BASE, *branches(ours, theirs))
    assert len(texts(book)) == 7
    found = {tuple(b.id for b in x.pair): x for x in alike(made.added["ours"], made.added["theirs"])}
    against = found["ref-0011", "ref-0012"]
    assert against.likeness.kind is Kind.CONTRADICTS
    assert against.operation is None
    proposed = found["ref-0011", "ref-0013"].operation
    assert proposed is not None
    assert proposed.sources == ("ref-0011", "ref-0013")
    changes, refusals = apply(book, [proposed], "union")
    assert refusals == []
    assert len(list(book.with_changes(changes))) == 6


def test_a_pinned_lesson_is_not_made_one_with_its_like() -> None:
    ours = [Operation(Op.ADD, section="Refunds", text="same", new_id="ref-0011"), one(Op.PIN, "ref-0011")]
    theirs = [Operation(Op.ADD, section="Refunds", text="same", new_id="ref-0012")]
    book, made = merged(BASE, *branches(ours, theirs))
    assert [b.id for b in book][-2:] == ["ref-0011", "ref-0012"]
    assert [x.operation for x in alike(made.added["ours"], made.added["theirs"])] == [None]


def test_one_id_with_two_contents_is_a_conflict_where_there_is_no_common_past() -> None:
    a, b = ranked([ONE]), ranked([replace(ONE, text="uno")])
    _, made = merged(EMPTY, a, b)
    assert made.conflicts == (MergeConflict("ref-0001", ("text",), None, a.everything()[0], b.everything()[0]),)
    assert texts(merged(EMPTY, a, b, "theirs")[0]) == ["uno"]
