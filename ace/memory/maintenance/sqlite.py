"""The file of a store in SQLite: copies, checks and room on the disk.

Everything here is done to the file as a whole, outside any transaction of the store's, through SQLite's own means: its backup,
`integrity_check`, `VACUUM`, checkpoints.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from ace.errors import AceError
from ace.memory.database import backups
from ace.memory.database.sqlite import SQLite
from ace.memory.maintenance.protocol import Rewritten

_PATIENCE = 2000
"""Milliseconds that others get to finish reading before the write-ahead log is emptied; reads of ours take less."""
_MOST = 20
"""Faults of the file itself that are told; a file that is broken has many."""


class SQLiteFile:
    """The file behind a `SQLite` database. A `Maintenance`."""

    def __init__(self, database: SQLite) -> None:
        self._database = database

    @property
    def path(self) -> Path | None:
        return self._database.where.path

    def copy(self, target: Path) -> None:
        with self._database.alone() as source:
            backups.copy(source, target)

    def keep_automatic(self) -> bool:
        if self.path is None or not backups.due(self.path):
            return False
        try:
            with self._database.alone() as source:
                backups.keep_automatic(source, self.path)
        except sqlite3.Error as error:
            raise OSError(None, str(error)) from error
        return True

    def renew_automatic(self) -> None:
        if self.path is not None:
            backups.forget_automatic(self.path)

    def keep_before_change(self, label: str) -> None:
        backups.keep_copy(self.path, label)

    def other_copies(self) -> list[Path]:
        if self.path is None:
            return []
        return [p for p in backups.copies(self.path) if p != backups.beside(self.path, "auto-1")]

    def faults(self) -> list[str]:
        with self._database.alone() as source:
            try:
                found = [str(row[0]) for row in source.execute(f"PRAGMA integrity_check({_MOST})")]
                lost = source.execute("PRAGMA foreign_key_check").fetchmany(_MOST)
            except sqlite3.DatabaseError as error:
                return [f"file: {error}"]
        faults = [f"file: {line}" for text in found if text != "ok" for line in text.splitlines()]
        return faults + [
            f"file: row {row} of {table} names a row of {parent} that is not there" for table, row, parent, _ in lost
        ]

    def rewrite(self) -> Rewritten:
        before = self._size()
        with self._database.alone() as source:
            source.execute("VACUUM")
            source.execute(f"PRAGMA busy_timeout={_PATIENCE}")
            busy, _, _ = source.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return Rewritten(before, self._size(), not busy)

    def checkpoint(self) -> None:
        """As far as readers allow. What is committed is safe in the log, so a fault here, such as a full disk or a locked
        folder, never fails work that is done."""
        if self.path is None or self._database.read_only:
            return
        with suppress(sqlite3.Error, AceError), self._database.alone() as connection:
            connection.execute("PRAGMA busy_timeout=0")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    def _size(self) -> int:
        if self.path is None:
            with self._database.alone() as source:
                pages = source.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()
                return int(pages[0])
        found = backups.real(self.path)
        files = (found, found.with_name(found.name + "-wal"))
        return sum(f.stat().st_size for f in files if f.exists())
