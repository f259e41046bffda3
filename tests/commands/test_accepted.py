"""A refusal says what would be accepted, and proposes a name only where one was likely to be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from ace.errors import UnknownName, nearest
from tests.commands.said import Ace

SHIPPING = """import ace


@ace.environment(train=[("a", "air")], test=[("b", "sea")], choices=["air", "sea"])
def shipping(task, reply):
    return reply == task.data["answer"]


def made(n: int) -> ace.Environment:
    return shipping
"""
REFUSALS = {
    "rows": (("run", "dataset", "--set", "train=folder", "--set", "eval=rows.jsonl"), "name a file of rows in it"),
    "recording": (("run", "desk", "--record", "folder"), "a recording is a file"),
    "replayed": (("run", "desk", "--model", "replay:folder"), "a recording is a file"),
    "backup": (("store", "restore", "folder"), "name the file of a backup"),
    "nothing": (("playbook", "import", "empty.md", "x"), "list item ('- text')"),
    "playbook": (("playbook", "import", "folder", "x"), "name a file in it"),
    "prompts": (("prompts", "check", "nofolder"), "there is no folder nofolder here, nor a package"),
    "of a run": (("run", "desk", "--prompts", "nofolder"), "there is no folder nofolder here, nor a package"),
    "function": (("run", "json:loads"), "json:loads is a plain function"),
    "shown": (("env", "show", "json:loads"), "json:loads is a plain function"),
    "factory": (("run", "./shipping.py:made"), "needs n (a whole number); write --set n="),
    "version": (("version",), "Did you mean '--version'?"),
    "undo": (("playbook", "undo"), "Did you mean 'rollback' or 'revert'?"),
    "delete": (("playbook", "delete"), "Did you mean 'retire'?"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_would_be_accepted_is_said(ace: Ace, case: str) -> None:
    Path("folder").mkdir()
    Path("empty.md").touch()
    Path("rows.jsonl").write_text('{"prompt": "a", "answer": "b"}\n', encoding="utf-8")
    Path("shipping.py").write_text(SHIPPING, encoding="utf-8")
    command, said = REFUSALS[case]
    refusal = ace(*command)
    assert (refusal.status, refusal.out, len(refusal.err.splitlines())) == (2, "", 1)
    assert said in refusal.err


def test_a_far_name_is_not_proposed_and_the_case_of_letters_does_not_count() -> None:
    assert nearest("nope", ["vote", "openenv", "copy"]) == []
    assert nearest("DESK-BK0HY8NE", ["desk-bk0hy8ne", "ship"]) == ["desk-bk0hy8ne"]
    assert "did you mean 'reflexion'?" in str(UnknownName("strategy", "Refexion", ["reflexion", "retry"]))


def test_the_choices_of_an_environment_are_shown(ace: Ace) -> None:
    Path("shipping.py").write_text(SHIPPING, encoding="utf-8")
    assert "2 choices: air, sea" in ace("env", "show", "./shipping.py:shipping").out


def test_a_page_is_not_replaced_by_one_of_another_kind(ace: Ace) -> None:
    assert ace("run", "desk", "--episodes", "2", "--eval", "2", "--playbook", "support").status == 0
    run = ace("run", "list", "--json").json[0]["run"]
    assert ace("playbook", "report", "support", "-o", "r.html").status == 0
    before = Path("r.html").read_bytes()
    refusal = ace("run", "report", run, "-o", "r.html")
    assert (refusal.status, "is a page of another kind" in refusal.err) == (2, True)
    assert Path("r.html").read_bytes() == before
    assert ace("run", "report", run, "-o", "r.html", "--force").status == 0
    assert Path("r.html.bak").read_bytes() == before
    assert ace("run", "report", run, "-o", "r.html").status == 0
