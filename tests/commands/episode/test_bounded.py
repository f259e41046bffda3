"""A game with a bound on its actions: what an agent is told turn by turn, again from the store, and in an export."""

from __future__ import annotations

from pathlib import Path

from ace.exports.dialogue import dialogue
from ace.memory.store import Store
from ace.models import layout
from ace.runs.stored import prompts_of
from tests.commands.said import Ace

CORRIDOR = """
from ace import Environment
from ace.environments.contract import Limits
from ace.types import Observation, Task, failure, success

class Corridor(Environment):
    name = "corridor"
    instant = True
    limits = Limits(steps=12)
    instructions = limits.told()

    def tasks(self, split):
        return [Task(f"{split}-{n}", f"Door {n} of the {split} corridor.", split) for n in range(2)]

    def open(self, task, seed):
        return Walk(task)

class Walk:
    def __init__(self, task):
        said = task.text + " You stand before it and hear nothing at all. " * 4
        self.first = self.at = Observation(said, ("wait", "walk on"))

    def act(self, action):
        return self.at
"""


def test_an_agent_is_told_how_many_actions_are_left_and_the_list_again(ace: Ace, tmp_path: Path) -> None:
    (tmp_path / "corridor.py").write_text(CORRIDOR, encoding="utf-8")
    ran = ace("run", "./corridor.py:Corridor", "--episodes", "2", "--eval", "2", "--retries", "0")
    assert ran.status == 0, ran.err
    for row in ace("episode", "list", "--json").json:
        made = ace("episode", "show", row["episode"], "--prompts", "--json").json["requests"]
        asked = [request for request in made if request["role"] == "generator"]
        assert len(asked) == 12
        assert all(request["exact"] for request in made)
        told = [m["content"] for m in asked[-1]["messages"] if m["role"] == "user"]
        assert [layout.left(left) in text for left, text in zip(range(11, 0, -1), told[1:], strict=True)] == [True] * 11
        again = [text for text in told if "- walk on" in text]
        assert 1 < len(again) < 6
        with Store.open("ace.db") as store:
            e = store.episode(row["episode"])
            exported = dialogue(e, prompts_of(store.run(asked[-1]["run"])), playbook=True).before(11)
        assert [turn["content"] for turn in exported[2:]] == [m["content"] for m in asked[-1]["messages"][2:]]
