"""Whether the file at a store's path is still the one that was opened, and still whole.

A path and an open file part silently. After a move, a deletion or a replacement SQLite goes on writing into a file that no
later program finds, and its write-ahead log stays under the old name. So device and inode of the file, its log and the log's
index are compared with those at opening. A file that another program writes over or cuts short keeps both, and SQLite goes on
from its cache. So every store has a number drawn by chance in its header (`application_id`), and a count (`user_version`) that
the first write after each change of the file raises, so that the file of an earlier day has a lower one. Both are read only
where the file's times have changed, which they do when the log is brought home.

The header is read by SQLite. A file that is opened and closed beside it loses the locks of all connections that this process
has to it, and then another process takes the log away when it ends.

Sources: sqlite.org/fileformat2.html (the header), sqlite.org/walformat.html (the log), sqlite.org/howtocorrupt.html, 2.2.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from collections.abc import MutableMapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ace.errors import StoreMoved
from ace.memory.database.backups import real, uri

_LOG, _INDEX, _LOG_START = "ace_log", "ace_log_index", "ace_log_start"
_TRIES = 3
"""Times that a header is read before it is taken for another's: a page may be read while it is written."""
_PAUSE = 0.02
_LARGEST = 0x7FFFFFFF
Identity = tuple[int, int] | None
State = tuple[int, ...]


class Pragmas(Protocol):
    """What a `PRAGMA` is sent through."""

    def exec_driver_sql(self, statement: str, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a file says: the store's number (0: none), and its count."""

    store: int
    count: int


class SameFile:
    """The file at `path` (`None`: in memory, which cannot move) as it was when it was first opened."""

    def __init__(self, path: Path | None) -> None:
        # A later change of the working directory does not make another file of it.
        self._path = None if path is None else path.absolute()
        self._opened: Identity = None
        self._state: State = ()
        self._store = self._in_file = self._count = 0
        self._counted = False
        self._real: Path | None = None
        self._named: tuple[Path, Path] | None = None

    def _log_and_index(self, path: Path) -> tuple[Path, Path]:
        """The files beside the store, named once: a link that leads elsewhere later is refused before."""
        if self._named is None:
            self._named = _beside(path, "-wal"), _beside(path, "-shm")
        return self._named

    def remember(self) -> None:
        """Take the file that is there now as the one that was opened, unless one was before."""
        if self._path is None or self._opened is not None:
            return
        self._opened, self._state = _look(self._path)
        self._real = real(self._path)
        if header := _header(self._path):
            self._store, self._in_file = header.store, header.count

    def require(self) -> None:
        """Raise `StoreMoved` where the path no longer names the file that was opened, or the file was written over."""
        if self._path is None or self._opened is None:
            return
        found, state = _look(self._path)
        # The log stands beside what a link leads to, so another program would look for it elsewhere.
        renamed = found == self._opened and real(self._path) != self._real
        if found != self._opened or renamed:
            what = "was moved or deleted" if found is None else "was replaced by another file"
            what = "was renamed, with a link in its place," if renamed else what
            raise StoreMoved(
                f"{self._path} {what} while it was open, so nothing more is written to it; "
                "put the file back (with its -wal file, if there is one) and go on, or open the store where it is now"
            )
        if state != self._state:
            shorter = state[0] < self._state[0]
            self._in_file = self._required_header(self._path, self._in_file, shorter=shorter).count
            self._state, self._counted = state, False

    def require_log(self, connection: MutableMapping[Any, Any]) -> None:
        """Raise `StoreMoved` where the write-ahead log is not the one that this connection, known by its `info`, writes to, or
        was written over. Called in a write transaction, while no other program may begin the log anew."""
        if self._path is None:
            return
        log, beside = self._log_and_index(self._path)
        found, (length, *_) = _look(log)
        index, _ = _look(beside)
        if connection.setdefault(_LOG, found) != found or connection.setdefault(_INDEX, index) != index:
            raise StoreMoved(
                f"{log} was moved or deleted while the store was open, so nothing more is written to it; "
                "put it back, or open the store anew"
            )
        start = _start(log)
        before, long, count = connection.get(_LOG_START, (start, length, 0))
        if start != before:
            # A log is begun anew when all that it held is in the file.
            self._required_header(self._path, count)
        elif length < long:
            raise _written_over(log)
        connection[_LOG_START] = start, length, self._count

    def count(self, connection: Pragmas) -> Header | None:
        """Give the store a number, where it has none, and raise its count, where the file has changed since that was done;
        `None` where there is nothing to do. Called in a write transaction; `committed` tells that it was."""
        if self._path is None or self._counted:
            return None
        found, count = (int(connection.exec_driver_sql(f"PRAGMA {p}").scalar()) for p in ("application_id", "user_version"))
        made = Header(found or secrets.randbelow(_LARGEST) + 1, count % _LARGEST + 1)
        if not found:
            connection.exec_driver_sql(f"PRAGMA application_id={made.store}")
        connection.exec_driver_sql(f"PRAGMA user_version={made.count}")
        return made

    def committed(self, header: Header | None, connection: MutableMapping[Any, Any]) -> None:
        """Keep in mind that `header` was committed, and with which log."""
        if self._path is None:
            return
        if header is not None:
            self._store, self._count, self._counted = header.store, header.count, True
        log, _ = self._log_and_index(self._path)
        connection[_LOG_START] = _start(log), _look(log)[1][0], self._count

    def _required_header(self, path: Path, least: int, *, shorter: bool = False) -> Header:
        """The header of the file. Raises `StoreMoved` where it is not that of this store, with a count of at least `least`, or
        where the file became `shorter` than its header says."""
        for _ in range(_TRIES):
            header = _header(path, whole=shorter)
            if header and header.count >= least and (header.store == self._store or 0 in (header.store, self._store)):
                return header
            time.sleep(_PAUSE)
        raise _written_over(path)


def _written_over(path: Path) -> StoreMoved:
    return StoreMoved(
        f"{path} was cut short or written over by another program while the store was open, so nothing more is written to it; "
        "end what has the store open, then bring back a backup with `ace store restore`, or copy the file there once more"
    )


def _beside(path: Path, end: str) -> Path:
    found = real(path)
    return found.with_name(found.name + end)


def _look(path: Path) -> tuple[Identity, State]:
    """Device and inode of the file at `path`, and its length in bytes with the times of its changes; `None` where there is
    none."""
    try:
        status = os.stat(path)
    except OSError:
        return None, (0,)
    return (status.st_dev, status.st_ino), (status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _header(path: Path, *, whole: bool = False) -> Header | None:
    """The header of the database in the file itself, without its log; `None` where there is none, or where the file has
    to be `whole` and is shorter than it says. While the log is brought home the first page is written before the last ones."""
    try:
        with closing(sqlite3.connect(uri(path) + "?immutable=1", uri=True)) as c:
            if not whole:
                c.execute("PRAGMA writable_schema=ON")
            pragmas = ("application_id", "user_version", "page_count", "page_size")
            store, count, pages, size = (int(c.execute(f"PRAGMA {p}").fetchone()[0]) for p in pragmas)
    except sqlite3.Error:
        return None
    return None if whole and pages * size > path.stat().st_size else Header(store, count)


def _start(log: Path) -> bytes:
    """The first bytes of the write-ahead log, which are others each time that it is begun anew. No lock is on this file."""
    try:
        file = os.open(log, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError:
        return b""
    try:
        return os.read(file, 32)
    finally:
        os.close(file)
