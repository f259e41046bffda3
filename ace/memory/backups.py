"""Copies of a store.

The decision behind it: a copy is made by the database's own backup, page by page under a read lock, into a file beside the
target that takes its name only when it is complete; copying the file itself would miss what is still in the write-ahead log.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from ace.memory.engine import Database


def keep_copy(database: Database, label: str) -> Path | None:
    """A copy of a store beside it, named after it and `label`; `None` for a store in memory."""
    path = database.where.path
    if path is None:
        return None
    target = path.with_name(f"{path.name}.{label}.backup")
    copy(path, target)
    return target


def copy(source: Path, target: Path) -> None:
    """Copy the store in file `source` to file `target`, which appears whole or not at all."""
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    original = sqlite3.connect(source)
    try:
        made = sqlite3.connect(part)
        try:
            original.backup(made)
        finally:
            made.close()
    finally:
        original.close()
    os.replace(part, target)
