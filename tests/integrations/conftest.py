"""A model server that answers with ids of its own, and a playbook with one bullet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import ace
from ace.session.playbook import Playbook
from tests.models.server import Behaviour, ModelServer, answer, sends, usage
from tests.session.agents import add


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    with ModelServer() as running:
        yield running


@pytest.fixture
def playbook(tmp_path: Path) -> Iterator[Playbook]:
    with ace.open("support", store=tmp_path / "support.db") as opened:
        add(opened, "Be kind.")
        yield opened


def reply(id: str, text: str, **message: object) -> Behaviour:
    """A chat completion of that id and text."""
    return sends({**answer(text, "stop", usage(100, 10), **message), "id": id})


def break_store(playbook: Playbook, folder: Path) -> None:
    """Put something else where the playbook's store was, as a full disk or a careless person would."""
    playbook.close()
    for file in folder.glob("support.db*"):
        file.unlink()
    (folder / "support.db").write_text("This is no database.", encoding="utf-8")
