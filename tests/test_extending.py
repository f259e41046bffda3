"""docs/extending.md: what it shows works as it is written, from outside and as one more file of ace."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from ace.cli import ROOM as COMMANDS
from ace.environments.registry import ROOM as ENVIRONMENTS
from ace.models.registry import ROOMS as MODELS
from ace.offered import offer, offered
from ace.playbooks.formats.registry import ROOM as FORMATS
from ace.runs.gates.registry import ROOM as GATES
from ace.strategies.registry import ROOM as STRATEGIES
from tests.commands.said import Ace

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))
HOMES = {
    "parity.py": "environments",
    "newest.py": "strategies",
    "short.py": "runs/gates",
    "first.py": "models/clients",
    "tabbed.py": "playbooks/formats",
    "codename.py": "playbooks/sensitive",
    "count.py": "commands",
}
"""Where in ace an example goes. A scorer has no place there."""
SCRIPT = """
import contextlib, io, json, pathlib, sys
import ace
from ace.cli import main

def run(*words):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(list(words))
        except SystemExit as done:
            return done.code, out.getvalue(), err.getvalue()

work = ["--episodes", "4", "--batch", "4", "--eval", "4", "--json"]
said = {
    "home": str(pathlib.Path(ace.__file__).parent),
    "names": run("env", "list"),
    "model": run("run", "parity", "--strategy", "newest", "--model", "first:any", "--gate", "short", "--playbook", "p", *work),
    "log": run("playbook", "log", "p", "--json"),
    "export": run("playbook", "export", "p", "-o", "p.tsv"),
    "import": run("playbook", "import", "p.tsv", "q", "--json"),
    "warned": run("playbook", "add", "p", "-s", "House", "-t", "Ask Zeus first.", "-r", "a test"),
    "count": run("count", "episodes", "--kind", "small"),
    "help": run("--help"),
}
print(json.dumps(said))
"""


def test_every_kind_has_an_example() -> None:
    assert set(EXAMPLES) == {*HOMES, "close.py"}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ace:
    """The command, in a folder with the examples as files of the user's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ACE_STORE", raising=False)
    for name, text in EXAMPLES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Ace(capsys)


def test_the_environment_the_strategy_the_gate_and_the_model_work_from_outside(files: Ace) -> None:
    assert files("env", "check", "./parity.py:Parity", "-n", "5").status == 0
    work = ("--model", "./first.py:First", "--strategy", "./newest.py:Newest", "--gate", "./short.py:Short")
    ran = files(
        "run", "./parity.py:Parity", *work, "--playbook", "p", "--episodes", "4", "--batch", "4", "--eval", "4", "--json"
    )
    assert ran.status == 0, ran.err
    assert ran.json["bullets"] == 1
    (bullet,) = files("playbook", "show", "p", "--json").json["bullets"]
    assert bullet["section"] == "Newest"
    assert "It is odd." in bullet["text"]
    judged = [j for delta in files("playbook", "log", "p", "--json").json for j in delta["judgements"]]
    assert {j["gate"] for j in judged} == {"guards", "fit", "./short.py:Short"}


def test_the_settings_of_strategy_and_gate_are_set_from_the_command_line(files: Ace) -> None:
    work = ("--model", "./first.py:First", "--strategy", "./newest.py:Newest", "--strategy-set", "section=Last")
    gate = ("--gate", "./short.py:Short", "--gate-set", "most=5")
    ran = files("run", "./parity.py:Parity", *work, *gate, "--playbook", "p", "--episodes", "4", "--eval", "2", "--json")
    assert (ran.status, ran.json["bullets"], ran.json["refused"] > 0) == (0, 0, True)


def test_the_scorer_works_from_outside(files: Ace, tmp_path: Path) -> None:
    for split in ("train", "eval"):
        row = json.dumps({"prompt": f"How far is it, {split}?", "answer": "100", "choices": ["95", "50", "100"]})
        (tmp_path / f"{split}.jsonl").write_text(row, encoding="utf-8")
    where = ("--set", "train=train.jsonl", "--set", "eval=eval.jsonl", "--set", "scorer=./close.py:close")
    ran = files("run", "dataset", *where, "--model", "./first.py:First", "--episodes", "1", "--json")
    assert (ran.status, ran.json["before"]["success"]) == (0, 1.0), ran.err


