"""SQLite: a database file or a dump, read and never written.

The file is opened read-only, writing is switched off in the connection, and an authoriser lets nothing pass but reading: any
one of them would do, and each is a line.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from ace.environments.sql.contract import QueryLimits, Session
from ace.environments.sql.results import QueryFault, QueryRows
from ace.errors import BadInput

_MAGIC = b"SQLite format 3\0"
_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_REFUSED_FUNCTIONS = {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "zeroblob", "randomblob"}
_INSTRUCTIONS = 2_000
"""Steps of SQLite's machine between two looks at the clock."""
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 2**20,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 500,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
_WRITES = "only queries that read are run"


class SqliteDatabase:
    """A database in a file, or a dump that is loaded into a file of its own, which goes with this object."""

    dialect = "SQLite"

    def __init__(self, path: Path, limits: QueryLimits) -> None:
        self._limits = limits
        self._file = path
        if not _is_database(path):
            folder = tempfile.mkdtemp(prefix="ace-sql-")
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            self._file = Path(folder) / "loaded.db"
            _load(path, self._file)
        self._schema = self._read_schema(path)

    def session(self) -> Session:
        try:
            connection = _connect(self._file)
        except sqlite3.Error as error:
            raise OSError(f"the database cannot be opened: {error}") from error
        return _SqliteSession(connection, self._limits)

    def schema(self) -> str:
        return self._schema

    def _read_schema(self, path: Path) -> str:
        asked = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('table', 'view') ORDER BY rowid"
        try:
            with closing(_connect(self._file)) as connection:
                found = [row[0] for row in connection.execute(asked)]
        except sqlite3.Error as error:
            raise BadInput(f"{path} cannot be used as an SQLite database: {error}") from error
        if not found:
            raise BadInput(f"{path} has no tables")
        return ";\n".join(found) + ";"


class _SqliteSession:
    def __init__(self, connection: sqlite3.Connection, limits: QueryLimits) -> None:
        self._connection, self._limits = connection, limits
        self._until = 0.0
        connection.execute("PRAGMA query_only = on")
        # What is sorted and does not fit goes to temporary files, which only the clock bounds.
        connection.execute("PRAGMA temp_store = file")
        connection.execute("PRAGMA trusted_schema = off")
        for limit, most in _LIMITS.items():
            connection.setlimit(limit, most)
        connection.set_authorizer(_allowed)
        connection.set_progress_handler(self._late, _INSTRUCTIONS)

    def _late(self) -> bool:
        return time.monotonic() > self._until

    def run(self, query: str) -> QueryRows:
        self._until = time.monotonic() + self._limits.seconds
        try:
            with closing(self._connection.execute(query)) as cursor:
                return self._rows(cursor)
        except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError, MemoryError) as error:
            raise QueryFault(self._told(error)) from None

    def _rows(self, cursor: sqlite3.Cursor) -> QueryRows:
        if cursor.description is None:
            raise QueryFault(f"it gives no rows; {_WRITES}")
        found: list[tuple[object, ...]] = []
        size = 0
        for row in cursor:
            if len(found) == self._limits.rows:
                return QueryRows(tuple(c[0] for c in cursor.description), tuple(found), more=True)
            found.append(row)
            size += sum(len(value) if isinstance(value, str | bytes) else 8 for value in row)
            if size > self._limits.size:
                raise QueryFault(f"the rows are too large; at most {self._limits.size >> 20} MiB are read")
        return QueryRows(tuple(c[0] for c in cursor.description), tuple(found))

    def _told(self, error: Exception) -> str:
        text = " ".join(str(error).split())
        if "interrupted" in text:
            return f"the query was not done within {self._limits.seconds:g} seconds"
        if "not authorized" in text or "prohibited" in text or "readonly" in text:
            return f"{text}; {_WRITES}"
        return text or type(error).__name__

    def close(self) -> None:
        self._connection.close()


def _allowed(action: int, first: str | None, second: str | None, *_: object) -> int:
    if action not in _READING or (action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _REFUSED_FUNCTIONS):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _connect(path: Path) -> sqlite3.Connection:
    # Scenes are opened in one thread and played in others, never in two at once.
    return sqlite3.connect(
        f"file:{quote(str(path.resolve()))}?mode=ro", uri=True, check_same_thread=False, isolation_level=None
    )


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from error


def _load(path: Path, into: Path) -> None:
    """Fill the new database `into` with the dump `path`. Raises `BadInput` with the line of the statement that fails."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} is neither an SQLite database nor a dump in UTF-8: {error}") from error
    try:
        with closing(_filling(into)) as connection:
            connection.executescript(text)
            if connection.in_transaction:
                connection.commit()
    except sqlite3.Error:
        into.unlink(missing_ok=True)
        # Statement by statement, slower, to find the line.
        line = 1
        try:
            with closing(_filling(into)) as connection:
                for line, statement in _statements(text):  # noqa: B007
                    connection.execute(statement)
        except sqlite3.Error as error:
            raise BadInput(
                f"{path}, line {line}: the dump does not load into SQLite: {' '.join(str(error).split())}"
            ) from error


def _filling(into: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(into, isolation_level=None)
    with suppress(sqlite3.Error):
        connection.execute("PRAGMA journal_mode = off")
        connection.execute("PRAGMA synchronous = off")
    connection.set_authorizer(_no_other_files)
    return connection


def _no_other_files(action: int, first: str | None, second: str | None, *_: object) -> int:
    refused = action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH)
    refused |= action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _REFUSED_FUNCTIONS
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The statements of a dump, each with the line that it begins on."""
    begins, held = 1, ""
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if not held.strip():
            begins, held = number, ""
        held += line
        if ";" in line and sqlite3.complete_statement(held):
            yield begins, held
            held = ""
    if held.strip():
        yield begins, held
