"""Hostile text in what a store keeps: no reading command lets a control character through to the terminal."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing

import pytest

from ace.memory.database.tables import Rows
from ace.memory.store import Store
from ace.memory.values import Batch, Call, RunStatus
from ace.types import Episode, Observation, Outcome, Reflection, Render, Step, Task, Verdict
from tests.commands.said import Ace
from tests.starting import started
from tests.stories import Story, add

EVIL = "x\x1b[2Jy\x1b]0;title\x07z\x9b31mw\rv\x08u\u202et\u2066s\x7frq"
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def test_no_reading_command_prints_a_control_character(ace: Ace, story: Story) -> None:
    (id,) = story.added(add("Greet."), reason=EVIL)
    with Store.open("ace.db") as store:
        run = started(store, {"environment": EVIL, "split": "", "model": EVIL, "settings": {EVIL: EVIL}}).id
        store.set_run(run, RunStatus.FAILED, {"stopped": EVIL})
        seen = Observation(EVIL, (EVIL,), (EVIL,))
        outcome = Outcome(Verdict.FAILURE, 0.0, EVIL, EVIL)
        step = Step(EVIL, seen, EVIL, (id,))
        e = Episode(
            "e-evil", Task(EVIL, EVIL), 0, "learn", 0, 1, seen, (step,), outcome, Render(EVIL, (store.head("support").hash,))
        )
        told = Reflection(e.id, EVIL, EVIL, EVIL, EVIL)
        store.commit(Batch((e,), (told,), "support", run=run))
    commands = [
        *(
            "run list",
            f"run show {run}",
            f"run export {run}",
            f"run export {run} -f csv",
            "episode list",
            "episode show e-evil",
        ),
        *("episode show e-evil --prompts", "episode export", "episode export -f csv", "playbook list", "playbook show support"),
        *("playbook log support", "playbook blame support", "playbook blame support --long", f"playbook why support {id}"),
        *("playbook stats support", "playbook diff support@0 support", "playbook search support greet", "playbook verify"),
        *("store check", f"episode show {EVIL}", f"run show {EVIL}", f"playbook show {EVIL}"),
    ]
    found = {}
    for command in commands:
        for form in ((), ("--json",)) if "export" not in command else ((),):
            words = command.split(" ")
            said = ace(*words, *form)
            if raw := RAW.findall(said.out + said.err):
                found[(command, *form)] = raw
            assert EVIL in command or said.status == 0, (command, said.err)
    assert found == {}


def spoiled(value: object) -> str:
    """`value` of a column of text with hostile text in place of every text in it."""
    try:
        return json.dumps(_spoiled(json.loads(str(value))))
    except ValueError:
        return EVIL


def _spoiled(value: object) -> object:
    if isinstance(value, list):
        return [_spoiled(inner) for inner in value]
    if isinstance(value, dict):
        return {name: _spoiled(inner) for name, inner in value.items()}
    return EVIL + "\ud800" if isinstance(value, str) else value


READING = ("run list", "run show RUN", "episode list", "episode show EPISODE", "playbook show support", "playbook log support")


TEXTS = {t.name: [c.name for c in t.columns if str(c.type) == "VARCHAR"] for t in Rows.metadata.sorted_tables}


@pytest.mark.parametrize("table", [table for table, columns in TEXTS.items() if columns])
def test_no_column_of_text_reaches_the_terminal_as_it_is(ace: Ace, table: str) -> None:
    with Store.open("ace.db") as store:
        story = Story(store)
        (id,) = story.added(add("Greet."))
        episode = story.play(False, shown=[id], followed=[id], lesson="two")
        run = started(store, {"playbook": "support", "split": "", "environment": "desk"}).id
        store.set_run(run, RunStatus.FAILED, {"stopped": "why"})
        call = Call(episode, "generator", 0, "hash", "said")
        store.write_calls(run, [call], [call])
    with closing(sqlite3.connect("ace.db")) as c:
        c.create_function("spoiled", 1, lambda value: None if value is None else spoiled(value))
        for name in TEXTS[table]:
            c.execute(f"UPDATE OR IGNORE {table} SET {name} = spoiled({name})")
        c.commit()
    for command in READING:
        said = ace(*command.replace("RUN", run).replace("EPISODE", episode).split())
        assert (RAW.findall(said.out + said.err), said.status in (0, 1, 2)) == ([], True), command
