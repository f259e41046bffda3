"""Which revision each fork began as.

A fork keeps the key of the revision that it was made of, so what it is called is read when it is asked for and cannot go
stale.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.database.sql import Sql


class _Origin(NamedTuple):
    fork: str
    book: str
    number: int


_ORIGINS = Sql(
    "SELECT p.name AS fork, o.name AS book, r.number FROM playbooks p JOIN revisions r ON r.key = p.origin "
    "JOIN playbooks o ON o.key = r.playbook",
    _Origin,
)


def origins(c: Connection) -> dict[str, str]:
    """By playbook that is a fork, the revision it began as: `NAME@NUMBER`."""
    return {row.fork: f"{row.book}@{row.number}" for row in _ORIGINS.all(c)}
