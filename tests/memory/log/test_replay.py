"""A playbook is what its log makes of it: every revision, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.book import EMPTY_DIGEST, Book, revision_hash
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Delta, Op, Operation
from tests.examples import tried
from tests.memory.acts import replayed
from tests.playbooks.making import deltas

NAME = "support"
histories = deltas
few = tried(40)


def committed(store: Store, history: Sequence[Sequence[Operation]]) -> list[list[Bullet]]:
    """Commit all deltas of `history`, as a person's; gives all bullets as they were after each revision."""
    store.ensure_playbook(NAME)
    states: list[list[Bullet]] = [[]]
    for operations in history:
        done = store.commit(Batch(playbook=NAME, delta=Delta(store.head(NAME).hash, tuple(operations), "person")))
        if done.changes:
            states.append(store.view(NAME).bullets(include_retired=True))
    return states


@few
@given(histories)
def test_the_operations_alone_give_every_revision_again(history: list[list[Operation]]) -> None:
    with Store.open(":memory:") as store:
        states = committed(store, history)
        assert store.verify(NAME) == []
        assert replayed(store, NAME) == states[-1]
        for revision, state in zip(store.revisions(NAME), states, strict=True):
            assert store.view(revision).bullets(include_retired=True) == state
            assert Book(state).digest == revision.digest
            assert revision.bullets == sum(b.state is not State.RETIRED for b in state)


@few
@given(histories)
def test_every_revision_names_its_parent_and_what_was_done_to_it(history: list[list[Operation]]) -> None:
    with Store.open(":memory:") as store:
        committed(store, history)
        first, *later = store.revisions(NAME)
        assert (first.hash, first.digest) == (revision_hash([], []), EMPTY_DIGEST)
        made = {d.revision.number: d for d in store.log(NAME) if d.revision is not None}
        for before, revision in zip([first, *later], later, strict=False):
            assert revision.parents == (before.hash,)
            assert revision.hash == revision_hash([before.hash], made[revision.number].operations)


@few
@given(histories)
def test_two_stores_with_the_same_history_have_the_same_revisions(history: list[list[Operation]]) -> None:
    found = []
    for _ in range(2):
        with Store.open(":memory:") as store:
            committed(store, history)
            found.append([(r.hash, r.digest) for r in store.revisions(NAME)])
    assert found[0] == found[1]


@few
@given(histories)
def test_no_id_is_ever_used_again(history: list[list[Operation]]) -> None:
    """An id that was given once stands for one bullet: it stays, retired or not, and no later `add` or `merge` gives it."""
    with Store.open(":memory:") as store:
        states = committed(store, history)
        for before, after in pairwise(states):
            assert {b.id for b in before} <= {b.id for b in after}
        accepted = [o for d in store.log(NAME) if d.revision for o in d.operations]
        given = [o.new_id for o in accepted if o.op in (Op.ADD, Op.MERGE)]
        assert len(given) == len(set(given))


def test_a_lesson_that_is_retired_and_added_again_has_a_new_id_and_both_can_be_read(store: Store) -> None:
    add = Operation(Op.ADD, section="Refunds", text="ask first")
    ids = []
    for _ in range(3):
        states = committed_one(store, add)
        [id] = [b.id for b in states if b.state is not State.RETIRED]
        ids.append(id)
        committed_one(store, Operation(Op.RETIRE, id=id))
    assert len(set(ids)) == 3
    assert {b.id for b in store.view(NAME).bullets(include_retired=True)} == set(ids)
    [back] = [b for b in committed_one(store, Operation(Op.RESTORE, id=ids[0])) if b.state is not State.RETIRED]
    assert (back.id, back.text) == (ids[0], "ask first")


def committed_one(store: Store, operation: Operation) -> list[Bullet]:
    store.ensure_playbook(NAME)
    store.commit(Batch(playbook=NAME, delta=Delta(store.head(NAME).hash, (operation,))))
    return store.view(NAME).bullets(include_retired=True)


@few
@given(histories, st.data())
def test_search_at_an_old_revision_gives_what_it_gave_then(history: list[list[Operation]], data: st.DataObject) -> None:
    with Store.open(":memory:") as store:
        store.ensure_playbook(NAME)
        found = []
        for operations in history:
            store.commit(Batch(playbook=NAME, delta=Delta(store.head(NAME).hash, tuple(operations), "person")))
            view = store.view(NAME)
            question = data.draw(st.sampled_from(["one", "two", "one and two", *(b.text for b in view.bullets())]))
            found.append((view.revision, question, view.relevant(question)))
        for revision, question, hits in found:
            then = store.view(revision).relevant(question)
            assert [(h.bullet, round(h.score, 9)) for h in then] == [(h.bullet, round(h.score, 9)) for h in hits]


def test_other_playbooks_in_the_store_change_no_ranking(store: Store) -> None:
    texts = ("refund broken lamps", "refund lamps that arrive late", "ask for the invoice of the lamp", "close the case")
    for name in ("a", "b"):
        store.ensure_playbook(name)
        for i in range(40 if name == "b" else 0):
            add(store, name, f"lamps and more lamps, number {i}")
        for text in texts:
            add(store, name if name == "a" else "c", text)
    for text in texts:
        question = f"a customer writes: {text}"
        alone, beside = store.view("a").relevant(question), store.view("c").relevant(question)
        assert [(h.bullet.text, h.score) for h in alone] == [(h.bullet.text, h.score) for h in beside]


def add(store: Store, name: str, text: str) -> None:
    store.ensure_playbook(name)
    operation = Operation(Op.ADD, section="S", text=text)
    store.commit(Batch(playbook=name, delta=Delta(store.head(name).hash, (operation,))))
