"""PostgreSQL, by its address: transactions that read, ended by the server when they take too long.

A query is run as a cursor of a read-only transaction, by the extended protocol, which takes one statement: so it can only be
one that reads, and it cannot end the transaction first. A role that may read files of the server, or anything else, is refused.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

from ace.environments.needs import require_needs
from ace.environments.sql.contract import QueryLimits, Session
from ace.environments.sql.results import QueryFault, QueryRows
from ace.errors import BadInput
from ace.keys import shown

PART = "PostgreSQL"
PREFIXES = ("postgresql://", "postgres://")
_CONNECT = 10
_IDLE = 16
_AT_ONCE = 50
_POWERS = """SELECT rolsuper OR pg_has_role(current_user, 'pg_read_server_files', 'member')
OR pg_has_role(current_user, 'pg_write_server_files', 'member')
OR pg_has_role(current_user, 'pg_execute_server_program', 'member')
FROM pg_roles WHERE rolname = current_user"""
_COLUMNS = """SELECT c.table_schema, c.table_name, c.column_name, c.data_type FROM information_schema.columns c
WHERE c.table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, c.ordinal_position"""
_WRITES = "only queries that read are run"
_CANCELLED, _NOT_READING = "57014", ("25006", "42601", "0A000")
"""SQLSTATE codes, since messages are in the server's language: out of time; a write, a syntax error, no cursor for it."""


class PostgresDatabase:
    """A database on a server. Sessions are used again; at most 16 are kept."""

    dialect = "PostgreSQL"

    def __init__(self, address: str, limits: QueryLimits) -> None:
        require_needs("sql", PART)
        self._driver: Any = import_module("psycopg")
        self._address, self._limits = address, limits
        self._idle: list[Any] = []
        weakref.finalize(self, _close_all, self._idle)
        self._lock = threading.Lock()
        try:
            with self._connected() as connection:
                powerful = connection.execute(_POWERS).fetchone()
                columns = connection.execute(_COLUMNS).fetchall()
        except OSError as error:
            raise BadInput(str(error)) from error
        if powerful is None or powerful[0]:
            raise BadInput(
                f"{shown(address)}: this role may do anything or use files of the server; connect as one that may only read"
            )
        if not columns:
            raise BadInput(f"{shown(address)}: this role can read no tables")
        self._schema = _written(columns)

    def session(self) -> Session:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None or connection.closed:
            connection = self._connect()
        return _PostgresSession(connection, self._limits, self)

    def schema(self) -> str:
        return self._schema

    def given_back(self, connection: Any) -> None:
        """Keep a connection for another session, as if it were new."""
        try:
            connection.execute("DISCARD ALL")
        except self._driver.Error:
            connection.close()
            return
        with self._lock:
            keep = len(self._idle) < _IDLE
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()

    def _connect(self) -> Any:
        try:
            return self._driver.connect(self._address, autocommit=True, connect_timeout=_CONNECT)
        except self._driver.Error as error:
            text = " ".join(str(error).split())
            raise OSError(f"{shown(self._address)} cannot be connected to: {text}") from error

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        connection = self._connect()
        try:
            yield connection
        except self._driver.Error as error:
            raise OSError(f"{shown(self._address)}: {' '.join(str(error).split())}") from error
        finally:
            connection.close()


class _PostgresSession:
    def __init__(self, connection: Any, limits: QueryLimits, home: PostgresDatabase) -> None:
        self._connection, self._limits, self._home = connection, limits, home

    def run(self, query: str) -> QueryRows:
        errors = import_module("psycopg").Error
        if "\0" in query:
            raise QueryFault("a query holds no NUL characters")
        try:
            self._connection.execute("BEGIN READ ONLY")
            until = time.monotonic() + self._limits.seconds
            try:
                self._within(until)
                # Prepared: one statement, and none of its text is a place for a parameter.
                self._connection.execute(f"DECLARE looked NO SCROLL CURSOR FOR {query}", prepare=True)
                return self._fetched(until)
            finally:
                self._end(errors)
        except errors as error:
            if self._connection.closed:
                raise OSError(f"the server is gone: {' '.join(str(error).split())}") from error
            raise QueryFault(self._told(error)) from None

    def _end(self, errors: Any) -> None:
        """End the transaction. A time limit that ran out while rows were sent strikes the next statement, which is this one."""
        for _ in range(2):
            with suppress(errors):
                self._connection.execute("ROLLBACK")
                return

    def _within(self, until: float) -> None:
        """Give the next statement the time that is left: each has a limit of its own, and a query may have lifted it."""
        left = until - time.monotonic()
        if left <= 0:
            raise QueryFault(self._late)
        self._connection.execute(f"SET LOCAL statement_timeout = {max(1, int(left * 1000))}")

    @property
    def _late(self) -> str:
        return f"the query was not done within {self._limits.seconds:g} seconds"

    def _fetched(self, until: float) -> QueryRows:
        found: list[tuple[Any, ...]] = []
        size = 0
        names: tuple[str, ...] = ()
        while len(found) <= self._limits.rows:
            self._within(until)
            cursor = self._connection.execute(f"FETCH FORWARD {_AT_ONCE} FROM looked")
            names = tuple(column.name for column in cursor.description or ())
            rows = cursor.fetchall()
            found += rows
            size += sum(len(str(value)) for row in rows for value in row)
            if size > self._limits.size:
                raise QueryFault(f"the rows are too large; at most {self._limits.size >> 20} MiB are read")
            if len(rows) < _AT_ONCE:
                return QueryRows(names, tuple(found[: self._limits.rows]), len(found) > self._limits.rows)
        return QueryRows(names, tuple(found[: self._limits.rows]), more=True)

    def _told(self, error: Any) -> str:
        text = " ".join((getattr(getattr(error, "diag", None), "message_primary", None) or str(error)).split())
        state = getattr(error, "sqlstate", "")
        if state == _CANCELLED:
            return self._late
        if state in _NOT_READING or "multiple commands" in text:
            return f"{text}; {_WRITES}, one at a time"
        return text

    def close(self) -> None:
        self._home.given_back(self._connection)


def _close_all(connections: list[Any]) -> None:
    while connections:
        connections.pop().close()


def _written(columns: list[tuple[str, str, str, str]]) -> str:
    tables: dict[str, list[str]] = {}
    for schema, table, column, kind in columns:
        tables.setdefault(table if schema == "public" else f"{schema}.{table}", []).append(f"    {column} {kind}")
    return "\n".join(f"CREATE TABLE {name} (\n" + ",\n".join(lines) + "\n);" for name, lines in tables.items())
