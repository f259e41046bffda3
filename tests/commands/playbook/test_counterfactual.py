"""`ace playbook counterfactual`: with and without, bullet by bullet, played once, never learned from."""

from __future__ import annotations

from typing import Any

import pytest

from ace.memory.store import Store
from tests.command import WORLDS
from tests.commands.said import Ace
from tests.stories import NAME, Story, add

GATE = f"{WORLDS}:Gate"
SHORT = ("playbook", "counterfactual", NAME, GATE, "--eval", "6")


@pytest.fixture
def book(story: Story) -> list[str]:
    """A playbook with two bullets."""
    return story.added(add("Look at the badge first."), add('In every other case: choose "let in".'))


def figures(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "runs"}


def test_each_task_is_played_with_and_without_and_once_only(ace: Ace, book: list[str]) -> None:
    first = ace(*SHORT, "--json")
    assert first.status == 0, first.err
    told = first.json
    assert told["both"] + told["gained"] + told["harmed"] + told["neither"] == told["tasks"] == 6
    assert (told["playbook"], told["by"], told["bullets"]) == (f"{NAME}@1", "none", [])
    assert len(told["gained_tasks"]) == told["gained"]
    again = ace(*SHORT, "--json")
    assert again.json == told
    assert all(run in again.err for run in told["runs"])
    anew = ace(*SHORT, "--anew", "--json").json
    assert (figures(anew), anew["runs"] != told["runs"]) == (figures(told), True)
    for run, revision in zip(told["runs"], (0, 1), strict=True):
        shown = ace("run", "show", run, "--json").json
        assert (shown["status"], shown["revision"]) == ("done", revision)


def test_bullets_are_left_out_alone_and_drawn_by_chance(ace: Ace, book: list[str]) -> None:
    told = ace(*SHORT, "--by", "both", "--plays", "4", "--json").json
    assert [b["bullet"] for b in told["bullets"]] == book
    assert len(told["runs"]) == 2 + len(book) + 1
    for b in told["bullets"]:
        assert b["leave_one_out"]["both"] + b["leave_one_out"]["neither"] + b["leave_one_out"]["gained"] <= 6
        assert b["inclusion"]["shown"] + b["inclusion"]["left_out"] == 24
    with Store.open("ace.db") as store:
        without = {e.task.key: e for e in store.episodes(run=told["runs"][2], limit=None)}
        whole = {e.task.key: e for e in store.episodes(run=told["runs"][1], limit=None)}
        drawn = store.episodes(run=told["runs"][-1], limit=None)
    assert {tuple(x.bullet for x in e.render.exposures if x.shown) for e in without.values()} == {(book[1],)}
    assert {key: e.seed for key, e in without.items()} == {key: e.seed for key, e in whole.items()}
    assert {x.probability for e in drawn for x in e.render.exposures} == {0.5}
    assert len({tuple(x.shown for x in e.render.exposures) for e in drawn}) == 4


def test_nothing_is_learned_and_no_evidence_or_effect_moves(ace: Ace, story: Story, book: list[str]) -> None:
    for won in (True, False, True):
        story.play(won, book, book[:1], lesson="Look.")
        story.play(won, book[:1], book[:1], [book[1]])
    read = (("effects", NAME), ("fit", NAME), ("show", NAME), ("log", NAME), ("trust", NAME))
    before = [ace("playbook", *words, "--json").out for words in read]
    assert ace(*SHORT, "--by", "both", "--plays", "2").status == 0
    assert [ace("playbook", *words, "--json").out for words in read] == before


@pytest.mark.parametrize("calls", ["5", "21"])
def test_a_study_that_was_stopped_goes_on_with_the_same_figures(ace: Ace, book: list[str], calls: str) -> None:
    wanted = ace(*SHORT, "--by", "both", "--plays", "2", "--json").json
    stopped = ace(*SHORT, "--by", "both", "--plays", "2", "--anew", "--max-calls", calls)
    assert (stopped.status, "the same command" in stopped.err) == (3, True)
    went_on = ace(*SHORT, "--by", "both", "--plays", "2", "--max-calls", "1000", "--json")
    assert went_on.status == 0, went_on.err
    assert figures(went_on.json) == figures(wanted)


