"""The `ace` command on a terminal, with somebody who answers what it asks."""

from __future__ import annotations

import os
import pty
import select
from collections.abc import Sequence
from pathlib import Path

from tests.command import ENVIRONMENT
from tests.commands.said import Said
from tests.warm import ACE, Process

_PATIENCE = 60.0
"""Seconds without a word after which the command counts as stuck."""


def on_a_terminal(*arguments: str, cwd: Path, answers: Sequence[tuple[str, str]] = ()) -> Said:
    """Run the command; each of `answers` pairs what it will ask with what is typed then. All it printed is in `out`."""
    ours, theirs = pty.openpty()
    environment = {**ENVIRONMENT, "EDITOR": os.environ.get("EDITOR", ""), "VISUAL": "", "PAGER": "cat", "TERM": "xterm"}
    process = Process(ACE, arguments, cwd=cwd, env=environment, terminal=theirs)
    os.close(theirs)
    said, heard, left = "", 0, list(answers)
    try:
        while piece := _heard(ours):
            said += piece
            if left and left[0][0] in said[heard:]:
                heard = len(said)
                os.write(ours, left.pop(0)[1].encode() + b"\n")
        status = process.wait(_PATIENCE)
    finally:
        os.close(ours)
        process.kill()
    return Said(status, said.replace("\r\n", "\n"), "")


def _heard(terminal: int) -> str:
    """What comes next; nothing where the command has ended."""
    if not select.select([terminal], [], [], _PATIENCE)[0]:
        raise TimeoutError("the command waits for something that nobody answers")
    try:
        return os.read(terminal, 4096).decode("utf-8", "replace")
    except OSError:
        # A terminal whose other side is closed cannot be read.
        return ""
