"""`check` finds what is wrong with a store, wherever it is, and nothing where all is well."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ace.errors import StoreDamaged
from ace.memory.store import Store
from ace.memory.values import Call
from ace.types import Vote
from tests.doing import do
from tests.memory.acts import alone, keep, played, told
from tests.starting import started
from tests.stories import NAME, Story, add, retire, revise
from tests.worlds import Gate


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with a past: bullets made, reworded and retired, episodes won and lost, votes, a fork with a life of its own."""
    with Store.open(tmp_path / "ace.db") as store:
        story = Story(store)
        first, second, third = story.added(add("ask for the receipt"), add("refund broken lamps"), add("charge a fee"))
        story.play(True, shown=[first, second], followed=[first], votes=[(first, Vote.HELPFUL), (first, Vote.HARMFUL)])
        story.play(False, shown=[first, second], followed=[second], lesson="it was too late")
        story.play(None, shown=[first], followed=[first])
        story.change(revise(second, "refund lamps that arrived broken"), retire(third))
        keep(store, played("e-x", shown=(second,)), told=(told("e-x"),))
        store.branches.fork(NAME, "trial")
        Story(store, "trial").play(True, shown=[first, third], followed=[first], votes=[(second, Vote.NEUTRAL)])
        yield store


def test_nothing_is_wrong_with_a_store_that_lived(store: Store) -> None:
    assert store.upkeep.check() == []


def test_nothing_is_wrong_after_a_run(tmp_path: Path) -> None:
    with Store.open(tmp_path / "run.db") as store:
        do(store, Gate(), episodes=40, eval=10)
        assert store.upkeep.check() == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("UPDATE bullets SET text = 'pay at once' WHERE key = 1", "playbook support: bullet"),
        ("UPDATE bullet_versions SET state = 'active' WHERE state = 'retired' AND playbook = 1", "playbook support: version"),
        ("UPDATE operations SET body = replace(body, 'broken', 'all') WHERE delta = 1", "playbook support: revision 1"),
        ("UPDATE revisions SET hash = 'f' || substr(hash, 2) WHERE number = 2 AND playbook = 2", "playbook trial: revision 2"),
        ("DELETE FROM postings WHERE bullet = 1", "playbook support: search: the bullet with key 1 is not found"),
        ("INSERT INTO postings SELECT min(term), 3 FROM postings", "playbook support: search: the bullet with key 3 is"),
        ("UPDATE terms SET df = df + 1 WHERE term = 'receipt' AND playbook = 1", "playbook support: search: the word"),
        ("UPDATE bullets SET gist = 7 WHERE key = 1", "playbook support: search: bullet ref-"),
        ("UPDATE records SET shown_won = 9 WHERE bullet = 1", "playbook support: counts: bullet ref-"),
        ("UPDATE records SET helpful = 0 WHERE bullet = 1", "playbook support: counts: bullet ref-"),
        ("DELETE FROM citations WHERE bullet = 2", "playbook support: counts: bullet ref-"),
        ("UPDATE records SET cited_won = 9 WHERE bullet > 3", "playbook trial: counts: bullet ref-"),
        ("UPDATE episodes SET body = replace(body, 'wants', 'brings') WHERE key = 1", "episode e-support-1: it is not"),
        ("UPDATE exposures SET position = 5 WHERE episode = 2 AND ordinal = 0", "episode e-support-2: it is not"),
        ("UPDATE reflections SET body = replace(body, 'too late', 'too soon')", "episode e-support-2: a reflection"),
        ("DELETE FROM revision_parents WHERE revision = 2", "playbook support: revision 1"),
    ],
)  # fmt: skip
def test_a_row_that_was_changed_behind_our_back_is_found_and_named(store: Store, change: str, where: str) -> None:
    with alone(store) as connection:
        assert connection.execute(change).rowcount > 0
    faults = store.upkeep.check()
    assert [f for f in faults if f.startswith(where)], faults
    assert all("\n" not in f for f in faults)


def test_a_row_that_names_one_that_is_not_there_is_found(store: Store) -> None:
    with alone(store) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("DELETE FROM episodes WHERE key = 1")
    assert any("of episodes that is not there" in f for f in store.upkeep.check())


def test_pages_that_were_overwritten_are_found(store: Store, tmp_path: Path) -> None:
    store.upkeep.compact()
    path = tmp_path / "ace.db"
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 4096 // 2 * 4096)
        file.write(b"\xa5" * 4096)
    faults = store.upkeep.check()
    assert faults
    assert all(f.startswith("file: ") for f in faults)


def test_compacting_gives_room_back_and_keeps_everything(store: Store, tmp_path: Path) -> None:
    Story(store, "large").change(*(add(f"lesson {i} " + "x" * 1500) for i in range(400)))
    with store._database.write() as c:
        for table in ("bullet_versions", "bullets", "operations"):
            c.exec_driver_sql(f"CREATE TABLE junk_{table} AS SELECT * FROM {table}")
            c.exec_driver_sql(f"DROP TABLE junk_{table}")
    before = [(b.name, b.head, store.log(b.name), store.view(b.name).bullets(True)) for b in store.playbooks()]
    episodes = store.episodes(limit=None)
    done = store.upkeep.compact()
    assert done.before - done.after > 500_000
    assert done.after == (tmp_path / "ace.db").stat().st_size
    assert [(b.name, b.head, store.log(b.name), store.view(b.name).bullets(True)) for b in store.playbooks()] == before
    assert store.episodes(limit=None) == episodes
    assert store.upkeep.check() == []


def test_a_store_in_memory_is_checked_and_compacted_too() -> None:
    with Store.open(":memory:") as store:
        Story(store).change(add("ask first"))
        assert store.upkeep.check() == []
        done = store.upkeep.compact()
        assert 0 < done.after <= done.before
        assert [b.text for b in store.view(NAME).bullets()] == ["ask first"]


OTHER_SHAPES = {
    "a run's result": "UPDATE runs SET result = '[{}]'",
    "a run's configuration": "UPDATE runs SET config = '7.5'",
    "a reply": "UPDATE calls SET reply = '[{}]'",
    "a bullet's parents": "UPDATE bullets SET parents = '[{}]'",
    "a delta's note": "UPDATE deltas SET note = '[]'",
    "a reflection": "UPDATE reflections SET body = '7.5'",
}


@pytest.mark.parametrize("change", OTHER_SHAPES.values(), ids=OTHER_SHAPES)
def test_json_of_another_shape_is_damage_and_never_a_traceback(tmp_path: Path, change: str) -> None:
    path = tmp_path / "ace.db"
    with Store.open(path) as store:
        story = Story(store)
        (id,) = story.added(add("one"))
        story.play(False, shown=[id], lesson="two")
        run = started(store, {"playbook": NAME, "split": ""}).id
        call = Call("e-1", "generator", 0, "hash", "said")
        store.write_calls(run, [call], [call])
    with closing(sqlite3.connect(path)) as c:
        c.execute(change)
        c.commit()
    reads: list[Callable[[Store], object]] = [
        lambda s: s.leases.as_they_are(s.runs()),
        lambda s: s.calls_of("e-1"),
        lambda s: s.view(NAME).bullets(),
        lambda s: s.log(NAME),
        lambda s: s.upkeep.check(),
        lambda s: [s.reflections(e.id) for e in s.episodes()],
    ]
    damaged = 0
    with Store.open(path, create=False) as store:
        for read in reads:
            try:
                read(store)
            except StoreDamaged:
                damaged += 1
    assert damaged
