"""Bringing a file to the schema of this version.

The decision behind it: numbered steps, each in one transaction with the record that it was taken, so a file is at a known
number whatever happens in between. Before a file with content is changed a copy is kept beside it. A file that is newer than
the program is not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ace.errors import StoreUnusable
from ace.memory.database.backups import keep_copy
from ace.memory.database.codec import now
from ace.memory.database.engine import Database
from ace.memory.database.migrations import start
from ace.memory.database.sql import Sql


@dataclass(frozen=True, slots=True)
class Migration:
    """Step to schema `number`: `apply` changes the tables."""

    number: int
    name: str
    apply: Callable[[Connection], None]


MIGRATIONS: Sequence[Migration] = (Migration(1, "start", start.apply),)

_TABLES = Sql("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
_OURS = Sql("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('migrations', 'bullet_versions')")
_NUMBER = Sql("SELECT max(number) FROM migrations")
_RECORD = Sql("INSERT INTO migrations (number, name, at) VALUES (:number, :name, :at)")


def schema(c: Connection, where: object) -> int:
    """The number of the schema in a file: 0 for an empty one. Raises `StoreUnusable` for somebody else's database."""
    if not _TABLES.value(c):
        return 0
    if _OURS.value(c) != 2:
        raise StoreUnusable(f"{where} is a database, but not one made by ace; name another file with --store")
    return int(_NUMBER.value(c) or 0)


def migrate(database: Database, steps: Sequence[Migration] = MIGRATIONS) -> bool:
    """Take the steps that a store still lacks; True if there were any.

    Raises `StoreUnusable` where the store is newer, or older and opened for reading.
    """
    newest = steps[-1].number
    with database.read() as c:
        found = schema(c, database.where)
    if found > newest:
        raise StoreUnusable(
            f"{database.where} was written by a newer version of ace (schema {found}; this one knows {newest}); upgrade ace"
        )
    if found == newest:
        return False
    if database.read_only:
        state = f"has schema {found}, older than {newest}; open it for writing once" if found else "is empty"
        raise StoreUnusable(f"{database.where} {state}")
    if found:
        keep_copy(database.where.path, f"schema-{found}")
    for step in steps:
        with database.write() as c:
            if schema(c, database.where) < step.number:
                step.apply(c)
                _RECORD(c, number=step.number, name=step.name, at=now())
    return True
