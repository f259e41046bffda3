"""What commands print for a person to read: headings, numbers, names that are cut, and a playbook that is new."""

from __future__ import annotations

from pathlib import Path

import pytest

from ace.cli import parser
from tests.commands.said import Ace


def test_a_playbook_that_add_makes_is_said_to_be_new_and_a_near_name_is_proposed(ace: Ace) -> None:
    add = ("-s", "Fees", "-t", "Charge 5 Euro.", "-r", "why")
    assert ace("playbook", "add", "support", *add).err == "", "the first one of a store is not mistaken for another"
    assert ace("playbook", "add", "support", "-s", "Fees", "-t", "Waive fees of gold members.", "-r", "why").err == ""
    near = ace("playbook", "add", "suport", *add, "--json")
    assert near.json["warnings"] == ["made a new playbook 'suport'; did you mean 'support'?"]
    assert near.err == "Warning: made a new playbook 'suport'; did you mean 'support'?\n"
    assert ace("playbook", "add", "billing", *add).err == "Warning: made a new playbook 'billing'\n"


def test_a_playbook_that_import_or_run_makes_beside_others_is_said_to_be_new(ace: Ace) -> None:
    Path("rules.md").write_text("## Fees\n- Charge 5 Euro.\n", encoding="utf-8")
    said = "made a new playbook 'suport'; did you mean 'support'?"
    assert ace("playbook", "import", "rules.md", "support").err == ""
    assert ace("playbook", "import", "rules.md", "suport", "--dry-run").err == ""
    made = ace("playbook", "import", "rules.md", "suport", "--json")
    assert (made.json["warnings"], made.err) == ([said], f"Warning: {said}\n")
    run = ("run", "desk", "--episodes", "1", "--eval", "1", "--json")
    assert "Warning: made a new playbook 'supports'; did you mean 'support'?\n" in ace(*run, "--playbook", "supports").err
    assert "made a new" not in ace(*run, "--playbook", "supports", "--seed", "1").err


def test_a_run_shows_the_settings_that_say_something(ace: Ace) -> None:
    run = ace("run", "desk", "--episodes", "1", "--learn-only", "--json").json["run"]
    shown = ace("run", "show", run).out.splitlines()
    settings = [row.strip() for row in shown if row.startswith("  ") and ": " in row]
    assert "learn only: yes" in settings
    assert "seed: 0" in settings
    assert "timeout: 120" in settings
    assert not [row for row in settings if row.startswith(("start", "retries", "split", "playbook")) or row.endswith("False")]


def test_settings_stand_under_a_heading(ace: Ace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACE_STORE", "other.db")
    assert ace("config", "show", "run").out.splitlines()[0].split() == ["setting", "value", "given", "by"]
    heading, row = ace("config", "show").out.splitlines()
    assert heading.split() == ["setting", "(command)", "value", "given", "by"]
    assert row.index("other.db") == heading.index("value")
    assert row.index("ACE_STORE") == heading.index("given by")


def test_a_list_of_commands_wraps_their_sentences_and_cuts_none(ace: Ace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    listed = ace("playbook", "--help").out.split("Commands:")[1]
    assert "..." not in listed
    assert "retired." in " ".join(listed.split("edit ")[1].split("retire ")[0].split())


def test_a_name_that_is_cut_ends_in_an_ellipsis(ace: Ace) -> None:
    ace(
        "playbook",
        "add",
        "support",
        "-s",
        "Fees",
        "-t",
        "Charge 5 Euro.",
        "-r",
        "why",
        "--author",
        "Bartholomew Featherstonehaugh",
    )
    assert "Bartholomew Feather…" in ace("playbook", "blame", "support").out


def test_help_of_run_and_the_plan_read_well(ace: Ace) -> None:
    assert ace("run", "--help").out.partition("\n")[0].endswith(" run [OPTIONS] [ENV]")
    said = ace("run", "desk", "--dry-run").out
    assert "up to about 9,690 calls" in said
    assert "  held-out case test-1, before anything is learned, with an empty playbook\n" in said


@pytest.mark.parametrize("command", ["run", "eval", "compare"])
def test_the_sentence_of_each_option_wraps_between_words(ace: Ace, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """A word with a hyphen is not broken at it either: its halves would read as two words."""
    monkeypatch.setenv("COLUMNS", "80")
    page = ace(command, "--help").out
    assert f" {command} [OPTIONS] " in page.splitlines()[0]
    assert max(map(len, page.splitlines())) <= 80
    whole = " ".join(page.split())
    found = parser().commands[command]
    found = getattr(found, "commands", {}).get("start", found)
    told = [p.help for p in found.params if getattr(p, "help", None) and not p.hidden]
    assert len(told) > 20
    assert [sentence for sentence in told if " ".join(sentence.split()) not in whole] == []
