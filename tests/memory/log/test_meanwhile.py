"""Nobody waits for anybody who thinks."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from ace.memory.store import Store
from ace.models import layout
from ace.models.contract import Reply, Request
from ace.models.novice import Novice
from tests.doing import do
from tests.spying import Meddler
from tests.stories import Story, add, revise
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
        store.ensure_playbook("gates")
        do(store, Gate(), Meddler(meanwhile), episodes=40, eval=10, playbook="gates")
        texts = [b.text for b in store.view("gates").bullets() if b.section == "House"]
        assert texts == edits
        assert any(d.author == "curator" and d.operations for d in store.log("gates"))
        assert store.verify("gates") == []


class Slow(Novice):
    """As curator it rewords the first lesson there is, and while it thinks a person rewords that one too, once."""

    name = "slow"

    def __init__(self, path: Path, id: str) -> None:
        self._path, self._id = path, id
        self.asked: list[Request] = []

    async def complete(self, request: Request) -> Reply:
        if request.role != "curator" or request.response is None:
            return await super().complete(request)
        self.asked.append(request)
        if len(self.asked) == 1:
            with Store.open(self._path) as theirs:
                Story(theirs, "gates").change(revise(self._id, "Ring twice."), author="person")
        edit = {"lesson_id": self._id, "text": f"Ring, says edit {len(self.asked)}.", "reason": "", "attempts": []}
        answer = {"reasoning": "", "retire": [], "revise": [edit], "merge": [], "move": [], "add": []}
        return Reply("", request.response.model_validate(answer))


def test_an_edit_that_came_too_late_is_refused_and_offered_again_with_what_stands_there_now(tmp_path: Path) -> None:
    path = tmp_path / "ace.db"
    with Store.open(path) as store:
        [id] = Story(store, "gates").added(add("Ring."))
        model = Slow(path, id)
        edits = {"strategy_settings": {"whole": "false"}}
        do(store, Gate(), model, episodes=10, playbook="gates", learn_only=True, **edits)
        first, again = ("\n".join(m.content for m in r.messages) for r in model.asked)
        assert layout.AGAIN not in first
        assert f"{layout.AGAIN}\n- revise [{id}] to: Ring, says edit 1.: refused, {id} was changed by revision 2" in again
        assert f"[{id}] Ring twice." in again
        theirs, late, made = [d for d in reversed(store.log("gates")) if d.id > 1]
        assert (theirs.author, late.revision) == ("person", None)
        assert [b.text for b in store.view("gates").bullets()] == ["Ring, says edit 2."]
        assert made.revision is not None
        assert made.revision.number == 3


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
