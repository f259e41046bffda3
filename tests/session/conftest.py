"""A playbook in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import ace
from ace.session.playbook import Playbook


@pytest.fixture
def playbook(tmp_path: Path) -> Iterator[Playbook]:
    with ace.open("support", store=tmp_path / "support.db") as opened:
        yield opened
