"""What the store asks of a database.

Everything that is stored goes through transactions on SQLAlchemy connections and statements that are portable SQL, so another
engine has to bring these members and nothing else. What an engine can do with its files (backups, checks, compaction) stands
apart, in `ace.memory.maintenance.protocol`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection

FAULT = "ace_fault"
"""Where the `info` of a connection holds a `Translate`."""


class Translate(Protocol):
    """What an error of the driver means, or `None` where that is not known."""

    def __call__(self, error: BaseException, /) -> Exception | None: ...


class Database(Protocol):
    """A database that holds one store. Transactions of different threads may run at the same time."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def read_only(self) -> bool:
        """Whether it was opened for reading alone; `write` then raises `StoreUnusable`."""

    @property
    def changes(self) -> int:
        """Write transactions that were committed through this object."""

    def read(self) -> AbstractContextManager[Connection]:
        """One read transaction: all reads in the block see the same state. It never waits for a writer."""

    def write(self) -> AbstractContextManager[Connection]:
        """One write transaction, alone among all processes from its beginning: what it reads is what it changes. Committed, and
        durable, at the end of the block; rolled back if it raises. Each connection's `info` has a `Translate` under `FAULT`."""

    def require_writing(self) -> None:
        """Raise `StoreUnusable` where the store was opened for reading alone."""

    def close(self) -> None:
        """Close all connections."""
