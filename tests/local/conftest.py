"""A real language model for the tests of this folder, where `make test-local` has fetched it; else they are skipped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from ace.models.clients.language import LanguageModel
from ace.models.clients.local import LocalClient
from ace.models.registry import open_model
from tests.local.fetch import MODEL


@pytest.fixture(scope="session")
def gguf() -> Path:
    """The model's file."""
    if not MODEL.is_file() or find_spec("xllamacpp") is None:
        pytest.skip("no local model: make test-local fetches one (130 MB)")
    return MODEL


@pytest.fixture
async def model(gguf: Path) -> AsyncIterator[LanguageModel]:
    """The model in this process, with two slots of 2,048 tokens."""
    opened = open_model(f"local:{gguf},slots=2,context=2048")
    assert isinstance(opened, LanguageModel)
    yield opened
    await opened.close()


async def address(model: LanguageModel) -> str:
    """Where the server of a local model listens."""
    assert isinstance(model.client, LocalClient)
    return (await model.client.server()).address
