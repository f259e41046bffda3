"""`ace attribute`: two models, each with the playbook as it began and as it became."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import WORLDS
from tests.commands.said import Ace
from tests.stories import NAME, Story, add

GATE = f"{WORLDS}:Gate"
TUNED = """
import json
from ace.models.novice.acting import act

async def model(request):
    move = act(request)
    listed = request.messages[1].content.partition("# Answers")[2].partition("# Task")[0]
    answers = [line.removeprefix("- ") for line in listed.splitlines() if line.startswith("- ")]
    return json.dumps({**move, "action": answers[0]} if move["action"] in answers else move)
"""
SHORT = ("attribute", GATE, "--base", "novice", "--tuned", "tuned.py:model", "--playbook", NAME, "--eval", "5")


@pytest.fixture
def book(ace: Ace, story: Story) -> None:
    """A playbook with two revisions besides the empty one, and a model whose weights know one answer."""
    story.added(add("Look at the badge first."))
    story.added(add('In every other case: choose "let in".'))
    Path("tuned.py").write_text(TUNED, encoding="utf-8")


@pytest.mark.usefixtures("book")
def test_the_four_cells_are_evaluations_that_are_played_once(ace: Ace) -> None:
    first = ace(*SHORT, "--json")
    assert first.status == 0, first.err
    told = first.json
    assert (told["start"], told["evolved"], told["tasks"]) == (f"{NAME}@0", f"{NAME}@2", 5)
    runs = {cell: ace("run", "show", run, "--json").json for cell, run in told["runs"].items()}
    assert {cell: (r["model"], r["revision"]) for cell, r in runs.items()} == {
        "base_start": ("novice", 0),
        "base_evolved": ("novice", 2),
        "tuned_start": ("tuned.py:model", 0),
        "tuned_evolved": ("tuned.py:model", 2),
    }
    shares = {cell: round(r["success"]["success"], 4) for cell, r in runs.items()}
    assert shares == {cell: c["success"] for cell, c in told["cells"].items()}
    joint = shares["tuned_evolved"] - shares["tuned_start"] - shares["base_evolved"] + shares["base_start"]
    assert told["effects"]["interaction"]["difference"] == pytest.approx(joint, abs=1e-3)
    assert ace(*SHORT, "--json").json == told
    seeds = [[e["seed"] for e in episodes(ace, run)] for run in told["runs"].values()]
    assert all(each == seeds[0] for each in seeds)
    later = ace(*SHORT, "--start", "1", "--json").json
    assert later["start"] == f"{NAME}@1"
    assert later["runs"]["tuned_evolved"] == told["runs"]["tuned_evolved"]


def episodes(ace: Ace, run: str) -> list[dict[str, int]]:
    found = [ace("episode", "show", e["episode"], "--json").json for e in ace("episode", "list", "--run", run, "--json").json]
    return sorted(found, key=lambda e: str(e["task"]))


@pytest.mark.usefixtures("book")
def test_the_cost_is_said_first_and_a_limit_holds_for_all_four(ace: Ace) -> None:
    plan = ace(*SHORT, "--dry-run", "--json").json["plan"]["cells"]
    assert [(p["cell"], p["model"]) for p in plan][1:3] == [("base_evolved", "novice"), ("tuned_start", "tuned.py:model")]
    assert ace("run", "list", "--json").json == []
    stopped = ace(*SHORT, "--max-calls", "12")
    assert (stopped.status, "the same command" in stopped.err) == (3, True)
    assert ace(*SHORT, "--max-calls", "1000").status == 0


@pytest.mark.usefixtures("book")
def test_what_cannot_be_attributed_is_refused_in_a_line(ace: Ace) -> None:
    mine = ("attribute", "desk", "--playbook", NAME, "--base", "novice", "--tuned")
    refusals = {
        (*mine, "novice"): "--tuned is novice, which is the base itself",
        (*mine, ""): "--tuned is empty",
        (*mine, "novise"): "did you mean 'novice'?",
        (*mine, "tuned.py:model", "--start", "2"): "holds the same as support@2",
        (*mine, "tuned.py:model", "--start", "9"): "has no revision 9",
        (*mine[:3], "suport", *mine[4:], "tuned.py:model"): "did you mean 'support'?",
        (*mine[:3], f"{NAME}@0", *mine[4:], "tuned.py:model"): "holds the same as support@0",
        ("attribute", "dsk", *mine[2:], "tuned.py:model"): "did you mean 'desk'?",
        mine[:-1]: "Missing option '--tuned'",
    }
    for words, why in refusals.items():
        said = ace(*words)
        assert (said.status, said.out, why in said.err, said.err.count("\n")) == (2, "", True, 1), (words, said.err)
    server = ("--base-api-base", "http://127.0.0.1:1/v1", "--tuned-api-base", "http://127.0.0.1:2/v1", "--dry-run")
    assert ace(*mine[:5], "openai/m", "--tuned", "openai/m", *server).status == 0
