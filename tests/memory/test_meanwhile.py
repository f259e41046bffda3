"""Nobody waits for anybody who thinks."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from ace.memory.store import Store
from tests.runs import do
from tests.spying import Meddler
from tests.stories import Story, add
from tests.worlds import Gate


def test_whoever_is_being_asked_may_write_to_the_store_at_once(tmp_path: Path) -> None:
    """A model that changes another playbook while it is asked would wait for ever if a write transaction were open."""
    path, asked = tmp_path / "ace.db", []

    def meanwhile() -> None:
        with contextlib.closing(sqlite3.connect(path, timeout=0)) as other:
            # Refused at once where somebody else is writing.
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE playbooks SET created = created || '' WHERE name = 'other'")
            other.execute("COMMIT")
        asked.append(1)

    with Store.open(path) as store:
        Story(store, "other").change(add("ask first"))
        done = do(store, Gate(), Meddler(meanwhile), episodes=20, eval=10)
        assert len(asked) == store.usage(done.run.id).calls > 60


def test_a_run_goes_on_while_a_person_edits_its_playbook(tmp_path: Path) -> None:
    """Every edit made in the middle of the run is there at its end; only edits of what was changed meanwhile are refused."""
    path, edits = tmp_path / "ace.db", list[str]()

    def meanwhile() -> None:
        if len(edits) < 30:
            with Store.open(path) as theirs:
                edits.append(f"House rule {len(edits)}: nobody enters after dark.")
                assert Story(theirs, "gates").change(add(edits[-1], "House"), author="person").refusals == ()

    with Store.open(path) as store:
        store.create_playbook("gates")
        do(store, Gate(), Meddler(meanwhile), episodes=40, eval=10, playbook="gates")
        texts = [b.text for b in store.view("gates").bullets() if b.section == "House"]
        assert texts == edits
        assert any(d.author == "curator" and d.operations for d in store.log("gates"))
        assert store.verify("gates") == []


def test_readers_see_one_state_however_long_they_take(tmp_path: Path) -> None:
    with Store.open(tmp_path / "ace.db") as store, Store.open(tmp_path / "ace.db") as other:
        story = Story(store)
        ids = story.added(add("one"), add("two"))
        view = other.view("support")
        story.change(add("three"))
        assert [b.text for b in view.bullets()] == ["one", "two"]
        assert view.count == 2
        assert view.get(ids[0]) is not None
        assert [b.text for b in other.view("support").bullets()] == ["one", "two", "three"]
