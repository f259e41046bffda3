"""What a commit keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from ace.errors import Conflict, NotFound
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.bullet import State
from ace.playbooks.operations import Delta, Op, Operation, Status


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store.open(tmp_path / "ace.db")
    store.ensure_playbook("support")
    return store


def add(text: str, section: str = "Refunds") -> Operation:
    return Operation(Op.ADD, section=section, text=text)


def commit(store: Store, *operations: Operation, base: str | None = None) -> Batch:
    batch = Batch(playbook="support", delta=Delta(store.head("support").hash if base is None else base, operations))
    store.commit(batch)
    return batch


def test_a_committed_delta_is_there_after_reopening(tmp_path: Path) -> None:
    with Store.open(tmp_path / "ace.db") as store:
        store.ensure_playbook("support")
        commit(store, add("refund damaged goods"))
    with Store.open(tmp_path / "ace.db", create=False) as store:
        assert [b.text for b in store.view("support").bullets()] == ["refund damaged goods"]
        assert store.head("support").number == 1
        assert store.verify("support") == []


def test_what_cannot_be_applied_is_refused_with_its_reason_and_the_rest_is_kept(store: Store) -> None:
    done = store.commit(
        Batch(
            playbook="support", delta=Delta(store.head("support").hash, (add("one"), Operation(Op.RETIRE, id="ref-zzzz0000")))
        )
    )
    assert done.status is Status.ACCEPTED
    assert [b.text for b in store.view("support").bullets()] == ["one"]
    (stored,) = store.log("support")
    assert [(r.index, r.reason) for r in stored.refusals] == [(1, "there is no bullet ref-zzzz0000")]


def test_a_delta_that_applies_nothing_makes_no_revision(store: Store) -> None:
    done = store.commit(Batch(playbook="support", delta=Delta("", (Operation(Op.RETIRE, id="ref-zzzz0000"),))))
    assert done.status is Status.REFUSED
    assert done.revision == store.head("support")
    assert store.head("support").number == 0
    assert store.log("support")[0].status is Status.REFUSED


def test_an_edit_of_a_bullet_that_changed_meanwhile_is_refused_and_nothing_is_overwritten(store: Store) -> None:
    commit(store, add("one"), add("two"))
    base = store.head("support")
    first, second = store.view("support").bullets()
    commit(store, Operation(Op.REVISE, id=first.id, text="one, better"))
    commit(store, Operation(Op.REVISE, id=first.id, text="one, other"), Operation(Op.RETIRE, id=second.id), base=base.hash)
    after = {b.id: b for b in store.view("support").bullets(include_retired=True)}
    assert after[first.id].text == "one, better"
    assert after[second.id].state is State.RETIRED
    assert "was changed by revision 2" in store.log("support")[0].refusals[0].reason
    assert store.verify("support") == []


def test_an_unknown_base_and_an_unknown_playbook_are_said(store: Store) -> None:
    with pytest.raises(Conflict, match="not a revision of 'support'"):
        store.commit(Batch(playbook="support", delta=Delta("f" * 64, (add("one"),))))
    with pytest.raises(NotFound, match="did you mean 'support'"):
        store.head("suport")
