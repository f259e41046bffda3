"""A person who waits is told what takes long: an environment, the file of a model; where nothing takes long nothing is said."""

from __future__ import annotations

import io
import logging
import re
import sys
import threading
from pathlib import Path

import pytest

from ace.commands.terminal import patience
from ace.commands.terminal.loading import tell_of_loading
from ace.models.loading import LOG, loading


class Heard(io.StringIO):
    """A stream that says when it was written to."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def flush(self) -> None:
        self.written.set()


def test_what_takes_long_is_said_while_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr(patience, "AFTER", 0.0)
    monkeypatch.setattr(patience, "AGAIN", 0.0)
    monkeypatch.setattr(sys, "stderr", heard)
    with patience.opening("chess\x1b[31m", 1_000_000, 1):
        for _ in range(2):
            assert heard.written.wait(30)
            heard.written.clear()
    first, again, *_ = heard.getvalue().splitlines()
    # An evaluation and a run have no arms.
    assert first.startswith("ace: still opening chess")
    assert (
        "its tasks (1,000,000 training cases and 1 held-out case) are listed, tried where the strategy needs that, and" in first
    )
    assert re.fullmatch(r"ace: still opening chess.*, for \d+ s now", again)
    assert "\x1b" not in heard.getvalue()


def test_a_model_that_answers_late_is_said_to_be_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr(patience, "AGAIN", 0.0)
    monkeypatch.setattr(sys, "stderr", heard)
    with patience.waited("ace: still waiting for a model", 0.0):
        assert heard.written.wait(30)
    assert heard.getvalue() == "ace: still waiting for a model\n"


def test_a_models_file_is_told_before_it_is_loaded_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr(sys, "stderr", heard)
    files = [tmp_path / "large\x1b.gguf", tmp_path / "small.gguf"]
    for file in files:
        file.write_bytes(bytes(1_600_000))
    # A program that asks for nothing is told nothing.
    monkeypatch.setattr(logging.getLogger(LOG), "handlers", [])
    loading(files[0])
    assert heard.getvalue() == ""
    tell_of_loading()
    for file in (*files, *files):
        loading(file)
    first, second = heard.getvalue().splitlines()
    assert first.startswith(f"ace: loading the model {tmp_path}/large")
    assert second == f"ace: loading the model {files[1]} (2 MB), which can take a while"
    assert "\x1b" not in first


def test_what_is_done_at_once_says_nothing_later_either(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr(sys, "stderr", heard)
    with pytest.raises(ValueError, match="no such game"), patience.opening("chess"):
        raise ValueError("no such game")
    assert heard.getvalue() == ""
    assert not [t for t in threading.enumerate() if t.name == "ace-patience"]