def test_the_cost_is_said_before_anything_is_played(ace: Ace, book: list[str]) -> None:
    plan = ace(*SHORT, "--by", "both", "--plays", "3", "--dry-run", "--json").json["plan"]["evaluations"]
    assert [p["what"] for p in plan] == [
        "without the playbook",
        "with the playbook",
        *(f"without {id}" for id in book),
        "with bullets drawn by chance",
    ]
    assert plan[-1]["calls"] == 3 * plan[0]["calls"] > 0
    assert "All of it: up to about" in ace(*SHORT, "--dry-run").out
    assert ace("run", "list", "--json").json == []


def test_the_environment_is_that_of_the_last_run_where_none_is_named(ace: Ace) -> None:
    assert ace("run", "desk", "--set", "world=5", "--episodes", "10", "--eval", "2", "--playbook", "rules").status == 0
    said = ace("playbook", "counterfactual", "rules", "--eval", "3", "--json")
    assert said.json["environment"] == "desk"
    run = ace("run", "list", "--json").json[0]
    assert run["config"]["settings"] == {"world": "5"}


def test_an_evaluation_elsewhere_is_warned_of_and_does_not_change_what_is_meant(ace: Ace) -> None:
    assert ace("run", "desk", "--episodes", "20", "--eval", "1", "--playbook", "rules").status == 0
    elsewhere = f"Warning: playbook rules was learned in desk, and not in {GATE}"
    assert elsewhere in ace("eval", GATE, "--playbook", "rules", "--eval", "3").err
    assert "was learned in" not in ace("eval", "desk", "--playbook", "rules", "--eval", "1").err
    assert ace("eval", GATE, "--playbook", "rules", "--eval", "2").status == 0
    said = ace("playbook", "counterfactual", "rules", "--eval", "2", "--json")
    assert (said.status, said.json["environment"]) == (0, "desk")
    assert elsewhere in ace("playbook", "counterfactual", "rules", GATE, "--eval", "2", "--dry-run").err


def test_what_is_given_is_taken_also_where_it_is_the_default(ace: Ace) -> None:
    begun = ace("run", "desk", "--seed", "7", "--episodes", "10", "--eval", "1", "--playbook", "rules")
    assert begun.status == 0, begun.err
    words = ("playbook", "counterfactual", "rules", "--eval", "1")
    for given, seed in (((), 7), (("--seed", "0"), 0)):
        assert ace(*words, *given).status == 0
        assert [r["config"]["seed"] for r in ace("run", "list", "--json").json[:2]] == [seed] * 2


def test_what_cannot_be_played_is_refused_in_a_line(ace: Ace, book: list[str], story: Story) -> None:
    story.store.ensure_playbook("fresh")
    mine = ("playbook", "counterfactual")
    refusals = {
        (*mine, "suport", "desk"): "did you mean 'support'?",
        (*mine, NAME, "dsk"): "did you mean 'desk'?",
        (*mine, NAME): f"name the environment: ace playbook counterfactual {NAME} ENV",
        (*mine, NAME, "desk", "--by", "inclusions"): "did you mean 'inclusion'?",
        (*mine, NAME, "desk", "--by", "both", "--plays", "1"): "need 2 or more",
        (*mine, NAME, "desk", "--strategy-set", "keep=.5"): "keep is what a counterfactual sets",
        (*mine, NAME, "desk", "--model", "novise"): "did you mean 'novice'?",
        (*mine, "fresh", "desk"): "is empty (revision 0)",
        (*mine, f"{NAME}@7", "desk"): "has no revision 7",
    }
    for words, why in refusals.items():
        said = ace(*words)
        assert (said.status, said.out, why in said.err, said.err.count("\n")) == (2, "", True, 1), (words, said.err)
    for id in book:
        assert ace("playbook", "retire", NAME, id, "--reason", "old").status == 0
    assert "shows no bullet" in ace(*mine, NAME, "desk").err


def test_an_evaluation_shows_a_part_of_a_playbook(ace: Ace, book: list[str]) -> None:
    words = ("eval", GATE, "--playbook", NAME, "--eval", "2", "--strategy-set")
    assert ace(*words, f"without={book[0]}").status == 0
    assert "'none' is not in support@1" in ace(*words, "without=none").err
    assert "keep is 1.5; it must be a chance" in ace(*words, "keep=1.5").err
