"""Changes by hand as deltas, and what pins and other writers do to deltas."""

from __future__ import annotations

import pytest

from ace.errors import BadInput, Conflict, NotFound
from ace.memory.store import Store
from ace.memory.values import Batch, Committed
from ace.playbooks.bullet import State
from ace.playbooks.formats.line import Line
from ace.playbooks.operations import Delta, Op, Operation
from tests.memory.acts import merged
from tests.playbooks.making import read_off
from tests.stories import NAME, Story, add, merge, move, retire, revise


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


@pytest.fixture
def ids(story: Story) -> list[str]:
    return story.added(add("one"), add("two"), add("three", "Fees"))


def commit(store: Store, delta: Delta) -> Committed:
    return store.commit(Batch(playbook=NAME, delta=delta))


def content(store: Store, ref: str = NAME) -> list[tuple[str, str, str, str, bool, bool]]:
    return read_off(store.view(ref).bullets())


# Pins


def test_a_curator_cannot_change_a_pinned_bullet_in_any_way_and_is_told_why(store: Store, story: Story, ids: list[str]) -> None:
    commit(store, store.edits.mark(NAME, Op.PIN, ids[:1], "mine"))
    before = content(store)
    tried = (
        revise(ids[0], "uno"),
        retire(ids[0]),
        move(ids[0], ids[2]),
        merge("both", *ids[:2]),
        Operation(Op.UNPIN, id=ids[0]),
    )
    done = story.change(*tried)
    assert [r.reason for r in done.refusals] == [f"{ids[0]} is pinned: only a person changes it"] * len(tried)
    assert content(store) == before
    assert [r.reason for r in store.log(NAME, 1)[0].refusals] == [r.reason for r in done.refusals]


def test_pins_hold_against_imports_and_not_against_a_person(store: Store, story: Story, ids: list[str]) -> None:
    commit(store, store.edits.mark(NAME, Op.PIN, ids[:1], "mine"))
    assert story.change(revise(ids[0], "uno"), author="import").changes == ()
    assert story.change(revise(ids[0], "uno"), author="person").refusals == ()
    assert store.view(NAME).bullets()[0].text == "uno"
    assert store.verify(NAME) == []


def test_what_a_curator_may_do_beside_a_pinned_bullet_is_done(store: Store, story: Story, ids: list[str]) -> None:
    commit(store, store.edits.mark(NAME, Op.PIN, ids[:1], "mine"))
    done = story.change(retire(ids[0]), revise(ids[1], "due"), add("after", after=ids[0]))
    assert [r.index for r in done.refusals] == [0]
    assert [b.text for b in store.view(NAME).bullets()] == ["one", "after", "due", "three"]


# Other writers


def test_what_is_refused_because_of_others_is_told_apart_from_what_never_fits(
    store: Store, story: Story, ids: list[str]
) -> None:
    base = store.head(NAME).hash
    story.change(revise(ids[0], "uno"))
    operations = (revise(ids[0], "eins"), retire("ref-zzzz0000"), revise(ids[1], "zwei"))
    done = store.commit(Batch(playbook=NAME, delta=Delta(base, operations)))
    assert [r.index for r in done.refusals] == [0, 1]
    assert [r.index for r in done.stale] == [0]
    again = store.commit(Batch(playbook=NAME, delta=Delta(store.head(NAME).hash, tuple(r.operation for r in done.stale))))
    assert again.refusals == ()
    assert [b.text for b in store.view(NAME).bullets()] == ["eins", "zwei", "three"]


# Marks


def test_an_unknown_id_or_one_in_the_wrong_state_spoils_the_whole_delta(store: Store, story: Story, ids: list[str]) -> None:
    commit(store, store.edits.mark(NAME, Op.RETIRE, [ids[0], ids[0]], "no good"))
    with pytest.raises(Conflict, match=f"{ids[0]} was retired by revision 2 .*person.*: no good"):
        store.edits.mark(NAME, Op.RETIRE, [ids[1], ids[0]], "why")
    with pytest.raises(NotFound, match=f"did you mean {ids[1]}"):
        store.edits.mark(NAME, Op.PIN, [ids[1] + "x"], "why")
    with pytest.raises(Conflict, match="is not retired"):
        store.edits.mark(NAME, Op.RESTORE, [ids[1]], "why")


def test_a_bullet_that_was_merged_away_says_so(store: Store, story: Story, ids: list[str]) -> None:
    story.change(merge("both", *ids[:2], reason="they say the same"))
    with pytest.raises(Conflict, match=r"was retired by revision 2 .*curator\): they say the same"):
        store.edits.mark(NAME, Op.RETIRE, ids[:1], "why")


# Undoing


