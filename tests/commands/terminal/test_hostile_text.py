"""Hostile text in what a store keeps: no reading command lets a control character through to the terminal."""

from __future__ import annotations

import re

from ace.memory.store import Store
from ace.memory.values import Batch, RunStatus
from ace.types import Episode, Observation, Outcome, Reflection, Render, Step, Task, Verdict
from tests.commands.said import Ace
from tests.stories import Story, add

EVIL = "x\x1b[2Jy\x1b]0;title\x07z\x9b31mw\rv\x08u\u202et\u2066s\x7frq"
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def test_no_reading_command_prints_a_control_character(ace: Ace, story: Story) -> None:
    (id,) = story.added(add("Greet."), reason=EVIL)
    with Store.open("ace.db") as store:
        run = store.start_run({"environment": EVIL, "split": "", "model": EVIL, "settings": {EVIL: EVIL}}).id
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
