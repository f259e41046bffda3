"""`ace compare` as a person uses it: the table, the same figures after a stop, more arms and seeds, and what is refused."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ace.commands.run.progress import Tally
from ace.events import EpisodeEnded, PhaseStarted
from ace.memory.journal.leases import Owner
from ace.memory.store import Store
from ace.memory.values import CURATIONS
from tests.commands.said import Ace
from tests.pages.reading import read
from tests.strategies.lessons import lived

SMALL = ("desk", "--set", "level=easy", "--episodes", "6", "--eval", "4", "--batch", "6")


def figures(found: Any) -> Any:
    """What an experiment gave, without ids and times."""
    own = {"experiment": 0, "cautions": 0}
    arms = [{k: v for k, v in row.items() if k not in ("seconds", "runs", "cost_usd")} for row in found["arms"]]
    return {**{k: v for k, v in found.items() if k not in own}, "arms": arms}


def test_the_table_has_a_row_for_each_arm_and_one_sentence(ace: Ace) -> None:
    said = ace("compare", *SMALL, "--arms", "empty,frozen,reflexion", "--seeds", "2", "--batch", "3")
    assert said.status == 0, said.err
    assert (said.err + said.out).count("4 held-out cases tell little") == 1
    assert "Note: 4 held-out cases tell little" in ace("compare", "show").out
    lines = said.out.splitlines()
    assert [line.split()[0] for line in lines[4:7]] == ["empty", "frozen", "reflexion"]
    assert "frozen" in lines[8]
    assert lines[8].endswith(".")
    # Two changes stand in the table, each with an interval that takes no account of the other.
    each = "Each interval is of one comparison alone; p is adjusted for their number"
    assert each in " ".join(said.out.split())
    found = ace("compare", "show", "--json").json
    assert (found["cells"], found["done"], found["tasks"], found["baseline"]) == (6, 6, 4, "empty")
    assert [len(row["outcomes"]["1"]) for row in found["arms"]] == [4, 4, 4]
    empty, frozen, learned = found["arms"]
    assert empty["outcomes"] == frozen["outcomes"]
    assert (empty["curve"], len(learned["curve"])) == ([], 2)
    assert [point["episodes"] for point in learned["curve"]] == [3, 6]
    assert each not in ace("compare", *SMALL, "--arms", "empty,frozen", "--seeds", "2", "--batch", "3").out
    assert 0 < learned["curve"][0]["calls"] < learned["curve"][1]["calls"] < learned["calls"] / 2


def test_the_curve_ends_with_all_that_learning_took(ace: Ace) -> None:
    """Attempts, reflections on one and on several of them, and the curator's requests."""
    assert ace("compare", *SMALL, "--arms", "frozen,ace", "--seeds", "2", "--batch", "3").status == 0
    _, learned = ace("compare", "show", "--json").json["arms"]
    with Store.open("ace.db") as store:
        spent = {run.id: store.experiments.spent(run.id) for run in store.runs()}
        measured = {e.id for e in store.episodes(limit=None) if e.phase != "learn"}
    took = [
        [u for u in units if u.unit not in measured]
        for units in spent.values()
        if any(u.unit.startswith(CURATIONS) for u in units)
    ]
    assert len(took) == 2
    assert any("+" in u.unit for units in took for u in units)
    assert learned["curve"][-1]["calls"] == sum(u.calls for units in took for u in units) / 2


def test_a_fault_in_the_code_of_one_arm_is_a_line_and_the_other_arms_are_done(ace: Ace) -> None:
    Path("mine.py").write_text(
        "from ace.strategies.frozen import Frozen\n"
        "class Faulty(Frozen):\n"
        "    def context(self, task, book, earlier, draw=None):\n"
        "        raise RuntimeError('no sky today')\n"
    )
    said = ace("compare", *SMALL, "--arms", "./mine.py:Faulty,empty", "--seeds", "2")
    assert said.status == 1
    assert "2 of 4 runs failed" in said.err.splitlines()[-1]
    assert "no sky today" in said.err.splitlines()[-1]
    assert "line 4 of" in said.err.splitlines()[-1]
    assert "Traceback" not in said.err
    found = ace("compare", "show", "--json").json
    assert (found["done"], found["cells"]) == (2, 4)
    Path("mine.py").write_text("from ace.strategies.frozen import Frozen as Faulty\n")
    assert ace("compare", "resume", "--json").json["done"] == 4


