"""Forking playbooks and merging them on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.operations import Delta, Op, Operation
from tests.commands.on_terminal import on_a_terminal
from tests.commands.playbook.test_edit import added, require_refused
from tests.commands.said import Ace


@pytest.fixture
def one(ace: Ace) -> str:
    """The id of the one bullet of a playbook that was forked."""
    id = added(ace, "refund damaged goods")
    assert ace("playbook", "fork", "support", "trial").status == 0
    return id


def texts(ace: Ace, ref: str = "support") -> list[str]:
    return [b["text"] for b in ace("playbook", "show", ref, "--json").json["bullets"]]


def reword(ace: Ace, name: str, id: str, text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give a bullet another text, in an editor."""
    script = tmp_path / "reword.sh"
    script.write_text(f'#!/bin/sh\nsed -i "s/^- .* <!-- {id} -->$/- {text} <!-- {id} -->/" "$1"\n')
    script.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(script))
    assert ace("playbook", "edit", name, "-r", "reworded").status == 0


@pytest.fixture
def conflicting(ace: Ace, one: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The id of a bullet that both sides have reworded; the fork has added another one."""
    reword(ace, "support", one, "refund at once", monkeypatch, tmp_path)
    reword(ace, "trial", one, "refund within a week", monkeypatch, tmp_path)
    added(ace, "never refund gift cards", name="trial")
    return one


def test_a_fork_says_what_it_begins_as_and_is_listed(ace: Ace, one: str) -> None:
    said = ace("playbook", "fork", "support@1", "second")
    assert said.out == "second@1 begins as support@1, with 1 bullet\n"
    assert ace("playbook", "fork", "support", "third", "--json").json["origin"] == "support@1"
    assert [b["name"] for b in ace("playbook", "list", "--json").json] == ["second", "support", "third", "trial"]
    assert ace("playbook", "verify").status == 0


def test_a_fork_that_cannot_be_is_refused_in_one_line(ace: Ace, one: str) -> None:
    require_refused(ace("playbook", "fork", "support", "trial"), "there is a playbook 'trial' already")
    require_refused(ace("playbook", "fork", "support", "a/b"), "'/' is not accepted")
    require_refused(ace("playbook", "fork", "support@7", "new"), "has no revision 7; it has 0 to 1")
    require_refused(ace("playbook", "fork", "suport", "new"), "did you mean 'support'?")


def test_independent_changes_combine_and_merging_again_changes_nothing(ace: Ace, one: str) -> None:
    added(ace, "ask for the receipt")
    added(ace, "never refund gift cards", name="trial")
    said = ace("playbook", "merge", "support", "trial", "-r", "it was good")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("support@3\ntrial@2 is merged into support@2; the two were one at support@1\n1 added\n")
    assert set(texts(ace)) == {"refund damaged goods", "ask for the receipt", "never refund gift cards"}
    assert ace("playbook", "log", "support", "--json").json[0]["reason"] == "it was good"
    again = ace("playbook", "merge", "support", "trial")
    assert (again.status, again.out) == (0, "trial@2 is merged already: support has all of it. Nothing was written\n")
    assert ace("playbook", "merge", "support", "trial", "--json").json["written"] is False
    assert ace("playbook", "show", "support", "--json").json["revision"] == 3


def test_conflicts_are_listed_with_all_sides_and_are_exit_status_1(ace: Ace, conflicting: str) -> None:
    said = ace("playbook", "merge", "support", "trial")
    assert said.status == 1
    assert said.out.split("\n")[:4] == [
        f"{conflicting}  conflict over text",
        "  base support@1  refund damaged goods",
        "  ours support@2  refund at once",
        "  theirs trial@3  refund within a week",
    ]
    assert "1 conflict; nothing was written" in said.err
    assert "--take ID=ours|theirs" in said.err
    as_json = ace("playbook", "merge", "support", "trial", "--json")
    assert as_json.status == 1
    (conflict,) = as_json.json["conflicts"]
    assert (conflict["bullet"], conflict["parts"]) == (conflicting, ["text"])
    assert (conflict["base"]["text"], conflict["theirs"]["text"]) == ("refund damaged goods", "refund within a week")
    assert (as_json.json["written"], as_json.json["revision"]) == (False, None)
    assert texts(ace) == ["refund at once"]


def test_a_conflict_is_decided_by_the_beginning_of_its_id(ace: Ace, conflicting: str) -> None:
    assert ace("playbook", "merge", "support", "trial", "--take", f"{conflicting[:-1]}=theirs").status == 0
    assert texts(ace)[0] == "refund within a week"


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (["--ours"], "refund at once"),
        (["--theirs"], "refund within a week"),
        (["--take", "{id}=theirs"], "refund within a week"),
        (["--theirs", "--take", "{id}=ours"], "refund at once"),
    ],
)
def test_a_conflict_is_decided_by_a_flag(ace: Ace, conflicting: str, flags: list[str], text: str) -> None:
    said = ace("playbook", "merge", "support", "trial", *(f.format(id=conflicting) for f in flags))
    assert said.status == 0
    assert texts(ace) == [text, "never refund gift cards"]
    assert ace("playbook", "merge", "support", "trial").out.startswith("trial@3 is merged already")
    assert ace("playbook", "verify").status == 0


def test_what_makes_no_sense_is_refused_in_one_line(ace: Ace, conflicting: str) -> None:
    require_refused(ace("playbook", "merge", "support", "support"), "cannot be merged into itself")
    require_refused(ace("playbook", "merge", "support", "support@1"), "cannot be merged into itself")
    require_refused(ace("playbook", "merge", "support", "trial", "--ours", "--theirs"), "exclude each other")
    require_refused(ace("playbook", "merge", "support", "trial", "--take", "x"), "ID=ours or ID=theirs")
    require_refused(ace("playbook", "merge", "support", "trial", "--take", f"{conflicting}=mine"), "ID=ours or ID=theirs")
    both = ["--take", f"{conflicting}=ours", "--take", f"{conflicting}=theirs"]
    require_refused(ace("playbook", "merge", "support", "trial", *both), "names both sides")
    both[1] = f"{conflicting[:-1]}=ours"
    require_refused(ace("playbook", "merge", "support", "trial", *both), "names both sides")
    require_refused(
        ace("playbook", "merge", "support", "trial", "--take", "ref-0000000000=ours"), "is in no conflict", conflicting
    )
    require_refused(ace("playbook", "merge", "support", "trial", "--interactive"), "asks on a terminal")
    require_refused(ace("playbook", "merge", "support", "trail"), "did you mean 'trial'?")
    assert ace("playbook", "show", "support", "--json").json["revision"] == 2


def test_a_dry_run_tells_what_would_be_done_and_does_nothing(ace: Ace, conflicting: str) -> None:
    said = ace("playbook", "merge", "support", "trial", "--theirs", "--dry-run")
    assert said.status == 0
    assert said.out.startswith("merging trial@3 would make support@3; nothing was written\n1 added, 1 revised\n")
    told = ace("playbook", "merge", "support", "trial", "--theirs", "--dry-run", "--json").json
    assert [o["op"] for o in told["operations"]] == ["revise", "add"]
    assert (told["written"], told["decided"]) == (False, [conflicting])
    assert texts(ace) == ["refund at once"]


def test_a_contested_place_is_shown_by_the_bullet_that_comes_before(ace: Ace, one: str, tmp_path: Path) -> None:
    two, three = added(ace, "two"), added(ace, "three")
    ace("playbook", "fork", "support", "second")
    with Store.open(tmp_path / "ace.db") as store:
        for name, after in (("support", two), ("second", three)):
            operations = (Operation(Op.MOVE, id=one, after=after),)
            store.commit(Batch(playbook=name, delta=Delta(store.head(name).hash, operations, "person", "moved")))
    said = ace("playbook", "merge", "support", "second")
    assert said.status == 1
    assert said.out.split("\n")[:4] == [
        f"{one}  conflict over place",
        "  base support@3   refund damaged goods  (first)",
        f"  ours support@4   refund damaged goods  (after {two})",
        f"  theirs second@4  refund damaged goods  (after {three})",
    ]
    (conflict,) = ace("playbook", "merge", "support", "second", "--json").json["conflicts"]
    assert [conflict[side]["after"] for side in ("base", "ours", "theirs")] == ["", two, three]
    assert ace("playbook", "merge", "support", "second", "--theirs").status == 0
    assert texts(ace) == ["two", "three", "refund damaged goods"]


def test_lessons_that_are_alike_are_proposed_and_made_one_only_where_that_is_asked_for(ace: Ace, one: str) -> None:
    ours = added(ace, "ask for the order number before any refund")
    theirs = added(ace, "before any refund, ask for the order number first", name="trial")
    added(ace, "Retry 3 times before giving up")
    added(ace, "Retry 5 times before giving up", name="trial")
    dry = ace("playbook", "merge", "support", "trial", "--dry-run", "--json").json
    proposed = [(x["kind"], x["operation"] and x["operation"]["sources"]) for x in dry["alike"]]
    assert sorted(proposed, key=str) == [("alike", sorted([ours, theirs])), ("contradicts", None)]
    told = ace("playbook", "merge", "support", "trial", "--dry-run").out
    assert "are alike" in told
    assert "contradict each other" in told
    assert "--alike" in told
    said = ace("playbook", "merge", "support", "trial", "--alike")
    assert said.status == 0
    assert "contradict each other" in said.out
    assert sorted(texts(ace)) == [
        "Retry 3 times before giving up",
        "Retry 5 times before giving up",
        "before any refund, ask for the order number first",
        "refund damaged goods",
    ]


def test_without_being_asked_to_nothing_that_is_only_alike_is_made_one(ace: Ace, one: str) -> None:
    added(ace, "ask for the order number before any refund")
    added(ace, "before any refund, ask for the order number first", name="trial")
    ace("playbook", "merge", "support", "trial")
    assert len(texts(ace)) == 3


def test_on_a_terminal_every_conflict_and_every_likeness_is_asked_about(ace: Ace, conflicting: str, tmp_path: Path) -> None:
    added(ace, "gift cards are never refunded")
    answers = [("[o]urs or [t]heirs", "maybe"), ("[o]urs or [t]heirs", "t"), ("Make them one", "y")]
    seen = on_a_terminal("playbook", "merge", "support", "trial", "-i", cwd=tmp_path, answers=answers)
    assert seen.status == 0, seen.out
    assert texts(ace)[0] == "refund within a week"
    assert len(texts(ace)) == 2


def test_what_a_flag_decided_is_told(ace: Ace, conflicting: str) -> None:
    decided = ["--theirs decided 1 conflict:", f"  {conflicting}  text: refund within a week"]
    assert ace("playbook", "merge", "support", "trial", "--theirs", "--dry-run").out.splitlines()[-2:] == decided
    assert ace("playbook", "fork", "support", "second").status == 0
    assert ace("playbook", "merge", "support", "trial", "--theirs").out.splitlines()[-2:] == decided
    said = ace("playbook", "merge", "second", "trial", "--theirs", "--take", f"{conflicting}=ours")
    assert (said.status, "decided" in said.out) == (0, False)


def test_a_merge_says_its_reason_as_json(ace: Ace, one: str) -> None:
    added(ace, "never refund gift cards", name="trial")
    assert ace("playbook", "merge", "support", "trial", "--json").json["reason"] == "merge of trial@2"
    added(ace, "ask first", name="trial")
    assert ace("playbook", "merge", "support", "trial", "-r", "good", "--json").json["reason"] == "good"


def test_the_help_of_merge_says_what_its_exit_status_means(ace: Ace) -> None:
    assert "1 conflicts are left" in " ".join(ace("playbook", "merge", "--help").out.split())


def test_the_question_about_what_is_alike_can_be_left_too(ace: Ace, one: str, tmp_path: Path) -> None:
    added(ace, "ask for the order number before any refund")
    added(ace, "before any refund, ask for the order number first", name="trial")
    before = texts(ace)
    answers = [("Make them one?", "maybe"), ("Make them one?", "q")]
    seen = on_a_terminal("playbook", "merge", "support", "trial", "-i", cwd=tmp_path, answers=answers)
    assert seen.status == 130, seen.out
    assert texts(ace) == before
    seen = on_a_terminal("playbook", "merge", "support", "trial", "-i", cwd=tmp_path, answers=[("Make them one?", "n")])
    assert seen.status == 0, seen.out
    assert len(texts(ace)) == 3


def test_leaving_the_questions_writes_nothing(ace: Ace, conflicting: str, tmp_path: Path) -> None:
    seen = on_a_terminal("playbook", "merge", "support", "trial", "-i", cwd=tmp_path, answers=[("[o]urs or [t]heirs", "q")])
    assert seen.status == 130
    assert texts(ace) == ["refund at once"]
