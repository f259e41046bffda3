"""The one way by which texts come into a store.

The owner's hook is known here and nowhere else. Every door (a batch, an import, a history, a merge, the journal, a run's
result) gives what it wants to keep to `cleared` or `writing`, and writes what it gets back. The hook is called before the
transaction begins, because it may take its time, and no other writer may wait for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from sqlalchemy import Connection

from ace.memory.bullets.search import SearchIndex
from ace.memory.database.protocol import Database
from ace.memory.log.redact import Redact, redacted

T = TypeVar("T")


class Writer:
    """Write transactions on a store, with the owner's hook and the index of its texts."""

    def __init__(self, database: Database, index: SearchIndex, hook: Redact | None = None) -> None:
        self.database, self.index, self._hook = database, index, hook

    def read(self) -> AbstractContextManager[Connection]:
        return self.database.read()

    def write(self) -> AbstractContextManager[Connection]:
        """A transaction that writes no text from outside but what was `cleared` before."""
        return self.database.write()

    def cleared(self, given: T) -> T:
        """`given` as it may be stored: with every free text passed through the hook."""
        return redacted(given, self._hook)

    @contextmanager
    def writing(self, given: T) -> Iterator[tuple[Connection, T]]:
        """A transaction, and `given` as it may be written in it."""
        kept = self.cleared(given)
        with self.database.write() as c:
            yield c, kept
