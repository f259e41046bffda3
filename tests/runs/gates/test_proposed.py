"""A playbook as a delta would make it: what a gate's cases are shown before the delta is committed."""

from __future__ import annotations

import pytest

from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.operations import Delta, Op, Operation
from ace.runs.gates.proposed import Proposed
from tests.stories import NAME, Story, add, merge, retire, revise

TOPICS = ("parcels", "invoices", "printers", "lamps")


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


def test_it_reads_as_the_playbook_will_once_the_delta_is_committed(story: Story) -> None:
    ids = story.added(*(add(f"About {t}: see the page on {t} before you answer.", t) for t in TOPICS))
    operations = (
        revise(ids[0], "About parcels: weigh them first."),
        merge("About invoices and printers: both are in the cellar.", ids[1], ids[2]),
        retire(ids[3]),
        add("About pianos: two people carry them.", "pianos"),
        Operation(Op.ADD, section="top", text="Greet first.", after="top"),
        retire("rul-0000"),
    )
    before = story.store.view(NAME)
    proposed = Proposed(before, operations)
    assert [b.text for b in before.bullets()] != [b.text for b in proposed.bullets()]
    made = story.store.commit(Batch(playbook=NAME, delta=Delta(before.revision.hash, operations)))
    after = story.store.view(NAME)
    assert proposed.bullets() == after.bullets()
    assert proposed.bullets(include_retired=True) == after.bullets(include_retired=True)
    assert (proposed.count, proposed.tokens) == (after.count, after.tokens)
    assert made.revision is not None
    now, then = proposed.revision, made.revision
    assert (now.hash, now.digest, now.number, now.parents) == (then.hash, then.digest, then.number, then.parents)
    assert [proposed.get(id) for id in ids] == [after.get(id) for id in ids]


def test_what_the_delta_says_is_found_and_what_it_took_away_is_not(story: Story) -> None:
    ids = story.added(*(add(f"About {t}: see the page on {t} before you answer.", t) for t in TOPICS))
    operations = (revise(ids[0], "About pianos: two people carry them."), retire(ids[3]), add("About ladders: hold them."))
    proposed = Proposed(story.store.view(NAME), operations)
    assert [h.bullet.text for h in proposed.relevant("Who carries pianos?", 1)] == ["About pianos: two people carry them."]
    assert [h.bullet.text for h in proposed.relevant("a ladder, ladders", 1)] == ["About ladders: hold them."]
    assert [h.bullet.id for h in proposed.relevant("printers", 1)] == [ids[2]]
    assert ids[3] not in {h.bullet.id for h in proposed.relevant("lamps", 9)}
    assert ids[0] not in {h.bullet.id for h in proposed.relevant("parcels", 9)}
