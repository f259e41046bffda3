"""A person who waits for an environment is told what takes long, once; where nothing takes long nothing is said."""

from __future__ import annotations

import io
import sys
import threading

import pytest

from ace.commands.terminal import patience


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
    monkeypatch.setattr(sys, "stderr", heard)
    with patience.opening("chess\x1b[31m"):
        assert heard.written.wait(30)
    assert heard.getvalue().startswith("ace: still opening chess")
    # An evaluation and a run have no arms.
    assert "where the strategy needs that" in heard.getvalue()
    assert heard.getvalue().count("\n") == 1
    assert "\x1b" not in heard.getvalue()


def test_what_is_done_at_once_says_nothing_later_either(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    monkeypatch.setattr(sys, "stderr", heard)
    with pytest.raises(ValueError, match="no such game"), patience.opening("chess"):
        raise ValueError("no such game")
    assert heard.getvalue() == ""
    assert not any(isinstance(t, threading.Timer) and not t.finished.is_set() for t in threading.enumerate())