def test_every_cell_is_a_run_that_run_show_knows_and_seeds_share_their_tasks(ace: Ace) -> None:
    found = ace("compare", *SMALL, "--arms", "empty,reflexion", "--seed", "3,5", "--json").json
    for row in found["arms"]:
        for seed, run in row["runs"].items():
            shown = ace("run", "show", run, "--json").json
            assert (shown["seed"], shown["status"]) == (int(seed), "done")
            assert (shown["before"]["n"], shown["after"]["n"]) == (0, 4)
        assert row["outcomes"]["3"].keys() == row["outcomes"]["5"].keys()


def test_an_experiment_that_was_stopped_and_resumed_gives_the_same_figures(ace: Ace) -> None:
    options = (*SMALL, "--arms", "empty,ace", "--seeds", "2", "--json")
    whole = ace("compare", *options, "--store", "whole.db").json
    stopped = ace("compare", *options, "--max-calls", "30")
    assert stopped.status == 3
    assert "ace compare resume x-" in stopped.err
    shown = ace("compare", "show", "--json").json
    assert shown["done"] < shown["cells"]
    again = ace("compare", "resume", "--max-calls", "100000", "--json").json
    assert figures(again) == figures(whole)


def test_a_further_arm_and_seed_do_only_what_is_new(ace: Ace) -> None:
    first = ace("compare", *SMALL, "--arms", "empty,reflexion", "--seeds", "2", "--json").json
    more = ace("compare", "extend", first["experiment"], "--arms", "frozen", "--seeds", "3", "--json").json
    assert more["experiment"] == first["experiment"]
    assert (more["done"], more["cells"], more["seeds"]) == (9, 9, [0, 1, 2])
    for old, new in zip(first["arms"], more["arms"], strict=False):
        assert old["runs"].items() <= new["runs"].items()
        assert old["outcomes"].items() <= new["outcomes"].items()
    whole = ace("compare", *SMALL, "--arms", "empty,reflexion,frozen", "--seeds", "3", "--json", "--store", "other.db").json
    assert figures(more) == figures(whole)


def test_the_same_arm_twice_shows_what_chance_does(ace: Ace) -> None:
    found = ace("compare", *SMALL, "--arms", "empty x2", "--seeds", "2", "--json").json
    assert [row["arm"] for row in found["arms"]] == ["empty", "empty#2"]
    [twins] = found["twins"]
    assert (twins["arm"], twins["twin"], twins["band"]["difference"]) == ("empty", "empty#2", 0)
    assert found["arms"][0]["runs"] != found["arms"][1]["runs"]


def test_one_seed_is_said_to_tell_no_spread_and_is_compared_within_itself(ace: Ace) -> None:
    said = ace("compare", *SMALL, "--arms", "empty,frozen", "--seeds", "1", "--json")
    assert said.status == 0
    assert "one seed tells no spread over seeds" in said.err
    assert said.json["arms"][1]["change"]["method"] == "paired"
    assert said.json["conclusion"].startswith("Within seed 0 alone")


def test_a_dry_run_says_what_each_arm_takes_and_stores_nothing(ace: Ace) -> None:
    said = ace("compare", *SMALL, "--arms", "empty,ace", "--seeds", "2", "--dry-run", "--json")
    empty, learns = said.json["arms"]
    assert empty["runs"] == learns["runs"] == 2
    assert 0 < empty["calls"] < learns["calls"]
    assert said.json["all"]["calls"] == empty["calls"] + learns["calls"]
    assert not Path("ace.db").exists()


def test_a_dry_run_counts_every_vote_and_further_attempt(ace: Ace) -> None:
    said = ace("compare", *SMALL, "--arms", "empty,retry,vote", "--arm", "twice=vote:samples=2", "--dry-run", "--json").json
    empty, *others = (row["calls"] for row in said["arms"])
    assert others == [4 * empty, 5 * empty, 2 * empty]


def test_a_limit_holds_for_all_runs_together_and_when_they_are_resumed(ace: Ace) -> None:
    stopped = ace("compare", *SMALL, "--arms", "empty,frozen", "--seeds", "2", "--max-calls", "7")
    assert (stopped.status, "7 calls" in stopped.err) == (3, True)
    again = ace("compare", "resume")
    assert (again.status, "the limit of 7 calls is reached" in again.err) == (3, True)
    assert "go on with a larger limit (N above 7): ace compare resume x-" in again.err
    refused = ace("compare", "resume", "--max-calls", "6")
    assert (refused.status, "has spent 7 already" in refused.err) == (2, True)
    found = ace("compare", "show", "--json").json
    assert sum(row["calls"] for row in found["arms"]) == 7
    assert found["conclusion"].startswith(("So far", "Nothing can be concluded yet"))


