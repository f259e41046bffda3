"""`ace ceiling`: ordinary evaluations, done once, and what they allow to say."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.command import WORLDS
from tests.commands.said import Ace, Said
from tests.stories import NAME, Story, add

GATE = f"{WORLDS}:Gate"
SHORT = ("ceiling", GATE, "--eval", "4", "--attempts", "3")


@pytest.fixture
def book(story: Story) -> str:
    """A playbook with a bullet."""
    story.added(add("Look at the badge first."))
    return NAME


def numbers(said: Said) -> dict[str, Any]:
    assert said.status == 0, said.err
    found: dict[str, Any] = said.json
    for side in ("base", "adapted"):
        found.get(side, {}).pop("run", None)
    return found


def test_without_a_playbook_the_base_alone_is_measured(ace: Ace) -> None:
    said = ace(*SHORT, "--json")
    assert said.status == 0
    assert "adapted" not in said.json
    assert said.json["base"]["playbook"] == "empty@0"
    assert [p["k"] for p in said.json["base"]["pass_at"]] == [1, 2, 3]


def test_both_agents_are_ordinary_runs_that_are_played_once(ace: Ace, book: str) -> None:
    first = ace(*SHORT, "--playbook", book, "--json")
    runs = [first.json[side]["run"] for side in ("base", "adapted")]
    for run in runs:
        shown = ace("run", "show", run, "--json").json
        assert (shown["status"], shown["attempts"]) == ("done", 3)
    before = len(ace("run", "list", "--json").json)
    again = ace(*SHORT, "--playbook", book, "--json")
    assert again.json == first.json
    assert all(run in again.err for run in runs)
    assert len(ace("run", "list", "--json").json) == before
    assert numbers(ace(*SHORT, "--playbook", book, "--anew", "--json")) == numbers(first)
    assert len(ace("run", "list", "--json").json) == before + 2


def test_the_base_that_was_measured_alone_serves_every_playbook(ace: Ace, book: str) -> None:
    base = ace(*SHORT, "--json").json["base"]
    assert ace(*SHORT, "--playbook", book, "--json").json["base"] == base


@pytest.mark.parametrize("calls", ["5", "11"])
def test_stopped_and_called_again_it_says_the_same(ace: Ace, book: str, calls: str) -> None:
    stopped = ace(*SHORT, "--playbook", book, "--max-calls", calls, "--json")
    assert stopped.status == 3
    assert re.search(r"go on with a larger limit( \(N above \d+\))?: the same command", stopped.err)
    resumed = numbers(ace(*SHORT, "--playbook", book, "--max-calls", "900", "--json"))
    assert resumed == numbers(ace(*SHORT, "--playbook", book, "--anew", "--json"))


def test_the_empty_playbook_of_the_base_is_named_as_that_wherever_its_run_is_shown(ace: Ace, book: str) -> None:
    planned = ace(*SHORT, "--playbook", book, "--dry-run").out
    assert f"empty playbook ({NAME}@0): 3 attempts" in planned
    played = ace(*SHORT, "--playbook", book).err
    again = ace(*SHORT, "--playbook", book).err
    for said, base, adapted in (
        (played, f"R, empty playbook ({NAME}@0): 12 cases", f"R, playbook {NAME}@1: 12 cases"),
        (again, f"R has these attempts already: empty playbook ({NAME}@0)", f"R has these attempts already: {NAME}@1"),
    ):
        lines = re.sub(r"^run r-\w+", "R", said, flags=re.MULTILINE).splitlines()
        assert [line for line in lines if line in (base, adapted)] == [base, adapted]
    adapted_row, base_row = (line.split() for line in ace("run", "list").out.splitlines()[1:3])
    assert adapted_row[-1] == f"{NAME}@1"
    assert base_row[-3:] == ["empty", "playbook", f"({NAME}@0)"]
    shown = ace("run", "show", base_row[0]).out
    assert f"  playbook: empty playbook ({NAME}@0)\n" in shown
    assert f"\nempty playbook ({NAME}@0) on " in shown


def test_what_is_to_be_said_before_is_said_in_a_dry_run_too(ace: Ace) -> None:
    assert "Warning: 4 held-out cases tell little" in ace(*SHORT, "--dry-run").err
    assert "Warning" not in ace(*SHORT, "--dry-run", "--json").err


def test_the_page_has_a_table_the_sentences_and_the_runs(ace: Ace, book: str) -> None:
    page = ace(*SHORT, "--playbook", book).out
    for word in (
        "pass@3",
        "cover@0.5",
        "Supported by the data",
        "Not supported by the data",
        "“The agent reasons better.”",
        "ace run show r-",
    ):
        assert word in page


def test_a_dry_run_stores_nothing_and_says_what_is_done_already(ace: Ace) -> None:
    said = ace(*SHORT, "--dry-run")
    assert (said.status, "Nothing was sent" in said.out) == (0, True)
    assert ace("run", "list").status == 2
    ace(*SHORT)
    (plan,) = ace(*SHORT, "--dry-run", "--json").json["plan"]["agents"]
    assert (plan["status"], plan["calls"]) == ("done", 0)


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--attempts", "1"), "attempts is 1; a ceiling needs 2 or more"),
        (("--attempts", "0"), "attempts is 0; it must be 1 or more"),
        (("--attempts", "many"), "attempts is 'many'; it must be a whole number"),
        (("--playbook", "none"), "none"),
        (("--playbook", f"{NAME}@99"), "has no revision 99"),
        (("--playbook", f"{NAME}@0"), "is empty (revision 0), which is the base itself"),
        (("--model", "nobody"), "unknown model 'nobody'"),
        (("--split", "tst"), "'tst'"),
        (("--strategy", "frzn"), "frozen"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_one_line(
    ace: Ace, book: str, arguments: tuple[str, ...], line: str, dry: tuple[str, ...]
) -> None:
    said = ace(*SHORT, *arguments, *dry)
    assert (said.status, said.out) == (2, "")
    told = [shown for shown in said.err.splitlines() if shown.startswith("ace: ")]
    assert len(told) == 1
    assert line in told[0]
    assert ace("run", "list", "--json").json == []


def test_no_store_in_memory_can_keep_it(ace: Ace) -> None:
    said = ace(*SHORT, "--store", ":memory:")
    assert said.status == 2
    assert "in memory" in said.err