def test_reverting_any_last_revision_reads_as_before_it(store: Store, story: Story, ids: list[str]) -> None:
    for operations in (
        (revise(ids[0], "uno"), retire(ids[1])),
        (Operation(Op.RESTORE, id=ids[1]), move(ids[2], section="Other", after=ids[0])),
        (merge("both", *ids[:2]),),
        (add("four"), Operation(Op.PIN, id=ids[2])),
    ):
        before = content(store)
        made = story.change(*operations, author="person").revision
        assert made is not None
        commit(store, store.edits.revert(NAME, str(made.number)))
        assert content(store) == before
        story.change(*operations, author="person")
    assert store.verify(NAME) == []


def test_an_old_revision_is_reverted_and_what_came_after_stays(store: Store, story: Story, ids: list[str]) -> None:
    story.change(revise(ids[0], "uno"))
    story.change(revise(ids[1], "due"), add("four"))
    delta = store.edits.revert(NAME, "2", "it was wrong")
    assert (delta.author, delta.reason) == ("person", "it was wrong")
    commit(store, delta)
    assert [b.text for b in store.view(NAME).bullets()] == ["one", "due", "three", "four"]


@pytest.mark.parametrize("name", ["text", "state", "section", "pin"])
def test_a_revision_that_others_depend_on_is_not_reverted(store: Store, story: Story, ids: list[str], name: str) -> None:
    first, second = {
        "text": (revise(ids[0], "uno"), revise(ids[0], "eins")),
        "state": (revise(ids[0], "uno"), retire(ids[0])),
        "section": (move(ids[0], section="A"), move(ids[0], section="B")),
        "pin": (add("new"), Operation(Op.PIN)),
    }[name]
    made = story.change(first, author="person").changes[0].after.id
    later = second if second.id else Operation(second.op, id=made)
    story.change(later, author="person")
    before = content(store)
    what = f"retired {made}" if name == "state" else f"changed .*the {name}.* of {made} again"
    with pytest.raises(Conflict, match=f"revision 3 {what}; undo that first"):
        store.edits.revert(NAME, "2")
    assert content(store) == before


def test_a_bullet_that_was_merged_into_another_is_not_reverted(store: Store, story: Story, ids: list[str]) -> None:
    (new,) = story.added(add("four"))
    story.change(merge("both", ids[0], new))
    with pytest.raises(Conflict, match=f"revision 3 merged {new} into"):
        store.edits.revert(NAME, "2")
    commit(store, store.edits.revert(NAME, "3"))
    commit(store, store.edits.revert(NAME, "2"))
    assert [b.text for b in store.view(NAME).bullets()] == ["one", "two", "three"]


def test_a_merge_of_branches_can_be_undone_and_does_not_come_back(store: Store, story: Story, ids: list[str]) -> None:
    store.branches.fork(NAME, "trial")
    Story(store, "trial").change(revise(ids[0], "uno"), add("four"))
    before = content(store)
    made = merged(store, NAME, "trial").revision
    assert made is not None
    commit(store, store.edits.revert(NAME, str(made.number)))
    assert content(store) == before
    assert store.branches.plan(NAME, "trial").merged.new is False


def test_rollback_reads_as_any_earlier_revision_did(store: Store, story: Story, ids: list[str]) -> None:
    story.change(revise(ids[0], "uno"), retire(ids[1]), move(ids[2], "top"))
    story.change(merge("both", ids[0], ids[2]), add("four"), author="person")
    story.change(Operation(Op.RESTORE, id=ids[1]), retire(ids[1]))
    for number in (1, 3, 2, 0, 4):
        commit(store, store.edits.rollback(NAME, str(number)))
        assert content(store) == content(store, f"{NAME}@{number}")
    assert store.verify(NAME) == []
    assert [b.state for b in store.view(NAME).bullets(include_retired=True)].count(State.RETIRED) == 3


# The sheet


def test_a_sheet_is_read_against_the_revision_it_was_made_of(store: Store, story: Story, ids: list[str]) -> None:
    lines = [Line(3, "Refunds", ids[0], "uno"), Line(4, "Refunds", ids[1], "two"), Line(6, "Fees", ids[2], "tre")]
    story.change(revise(ids[0], "eins"), add("meanwhile"))
    done = commit(store, store.edits.rewrite(f"{NAME}@1", lines, "by hand"))
    assert [r.operation.id for r in done.stale] == [ids[0]]
    assert [b.text for b in store.view(NAME).bullets()] == ["eins", "two", "tre", "meanwhile"]


def test_a_retired_bullet_on_the_sheet_says_when_and_why_it_was_retired(store: Store, story: Story, ids: list[str]) -> None:
    story.change(retire(ids[0], reason="never true"))
    with pytest.raises(Conflict, match=f"line 9: {ids[0]} was retired by revision 2 .*never true"):
        store.edits.rewrite(NAME, [Line(9, "Refunds", ids[0], "one")], "why")
    with pytest.raises(BadInput, match="line 9: there was no bullet"):
        store.edits.rewrite(f"{NAME}@0", [Line(9, "Refunds", ids[0], "one")], "why")
