"""Whether the file at a store's path is still the one that was opened.

The decision behind it: a path and an open file part silently. After a move, a deletion or a replacement SQLite goes on writing
into a file that no later program finds, and its write-ahead log stays under the old name. Device and inode of the path are
compared with those at opening, for the file and for its log.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from ace.errors import StoreMoved

_LOG = "ace_log"
Identity = tuple[int, int] | None


class SameFile:
    """The file at `path` (`None`: in memory, which cannot move) as it was when it was first opened."""

    def __init__(self, path: Path | None) -> None:
        # A later change of the working directory does not make another file of it.
        self._path = None if path is None else str(path.absolute())
        self._log = f"{self._path}-wal"
        self._opened: Identity = None

    def remember(self) -> None:
        """Take the file that is there now as the one that was opened, unless one was before."""
        if self._path is not None and self._opened is None:
            self._opened = identity(self._path)

    def require(self) -> None:
        """Raise `StoreMoved` where the path no longer names the file that was opened."""
        if self._path is None or self._opened is None:
            return
        found = identity(self._path)
        if found != self._opened:
            what = "was moved or deleted" if found is None else "was replaced by another file"
            raise StoreMoved(
                f"{self._path} {what} while it was open, so nothing more is written to it; "
                "put the file back (with its -wal file, if there is one) and go on, or open the store where it is now"
            )

    def require_log(self, connection: MutableMapping[Any, Any]) -> None:
        """Raise `StoreMoved` where the write-ahead log is not the one that this connection, known by its `info`, writes to."""
        if self._path is None:
            return
        found = identity(self._log)
        if connection.setdefault(_LOG, found) != found:
            raise StoreMoved(
                f"{self._log} was moved or deleted while the store was open, so nothing more is written to it; "
                "put it back, or open the store anew"
            )


def identity(path: str) -> Identity:
    """Device and inode of the file at `path`; `None` where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