def test_a_run_of_a_stopped_experiment_can_be_resumed_by_itself(ace: Ace) -> None:
    ace("compare", *SMALL, "--arms", "empty,reflexion", "--seeds", "1", "--max-calls", "20")
    assert ace("run", "resume", "--max-calls", "1000").status == 0
    found = ace("compare", "resume", "--max-calls", "1000", "--json").json
    assert found["done"] == found["cells"] == 2
    shown = ace("run", "show", found["arms"][1]["runs"]["0"]).out
    assert f"experiment: {found['experiment']}" in shown
    assert "before" not in shown.partition("Success on held-out cases")[2].partition("after")[0]


def test_runs_side_by_side_give_the_same_outcomes_and_keep_one_limit(ace: Ace) -> None:
    Path("mine.py").write_text("from ace.models.novice import Novice\n\n\nclass Mine(Novice):\n    name = 'mine'\n")
    options = (*SMALL, "--arms", "empty,reflexion", "--seeds", "3", "--json")
    novice = ace("compare", *options, "--store", "other.db").json
    stopped = ace("compare", *options, "--model", "./mine.py:Mine", "--max-calls", "25")
    assert stopped.status == 3
    assert "25 calls" in stopped.err
    assert "expected of all 6 runs: up to about" in stopped.err
    mine = ace("compare", "resume", "--max-calls", "1000", "--json").json
    assert [row["outcomes"] for row in mine["arms"]] == [row["outcomes"] for row in novice["arms"]]
    assert [row["calls"] for row in mine["arms"]] == [row["calls"] for row in novice["arms"]]


def test_an_arm_has_gates_of_its_own_and_what_they_concluded_stands_below_the_table(ace: Ace) -> None:
    own = ("--arm", "tried=ace:gate=trial,gate-pairs=8", "--arm", "both=ace:gate=final,gate-pairs=8,mask=true")
    found = ace("compare", *SMALL, "--arms", "empty", *own, "--seeds", "2", "--json").json
    empty, tried, both = found["arms"]
    assert [row["own"] for row in (empty, tried)] == [{}, {"gate": "trial", "gate-pairs": "8"}]
    assert (empty["gates"], [g["gate"] for g in both["gates"]]) == ([], ["final"])
    [gate] = tried["gates"]
    assert (gate["gate"], gate["runs"]) == ("trial", 2)
    assert gate["proposals"] == gate["kept"] + gate["refused"] + gate["held"] > 0
    assert gate["calls"] == sum(
        ace("run", "show", run, "--json").json["roles"]["gate"]["calls"] for run in tried["runs"].values()
    )
    assert f"Arm tried: gate {gate['sentence']}." in " ".join(ace("compare", "show").out.split())
    assert ace("compare", "report", found["experiment"], "-o", "page.html").status == 0
    assert f": gate {gate['sentence']}." in read(Path("page.html").read_text()).text
    more = ace("compare", "extend", found["experiment"], "--arm", "judged=ace:gate=fit", "--json")
    assert [row["arm"] for row in more.json["arms"]] == ["empty", "tried", "both", "judged"]
    assert [(row["runs"], row["gates"]) for row in more.json["arms"][:3]] == [(r["runs"], r["gates"]) for r in found["arms"]]
    ignored = ace("compare", *SMALL, "--arms", "ace", "--arm", "a=ace:gate-alpha=0.1", "--gate-pairs", "9", "--dry-run").err
    assert "Warning: arm a: gate-alpha, gate-pairs are ignored: no gate of this run goes by them" in ignored


