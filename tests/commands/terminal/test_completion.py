"""What the Tab key proposes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ace.memory.store import Store
from tests.starting import started
from tests.stories import Story, add
from tests.warm import Process

COMMAND = "import sys; sys.argv = ['ace']; from ace.cli import main; main()"


def proposed(folder: Path, line: str) -> list[str]:
    """What is proposed where `line` ends."""
    place = {
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split()) - (not line.endswith(" "))),
        "_ACE_COMPLETE": "complete_bash",
    }
    environment = {**os.environ, **place, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    environment.pop("ACE_STORE", None)
    process = Process(COMMAND, [], cwd=folder, env=environment)
    out, err = process.communicate()
    assert err == ""
    return out.split()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("ace playbook show su", ["support"]),
        ("ace playbook merge trial su", ["support"]),
        ("ace playbook show --store other.db ", ["elsewhere"]),
        ("ace playbook show --store nothing.db ", []),
        ("ace playbook show --store notes.txt ", []),
        ("ace run d", ["dataset", "desk"]),
        ("ace run desk --strategy r", ["reflexion", "retry", "rewrite", "route"]),
        ("ace env check de", ["desk"]),
    ],
)
def test_names_are_completed(tmp_path: Path, line: str, names: list[str]) -> None:
    for file, books in (("ace.db", ("support", "trial")), ("other.db", ("elsewhere",))):
        with Store.open(tmp_path / file) as store:
            for book in books:
                Story(store, book).change(add("one"))
    (tmp_path / "notes.txt").write_text("no store", encoding="utf-8")
    assert proposed(tmp_path, line) == names


def test_a_run_is_completed_and_completing_makes_no_store(tmp_path: Path) -> None:
    assert proposed(tmp_path, "ace run show r-") == []
    assert list(tmp_path.iterdir()) == []
    with Store.open(tmp_path / "ace.db") as store:
        run = started(store, {"environment": "desk"})
    assert proposed(tmp_path, "ace run show r-") == [run.id]
