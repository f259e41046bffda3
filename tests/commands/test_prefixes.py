"""An id is taken by any beginning that names one; a beginning of several is told with them."""

from __future__ import annotations

from tests.commands.playbook.test_edit import added, require_refused
from tests.commands.said import Ace

_IDS_OF = "its ids are in: ace playbook show support"


def test_a_bullet_is_named_by_its_beginning(ace: Ace) -> None:
    one, two = added(ace, "one"), added(ace, "two")
    for op in ("pin", "unpin", "retire", "restore"):
        assert ace("playbook", op, "support", one[:-2], "-r", "why").status == 0
    for words in (("playbook", "why", "support", two[:-1]), ("playbook", "why", two[:-1])):
        assert ace(*words).status == 0
    require_refused(ace("playbook", "pin", "support", "ref-", "-r", "why"), one, two, "give more of the id")
    require_refused(ace("playbook", "pin", "support", "xyz-", "-r", "why"), "there is no bullet", _IDS_OF)
    require_refused(ace("playbook", "why", "support", "xyz-"), "there is no bullet", _IDS_OF)
    require_refused(
        ace("playbook", "trust", "support", "--bullet", "xyz-"),
        "there is no bullet",
        "its ids are in: ace playbook show support@",
    )
    require_refused(ace("playbook", "why", "xyz-"), "no playbook has a bullet 'xyz-'; ids are in: ace playbook show NAME")


def test_a_run_and_an_episode_are_named_by_their_beginning(ace: Ace) -> None:
    assert ace("run", "start", "desk", "--episodes", "2", "--eval", "2", "--retries", "0").status == 0
    (run,) = ace("run", "list", "--json").json
    episodes = ace("episode", "list", "--run", run["run"][:5], "--json").json
    assert len(episodes) == 6
    assert ace("run", "show", run["run"][:4]).status == 0
    assert ace("playbook", "log", run["result"]["playbook"], "--run", run["run"][:4], "--json").status == 0
    id = episodes[0]["episode"]
    assert ace("episode", "show", id[:-1], "--json").json["episode"] == id
    require_refused(ace("episode", "show", "e-"), "give more of the id")
    require_refused(ace("run", "resume", run["run"][:4]), f"run {run['run']} is done")


def test_a_choice_that_is_none_is_told_with_the_valid_ones(ace: Ace) -> None:
    added(ace, "one")
    require_refused(ace("episode", "list", "--verdict", "foo"), "'foo'", "failure, invalid, success")
    require_refused(
        ace("episode", "list", "--phase", "foo"), "'foo'", "after, before, eval, gate, learn, rollout, start, tune, waiting"
    )
    require_refused(ace("playbook", "log", "support", "--author", "foo"), "'foo'", "its authors are ", "person")


def test_the_list_of_runs_shows_what_they_gave_on_eighty_columns(ace: Ace) -> None:
    assert ace("run", "start", "desk", "--episodes", "2", "--eval", "2").status == 0
    head, row = ace("run", "list").out.splitlines()
    assert head.split()[:5] == ["run", "status", "before", "after", "gain"]
    assert max(len(head), len(row)) <= 80
