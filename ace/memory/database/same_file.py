"""Whether the file at a store's path is still the one that was opened, and still whole.

The decision behind it: a path and an open file part silently. After a move, a deletion or a replacement SQLite goes on writing
into a file that no later program finds, and its write-ahead log stays under the old name. Device and inode of the path are
compared with those at opening, for the file and for its log. A file that another program cuts short keeps both, and SQLite goes
on from its cache, so the lengths are compared too: a file that became shorter must still hold what its header says.

Source: sqlite.org/fileformat2.html (the header), sqlite.org/walformat.html (the index of the log).
"""

from __future__ import annotations

import os
import struct
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from ace.errors import StoreMoved

_LOG = "ace_log"
_LOG_LENGTH = "ace_log_length"
Identity = tuple[int, int] | None


class SameFile:
    """The file at `path` (`None`: in memory, which cannot move) as it was when it was first opened."""

    def __init__(self, path: Path | None) -> None:
        # A later change of the working directory does not make another file of it.
        self._path = None if path is None else str(path.absolute())
        self._log = f"{self._path}-wal"
        self._opened: Identity = None
        self._length = 0

    def remember(self) -> None:
        """Take the file that is there now as the one that was opened, unless one was before."""
        if self._path is not None and self._opened is None:
            self._opened, self._length = _look(self._path)

    def require(self) -> None:
        """Raise `StoreMoved` where the path no longer names the file that was opened, or the file was cut short."""
        if self._path is None or self._opened is None:
            return
        found, length = _look(self._path)
        if found != self._opened:
            what = "was moved or deleted" if found is None else "was replaced by another file"
            raise StoreMoved(
                f"{self._path} {what} while it was open, so nothing more is written to it; "
                "put the file back (with its -wal file, if there is one) and go on, or open the store where it is now"
            )
        if length < self._length and length < _pages(self._path):
            raise _cut_short(self._path)
        self._length = length

    def require_log(self, connection: MutableMapping[Any, Any]) -> None:
        """Raise `StoreMoved` where the write-ahead log is not the one that this connection, known by its `info`, writes to, or
        was cut short."""
        if self._path is None:
            return
        found, length = _look(self._log)
        if connection.setdefault(_LOG, found) != found:
            raise StoreMoved(
                f"{self._log} was moved or deleted while the store was open, so nothing more is written to it; "
                "put it back, or open the store anew"
            )
        if length < connection.get(_LOG_LENGTH, 0) and length < _frames(f"{self._path}-shm"):
            raise _cut_short(self._log)
        connection[_LOG_LENGTH] = length


def _cut_short(path: str) -> StoreMoved:
    return StoreMoved(
        f"{path} was cut short by another program while the store was open, so nothing more is written to it; "
        "bring back a backup with `ace store restore`"
    )


def _look(path: str) -> tuple[Identity, int]:
    """Device and inode of the file at `path`, and its length in bytes; `None` and 0 where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None, 0
    return (status.st_dev, status.st_ino), status.st_size


def _pages(path: str) -> int:
    """Bytes that the header of the database at `path` says there are; more than any file has where there is no header."""
    head = _start(path, 32)
    if not head.startswith(b"SQLite format 3\x00") or len(head) < 32:
        return 1 << 62
    (size,), (count,) = struct.unpack(">H", head[16:18]), struct.unpack(">I", head[28:32])
    return int(count) * (65536 if size == 1 else int(size))


def _frames(index: str) -> int:
    """Bytes of the write-ahead log that its index says are in use: a header of 32, and a page with 24 for each frame."""
    head = _start(index, 20)
    if len(head) < 20:
        return 0
    size, frames = (int(n) for n in struct.unpack("=HI", head[14:20]))
    return 32 + frames * (24 + (65536 if size == 1 else size)) if frames else 0


def _start(path: str, length: int) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(length)
    except OSError:
        return b""
