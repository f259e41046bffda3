"""Who may mark a bullet as one that a stronger model decides, and what becomes of the mark."""

from __future__ import annotations

import pytest

from ace.editing.hand import Hand, mark
from ace.errors import Conflict
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.apply import apply
from ace.playbooks.bullet import Bullet
from ace.playbooks.guards.judge import check_delta
from ace.playbooks.operations import Delta, Op, Operation
from tests.memory.test_seen import told
from tests.playbooks.making import ranked
from tests.stories import NAME, Story, add

HAND = Hand("Ada", lambda reason: reason, lambda doubt: True)


def test_a_bullet_that_is_never_shown_where_work_is_measured_is_not_escalated() -> None:
    store = told(untrusted=True)
    with pytest.raises(Conflict, match="bul-planted1 is distrusted: it is not shown where work is measured"):
        mark(store, "mixed", Op.ESCALATE, ["bul-planted1"], HAND)
    assert not any(b.escalated for b in store.view("mixed").bullets())
    mark(store, "mixed", Op.ESCALATE, ["bul-ruleone"], HAND)
    assert [b.id for b in store.view("mixed").bullets() if b.escalated] == ["bul-ruleone"]


def test_a_curator_neither_escalates_nor_takes_that_back() -> None:
    book = ranked([Bullet("ref-0001", "Refunds", "one"), Bullet("ref-0002", "Refunds", "two", escalated=True)])
    edits = [Operation(Op.ESCALATE, id="ref-0001"), Operation(Op.DEESCALATE, id="ref-0002")]
    faults = check_delta(edits, book)
    assert [reason for _, reason in faults] == ["only a person says where a stronger model decides"] * 2


def test_what_is_merged_or_reworded_is_decided_by_the_stronger_model_still() -> None:
    book = ranked([Bullet("ref-0001", "Refunds", "one"), Bullet("ref-0002", "Refunds", "two", escalated=True)])
    union = Operation(Op.MERGE, text="both", sources=("ref-0001", "ref-0002"), new_id="ref-0003")
    changes, refusals = apply(book, [union, Operation(Op.REVISE, id="ref-0003", text="all")], "")
    assert (changes[0].after.escalated, changes[-1].after.escalated, refusals) == (True, True, [])


def test_the_mark_is_part_of_what_a_revision_says_and_its_absence_is_not() -> None:
    plain = Bullet("ref-0001", "Refunds", "one", rank="1")
    assert plain.content == Bullet("ref-0001", "Refunds", "one", rank="1", escalated=False).content
    assert plain.content != Bullet("ref-0001", "Refunds", "one", rank="1", escalated=True).content


def test_a_curators_escalation_is_refused_by_the_store_where_a_person_pinned_the_bullet(store: Store) -> None:
    story = Story(store)
    [one] = story.added(add("one"))
    store.commit(Batch(playbook=NAME, delta=store.edits.mark(NAME, Op.PIN, [one], "")))
    delta = Delta(store.head(NAME).hash, (Operation(Op.ESCALATE, id=one),))
    done = store.commit(Batch(playbook=NAME, delta=delta))
    assert [r.reason for r in done.refusals] == [f"{one} is pinned: only a person changes it"]
    assert store.verify(NAME) == []
