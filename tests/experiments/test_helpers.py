"""Further processes do a part of the runs, and nothing comes out differently."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ace.errors import NotUsable, WorldError
from ace.experiments import conduct
from ace.experiments.answer import Comparison
from ace.experiments.arms import arms_of
from ace.experiments.concluding import comparison_of
from ace.experiments.conduct import Conduct, begun
from ace.experiments.design import designed
from ace.experiments.opened import open_design
from ace.memory.store import Store
from ace.settings import RunSettings

BROKEN = """
from ace.errors import NotUsable, BadInput
from ace.strategies.empty import Empty


class Needy(Empty):
    def __init__(self, roles, /):
        raise NotUsable("it needs stated rules")


class Broken(Empty):
    def context(self, task, book, earlier, draw):
        raise BadInput("it is broken")
"""


def played(store: Path, arms: str, seeds: int = 2) -> Comparison:
    """What an experiment of a few cases gave."""
    settings = RunSettings(store=str(store), settings={"level": "easy"}, episodes=2, eval=2)
    opened = open_design(designed(settings, arms_of(arms), tuple(range(seeds))))
    with Store.open(store) as db:
        experiment = begun(opened, db)
        try:
            asyncio.run(Conduct(opened, db, experiment, settings.budget).execute())
        finally:
            found = comparison_of(db, db.experiments.one(experiment.id))
    return found


def test_several_processes_give_the_same_outcomes_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = played(tmp_path / "alone.db", "empty")
    monkeypatch.setattr(conduct, "HELPED_FROM", 0)
    monkeypatch.setattr(conduct, "processors", lambda: 2)
    helped = played(tmp_path / "helped.db", "empty")
    assert (helped.done, helped.rows[0].outcomes) == (2, alone.rows[0].outcomes)


def test_an_arm_that_is_not_usable_here_is_said_to_be_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(BROKEN)
    found = played(tmp_path / "ace.db", "empty,./mine.py:Needy")
    assert (found.done, found.cells, found.rows[1].note) == (2, 2, "not usable here: it needs stated rules")
    with pytest.raises(NotUsable, match=r"none of the arms can be used here: .*it needs stated rules"):
        played(tmp_path / "other.db", "./mine.py:Needy")


def test_an_arm_whose_runs_fail_is_named_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(BROKEN)
    with pytest.raises(WorldError, match=r"1 of 2 runs failed: ./mine.py:Broken, seed 0: .*it is broken"):
        played(tmp_path / "ace.db", "./mine.py:Broken,empty", seeds=1)
    with Store.open(tmp_path / "ace.db") as db:
        broken, empty = comparison_of(db, db.experiments.one("")).rows
    assert (broken.success, empty.success is not None) == (None, True)
    assert "0 of 1 seeds done; it is broken" in broken.note
