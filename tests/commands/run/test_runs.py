"""Running, measuring, resuming and looking at runs from the command line."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.command import WORLDS
from tests.commands.said import Ace

GATE = f"{WORLDS}:Gate"
SHORT = ("run", GATE, "--episodes", "20", "--eval", "10")
KEYS = """run status environment settings model strategy seed playbook revision before after gain oracle random nothing cases
episodes first within attempted invalid reflections bullets
accepted refused waiting gates replies curve alarms heaviest usage roles seconds""".split()  # noqa: SIM905
USAGE = ["calls", "prompt_tokens", "cached_tokens", "completion_tokens", "estimated_tokens", "cost_usd"]


def test_json_is_one_value_with_every_key_and_progress_is_elsewhere(ace: Ace) -> None:
    said = ace(*SHORT, "--json")
    assert said.status == 0
    assert list(said.json) == KEYS
    assert list(said.json["usage"]) == USAGE
    for phase in ("before", "after"):
        assert list(said.json[phase]) == ["success", "n", "interval", "invalid", "attempts"]
        assert said.json[phase]["n"] == 10
    assert said.json["replies"] == {"clean": said.json["usage"]["calls"]}
    assert said.json["cases"] == 20


def test_show_prints_what_the_run_printed(ace: Ace) -> None:
    result = ace(*SHORT, "--json").json
    assert ace("run", "show", result["run"], "--json").json == result
    page = ace("run", "show", result["run"]).out
    assert "Success on held-out cases" in page
    assert result["playbook"] in page


def test_the_page_says_where_everything_is_and_what_to_type_next(ace: Ace) -> None:
    page = ace(*SHORT, "--store", "my store.db").out
    commands = [line.strip() for line in page.partition("Next:")[2].strip().splitlines()]
    assert len(commands) == 3
    import shlex

    for command in commands:
        assert ace(*shlex.split(command)[1:]).status == 0, command


def test_plain_output_has_no_colours_and_no_blanks_at_the_ends_of_lines(ace: Ace) -> None:
    said = ace(*SHORT)
    assert "\x1b" not in said.out + said.err
    assert [line for line in said.out.splitlines() if line != line.rstrip()] == []
    assert "measuring before: 10/10" in said.err


def test_going_on_with_a_playbook_measures_the_empty_one_the_found_one_and_the_new_one(ace: Ace) -> None:
    first = ace(*SHORT, "--playbook", "gates", "--json").json
    second = ace(*SHORT, "--playbook", "gates", "--episodes", "30", "--json").json
    assert "start" not in first
    assert second["start"]["n"] == 10
    assert second["before"]["success"] == first["before"]["success"]
    assert second["revision"] >= first["revision"]


def test_an_evaluation_measures_any_revision_and_changes_nothing(ace: Ace) -> None:
    result = ace(*SHORT, "--playbook", "gates", "--json").json
    head = ace("playbook", "show", "gates", "--json").out
    after = ace("eval", GATE, "--playbook", "gates", "--eval", "10", "--json").json
    empty = ace("eval", GATE, "--playbook", "gates@0", "--eval", "10", "--json").json
    assert after["success"] == result["after"]
    assert empty["success"] == result["before"]
    assert ace("playbook", "show", "gates", "--json").out == head
    assert "success" in ace("eval", GATE, "--playbook", "gates", "--eval", "10").out


def test_learning_only_measures_nothing(ace: Ace) -> None:
    result = ace(*SHORT, "--learn-only", "--json").json
    assert (result["before"]["n"], result["after"]["n"], result["gain"]) == (0, 0, None)
    assert result["episodes"] == 20
    assert "held-out" not in ace("run", "show", result["run"]).out


def test_a_budget_stops_the_run_with_status_3_and_it_can_be_finished(ace: Ace) -> None:
    stopped = ace(*SHORT, "--playbook", "gates", "--max-calls", "60")
    assert stopped.status == 3
    assert "60 calls" in stopped.err
    assert "ace run resume" in stopped.err
    run = ace("run", "list", "--json").json[0]
    assert run["status"] == "stopped"
    shown = " ".join(ace("run", "show", run["run"]).out.split())
    assert "It is not done" in shown
    assert f"go on with a larger limit (N above 60): ace run resume {run['run']} --max-calls N" in shown
    finished = ace("run", "resume", "--max-calls", "100000", "--json").json
    ace(*SHORT, "--playbook", "others")
    whole, parts = (ace("playbook", "show", name, "--json").json for name in ("others", "gates"))
    assert parts["digest"] == whole["digest"]
    assert finished["after"]["n"] == 10


def test_a_run_that_goes_on_counts_the_cases_that_were_done_before_in_all_and_in_its_phase(ace: Ace) -> None:
    stopped = ace(*SHORT, "--batch", "4", "--concurrency", "1", "--max-calls", "60")
    assert stopped.status == 3
    played = [e["phase"] for e in ace("episode", "list", "--limit", "1000", "--json").json if e["attempt"] == 1]
    measured, learned = played.count("before"), played.count("learn")
    assert (measured, learned > 0, learned < 20, learned % 4) == (10, True, True, 0)
    said = ace("run", "resume", "--max-calls", "100000")
    assert f": 40 cases, {10 + learned} of them done before\n" in said.err
    assert f"learning: {learned + 4}/20" in said.err
    # All that the line counts is of the whole run.
    done = ace("run", "show", ace("run", "list", "--json").json[0]["run"], "--json").json
    last = next(line for line in said.err.splitlines() if line.startswith("learning: 20/20"))
    for n, word in ((done["reflections"], "reflection"), (done["accepted"], "edit"), (done["bullets"], "bullet")):
        assert f", {n} {word}" in last
    assert f", {done['refused']} refused" in last


def test_a_measurement_that_is_not_whole_is_marked_in_the_list(ace: Ace) -> None:
    ace(*SHORT, "--eval", "120", "--concurrency", "1", "--max-calls", "100", "--seed", "1")
    ace(*SHORT, "--concurrency", "1", "--max-calls", "60", "--seed", "2")
    ace(*SHORT, "--seed", "3")
    done, learning, before = ace("run", "list").out.splitlines()[1:]
    assert before.count(" % so far") == 1
    assert " % " in learning
    assert "so far" not in learning + done
    gain = ace("run", "show", done.split()[0], "--json").json["gain"]["difference"]
    assert f" {100 * gain:+.1f} " in done


def test_a_dry_run_says_that_no_prompt_fits(ace: Ace) -> None:
    said = ace(*SHORT, "--context", "10", "--dry-run")
    assert "tokens, and --context states 10: it would not be sent" in said.err
    stopped = ace(*SHORT, "--context", "10")
    assert (stopped.status, "ace run resume" in stopped.err) == (1, False)
    assert "above 0" in ace(*SHORT, "--context", "-4").err


def test_a_revision_where_a_playbook_is_named_is_said_to_be_one(ace: Ace) -> None:
    ace(*SHORT, "--playbook", "gates")
    assert "give its name alone: gates" in ace("playbook", "log", "gates@1").err
    assert "give the name without a revision: gates" in ace(*SHORT, "--playbook", "gates@1").err


def test_an_evaluation_that_goes_on_counts_each_attempt_that_was_measured_before(ace: Ace) -> None:
    ace(*SHORT, "--playbook", "gates")
    measure = ("eval", GATE, "--playbook", "gates", "--eval", "60", "--attempts", "2")
    assert ace(*measure, "--max-calls", "140", "--concurrency", "1").status == 3
    run = ace("run", "list", "--json").json[0]["run"]
    before = len(ace("episode", "list", "--run", run, "--limit", "1000", "--json").json)
    assert 60 <= before < 120
    said = ace("run", "resume", "--max-calls", "100000")
    assert f": 120 cases, {before} of them done before\n" in said.err
    assert "eval: 120/120" in said.err


@pytest.mark.parametrize("strategy", ["reflexion", "frozen"])
def test_other_strategies_run_and_leave_the_playbook_empty(ace: Ace, strategy: str) -> None:
    result = ace(*SHORT, "--strategy", strategy, "--retries", "2", "--json").json
    assert result["bullets"] == 0
    assert result["episodes"] > 20
    assert result["reflections"] > 0


def test_reflexion_can_curate_too(ace: Ace) -> None:
    arguments = ("--strategy", "reflexion", "--strategy-set", "curate=true", "--retries", "2", "--json")
    assert ace(*SHORT, *arguments).json["bullets"] > 0


def test_epochs_go_through_the_training_cases_again(ace: Ace) -> None:
    result = ace("run", GATE, "--episodes", "6", "--epochs", "2", "--eval", "2", "--json").json
    assert result["episodes"] == 12
    epochs = {e["epoch"] for e in ace("episode", "list", "--phase", "learn", "--json").json}
    assert epochs == {0, 1}


def test_concurrency_changes_nothing_but_time(ace: Ace) -> None:
    books = []
    for concurrency in ("1", "7"):
        store = ("--store", f"{concurrency}.db")
        name = ace(*SHORT, "--concurrency", concurrency, *store, "--json").json["playbook"]
        books.append(ace("playbook", "show", name, *store, "--json").out)
    assert books[0] == books[1]


def test_the_runs_are_listed_last_first(ace: Ace) -> None:
    ids = [ace(*SHORT, "--seed", str(seed), "--json").json["run"] for seed in range(2)]
    assert [r["run"] for r in ace("run", "list", "--json").json] == ids[::-1]
    assert [line.split()[0] for line in ace("run", "list").out.splitlines()] == ["run", *ids[::-1]]


def test_the_next_commands_can_be_typed_as_they_are_printed(ace: Ace) -> None:
    said = ace(*SHORT, "--playbook", "two words")
    printed = [line.strip() for line in said.out.splitlines() if line.startswith("  ace playbook ")]
    assert len(printed) == 2
    for command in printed:
        assert ace(*shlex.split(command)[1:]).status == 0


def test_the_store_can_be_named_by_the_environment(ace: Ace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACE_STORE", "named.db")
    assert ace(*SHORT).status == 0
    assert Path("named.db").exists()
    assert len(ace("run", "list", "--json").json) == 1


def test_the_novice_on_real_filings_beats_chance(ace: Ace, data: Path) -> None:
    folder = data / "finer"
    files = {"train": "train.jsonl", "eval": "val.jsonl", "choices": "choices.json"}
    settings = [f"--set={key}={folder / name}" for key, name in files.items()]
    more = ("--set=scorer=choice", "--set=reveal=true", "--episodes=200", "--eval=100", "--json")
    result = ace("run", "dataset", *settings, *more).json
    assert result["after"]["interval"][0] > 0.10
    assert result["before"]["success"] < 0.05


def test_environments_are_listed_shown_and_checked(ace: Ace) -> None:
    assert {e["name"] for e in ace("env", "list", "--json").json} >= {"desk", "dataset"}
    shown = ace("env", "show", "desk", "--json").json
    names = ["world", "level", "noise", "attackers", "verified", "attack", "drift", "desks", "only"]
    assert [s["name"] for s in shown["settings"]] == names
    assert "house rules" in shown["facts"]
    report = ace("env", "check", "desk", "-n", "5", "--json")
    assert (report.status, report.json["ok"]) == (0, True)
    broken = ace("env", "check", "desk", "--set", "noise=0.4", "-n", "20")
    assert broken.status == 1
    assert "FAIL seeds" in broken.out


def test_episodes_are_listed_filtered_and_shown_whole(ace: Ace) -> None:
    run = ace(*SHORT, "--json").json["run"]
    listed = ace("episode", "list", "--run", run, "--phase", "learn", "--verdict", "failure", "--json").json
    assert {e["verdict"] for e in listed} == {"failure"}
    whole = ace("episode", "show", listed[0]["episode"], "--json").json
    assert whole["reflections"][0]["situation"]
    assert whole["trace"][-1]["observation"] is None
    page = ace("episode", "show", listed[0]["episode"]).out
    assert "Reflection" in page
    assert json.loads(json.dumps(whole))["first"]["text"] in page