def test_each_is_one_file_in_ace(tmp_path: Path) -> None:
    home = tmp_path / "ace"
    shutil.copytree(ROOT / "ace", home, copy_function=os.symlink)
    for name, folder in HOMES.items():
        (home / folder / name).write_text(EXAMPLES[name], encoding="utf-8")
    there = {**os.environ, "PYTHONPATH": str(tmp_path), "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, env=there, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said.pop("home") == str(home)
    assert {name: (status, err) for name, (status, _, err) in said.items() if status} == {}
    assert "holds what looks like a code name" in said["warned"][2]
    out = {name: text for name, (_, text, _) in said.items()}
    assert "parity" in out["names"]
    assert json.loads(out["model"])["model"] == "first:any"
    assert {j["gate"] for delta in json.loads(out["log"]) for j in delta["judgements"]} == {"guards", "fit", "short"}
    assert "\tNewest\tOf number" in (tmp_path / "p.tsv").read_text(encoding="utf-8")
    assert (json.loads(out["import"])["added"], json.loads(out["import"])["bad"]) == (1, [])
    assert int(out["count"]) > 0
    assert out["help"].index("  store ") < out["help"].index("  count ") < out["help"].index("  config ")


@pytest.mark.parametrize("rooms", [[ENVIRONMENTS], [STRATEGIES], [GATES], MODELS, [FORMATS], [COMMANDS]], ids=str)
def test_what_a_module_offers_is_there(rooms: list[str]) -> None:
    offers = offered(*rooms)
    assert offers
    assert all(offer(spec) for spec in offers.values())
    modules = {spec.partition(":")[0] for spec in offers.values()}
    assert all(module.startswith(tuple(rooms)) for module in modules)


def test_a_name_that_two_modules_offer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = tmp_path / "twice"
    room.mkdir()
    for module in ("__init__", "one", "two"):
        (room / f"{module}.py").write_text('OFFERS = {"same": "x"}\nx = 1\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ValueError, match=r"'same' is offered by twice\.one:x and by twice\.two"):
        offered("twice")


def test_names_are_listed_in_order_without_importing_what_they_stand_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "listed"
    (room / "inner").mkdir(parents=True)
    (room / "__init__.py").touch()
    (room / "heavy.py").write_text('OFFERS = {"a": "x"}\nraise RuntimeError("imported")\n')
    (room / "early.py").write_text('OFFERS = {\n    "b": "x",\n    "c": "y",\n}\nPLACE = 5\n')
    (room / "inner" / "__init__.py").write_text('OFFERS: dict[str, str] = {"d": "app:app"}\nPLACE = 200\n')
    (room / "nothing.py").write_text("OFFERED = {}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    expected = {"b": "listed.early:x", "c": "listed.early:y", "a": "listed.heavy:x", "d": "listed.inner.app:app"}
    assert list(offered("listed").items()) == list(expected.items())
    with pytest.raises(RuntimeError, match="imported"):
        import_module("listed.heavy")


ENTRY_POINTS = """[ace.formats]
tabbed = tabbed:TABBED
nothing = tabbed:render

[ace.commands]
count = count:app
broken = count:episodes
"""


def test_an_installed_package_offers_formats_and_nouns(files: Ace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.stories import Story, add

    information = tmp_path / "theirs-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(ENTRY_POINTS.replace("nothing = tabbed:render\n", ""))
    for module in ("tabbed", "count"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    from ace.memory.store import Store

    with Store.open(tmp_path / "ace.db") as store:
        Story(store, "p").change(add("ask first"))
    assert files("playbook", "export", "p", "-o", "p.tsv").status == 0
    assert files("playbook", "export", "p", "--format", "tabbed").out.endswith("\task first\n")
    assert files("playbook", "import", "p.tsv", "q", "--json").json["added"] == 1
    listed = files("--help").out
    assert "Commands of installed packages:\n  broken  From package theirs.\n  count   From package theirs.\n" in listed
    assert (files("count", "episodes").status, files("count", "episodes").out) == (0, "0\n")
    refused = files("broken", "x")
    assert (refused.status, "it must be a typer.Typer" in refused.err) == (2, True)
    assert "tabbed" in files("playbook", "export", "p", "--format", "no-such-format").err
    (information / "entry_points.txt").write_text(ENTRY_POINTS)
    wrong = files("playbook", "export", "p", "--format", "nothing")
    assert (wrong.status, "must be a Format of ace.playbooks.formats.contract" in wrong.err) == (2, True)