def test_an_export_has_a_row_for_each_arm_seed_and_task(ace: Ace) -> None:
    found = ace("compare", *SMALL, "--arms", "empty,frozen", "--seeds", "2", "--json").json
    assert ace("compare", "export", found["experiment"], "--csv", "-o", "out.csv").status == 0
    with Path("out.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 2 * 4
    won = {(r["arm"], r["seed"], r["task"]): r["verdict"] == "success" for r in rows}
    assert won["frozen", "1", "test-1"] is found["arms"][1]["outcomes"]["1"]["test-1"]
    assert ace("compare", "export", "--json").json["arms"] == found["arms"]
    assert "already" in ace("compare", "export", "--csv", "-o", "out.csv").err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--arms", "empty,refexion"), "did you mean 'reflexion'"),
        (("--arms", "ace,ace"), "write acex2"),
        (("--arms", "ace,frozen", "--baseline", "empty"), "baseline 'empty' is not among the arms (ace, frozen)"),
        (("--seeds", "2", "--seed", "1,2"), "give one of the two"),
        (("--seed", "1,1"), "seed 1 is there twice"),
        (("--arms", ","), "no arm is named"),
        (("--arm", "mine=ace:tokns=3"), "tokns"),
        (("--arm", "mine=./none.py:Mine"), "none.py"),
        (("--arm", "c=experts:experts=web"), "or a playbook); write the arm as c=experts:experts=web,fallback=..."),
        (("--max-calls", "0"), "more than 0"),
    ],
)
def test_bad_input_is_one_line_with_status_2_and_nothing_is_stored(ace: Ace, options: tuple[str, ...], told: str) -> None:
    said = ace("compare", *SMALL, *options)
    assert (said.status, said.out) == (2, "")
    assert told in said.err.splitlines()[-1]
    assert not Path("ace.db").exists()


def test_an_experiment_at_work_is_not_resumed_a_second_time(ace: Ace) -> None:
    found = ace("compare", *SMALL, "--arms", "empty", "--seeds", "1", "--json").json
    with Store.open("ace.db") as store:
        store.experiments.take(found["experiment"], Owner.here("other"), 60)
    said = ace("compare", "resume")
    assert said.status == 2
    assert "is at work" in said.err.splitlines()[-1]
    assert "stopped" not in said.err
    assert ace("compare", "list", "--json").json[0]["status"] == "running"


def test_an_experiment_is_extended_with_what_it_was_begun_with_alone(ace: Ace) -> None:
    ace("compare", *SMALL, "--arms", "empty", "--arm", "mine=frozen", "--seeds", "1", "--json")
    other = ace("compare", "extend", "x-", "--env", "dataset", "--arms", "ace")
    assert other.status == 2
    assert "--env dataset is not what experiment x-" in other.err.splitlines()[-1]
    same = ace("compare", "extend", "x-", "--arm", "mine=frozen:tokens=3")
    assert "arm mine is there with other settings" in same.err.splitlines()[-1]
    assert "there is no experiment 'x-none'" in ace("compare", "show", "x-none").err


