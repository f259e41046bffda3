"""`ace diversity`: from the store alone, for a run or a playbook."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ace.memory.store import Store
from ace.memory.values import Batch
from ace.results.diversity import LEARNED
from tests.command import WORLDS
from tests.commands.said import Ace
from tests.results.test_diversity import collapsed, run
from tests.starting import started


@pytest.fixture
def narrowed() -> str:
    """A run that collapsed, in the store of this folder; its playbook is `book`, which never changed."""
    config = {"environment": "e", "model": "m", "strategy": "ace", "seed": 3, "batch": 10, "settings": {}, "split": ""}
    with Store.open("ace.db", create=True) as store:
        hash = store.ensure_playbook("book").hash
        made = started(store, config)
        store.set_run(made.id, made.status, {"playbook": "book", "start": 0})
        episodes = tuple(replace(e, render=replace(e.render, revisions=(hash,))) for e in run(collapsed))
        store.commit(Batch(episodes, playbook="book", run=made.id))
    return made.id


def test_a_run_and_its_playbook_are_told_alike(ace: Ace) -> None:
    done = ace("run", f"{WORLDS}:Gate", "--episodes", "20", "--eval", "20", "--json").json
    by_run, by_name = (ace("diversity", name, "--json").json for name in (done["run"], done["playbook"]))
    assert by_run["segments"] == by_name["segments"]
    assert (by_run["run"], by_name["run"]) == (done["run"], None)
    assert sum(s["n"] for s in by_run["segments"] if s["when"] == LEARNED) == 20
    page = ace("diversity", done["run"][:6]).out
    assert "No alarm" in page or "one part only" in page


def test_one_revision_is_one_part_and_that_is_said(ace: Ace, narrowed: str) -> None:
    said = ace("diversity", narrowed)
    assert said.status == 0
    assert "There is one part only, so nothing can be compared" in said.out


@pytest.mark.parametrize("name", ["nope", "", "r-", "\x1b[31m"])
def test_what_is_neither_run_nor_playbook_is_refused_in_one_line(ace: Ace, narrowed: str, name: str) -> None:
    said = ace("diversity", name) if name != "r-" else ace("diversity", "r-zz")
    assert said.status == 2
    assert len(said.err.splitlines()) == 1
    assert "\x1b" not in said.err
