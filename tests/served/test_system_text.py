"""A system text of one's own: an instruction in the system message, kept with the run; nothing where none is given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.said import Ace
from tests.models.server import ModelServer
from tests.models.taught import role_of
from tests.served.test_prompts import told

SAID = "You code medical letters.\n# Playbook of codes: {{reply}} {{playbook}}"
ENVIRONMENT = """
from tests.worlds import Gate

class Told(Gate):
    instructions = "  Guard the gate.  "

class Wrong(Gate):
    instructions = ["Guard the gate."]
"""


@pytest.fixture
def command(tmp_path: Path, server: ModelServer) -> tuple[str, ...]:
    for name, first in (("train", 0), ("eval", 100)):
        rows = [{"prompt": f"What is {n} plus 1?", "answer": str(n + 1)} for n in range(first, first + 20)]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    files = ("--set", "train=train.jsonl", "--set", "eval=eval.jsonl")
    return ("run", "dataset", *files, "--model", "openai/told", "--api-base", server.url)


def texts(server: ModelServer, role: str) -> list[str]:
    """The user messages that the server was sent for `role`."""
    return [str(b["messages"][1]["content"]) for b in server.bodies if role_of(b) == role]


def test_it_begins_the_system_message_and_is_no_part_of_the_case(
    ace: Ace, server: ModelServer, command: tuple[str, ...]
) -> None:
    assert ace(*command, "--set", f"system={SAID}").status == 0
    asked = told(server, "generator")
    assert asked
    assert all(m.startswith(f"{SAID}\n\nYou work on cases of one kind") for m in asked)
    assert all("\n# Playbook\n" in m for m in asked)
    assert not any("medical letters" in m for m in texts(server, "generator"))
    assert all(
        m.endswith("before every case\n| You code medical letters.\n| # Playbook of codes: {{reply}} {{playbook}}")
        for m in told(server, "reflector")
    )
    assert not any("medical letters" in m for m in told(server, "curator"))


def test_without_one_every_message_is_as_it_was(ace: Ace, server: ModelServer, command: tuple[str, ...]) -> None:
    assert ace(*command).status == 0
    assert all(m.startswith("You work on cases of one kind") for m in told(server, "generator"))
    assert not any("What the agent is told" in m for m in told(server, "reflector"))
    assert ace(*command, "--set", "system=").status == 0
    assert all(m.startswith("You work on cases of one kind") for m in told(server, "generator"))


def test_prompts_of_ones_own_stand_after_it(ace: Ace, server: ModelServer, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "generator.md").write_text("Act as the porter.\n{{reply}}\n{{playbook}}")
    assert ace(*command, "--set", "system=Code letters.", "--prompts", "own").status == 0
    assert all(m.startswith("Code letters.\n\nAct as the porter.\nReply with") for m in told(server, "generator"))


def test_a_run_that_is_resumed_keeps_the_text_it_was_begun_with(
    ace: Ace, server: ModelServer, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "system.txt").write_text("Code letters.")
    assert ace(*command, "--set", "system=@system.txt", "--max-calls", "15").status == 3
    (tmp_path / "system.txt").write_text("Write poems.")
    assert ace("run", "resume", "--max-calls", "10000").status == 0
    assert all(m.startswith("Code letters.\n\n") for m in told(server, "generator"))
    episode = ace("episode", "list", "--json").json[0]
    shown = ace("episode", "show", episode["id"] if "id" in episode else episode["episode"], "--prompts").out
    assert "Code letters." in shown


def test_it_is_shown_before_anything_is_sent_and_measured_with(ace: Ace, server: ModelServer, command: tuple[str, ...]) -> None:
    shown = ace(*command, "--set", "system=Code letters.", "--show-prompt")
    assert "Code letters." in shown.out
    assert not server.seen
    playbook = ace(*command, "--json").json["playbook"]
    server.seen.clear()
    assert ace("eval", *command[1:], "--playbook", playbook, "--set", "system=Code letters.").status == 0
    assert all(m.startswith("Code letters.\n\n") for m in told(server, "generator"))


def test_an_environment_of_ones_own_has_instructions_too(ace: Ace, server: ModelServer, tmp_path: Path) -> None:
    (tmp_path / "told.py").write_text(ENVIRONMENT)
    more = ("--episodes", "20", "--eval", "10", "--model", "openai/own", "--api-base", server.url)
    assert ace("run", "told.py:Told", *more).status == 0
    assert all(m.startswith("Guard the gate.\n\nYou work on") for m in told(server, "generator"))
    refused = ace("run", "told.py:Wrong", *more)
    (line,) = refused.err.splitlines()
    assert (refused.status, "instructions of Wrong is" in line, "must be a text" in line) == (2, True, True)


def test_the_novice_plays_the_same_with_it(ace: Ace, command: tuple[str, ...]) -> None:
    plain = (*command[:6], "--set", "choices=choices.json", "--json")
    Path("choices.json").write_text(json.dumps([str(n) for n in range(200)]))
    first, second = ace(*plain).json, ace(*plain, "--set", "system=Code letters.").json
    assert [first[key] for key in ("before", "curve", "bullets")] == [second[key] for key in ("before", "curve", "bullets")]


def test_a_scorer_that_cannot_be_called_is_refused_in_one_line(
    ace: Ace, server: ModelServer, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "mine.py").write_text("def score(reply): return True\n")
    refused = ace(*command, "--set", "scorer=mine.py:score")
    (line,) = refused.err.splitlines()
    assert (refused.status, "takes (reply)" in line, "(reply: str, answer: str) -> bool" in line) == (2, True, True)
    assert not server.seen
    assert not Path("ace.db").exists()
