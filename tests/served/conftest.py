"""The `ace` command in a folder of its own, a model server that the novice sits behind, and retries that take no time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from ace.commands.terminal import patience
from ace.models.wrappers import stack
from ace.models.wrappers.retry import Patience, Retrying
from tests.commands.said import Ace
from tests.models.server import ModelServer
from tests.models.taught import taught


@pytest.fixture
def ace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ace:
    # On a busy machine opening takes long enough to be told of, on a line of its own.
    monkeypatch.setattr(patience, "AFTER", 3600.0)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("ACE_STORE", "OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    return Ace(capsys)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(writes=taught) as running:
        yield running


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many tries as ever, with next to no wait between them."""
    monkeypatch.setattr(stack, "Retrying", partial(Retrying, patience=Patience(first=0.01, longest=0.02)))
