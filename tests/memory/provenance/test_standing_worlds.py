"""However a playbook came to be, the quick way to its distrusted bullets finds what the whole lineage says, and so does its
history in another store."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from ace.errors import Conflict
from ace.memory.log.standing import doubted, standings_at
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.formats.fields import load
from ace.playbooks.formats.history import parse_history, render_history
from ace.playbooks.operations import Op, Operation
from ace.types import UNVERIFIED, Trust
from tests.memory.acts import merged
from tests.memory.provenance.test_standing import Told
from tests.stories import NAME, merge, retire, revise

SENDERS = ("alice", "bob", "", UNVERIFIED)


def live(store: Store, name: str) -> list[str]:
    return [b.id for b in store.view(name).bullets()]


def act(books: dict[str, Told], draw: random.Random, step: int) -> None:
    """One thing that can happen to one of the playbooks."""
    name = draw.choice(list(books))
    story = books[name]
    store, ids, kind = story.store, live(story.store, name), draw.randrange(10)
    if kind < 3 or len(ids) < 2:
        story.taught(f"lesson number {step}", *(draw.choice(SENDERS) for _ in range(draw.randint(1, 3))))
    elif kind == 3:
        story.change(revise(draw.choice(ids), f"reworded {step}"), episodes=story.from_(draw.choice(SENDERS)))
    elif kind == 4:
        story.by(revise(draw.choice(ids), f"in a person's words {step}"), Operation(Op.PIN, id=ids[0]))
    elif kind == 5:
        story.change(merge(f"made one {step}", *draw.sample(ids, 2)), episodes=story.from_(draw.choice(SENDERS)))
    elif kind == 6:
        story.by(retire(draw.choice(ids)))
    elif kind == 7:
        back = draw.randrange(store.head(name).number)
        store.commit(Batch(playbook=name, delta=store.edits.rollback(name, str(back))))
    elif kind == 8 and len(books) < 3:
        store.branches.fork(f"{name}@{draw.randint(1, store.head(name).number)}", f"branch-{step}")
        books[f"branch-{step}"] = Told(store, f"branch-{step}")
    elif len(books) > 1:
        other = draw.choice([b for b in books if b != name])
        merged(store, name, other, otherwise=draw.choice(("ours", "theirs")))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happened_the_quick_way_and_a_history_say_the_same(seed: int, store: Store) -> None:
    draw, books = random.Random(seed), {NAME: Told(store)}
    for step in range(18):
        with suppress(Conflict):
            act(books, draw, step)
    for name in books:
        point = store.view(name)._point
        with store._database.read() as c:
            whole, found = standings_at(c, point), doubted(c, point)
        assert set(found) == {id for id, s in whole.items() if s.trust is Trust.UNTRUSTED}
        with Store.open(":memory:") as other:
            other.histories.bring_in(parse_history(load(render_history(store.histories.of(name)))))
            assert {id: (s.origins, s.before, s.support) for id, s in other.trust(name).items()} == {
                id: (s.origins, s.before, s.support) for id, s in whole.items()
            }
    assert store.upkeep.check() == []
