"""The one way by which texts come into a store.

Operations that write bullets pass through here too, so that every door warns of the secrets and personal data in them before
they are committed.

The owner's hook is known here and nowhere else. Every door (a batch, an import, a history, a merge, the journal, a run's
result) gives what it wants to keep to `cleared` or `writing`, and writes what it gets back. The hook is called before the
transaction begins, because it may take its time, and no other writer may wait for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from sqlalchemy import Connection

from ace.memory.bullets.search import SearchIndex
from ace.memory.database.protocol import Database
from ace.memory.log.redact import Redact, redacted
from ace.playbooks.sensitive.detectors import Detector, Detectors, NewText
from ace.warned import SensitiveWarning, warn

T = TypeVar("T")


class Writer:
    """Write transactions on a store, with the owner's hook and the index of its texts."""

    def __init__(
        self, database: Database, index: SearchIndex, hook: Redact | None = None, detectors: Iterable[Detector] = ()
    ) -> None:
        self.database, self.index, self._hook = database, index, hook
        self.detectors = Detectors(detectors)

    def read(self) -> AbstractContextManager[Connection]:
        return self.database.read()

    def write(self) -> AbstractContextManager[Connection]:
        """A transaction that writes no text from outside but what was `cleared` before."""
        return self.database.write()

    def cleared(self, given: T) -> T:
        """`given` as it may be stored: with every free text passed through the hook."""
        return redacted(given, self._hook)

    def warn(self, texts: Iterable[NewText], playbook: str) -> None:
        """Warn of what `texts`, cleared, that are about to be committed seem to hold of secrets and personal data."""
        for line in self.detectors.warnings(texts):
            warn(f"playbook {playbook!r}: {line}", SensitiveWarning)

    @contextmanager
    def writing(self, given: T) -> Iterator[tuple[Connection, T]]:
        """A transaction, and `given` as it may be written in it."""
        kept = self.cleared(given)
        with self.database.write() as c:
            yield c, kept
