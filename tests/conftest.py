"""What all tests share: a store in a folder of its own, the data's place, and no way out to the network."""

from __future__ import annotations

import importlib
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import pytest

from ace.memory.store import Store
from tests import examples

examples.load()

SECRET = "ACE_SECRET_FILE"
TEMPORARY = "PYTEST_DEBUG_TEMPROOT"
PREFIX, DAY = "ace-tests-", 24 * 60 * 60
MEMORY = Path("/dev/shm")
ROOM = 2 * 2**30
"""Bytes that must be free in `MEMORY`. What a test writes is removed as soon as it passes."""


def pytest_configure() -> None:
    """Where the tests' folders and temporary files are, and a secret of the tests' own: processes that they start are told.

    A commit waits for the disk, 1 to 2 ms each time, and the tests make many thousands. What is tested is that SQLite is asked
    to wait, and what a killed process leaves; both are the same in memory. No test takes away the machine's power.
    """
    # Of the terminal that the tests are run in: what is piped would be folded to its width.
    os.environ.pop("COLUMNS", None)
    if TEMPORARY not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ[TEMPORARY] = str(MEMORY)
    if SECRET not in os.environ:
        folder = _temporary_folder()
        # The last thing that this process does: multiprocessing removes what it has there at its end too.
        Finalize(None, shutil.rmtree, (folder, True), exitpriority=-1_000)
        private = folder / "secret"
        private.mkdir(mode=0o700)
        os.environ[SECRET] = str(private / "secret")
        os.environ["TMPDIR"], tempfile.tempdir = str(folder), None


def _temporary_folder() -> Path:
    """The folder of this session for temporary files, which other users may pass through. Those that killed sessions left a day
    ago or longer are removed."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # Another session may remove it too.
        with suppress(FileNotFoundError):
            if left.stat().st_mtime < time.time() - DAY:
                shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o711)
    return folder


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
