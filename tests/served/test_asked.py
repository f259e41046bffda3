"""`ace episode show --prompts`: the requests of a stored attempt are those that a server was sent."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

import ace as library
from ace.memory.store import Store
from ace.models import layout
from tests.command import WORLDS
from tests.commands.said import Ace
from tests.models.server import ModelServer
from tests.served.running import GATE, asking, episodes


def shown(ace: Ace, id: str) -> Any:
    said = ace("episode", "show", id, "--prompts", "--json")
    assert said.status == 0, said.err
    return said.json


@pytest.mark.parametrize(
    "strategy",
    [
        ("ace", "--strategy-set", "near=2", "--batch", "4"),
        ("reflexion",),
        ("ace", "--strategy-set", "explore=true", "--retries", "2"),
    ],
    ids=" ".join,
)
def test_what_is_shown_is_what_was_sent(ace: Ace, server: ModelServer, tmp_path: Path, strategy: tuple[str, ...]) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "generator.md").write_text("Act.\n{{reply}}\n{{playbook}}")
    # Answers to draw from are listed where it explores.
    world = f"{WORLDS}:{'Ferry' if 'explore=true' in strategy else 'FreeGate' if 'near=2' in strategy else 'Gate'}"
    command = asking(server, "--retries", "1", "-s", *strategy, "--episodes", "10", "--eval", "4", "--prompts", "own")
    command = tuple(world if word == GATE else word for word in command)
    assert ace(*command).status == 0
    sent = [json.dumps(b["messages"]) for b in server.bodies]
    tried = [e for e in episodes() if e.attempt == 2][:3] + [e for e in episodes() if e.attempt == 1][::6]
    assert {e.attempt for e in tried} == {1, 2}
    assert any(layout.CASES in text for text in sent) == ("explore=true" in strategy)
    assert any(layout.NEAR in text for text in sent) == ("near=2" in strategy)
    assert any("# If no lesson decides, take" in text for text in sent) == ("explore=true" in strategy)
    for e in tried:
        told = shown(ace, e.id)
        assert [r["role"] for r in told["requests"]].count("generator") >= 1
        for r in told["requests"]:
            assert r["exact"], (e.phase, e.attempt, r["role"])
            assert json.dumps(r["messages"]) in sent
            assert isinstance(json.loads(r["reply"]), dict)
        assert "exactly as " in told["note"]


def test_the_page_has_the_requests_and_the_replies(ace: Ace, server: ModelServer) -> None:
    assert ace(*asking(server, "--episodes", "2", "--eval", "1")).status == 0
    e = episodes("learn")[0]
    page = ace("episode", "show", e.id, "--prompts").out
    assert "--- system\nYou work on cases of one kind" in page
    assert "--- the reply\n{" in page
    assert "to the reflector in run r-" in page


def test_prompts_that_are_no_longer_those_that_were_sent_are_said_to_differ(ace: Ace) -> None:
    assert ace("run", GATE, "--episodes", "2", "--eval", "1").status == 0
    with sqlite3.connect("ace.db") as db:
        [(result,)] = db.execute("SELECT result FROM runs")
        row = json.loads(result)
        row["prompts"]["texts"]["generator"] = "Another.\n{{reply}}\n{{playbook}}"
        db.execute("UPDATE runs SET result = ?", (json.dumps(row),))
    db.close()
    told = shown(ace, episodes("learn")[0].id)
    assert [r["exact"] for r in told["requests"] if r["role"] == "generator"] == [False]
    assert "differ from what was sent" in told["note"]


def test_a_purged_episode_says_that_its_prompts_are_gone(ace: Ace) -> None:
    assert ace("run", GATE, "--episodes", "2", "--eval", "1").status == 0
    id = episodes("learn")[0].id
    assert ace("episode", "purge", id, "--yes").status == 0
    assert "no longer stored" in ace("episode", "show", id, "--prompts").out
    assert shown(ace, id)["requests"] == []


def test_an_attempt_made_elsewhere_says_what_is_known_of_it(ace: Ace, tmp_path: Path) -> None:
    playbook = library.open("support", store=tmp_path / "ace.db")
    with playbook.episode(task="Refund for order 1\x1b[31m") as ep:
        assert ep.context == ""
        made = ep.finish(success=False, transcript="I said no.")
    page = ace("episode", "show", made.id, "--prompts").out
    assert "made by another program" in page
    playbook.learn()
    playbook.close()
    told = shown(ace, made.id)
    assert [(r["role"], r["exact"]) for r in told["requests"]] == [("reflector", True)]
    assert "\x1b" not in ace("episode", "show", made.id, "--prompts").out
    with Store.open("ace.db") as store:
        assert store.verify("support") == []


def test_a_request_that_a_purged_episode_shared_is_said_to_be_gone(ace: Ace, server: ModelServer) -> None:
    ferry = tuple(f"{WORLDS}:Ferry" if word == GATE else word for word in asking(server, "--learn-only", "--batch", "3"))
    assert ace(*ferry, "--episodes", "6", "--retries", "0", "--strategy-set", "explore=true").status == 0
    with Store.open("ace.db") as store:
        ids = [e.id for e in reversed(store.episodes())]
    assert ace("episode", "purge", ids[0], "--yes").status == 0
    told = [shown(ace, id) for id in ids[1:]]
    assert [[r["role"] for r in t["requests"]] for t in told] == [["generator"]] * 2 + [["generator", "reflector"]] * 3
    gone = f"spoke of {ids[0]} as well, which is purged: it is gone."
    assert [gone in t["note"] for t in told] == [True] * 2 + [False] * 3
    assert ace("store", "check").status == 0


HOPELESS = """
from ace import Environment, Task, failure
from ace.types import Observation
class Scene:
    def __init__(self, task):
        self.first = Observation(f"Colour: {['red', 'blue'][len(task.id) % 2]}\\nNumber: {task.id}", (), tuple("abcdefgh"))
    def act(self, action): return failure()
    def close(self): pass
class Hopeless(Environment):
    name, instant = "hopeless", True
    def tasks(self, split): return [Task(f"{split}-{n}", f"{split} {n}", split) for n in range(24)]
    def open(self, task, seed): return Scene(task)
"""


def test_a_reflection_late_in_a_long_batch_is_shown_exactly(ace: Ace, tmp_path: Path) -> None:
    (tmp_path / "hopeless.py").write_text(HOPELESS)
    assert ace("run", "./hopeless.py:Hopeless", "--learn-only", "--batch", "12", "--retries", "7").status == 0
    last = episodes("learn")[0]
    [asked] = [r for r in shown(ace, last.id)["requests"] if r["role"] == "reflector"]
    assert layout.NAMES in asked["messages"][1]["content"]
    assert asked["exact"]
