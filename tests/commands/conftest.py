"""A folder of its own and the `ace` command for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.said import Ace


@pytest.fixture
def ace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ace:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ACE_STORE", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    return Ace(capsys)
