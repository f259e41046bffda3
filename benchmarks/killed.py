"""What `bench_kill.py` kills: runs, and edits by hand, that write down outside the store what they have done."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import sys
from io import StringIO
from pathlib import Path
from typing import Any

from ace.cli import main as ace
from ace.models.contract import Reply, Request
from ace.models.novice import Novice

BOOK = "support"
SENT, DONE, ERRORS = "sent", "done", "errors"
"""The files, in the folder of a process, of the requests it sent, the edits it made, and what it complained of."""


class Counted(Novice):
    """Writes down the hash of every request that it is sent, and takes a little while to answer."""

    name = "counted"

    async def complete(self, request: Request) -> Reply:
        note(SENT, request.hash)
        await asyncio.sleep(0.003)
        return await super().complete(request)


def note(file: str, line: str) -> None:
    """Write down a line, which is there though the process be killed at once."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


def noted(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def work(folder: str, arguments: tuple[str, ...]) -> None:
    """In a process of its own: `ace` with these arguments."""
    os.chdir(folder)
    sys.exit(command(*arguments)[0])


def edit(folder: str, first: int) -> None:
    """In a process of its own: edits by hand without end, each written down when its command has ended."""
    os.chdir(folder)
    for i in itertools.count(first):
        made = change("add", "-s", f"Section {i % 3}", "-t", f"What was learned of case {i}", reason=f"{i} add")
        id = made["operations"][0]["new_id"]
        for way in ("pin", "retire", "restore"):
            change(way, id, reason=f"{i} {way}")


def change(way: str, *arguments: str, reason: str) -> Any:
    status, said = command("playbook", way, BOOK, *arguments, "--reason", reason, "--json")
    if status:
        sys.exit(status)
    note(DONE, reason)
    return json.loads(said)


def command(*arguments: str) -> tuple[int, str]:
    """The exit status of `ace` in this process, and what it printed; what it says besides goes to a file."""
    out = StringIO()
    with Path(ERRORS).open("a") as errors, contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            ace(list(arguments))
        except SystemExit as left:
            return int(left.code or 0), out.getvalue()
    return 0, out.getvalue()
