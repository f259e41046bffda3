"""The database connection: two doors to one file, and what can go wrong at them.

The decision behind it: the driver's own transaction handling is off. A writer starts with BEGIN IMMEDIATE, so that what it
reads is what it changes: with the default settings, two processes that read and then write lose updates without any error.
Readers have connections of their own, start with a plain BEGIN and never wait for a writer (write-ahead log). A commit is on
the disk when it returns (synchronous=FULL). Faults of the file become errors of ours, in one place.

Sources: sqlite.org/lang_transaction.html, sqlite.org/wal.html, sqlite.org/pragma.html.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool

from ace.errors import StoreDamaged, StoreUnusable

WAIT_SECONDS = 60.0
"""How long a writer waits for the others before it gives up."""
_MAGIC = b"SQLite format 3\x00"
_OLDEST = (3, 35, 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is: a file, or memory (`path` is `None`)."""

    path: Path | None

    def __str__(self) -> str:
        return ":memory:" if self.path is None else str(self.path)


def place(location: str | Path) -> Place:
    """The place that a path or a `sqlite:///` URL names. Raises `StoreUnusable` for another kind of URL."""
    text = str(location)
    if text.startswith("sqlite:"):
        text = text.removeprefix("sqlite:").removeprefix("//").removeprefix("/") or ":memory:"
    elif "://" in text:
        raise StoreUnusable(f"cannot open {text.split('://')[0]}://...: a store is a file path or sqlite:///PATH")
    if text == ":memory:":
        return Place(None)
    if not text or "\x00" in text:
        raise StoreUnusable("a store needs a file path, such as ace.db")
    return Place(Path(text))


class Database:
    """The writer's and the readers' connections to one place."""

    def __init__(self, where: Place, *, read_only: bool = False) -> None:
        if sqlite3.sqlite_version_info < _OLDEST:
            raise StoreUnusable(f"SQLite {sqlite3.sqlite_version} is too old; 3.35 or later is needed")
        self.where, self.read_only = where, read_only
        self._writing = threading.RLock()
        if where.path is None:
            self._writer = self._reader = _engine(where, "BEGIN", memory=True)
        else:
            self._reader = _engine(where, "BEGIN", read_only=read_only, query_only=True)
            self._writer = self._reader if read_only else _engine(where, "BEGIN IMMEDIATE")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction: committed at the end of the block, rolled back if it raises."""
        if self.read_only:
            raise StoreUnusable(f"{self.where} was opened for reading; open it for writing to change it")
        with self._writing, self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One read transaction: all reads in the block see the same state."""
        if self.where.path is None:
            with self._writing, self._reader.begin() as connection:
                yield connection
        else:
            with self._reader.begin() as connection:
                yield connection

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()


def _engine(where: Place, begin: str, *, memory: bool = False, read_only: bool = False, query_only: bool = False) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            _uri(where, read_only), uri=True, isolation_level=None, timeout=WAIT_SECONDS, check_same_thread=False
        )
        try:
            if not memory and not read_only:
                _write_ahead(connection)
            settings = ["foreign_keys=ON", "synchronous=FULL", "cache_size=-16000", "temp_store=MEMORY"]
            for setting in [*settings, "query_only=ON"] if query_only else settings:
                connection.execute("PRAGMA " + setting)
        except BaseException:
            connection.close()
            raise
        return connection

    if memory:
        engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)
    else:
        engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=4, max_overflow=60)
    event.listen(engine, "begin", lambda c: c.exec_driver_sql(begin))
    event.listen(engine, "handle_error", lambda context: _translate(where, context))
    return engine


def _uri(where: Place, read_only: bool) -> str:
    if where.path is None:
        return "file::memory:"
    path = where.path.absolute()
    uri = "file:" + quote(str(path))
    if not read_only:
        return uri + "?mode=rwc"
    log = path.with_name(path.name + "-wal")
    still = not writable(path.parent) and not (log.exists() and log.stat().st_size)
    return uri + ("?immutable=1" if still else "?mode=ro")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log. Where several processes make a store at once, this alone does not wait by itself."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if not (error.sqlite_errorname or "").startswith("SQLITE_BUSY") or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def writable(path: Path) -> bool:
    """Whether `path` may be written and is marked so: root may write a file that its owner made read-only, and should not."""
    return os.access(path, os.W_OK) and bool(path.stat().st_mode & 0o222)


def check_place(where: Place, *, create: bool, read_only: bool) -> None:
    """Raise `StoreUnusable`, with what is wrong and what would do, unless a store is or can be made at `where`."""
    path = where.path
    if path is None:
        return
    if path.is_dir():
        raise StoreUnusable(f"{path} is a folder; a store is a file, such as {path / 'ace.db'}")
    if not path.parent.is_dir():
        raise StoreUnusable(f"there is no folder {path.parent} to keep {path.name} in")
    if not path.exists():
        if read_only or not create:
            raise StoreUnusable(f"there is no store at {path}; name one with --store or ACE_STORE, or make one with `ace run`")
        if not writable(path.parent):
            raise StoreUnusable(f"cannot make {path}: the folder is read-only")
        return
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except OSError as error:
        raise StoreUnusable(f"cannot read {path}: {error.strerror}") from error
    if head != _MAGIC and not (head == b"" and create and not read_only):
        what = "is empty" if not head else "is not a database"
        raise StoreUnusable(f"{path} {what}; a store is an SQLite file made by ace")
    if not read_only and not (writable(path) and writable(path.parent)):
        locked = path if not writable(path) else path.parent
        raise StoreUnusable(f"{locked} is read-only; make it writable, or name another store with --store")


_FAULTS = {
    "SQLITE_BUSY": f"is locked by another program for more than {WAIT_SECONDS:.0f} seconds; try again",
    "SQLITE_LOCKED": "is locked; try again",
    "SQLITE_FULL": "cannot grow: the disk is full; free some space and go on, all that was committed is there",
    "SQLITE_READONLY": "is read-only; make it and its folder writable, all that was committed is there",
    "SQLITE_CANTOPEN": "cannot be opened; check that the file and its folder can be read and written",
    "SQLITE_IOERR": "could not be read or written (disk error)",
    "SQLITE_NOTADB": "is not a database, or has been overwritten; bring back a backup with `ace store restore`",
    "SQLITE_PERM": "may not be opened: permission denied",
    "SQLITE_AUTH": "may not be opened: permission denied",
}


def _translate(where: Place, context: ExceptionContext) -> None:
    error = context.original_exception
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith("SQLITE_CORRUPT"):
        raise StoreDamaged(f"{where} is damaged ({error}); bring back a backup with `ace store restore`") from error
    for code, message in _FAULTS.items():
        if name.startswith(code):
            raise StoreUnusable(f"{where} {message}") from error
