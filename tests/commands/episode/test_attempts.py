"""Attempts of other people's agents, as the commands show them: by their text, each once."""

from __future__ import annotations

import ace as library
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
