"""Output that goes through a pager once it is longer than the screen.

What is printed is held back until it is known not to fit, and then goes to the pager as it is made, so a page of a hundred
thousand bullets begins at once and ends when the reader has seen enough. `PAGER` names the pager; empty or `cat` is none.
"""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
import sys

from ace.commands.terminal.streams import exact

LESS = "FRX"
"""What `less` is told where `LESS` says nothing: leave what fits, let colours through, keep the screen."""


class ReaderLeft(Exception):
    """The pager was closed before all was printed."""


def pager() -> list[str]:
    """The command of the reader's pager; empty where none is wanted or there is none."""
    named = os.environ.get("PAGER")
    if named is not None:
        command = shlex.split(named)
        return [] if command in ([], ["cat"]) else command
    found = shutil.which("less") or shutil.which("more")
    return [found] if found else []


class Page(io.StringIO):
    """A stream that is shown as it is while it fits on `height` lines, and through `command` once it does not."""

    def __init__(self, command: list[str], height: int) -> None:
        super().__init__()
        self._command, self._room = command, height - 1
        self._held: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    def write(self, text: str, /) -> int:
        if self._process is None:
            self._held.append(text)
            self._room -= text.count("\n")
            if self._room < 0 and self._command:
                self._start()
        else:
            self._send(text)
        return len(text)

    def _start(self) -> None:
        environment = {**os.environ, "LESS": os.environ.get("LESS", LESS)}
        try:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, env=environment, text=True, encoding="utf-8", errors="replace"
            )
        except OSError:
            # A pager that cannot be started must not keep anybody from reading.
            self._command = []
            return
        held, self._held = "".join(self._held), []
        self._send(held)

    def _send(self, text: str) -> None:
        pipe = self._process.stdin if self._process else None
        try:
            if pipe is not None:
                pipe.write(text)
        except BrokenPipeError:
            raise ReaderLeft from None

    def finish(self) -> None:
        """Show what was held back, or wait until the reader has closed the pager."""
        if self._process is None:
            # Our console made it visible before it gave it colours.
            shown = exact(sys.stdout)
            shown.write("".join(self._held))
            shown.flush()
        else:
            _wait(self._process)


def _wait(process: subprocess.Popen[str]) -> None:
    """Let the reader read. Ctrl-C is the pager's while it is open."""
    try:
        if process.stdin is not None:
            process.stdin.close()
    except BrokenPipeError:
        pass
    while True:
        try:
            process.wait()
            return
        except KeyboardInterrupt:
            continue
