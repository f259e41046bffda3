"""The `ace` command on a terminal of a given size: a real one, or, for looks alone, a text in memory that says it is one."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import sys
import termios
from dataclasses import dataclass
from pathlib import Path

import pytest

from ace.cli import main
from tests.command import ENVIRONMENT
from tests.warm import ACE, Process

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Screen:
    """What stood on the terminal, with its colours (`raw`) and without."""

    status: int
    raw: str

    @property
    def text(self) -> str:
        return _COLOURS.sub("", self.raw)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


class _Memory(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(patch: pytest.MonkeyPatch, *arguments: str, columns: int = 80, **more: str) -> Screen:
    """What `ace` draws on so many columns, in this process; `more` are variables of its environment."""
    paper = _Memory()
    for name, value in {"COLUMNS": str(columns), "LINES": "1000", "TERM": "xterm-256color", "PAGER": "cat", **more}.items():
        patch.setenv(name, value)
    with patch.context() as inner:
        inner.setattr(sys, "stdout", paper)
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
    return Screen(int(left.value.code or 0), paper.getvalue())


def on_terminal(*arguments: str, cwd: Path, columns: int = 80, lines: int = 1000, pager: str = "cat", **more: str) -> Screen:
    """Run `ace` on a terminal with so many columns and lines; `more` are further variables of its environment."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    plain = {k: v for k, v in ENVIRONMENT.items() if k not in ("NO_COLOR", "COLUMNS", "LINES", "LESS", "FORCE_COLOR")}
    environment = {**plain, "TERM": "xterm-256color", "PAGER": pager, **more}
    process = Process(ACE, arguments, cwd=cwd, env=environment, terminal=theirs)
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            # Linux reports the end of a terminal as an error.
            break
        if not part:
            break
        said += part
    os.close(ours)
    return Screen(process.wait(timeout=60), said.decode().replace("\r\n", "\n"))
