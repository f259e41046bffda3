"""The apparatus that a strong model is measured with: phases that stop at their limit, and a folder that readers answer."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


def loaded(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return import_module(name)


def strong(monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str) -> int:
    given = ["--dir", str(folder), "--world", "3", "--model", "novice", "--cases", "6", "--batch", "2", "--held-out", "4"]
    monkeypatch.setattr("sys.argv", ["strong.py", words[0], *given, *words[1:]])
    code = loaded("strong", monkeypatch).main()
    assert isinstance(code, int)
    return code


def test_a_phase_ends_at_its_limit_once_and_the_report_states_what_it_cost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert strong(monkeypatch, tmp_path, "before") == 0
    for arm in ("on", "off"):
        strong(monkeypatch, tmp_path, "after", "--arm", arm)
        assert "learn comes first" in capsys.readouterr().out
        strong(monkeypatch, tmp_path, "learn", "--arm", arm, "--limit", "8")
        assert "stopped" in capsys.readouterr().out
        strong(monkeypatch, tmp_path, "learn", "--arm", arm, "--limit", "8")
        assert "over already" in capsys.readouterr().out
        assert strong(monkeypatch, tmp_path, "after", "--arm", arm) == 0
    report = loaded("strong_report", monkeypatch)
    found = {arm: report.measured(tmp_path / "world-3" / f"{arm}.db") for arm in ("on", "off")}
    assert found["on"].calls <= 8 <= found["off"].calls
    assert len(found["on"].verdicts) == 4
    report.compared({3: found["off"]}, {3: found["on"]})
    assert "on - off, mean of 1 worlds" in capsys.readouterr().out


def test_a_reader_sees_what_waits_and_answers_it_in_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reader = loaded("reader", monkeypatch)
    for number in (1, 2):
        head = "# Request\n\nAsked.\n\n## Wanted: a text\n\n## Message 1: system\n\n> Rules."
        text = f"{head}\n\n## Message 2: user\n\n> Case {number}."
        (tmp_path / f"000{number}-generator-aa.request.md").write_text(text)
    assert reader.show_open(tmp_path, (1, 1), 0) == 0
    said = capsys.readouterr().out
    assert said.count("> Rules.") == 1
    assert "> Case 1." in said
    assert "> Case 2." in said
    assert reader.answer(tmp_path, {"0001-generator-aa": {"action": "x"}}) == 0
    assert "open: 0002-generator-aa" in capsys.readouterr().out
    assert json.loads((tmp_path / "0001-generator-aa.answer.json").read_text()) == {"action": "x"}
    assert reader.answer(tmp_path, {"0001-generator-aa": {}, "0009-x": {}}) == 1
    shares = [reader.waiting(tmp_path, (i, 3)) for i in (1, 2, 3)]
    assert sum(map(len, shares)) == 1
    reader.answer(tmp_path, {"0002-generator-aa": "yes"})
    assert reader.show_open(tmp_path, (1, 1), 0) == 4
    (tmp_path / "DONE").touch()
    assert reader.show_open(tmp_path, (1, 1), 0) == 3
