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


def commands() -> Iterator[str]:
    """The commands of the page, each on one line."""
    text = re.sub(r" \\\n\s+", " ", DOC.read_text(encoding="utf-8"))
    yield from re.findall(r"^    (ace .*)$", text, re.MULTILINE)


def test_every_command_of_the_page_runs(ace: Ace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.py").write_text(MODEL)
    found = list(commands())
    assert len(found) > 15
    run = ""
    for command in found:
        if any(mark in command for mark in LOCAL):
            continue
        for name, value in {"RUN": run, "TUNED": "./other.py:model", "STRONG": "./other.py:model"}.items():
            command = re.sub(rf"\b{name}\b", value, command)
        said = ace(*shlex.split(command)[1:])
        assert said.status == 0, (command, said.err[-2000:])
        if not run:
            run = ace("run", "list", "--json").json[0]["run"]


def test_commands_that_want_a_model_in_a_file_are_few() -> None:
    assert [c for c in commands() if any(mark in c for mark in LOCAL)] == [
        "ace run desk --model local:MODEL.gguf --proxy local:SMALL.gguf --alpha 1 --playbook essay",
        "ace proxy trace EPISODE",
    ]
