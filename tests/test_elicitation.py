"""Every command of docs/elicitation.md runs as it stands there, in its order, but for those that want a model in a file."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.said import Ace

DOC = Path(__file__).resolve().parent.parent / "docs" / "elicitation.md"
MODEL = '''
"""A model of one's own, for commands that compare two: the built-in learner by another name."""

from ace.models.novice import Novice


class Other:
    name = "other"

    def __init__(self):
        self._novice = Novice()

    async def complete(self, request):
        return await self._novice.complete(request)

    async def close(self):
        pass


model = Other()
'''
LOCAL = ("local:", "ace proxy trace")


@pytest.fixture
def ace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ace:
    """The command, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("ACE_STORE", "ACE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return Ace(capsys)


def commands() -> Iterator[str]:
    """The commands of the page, each on one line."""
    text = re.sub(r" \\\n\s+", " ", DOC.read_text(encoding="utf-8"))
    yield from re.findall(r"^    (ace .*)$", text, re.MULTILINE)


def test_every_command_of_the_page_runs(ace: Ace, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(MODEL)
    found = list(commands())
    assert len(found) > 15
    run = ""
    for command in found:
        if any(mark in command for mark in LOCAL):
            continue
        typed = re.sub(r"\b(TUNED|STRONG)\b", "./other.py:model", command.replace(" RUN ", f" {run} "))
        said = ace(*shlex.split(typed)[1:])
        assert said.status == 0, (typed, said.err[-2000:])
        if not run:
            run = ace("run", "list", "--json").json[0]["run"]


def test_commands_that_want_a_model_in_a_file_are_few() -> None:
    assert [c for c in commands() if any(mark in c for mark in LOCAL)] == [
        "ace run desk --model local:MODEL.gguf --proxy local:SMALL.gguf --alpha 1 --playbook essay",
        "ace proxy trace EPISODE",
    ]
