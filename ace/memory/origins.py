"""Which revision each fork began as.

The decision behind it: a fork keeps the key of the revision that it was made of, so what it is called is read when it is asked
for and cannot go stale.
"""

from __future__ import annotations

from ace.memory.sql import Sql
from ace.memory.store import Store

_ORIGINS = Sql(
    "SELECT p.name AS fork, o.name AS book, r.number FROM playbooks p JOIN revisions r ON r.key = p.origin "
    "JOIN playbooks o ON o.key = r.playbook"
)


def origins(store: Store) -> dict[str, str]:
    """By playbook that is a fork, the revision it began as: `NAME@NUMBER`."""
    with store._database.read() as c:
        return {row.fork: f"{row.book}@{row.number}" for row in _ORIGINS.all(c)}
