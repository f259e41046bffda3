"""Programs that are killed, starved or locked out while they work, and what they had done until then.

The decision behind it: what a program had done is known from what it said outside the store (the requests that it sent, the
edits that it was told are committed), so that the store is not asked whether the store lost anything.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ace.memory.store import Store
from ace.models.contract import Reply, Request
from ace.models.novice import Novice
from tests.command import ENVIRONMENT, WORLDS
from tests.warm import ACE, Process

SENT = "ACE_TEST_SENT"
"""The variable that names the file where requests are written down."""


class Counted(Novice):
    """Writes down the hash of every request that it is sent, and takes a little while to answer."""

    name = "counted"

    async def complete(self, request: Request) -> Reply:
        descriptor = os.open(os.environ[SENT], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, f"{request.hash}\n".encode())
        os.close(descriptor)
        await asyncio.sleep(0.003)
        return await super().complete(request)


RUN = ("run", f"{WORLDS}:Gate", "--model", f"{__file__}:Counted", "--episodes", "60", "--eval", "10")

EDITS = """
import contextlib, io, itertools, json, os, sys
from ace.cli import main

def ace(command, *arguments, reason):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            main(["playbook", command, "support", *arguments, "--reason", reason, "--json"])
        except SystemExit as left:
            if left.code:
                sys.exit(left.code)
    os.write(1, f"{reason}\\n".encode())
    return json.loads(said.getvalue())

os.write(1, b"ready\\n")
for i in itertools.count(int(sys.argv[1])):
    made = ace("add", "--section", f"Section {i % 3}", "--text", f"What was learned of case {i}", reason=f"{i} add")
    id = made["operations"][0]["new_id"]
    ace("pin", id, reason=f"{i} pin")
    ace("retire", id, reason=f"{i} retire")
    if i % 2:
        ace("restore", id, reason=f"{i} restore")
    else:
        ace("revert", str(made["revision"] + 2), reason=f"{i} revert")
"""
"""Edits by hand without end, through the command line, each said when it is done; its argument is the first one's number."""


def starved(program: str) -> str:
    """`program`, with the size of files limited to its first argument, in bytes."""
    return f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
{program}
"""


def as_anybody() -> None:
    """For a new process: what is read-only is read-only for it, though root starts it."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        drop, override, search = 24, 1, 2
        for capability in (override, search):
            if libc.prctl(drop, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "cannot give up the rights of root")


def begin(
    program: str, *arguments: str, cwd: Path, before: Callable[[], None] | None = None, requests: Path | None = None
) -> Process:
    """A Python program in a process of its own, which begins with `before`; its requests are written down in a file."""
    environment = {**ENVIRONMENT, SENT: str(requests or cwd / "sent")}
    return Process(program, arguments, cwd=cwd, env=environment, before=before)


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    status: int
    out: str
    err: str


def end(process: Process) -> Ended:
    out, err = process.communicate(timeout=240)
    return Ended(process.wait(), out, err)


def ran(*arguments: str, cwd: Path) -> Ended:
    """`ace` with these arguments, done."""
    return end(begin(ACE, *arguments, cwd=cwd))


def sent(cwd: Path) -> list[str]:
    """Hashes of the requests that were sent in a folder, in order."""
    path = cwd / "sent"
    return path.read_text().splitlines() if path.exists() else []


def wait_for(process: Process, happened: Callable[[], bool]) -> None:
    """Wait until something has happened, or the process has ended."""
    while process.poll() is None and not happened():
        time.sleep(0.002)


def journaled(path: Path) -> Counter[str]:
    """Hashes of the requests whose replies are in the store."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT request FROM calls WHERE reply IS NOT NULL").fetchall()
    connection.close()
    return Counter(row[0] for row in rows)


def in_flight(path: Path) -> Counter[str]:
    """Hashes of the requests that the store knows to have been begun and not answered."""
    with Store.open(path) as store:
        return Counter(call.request for run in store.runs() for call in store.in_flight(run.id))


def book(path: Path) -> tuple[str, list[object]]:
    """The only playbook of a store that is whole: the hash of its head, and its bullets."""
    with Store.open(path, create=False) as store:
        assert store.upkeep.check() == []
        [info] = store.playbooks()
        return info.head.hash, [(b.id, b.section, b.text, b.state, b.rank) for b in store.view(info.name).bullets(True)]


def reasons(path: Path) -> list[str]:
    """The reasons of the deltas of playbook `support`, the first one first, in a store that is whole."""
    with Store.open(path, create=False) as store:
        assert store.upkeep.check() == []
        return [d.reason for d in reversed(store.log("support"))]
