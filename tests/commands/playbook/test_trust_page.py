"""What docs/trust.md shows works as it stands there."""

from __future__ import annotations

import re
import shlex

from tests.commands.said import Ace
from tests.test_docs import COMMAND, PYTHON, ROOT

TEXT = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")


def test_its_python_and_then_its_commands_run_in_their_order(ace: Ace) -> None:
    for block in PYTHON.findall(TEXT):
        exec(compile(block, "documented", "exec"), {"__name__": "documented"})
    commands = [shlex.split(line)[1:] for line in COMMAND.findall(TEXT)]
    assert len(commands) >= 8
    for words in commands:
        said = ace(*words)
        assert said.status == 0, (words, said.err)


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([\w.-]+)\)", TEXT):
        assert any((ROOT / "docs" / name).is_file() for name in (target, f"{target}.md")), target