def test_an_experiment_of_another_person_runs_no_code_that_it_names(ace: Ace, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mine.py").write_text("from ace.strategies.empty import Empty\n")
    Path("judging.py").write_text("from ace.runs.gates.fit import FitGate\n")
    for arms in (("--arms", "empty"), ("--arms", "empty,./mine.py:Empty"), ("--arm", "a=ace:gate=./judging.py:FitGate")):
        ace("compare", *SMALL, *arms, "--seeds", "1", "--json")
    own, *foreign = ace("compare", "list", "--json").json[::-1]
    monkeypatch.setenv("ACE_SECRET_FILE", str(Path("another").absolute()))
    for name in ("mine.py", "judging.py"):
        Path(name).write_text("raise SystemExit('it was run')\n")
    assert len(foreign) == 2
    for one in foreign:
        said = ace("compare", "extend", one["experiment"], "--seeds", "2")
        assert said.status == 2
        assert "may not be yours" in said.err.splitlines()[-1]
    assert ace("compare", "extend", own["experiment"], "--seeds", "2", "--json").json["done"] == 2


def test_the_settings_of_the_environment_are_those_of_the_experiment(ace: Ace) -> None:
    found = ace("compare", *SMALL, "--arms", "empty", "--seeds", "1", "--json").json
    other = ace("compare", "extend", found["experiment"], "--set", "level=normal", "--seeds", "2")
    assert other.status == 2
    assert "--set level=normal is not what experiment x-" in other.err.splitlines()[-1]
    assert ace("compare", "extend", found["experiment"], "--set", "level=easy", "--seeds", "2", "--json").status == 0


def test_an_experiment_does_not_go_on_with_other_tasks(ace: Ace) -> None:
    def rows(answer: str) -> str:
        return "".join(f'{{"prompt": "case {n}", "answer": "{answer}{n % 2}"}}\n' for n in range(4))

    Path("train.jsonl").write_text(rows("t"))
    Path("eval.jsonl").write_text(rows("e").replace("case", "held out"))
    data = ("dataset", "--set", "train=train.jsonl", "--set", "eval=eval.jsonl")
    begun = ace("compare", *data, "--arms", "empty", "--seeds", "1", "--json")
    assert begun.status == 0, begun.err
    Path("eval.jsonl").write_text(rows("e").replace("case", "something else"))
    said = ace("compare", "extend", begun.json["experiment"], "--seeds", "2")
    assert (said.status, said.out) == (2, "")
    assert "lists other tasks than when it was begun" in said.err.splitlines()[-1]
    assert ace("compare", "show", "--json").json["seeds"] == [0]


def test_a_stored_experiment_is_shown_against_another_arm(ace: Ace) -> None:
    begun = ace("compare", *SMALL, "--arms", "empty,retry", "--seeds", "2", "--json").json
    other = ace("compare", "show", "--baseline", "retry", "--json").json
    [empty] = [row for row in other["arms"] if row["arm"] == "empty"]
    [retry] = [row for row in begun["arms"] if row["arm"] == "retry"]
    assert empty["change"]["difference"] == -retry["change"]["difference"]
    assert retry["note"] == "success within 4 attempts, each told right or wrong"
    refused = ace("compare", "show", "--baseline", "vote")
    assert (refused.status, len(refused.err.splitlines())) == (2, 1)


def test_extending_by_what_is_there_says_that_nothing_is_added(ace: Ace) -> None:
    ace("compare", *SMALL, "--arms", "empty", "--seeds", "1", "--json")
    assert "nothing is added" in ace("compare", "extend", "x-", "--arms", "empty").err


def test_the_list_of_runs_says_which_arm_and_seed_a_run_is(ace: Ace) -> None:
    done = ace("compare", *SMALL, "--arms", "empty,retry", "--seeds", "1", "--json").json
    [retry] = [row for row in done["arms"] if row["arm"] == "retry"]
    listed = ace("run", "list").out
    assert f"({done['experiment']}: empty, seed 0)" in listed
    [row] = [line for line in listed.splitlines() if "retry, seed 0" in line]
    assert f" {100 * retry['success']:.1f} %" in row


def test_progress_counts_a_measured_case_once_however_many_attempts_it_gets() -> None:
    tally = Tally()
    tally.hear(PhaseStarted("after", 2))
    for n, attempt, won in ((1, 1, False), (1, 2, True), (2, 1, False), (2, 2, False)):
        tally.hear(EpisodeEnded(replace(lived(n, won), phase="after", attempt=attempt)))
    assert "2/2, success 50 % (last 2)" in tally.line()


def test_going_on_without_a_name_takes_the_last_that_is_not_done_and_says_so(ace: Ace) -> None:
    small = ("--arms", "empty,frozen", "--seeds", "1", "--episodes", "2", "--eval", "2")
    stopped = ace("compare", "desk", *small, "--max-calls", "3")
    assert stopped.status == 3, stopped.err
    [first] = ace("compare", "list", "--json").json
    assert ace("compare", "desk", *small, "--batch", "1").status == 0
    done = ace("compare", "resume", "--max-calls", "1000", "--json")
    assert done.status == 0, done.err
    assert done.json["experiment"] == first["experiment"]
    assert f"ace: going on with {first['experiment']}, the last experiment that is not done\n" in done.err
    again = ace("compare", "resume", "--max-calls", "1000", "--json")
    assert again.status == 0
    assert "ace: no experiment in this store is unfinished; this is the last one, " in again.err
    assert again.json["experiment"] != first["experiment"]
    listed = ace("playbook", "list").out
    assert listed.endswith("that runs of experiments learned are not listed; --all lists them\n"), listed
    rows = ace("playbook", "list", "--json").json
    assert {r["experiment"] for r in rows} == {r["experiment"] for r in ace("compare", "list", "--json").json}
    assert len(ace("playbook", "list", "--all").out.splitlines()) == len(rows) + 1


def test_arms_with_the_same_outcomes_are_said_to_have_them(ace: Ace) -> None:
    said = ace("compare", "desk", "--arms", "emptyx2", "--seeds", "2", "--episodes", "2", "--eval", "3")
    assert said.status == 0, said.err
    assert "  +0.0  same outcomes" in said.out
    assert "0.0 to 0.0 " not in said.out.split("same outcomes")[1].splitlines()[0]
