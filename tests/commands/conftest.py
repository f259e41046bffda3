"""A folder of its own and the `ace` command for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ace.commands.terminal import patience
from ace.memory.store import Store
from tests.commands.editor import Editor
from tests.commands.said import Ace
from tests.stories import Story


@pytest.fixture
def ace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ace:
    # On a busy machine opening takes long enough to be told of, on a line of its own.
    monkeypatch.setattr(patience, "AFTER", 3600.0)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ACE_STORE", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    return Ace(capsys)


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Editor:
    """The person's editor."""
    monkeypatch.delenv("VISUAL", raising=False)
    return Editor(tmp_path, monkeypatch)


@pytest.fixture
def story(ace: Ace) -> Iterator[Story]:
    """A playbook in the store that `ace` finds by itself."""
    with Store.open("ace.db") as store:
        yield Story(store)
