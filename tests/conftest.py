"""What all tests share: a store in a folder of its own, the data's place, and no way out to the network."""

from __future__ import annotations

import importlib
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ace.memory.store import Store
from tests import examples

examples.load()

SECRET = "ACE_SECRET_FILE"
TEMPORARY = "PYTEST_DEBUG_TEMPROOT"
MEMORY = Path("/dev/shm")
ROOM = 2 * 2**30
"""Bytes that must be free in `MEMORY`. What a test writes is removed as soon as it passes."""


def pytest_configure(config: pytest.Config) -> None:
    """Where the tests' folders are, and a secret of the tests' own: processes that they start are told of both.

    A commit waits for the disk, 1 to 2 ms each time, and the tests make many thousands. What is tested is that SQLite is asked
    to wait, and what a killed process leaves; both are the same in memory. No test takes away the machine's power.
    """
    if TEMPORARY not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ[TEMPORARY] = str(MEMORY)
    if SECRET not in os.environ:
        folder = tempfile.mkdtemp(prefix="ace-secret-")
        os.environ[SECRET] = str(Path(folder) / "secret")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


ROOT = Path(__file__).resolve().parent.parent


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where several processes read all files of tests, every second one begins with the last file: each file is then compiled
    by the one that comes to it first, and the others find it done.

    Rewriting assertions is a third of the time until the first test, and processes in one order never find anything done.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    whole = [Path(given).resolve() for given in session.config.args] == [ROOT / "tests"]
    if not whole or int(worker) % 2 == 0 or sys.dont_write_bytecode:
        return
    for file in sorted((ROOT / "tests").rglob("test_*.py"), reverse=True):
        # What cannot be imported, or is skipped as a whole, is reported when it is collected.
        with suppress(Exception, pytest.skip.Exception):
            importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))


LOOPBACK = ("127.0.0.1", "localhost", "::1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "test.db") as opened:
        yield opened


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with real data, by `ACE_DATA` or beside the project; tests that need it are skipped where it is absent."""
    found = Path(os.environ.get("ACE_DATA") or ROOT.parent / "shared" / "data")
    if not found.is_dir():
        pytest.skip(f"no data at {found}; set ACE_DATA")
    return found


@pytest.fixture(autouse=True)
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections leave this machine in no test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
            raise OSError(f"tests may not connect to {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
