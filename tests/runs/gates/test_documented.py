"""What docs/gates.md shows works as it stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from ace.memory.store import Store
from tests.commands.said import Ace
from tests.test_docs import ROOT, blocks

TEXT = (ROOT / "docs" / "gates.md").read_text(encoding="utf-8")


def test_the_gate_tries_each_delta(ace: Ace, tmp_path: Path) -> None:
    (tmp_path / "trial.py").write_text(blocks(TEXT, "class Trial"), encoding="utf-8")
    gate = ("--gate", "./trial.py:Trial", "--gate-set", "tasks=5")
    ran = ace("run", "desk", *gate, "--episodes", "10", "--retries", "0", "--learn-only", "--json")
    assert ran.status == 0, ran.err
    with Store.open("ace.db") as store:
        [delta] = store.log(ran.json["playbook"])
        assert store.count_episodes(phase="gate") == 10
    assert [(j.gate, j.figures.get("tasks")) for j in delta.judgements] == [
        ("guards", None),
        ("fit", None),
        ("./trial.py:Trial", 5),
    ]


def test_the_function_is_a_gate(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(blocks(TEXT, "async def small"), "documented", "exec"), {"__name__": "documented"})
    assert int(capsys.readouterr().out) > 0
