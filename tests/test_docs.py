"""What the documents show is what happens: their Python runs, and their commands exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.command import ace

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^ {4}(ace .*?)(?: +# .*)?$", re.MULTILINE)


def blocks(text: str, word: str) -> str:
    """The Python block that holds `word`."""
    found = [b for b in PYTHON.findall(text) if word in b]
    assert len(found) == 1
    return str(found[0])


@pytest.mark.parametrize(
    ("word", "spec", "least"), [("def shipping", "shipping.py:shipping", 0.9), ("class Post", "post.py:Post", 0.9)]
)
def test_the_environments_of_the_readme_keep_the_contract_and_can_be_learned(
    tmp_path: Path, word: str, spec: str, least: float
) -> None:
    import json

    (tmp_path / spec.partition(":")[0]).write_text(blocks(README, word), encoding="utf-8")
    checked = ace("env", "check", f"./{spec}", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    ran = ace("run", f"./{spec}", "--episodes", "100", "--json", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["after"]["success"] >= least


def test_the_environment_of_the_examples_runs(tmp_path: Path) -> None:
    ran = ace("run", f"{ROOT / 'examples' / 'shop.py'}:Shop", "--episodes", "10", "--eval", "5", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("line", sorted(set(COMMAND.findall(README))))
def test_every_command_of_the_readme_is_understood(tmp_path: Path, line: str) -> None:
    words = shlex.split(line)[1:]
    depth = 2 if words[0] in ("playbook", "episode", "env", "model", "store", "export") else 1
    shown = ace(*words[:depth], "--help", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    for option in (w for w in words if w.startswith("--")):
        assert option in shown.stdout


def test_the_design_names_every_room_and_no_other() -> None:
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    section = design.partition("## 3. The rooms")[2].partition("### The path of one episode")[0]
    drawn = "\n".join(re.findall(r"^ {4,}.*", section, re.MULTILINE))
    rooms = {p.parent.name for p in (ROOT / "ace").rglob("*.*") if p.is_file() and p.suffix != ".pyc"} - {"ace"}
    assert set(re.findall(r"\b([a-z]+)/(?=\s|$)", drawn)) == rooms


def test_every_key_of_the_result_is_in_the_readme() -> None:
    from tests.commands.run.test_runs import KEYS

    section = README.partition("## The result as JSON")[2]
    assert [key for key in [*KEYS, "start"] if f"`{key}`" not in section] == []
