"""Episodes that wait to be learned from: those of a user's own agent without a reflection.

What has been learned is what has a reflection, in the same transaction that stored it; so nothing is forgotten and nothing
learned twice, by any process and after any crash. An episode that a strategy looked at and had nothing to say about is marked
as a unit of that run.
"""

from __future__ import annotations

from sqlalchemy import Connection

from ace.memory.database import refs
from ace.memory.database.sql import Sql

PASSED = "passed/"
"""What the name of a unit begins with that says that an episode was passed over; its id follows."""

_UNLEARNED = Sql(
    "SELECT e.key FROM episodes e WHERE e.playbook = :playbook AND e.verdict <> 'invalid' AND e.run IS NULL "
    "AND e.purged IS NULL AND NOT EXISTS (SELECT 1 FROM reflections r WHERE r.episode = e.key) "
    f"AND e.id NOT IN (SELECT substr(unit, {len(PASSED) + 1}) FROM units WHERE unit LIKE '{PASSED}%') "
    "ORDER BY e.key LIMIT :limit",
    int,
)


def unlearned(c: Connection, playbook: str, limit: int | None = None) -> list[int]:
    """Keys of the episodes of `playbook` that wait, oldest first, at most `limit`. Raises `NotFound`."""
    key = refs.head(c, playbook).playbook
    return _UNLEARNED.all(c, playbook=key, limit=-1 if limit is None else limit)
