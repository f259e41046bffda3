"""What a database has to give: its schema as text, and the rows of one reading query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ace.environments.sql.results import QueryRows


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """`seconds` for a query, `rows` that are read of it, and bytes of them."""

    seconds: float = 5.0
    rows: int = 1_000
    size: int = 8 * 2**20


class Session(Protocol):
    """A connection that reads. Used by one scene at a time, in any thread."""

    def run(self, query: str) -> QueryRows:
        """The rows of one query that reads. Raises `QueryFault` for any other, one that fails, and one that takes too long or
        gives too much."""
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...


class QueriedDatabase(Protocol):
    """Where sessions come from. `dialect` is the name of the SQL that it reads."""

    dialect: str

    def session(self) -> Session:
        """A session of its own. Raises `OSError` where the database is gone."""
        ...

    def schema(self) -> str:
        """Tables and columns as statements that would create them. Raises `OSError`."""
        ...
