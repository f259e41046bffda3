"""`--dry-run` and `--show-prompt`: what is shown is what is sent, and nothing is sent or stored by showing it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from ace.memory.store import Store
from tests.command import WORLDS
from tests.commands.said import Ace
from tests.models.server import ModelServer
from tests.served.running import GATE, asking

SUMS = """import ace
@ace.environment(
    train=[(f"{a} plus {b}?\\x1b[31m", str(a + b)) for a in range(6) for b in range(5)],
    test=[(f"{a} plus 9?\\x1b]0;title\\x07", str(a + 9)) for a in range(6)],
)
def sums(task, reply):
    return reply.strip() == task.data["answer"]
"""
ROLES = ("generator", "reflector", "curator")


@pytest.fixture
def sums(tmp_path: Path) -> str:
    """An environment of free answers, whose tasks hold control characters."""
    (tmp_path / "sums.py").write_text(SUMS)
    return f"{tmp_path}/sums.py:sums"


def files(at: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in at.iterdir() if p.is_file()}


def requests(ace: Ace, *command: str) -> list[dict[str, Any]]:
    said = ace(*command, "--json")
    assert said.status == 0, said.err
    found: list[dict[str, Any]] = said.json["requests"]
    return found


def test_what_is_shown_is_the_very_body_that_the_server_is_sent(ace: Ace, server: ModelServer, tmp_path: Path) -> None:
    command = asking(server, "--temperature", "0.5", "--max-tokens", "500")
    [shown] = requests(ace, *command, "--dry-run")
    assert not server.seen
    assert files(tmp_path) == {}
    assert (shown["role"], shown["address"]) == ("generator", server.url)
    assert ace(*command).status == 0
    assert shown["body"] in server.bodies
    assert shown["body"]["temperature"] == 0.5


def test_a_stored_attempt_is_what_the_reflector_was_asked_about(ace: Ace, server: ModelServer, tmp_path: Path) -> None:
    # Names of facts that came with later attempts are shown to the reflector now.
    command = asking(server, "--playbook", "gates", "--episodes", "10", "--strategy-set", "dictionary=false")
    assert ace(*command).status == 0
    sent, kept = list(server.bodies), files(tmp_path)
    [shown] = requests(ace, *command, "--show-prompt", "reflector")
    assert "the stored attempt e-" in shown["about"]
    assert shown["body"] in sent
    assert "names of facts" not in shown["about"]
    [named] = requests(ace, *command[:-1], "dictionary=true", "--show-prompt", "reflector")
    assert "the names of facts are those of the playbook's attempts as they are now" in named["about"]
    [before, start] = requests(ace, *command, "--show-prompt")
    assert before["body"] in sent
    assert ["gates@0" in before["case"], "gates@1" in start["case"]] == [True, True]
    assert "## Rules" in start["body"]["messages"][0]["content"]
    [curator] = requests(ace, *command, "--show-prompt", "curator")
    assert "stand-in" not in curator["about"]
    assert "# All attempts" in curator["body"]["messages"][1]["content"]
    assert server.bodies == sent
    assert files(tmp_path) == kept


def test_without_a_stored_attempt_a_policy_plays_one_and_this_is_said(ace: Ace, server: ModelServer, tmp_path: Path) -> None:
    command = asking(server)
    for role in ("reflector", "curator"):
        [shown] = requests(ace, *command, "--show-prompt", role)
        assert "a stand-in: the environment's random policy played it here, no model" in shown["about"]
        assert shown["body"]["messages"][0]["role"] == "system"
    assert "the diagnosis is a stand-in" in shown["about"]
    assert not server.seen
    assert files(tmp_path) == {}


def test_a_dry_run_says_what_the_run_would_do(ace: Ace, server: ModelServer) -> None:
    command = asking(server, "--max-calls", "90", model="gpt-5-mini")
    page = ace(*command, "--dry-run").out
    for part in (
        "learns from  20 training cases",
        "measures on  10 held-out cases",
        "limits       calls 90",
        "if nothing is cached",
        "Nothing was sent, and nothing was stored.",
    ):
        assert part in page
    plan = ace(*command, "--dry-run", "--json").json["plan"]
    assert plan["cost_usd"] > 0
    assert plan["calls"] > 0
    unknown = ace(*asking(server), "--dry-run")
    assert "the price is not known" in unknown.out
    assert not server.seen


@pytest.mark.parametrize("strategy", ["ace", "reflexion", "frozen"])
@pytest.mark.parametrize("world", ["Gate", "Greenhouse", "Ferry", "sums"])
def test_every_strategy_and_kind_of_environment_can_be_shown(
    ace: Ace, tmp_path: Path, sums: str, world: str, strategy: str
) -> None:
    environment = sums if world == "sums" else f"{WORLDS}:{world}"
    found = requests(ace, "run", environment, "-s", strategy, "--show-prompt", "all", "--dry-run")
    asked = [r["role"] for r in found if r["body"]]
    assert [r["role"] for r in found] == list(ROLES)
    assert asked == list({"ace": ROLES, "reflexion": ROLES[:2], "frozen": ROLES[:1]}[strategy])
    assert all(f"strategy {strategy}" in r["about"] for r in found if not r["body"])
    retried = requests(ace, "run", environment, "-s", strategy, "--show-prompt", "reflector", "--retries", "1")
    assert retried[0]["body"]
    assert not (tmp_path / "ace.db").exists()


@pytest.mark.parametrize("model", ["openai/gpt-5-mini", "anthropic/claude-sonnet-4-5", "manual:answers"])
def test_no_key_is_needed_and_nothing_made(ace: Ace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model: str) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    said = ace("run", GATE, "--model", model, "--record", "replies.jsonl", "--show-prompt")
    assert said.status == 0, said.err
    assert f"to {model}" in said.out
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_not_looked_for(ace: Ace) -> None:
    assert ace("run", GATE, "--model", "openai/x", "--api-base", "http://127.0.0.1:9/v1", "--dry-run").status == 0


def test_text_from_outside_reaches_the_terminal_as_text(ace: Ace, sums: str) -> None:
    page = ace("run", sums, "--show-prompt", "all").out
    assert "\x1b" not in page
    assert "\x07" not in page
    assert "9? ]0;title" in page


def test_an_evaluation_can_be_shown_too(ace: Ace, tmp_path: Path) -> None:
    assert ace("run", GATE, "--episodes", "10", "--eval", "5", "--playbook", "gates").status == 0
    kept = files(tmp_path)
    found = requests(ace, "eval", GATE, "--playbook", "gates@1", "--show-prompt", "all", "--dry-run")
    assert [bool(r["body"]) for r in found] == [True, False, False]
    assert "measured case test-1, with gates@1" in found[0]["case"]
    assert "an evaluation asks no curator" in found[2]["about"]
    assert files(tmp_path) == kept
    with Store.open("ace.db") as store:
        assert len(store.runs()) == 1


def test_a_role_may_be_left_out_and_stand_anywhere(ace: Ace) -> None:
    for command in (
        ("run", "--show-prompt", GATE),
        ("run", GATE, "--show-prompt"),
        ("run", GATE, "--show-prompt", "--seed", "3"),
        ("run", "--show-prompt", "generator", GATE),
        ("run", "--show-prompt=generator", GATE),
    ):
        said = ace(*command)
        assert said.status == 0, said.err
        assert said.out.startswith("generator: the first request")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("run", GATE, "--show-prompt", "refletor"), "unknown role 'refletor'; did you mean 'reflector'?"),
        (("run", GATE, "--show-prompt=boss"), "valid: all, curator, generator, reflector"),
        (("run", GATE, "--dry-run", "--store", "no/such/folder.db"), "there is no folder"),
        (("run", "nowhere", "--dry-run"), "unknown environment 'nowhere'"),
        (("run", GATE, "--dry-run", "--model", "nowhere/x"), "unknown provider 'nowhere'"),
        (("run", GATE, "--dry-run", "--prompts", "./none"), "there is no folder ./none"),
        (("eval", GATE, "--playbook", "none", "--dry-run"), "there is no store"),
    ],
)
def test_a_mistake_is_one_line_as_for_a_run(ace: Ace, tmp_path: Path, command: tuple[str, ...], said: str) -> None:
    told = ace(*command)
    assert (told.status, told.out) == (2, "")
    assert said in told.err
    assert len(told.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_purged_attempt_is_not_shown(ace: Ace) -> None:
    run = ("run", GATE, "--episodes", "10", "--eval", "5", "--playbook", "gates")
    id = ace(*run, "--json").json["run"]
    assert ace("episode", "purge", "--run", id, "--yes").status == 0
    [shown] = requests(ace, *run, "--show-prompt", "reflector")
    assert "a stand-in" in shown["about"]


def test_prompts_of_one_s_own_are_shown_as_they_would_be_sent(ace: Ace, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "curator.md").write_text("Keep it.\n{{reply}}")
    [shown] = requests(ace, "run", GATE, "--prompts", "own", "--show-prompt", "curator")
    assert shown["body"]["messages"][0]["content"].startswith("Keep it.\nReply with one JSON object; a list may be empty.")
