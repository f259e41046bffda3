"""Attempts of other people's agents, as the commands show them: by their text, each once."""

from __future__ import annotations

import json
import re

import pytest

import ace as library
from ace.environments.desk.texts import WISHES
from ace.types import Task
from tests.commands.said import Ace


def test_an_attempt_is_told_by_its_text_and_stands_once_when_its_outcome_came_later(ace: Ace) -> None:
    with library.open("support", store="ace.db") as playbook:
        with playbook.episode("A customer wants a refund for a lost parcel.") as first:
            kept = first.later(transcript="Refunded it.")
        with playbook.episode("Another customer complains of the noise.") as second:
            second.later(transcript="Wrote to them.")
        assert {e["phase"] for e in ace("episode", "list", "--json").json} == {"waiting"}
        playbook.report(kept, success=True)
    rows = ace("episode", "list", "--json").json
    assert sorted(e["phase"] for e in rows) == ["learn", "waiting"]
    assert len(ace("episode", "export").out.splitlines()) == 2
    assert len(ace("episode", "list", "--phase", "waiting", "--json").json) == 1
    page = ace("episode", "list").out
    assert "A customer wants a refund" in page
    assert "t-" not in page
    done = next(e["episode"] for e in rows if e["phase"] == "learn")
    assert "task A customer wants a refund" in ace("episode", "show", done).out


def test_a_task_with_an_id_of_its_own_keeps_it(ace: Ace) -> None:
    playbook = library.open("support", store="ace.db")
    with playbook, playbook.episode(Task("ticket-7", "Where is my parcel?")) as attempt:
        attempt.finish(True, transcript="On its way.")
    assert "ticket-7" in ace("episode", "list").out


def test_the_command_line_shows_the_kind_and_filters_by_it(ace: Ace) -> None:
    assert ace("run", "desk", "--episodes", "6", "--eval", "4", "--retries", "0").status == 0
    listed = ace("episode", "list", "--json").json
    kind = listed[0]["kind"]
    assert kind in WISHES.values()
    assert f" of kind {kind}," in ace("episode", "show", listed[0]["episode"]).out
    assert "kind" in ace("episode", "list").out.splitlines()[0]
    ours = [e["episode"] for e in listed if e["kind"] == kind]
    assert [e["episode"] for e in ace("episode", "list", "--kind", kind, "--json").json] == ours
    exported = [json.loads(line) for line in ace("episode", "export", "--kind", kind).out.splitlines()]
    assert [(e["episode"], e["kind"]) for e in exported] == [(id, kind) for id in ours]
    assert ace("episode", "list", "--kind", "nothing of the kind").out == "No such episodes.\n"
    assert ace("env", "show", "desk", "--json").json["sample"]["kind"] in WISHES.values()
    assert "A training task of kind " in ace("env", "show", "desk").out


@pytest.mark.parametrize(
    "command", [("list",), ("list", "--json"), ("export",), ("purge", "--yes"), ("purge", "--yes", "--json")]
)
def test_an_origin_that_no_episode_has_is_refused_by_every_command_that_asks_for_one(
    ace: Ace, command: tuple[str, ...]
) -> None:
    with library.open("support", store="ace.db") as playbook, playbook.episode("Where is my lamp?", origin="alice") as ep:
        ep.finish(success=True, transcript="On its way.")
    said = ace("episode", *command, "--origin", "alise")
    assert (said.status, said.out) == (2, "")
    assert said.err == "ace: no episode has the origin 'alise'; did you mean 'alice'?\n"
    channel = ace("episode", *command, "--origin", "person:ann")
    assert (channel.status, channel.out, channel.err[:42]) == (2, "", "ace: no episode has the origin 'person:ann")
    assert "leave it empty" not in channel.err
    known = ace("episode", *command, "--origin", "unverified")
    assert known.status == 0, known.err
    assert ace("episode", "list", "--origin", "alice", "--json").json[0]["text"] == "Where is my lamp?"


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("x" * 200, "x" * 20),
        ("我的灯坏了" * 40, "我的灯坏了" * 4),
        ("Q: " + "我的灯坏了" * 40, "Q: 我的灯坏了我"),
        ("https://shop.example/" + "a" * 100, "https://shop.example"),
        ("Where is the order that I placed last week, please?", "Where is the order that I placed last …"),
    ],
)
def test_a_long_text_without_blanks_is_cut_and_not_lost(ace: Ace, text: str, begins: str) -> None:
    with (
        library.open("support", store="ace.db") as playbook,
        playbook.episode(text, kind=text[:100], origin=text[:200]) as ep,
    ):
        ep.finish(success=True, transcript="Choose parcel.")
    task, kind, origin = re.split(" {2,}", ace("episode", "list").out.splitlines()[1])[4:7]
    assert task.startswith(begins)
    assert kind.startswith(begins[:20])
    assert origin.startswith(begins[:20])
