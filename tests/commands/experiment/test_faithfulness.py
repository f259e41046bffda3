"""`ace faithfulness`: stored decisions are asked again of the model that made them."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from ace.experiments.faithfulness import probes
from ace.memory.store import Store
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import prepare
from ace.settings import RunSettings
from tests.commands.said import Ace


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one run of the novice."""
    path = tmp_path_factory.mktemp("kept") / "ace.db"
    prepared = prepare(RunSettings(episodes=20, eval=8, retries=1))
    with Store.open(str(path), create=True) as store:
        asyncio.run(work(prepared, store, begin(prepared, store)))
    return path


@pytest.fixture
def run(kept: Path, ace: Ace) -> str:
    """The run, in the store of this folder."""
    shutil.copy(kept, "ace.db")
    with Store.open("ace.db") as store:
        return store.runs()[0].id


def test_the_novice_is_found_out_its_words_mean_nothing_and_its_lessons_decide(ace: Ace, run: str) -> None:
    told = ace("run", "list", "--json").json[0]
    said = ace("faithfulness", told["result"]["playbook"], "--cases", "12", "--json").json
    assert (said["run"], said["decisions"], said["area"]) == (run, 12, 0.0)
    flips = {f["probe"]: f for f in said["flips"]}
    assert flips[probes.REPLAY]["changed"] == 0
    assert flips[probes.EMPTY]["net"] == 0
    assert flips[probes.CITED]["net"] > flips[probes.UNCITED]["net"]


def test_the_page_says_what_follows_and_which_probes_are_missing(ace: Ace, run: str) -> None:
    told = ace("faithfulness", run[:6], "--cases", "3")
    assert "No sign that answers rest on the visible reasoning" in told.out
    assert "these two probes are left out" in told.err


def test_a_dry_run_sends_nothing_and_states_the_calls(ace: Ace, run: str) -> None:
    said = ace("faithfulness", run, "--cases", "3", "--dry-run", "--model", "openai/gpt-5-mini")
    assert said.status == 0
    assert "3 decisions" in said.out
    assert "nothing was sent" in said.out


def test_limits_hold(ace: Ace, run: str) -> None:
    said = ace("faithfulness", run, "--cases", "3", "--max-calls", "5")
    assert said.status == 3
    assert "limit of 5 calls" in said.err


def test_replies_can_be_recorded_and_played_back(ace: Ace, run: str) -> None:
    first = ace("faithfulness", run, "--cases", "2", "--record", "said.jsonl", "--json").json
    again = ace("faithfulness", run, "--cases", "2", "--model", "replay:said.jsonl", "--json").json
    assert again["flips"] == first["flips"]


def test_a_store_of_another_person_sends_nothing_to_the_model_it_names(ace: Ace, run: str) -> None:
    with sqlite3.connect("ace.db") as raw:
        [(text,)] = raw.execute("SELECT config FROM runs").fetchall()
        config = {**json.loads(text), "model": "openai/gpt-5-mini"}
        raw.execute("UPDATE runs SET config = ?", (json.dumps(config, sort_keys=True),))
    raw.close()
    refused = ace("faithfulness", run, "--cases", "2")
    assert refused.status == 2
    assert "may not be yours" in refused.err
    assert "--model" in refused.err
    assert ace("faithfulness", run, "--cases", "2", "--model", "novice").status == 0


@pytest.mark.parametrize(
    ("arguments", "named"), [(("nope",), "neither a run nor a playbook"), (("r-", "--cases", "0"), "cases"), (("",), "neither")]
)
def test_bad_input_is_one_line(ace: Ace, run: str, arguments: tuple[str, ...], named: str) -> None:
    said = ace("faithfulness", *arguments)
    assert said.status == 2
    assert named in said.err
    assert len(said.err.splitlines()) == 1
