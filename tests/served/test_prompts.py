"""A run with prompts of one's own: what the server is sent, what is stored, and what resuming uses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ace.memory.store import Store
from tests.commands.said import Ace
from tests.models.server import Body, ModelServer
from tests.models.taught import role_of
from tests.served.running import asking

OWN = {
    "generator": "Act as the porter.\n{{reply}}\n{{playbook}}",
    "reflector": "Look back as the porter.\n{{reply}}",
    "curator": "Keep the porter's book.\n{{reply}}",
}


def prompts(at: Path, **texts: str) -> str:
    at.mkdir()
    for role, text in texts.items():
        (at / f"{role}.md").write_text(text)
    return str(at)


def told(server: ModelServer, role: str) -> list[str]:
    """The system messages that the server was sent for `role`."""
    return [str(b["messages"][0]["content"]) for b in _bodies(server) if role_of(b) == role]


def _bodies(server: ModelServer) -> list[Body]:
    return list(server.bodies)


def test_each_role_is_asked_with_the_persons_prompt(ace: Ace, server: ModelServer, tmp_path: Path) -> None:
    said = ace(*asking(server, "--prompts", prompts(tmp_path / "own", **OWN), "--json"))
    assert said.status == 0, said.err
    for role, text in OWN.items():
        asked = told(server, role)
        assert asked
        assert all(m.startswith(text.partition("\n")[0] + "\nReply with one JSON object") for m in asked)
    assert any("\n# Playbook\n## " in m for m in told(server, "generator"))
    assert said.json["prompts"]["own"] == list(OWN)
    page = ace("run", "show", said.json["run"]).out
    assert f"own prompts: generator, reflector, curator (digest {said.json['prompts']['digest'][:12]})" in page
    assert "Act as the porter" not in page


def test_a_role_without_a_file_has_the_stock_prompt(ace: Ace, server: ModelServer, tmp_path: Path) -> None:
    said = ace(*asking(server, "--prompts", prompts(tmp_path / "own", reflector=OWN["reflector"]), "--json"))
    assert said.json["prompts"]["own"] == ["reflector"]
    assert all(m.startswith("You work on cases of one kind") for m in told(server, "generator"))
    assert all(m.startswith("Look back as the porter.") for m in told(server, "reflector"))


@pytest.mark.parametrize("after", ["gone", "changed", "broken"])
def test_resuming_uses_the_prompts_that_the_run_was_begun_with(
    ace: Ace, server: ModelServer, tmp_path: Path, after: str
) -> None:
    where = prompts(tmp_path / "own", **OWN)
    assert ace(*asking(server, "--prompts", where, "--max-calls", "15")).status == 3
    if after == "gone":
        shutil.rmtree(where)
    else:
        (tmp_path / "own" / "generator.md").write_text("Other. {{reply}} {{playbook}}" if after == "changed" else "{{")
    said = ace("run", "resume", "--max-calls", "1000", "--json")
    assert said.status == 0, said.err
    assert said.json["after"]["n"] == 10
    assert all(m.startswith("Act as the porter.") for m in told(server, "generator"))
    assert told(server, "curator")
    # No reply that was paid for was asked for again.
    sent = [json.dumps(b["messages"]) for b in _bodies(server) if role_of(b)]
    assert len(sent) == said.json["usage"]["calls"]


def test_an_evaluation_takes_prompts_too(ace: Ace, server: ModelServer, tmp_path: Path) -> None:
    ran = ace(*asking(server, "--playbook", "gates", "--json")).json
    seen = len(server.seen)
    where = prompts(tmp_path / "own", **OWN)
    command = asking(server, "--prompts", where, "--playbook", "gates", "--json")
    said = ace("eval", *(w for w in command[1:] if w not in ("--episodes", "20")))
    assert said.status == 0, said.err
    assert said.json["prompts"]["own"] == list(OWN)
    assert all(m.startswith("Act as the porter.") for m in told(server, "generator")[seen:])
    assert ran["run"] != said.json["run"]


def test_bad_prompts_leave_nothing_behind(ace: Ace, server: ModelServer, tmp_path: Path) -> None:
    where = prompts(tmp_path / "own", generator="{{reply}}\n{{playbok}}", curator="{{x.__class__}}")
    said = ace(*asking(server, "--prompts", where))
    assert (said.status, said.out) == (2, "")
    assert [line.partition(": ")[2].partition(": ")[0].rpartition("/")[2] for line in said.err.splitlines()] == [
        "generator.md:2",
        "generator.md:2",
        "curator.md:1",
        "curator.md:1",
    ]
    assert not server.seen
    assert not Path("ace.db").exists()


def test_the_stock_prompts_of_a_run_are_stored_with_it(ace: Ace, server: ModelServer) -> None:
    said = ace(*asking(server, "--json"))
    assert "prompts" not in said.json
    with Store.open("ace.db") as store:
        [run] = store.runs()
    assert run.result["prompts"]["texts"]["curator"].startswith("You keep a playbook")
    assert "prompts" not in run.config
    assert ace("run", "list", "--json").json[0]["result"]["prompts"] == run.result["prompts"]["digest"]


def test_what_a_prompt_says_of_replies_changes_nothing_of_what_is_accepted(
    ace: Ace, server: ModelServer, tmp_path: Path
) -> None:
    text = "Reply in prose, never in JSON.\n{{reply}}\n{{playbook}}"
    said = ace(*asking(server, "--prompts", prompts(tmp_path / "own", generator=text), "--json"))
    assert said.status == 0
    schemas = [b["response_format"]["json_schema"] for b in _bodies(server) if role_of(b) == "generator"]
    assert all(s["strict"] and s["schema"]["required"] == ["thought", "action", "lesson_ids"] for s in schemas)
