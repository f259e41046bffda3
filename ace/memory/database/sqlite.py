"""The database connection: two doors to one file, and what can go wrong at them.

The driver's own transaction handling is off. A writer starts with BEGIN IMMEDIATE, so that what it reads is what it changes:
with the default settings, two processes that read and then write lose updates without any error. Readers have connections of
their own, start with a plain BEGIN and never wait for a writer (write-ahead log). A commit is on the disk when it returns
(synchronous=FULL). Faults of the file become errors of ours, in one place.

Sources: sqlite.org/lang_transaction.html, sqlite.org/wal.html, sqlite.org/pragma.html.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool

from ace.bounds import shortened
from ace.errors import AceError, BadSetting, StoreDamaged, StoreUnusable
from ace.memory.database.backups import address, copies, leftovers, log_aside, logs_of, real, replaced, uri, way_back, writable
from ace.memory.database.process_fork import OneProcess, gate, mind
from ace.memory.database.protocol import FAULT
from ace.memory.database.same_file import SameFile

DEFAULT_STORE = "ace.db"
WAIT_SECONDS = 60.0
"""How long a writer waits for the others before it gives up."""
_OLDEST = (3, 35, 0)
_OURS = {"migrations", "bullet_versions"}
"""Tables by which a store is told from other databases."""


def store_location(given: str) -> str:
    """The store asked for, else `ACE_STORE`, else `ace.db` in the working directory."""
    return given or os.environ.get("ACE_STORE", "") or DEFAULT_STORE


def kept_location(given: str) -> str:
    """The same, for a command that reads or keeps something. Raises `BadSetting` for one in memory, which ends with it."""
    location = store_location(given)
    if in_memory(location):
        raise BadSetting(f"the store {location} is in memory and ends with this command; name a file, as in: --store ace.db")
    return location


def in_memory(location: str) -> bool:
    """Whether the store at `location` ends with the process."""
    return place(location).path is None


@dataclass(frozen=True, slots=True)
class Location:
    """Where a store is: a file, or memory (`path` is `None`)."""

    path: Path | None

    def __str__(self) -> str:
        return ":memory:" if self.path is None else str(self.path)


def place(location: str | Path) -> Location:
    """The place that a path or a `sqlite:///` URL names. Raises `StoreUnusable` for another kind of URL."""
    if not isinstance(location, str | Path):
        raise StoreUnusable(f"a store is {location!r:.80}; it must be a file path or an address, sqlite:///PATH")
    text = str(location)
    if text.startswith("sqlite:"):
        text = text.removeprefix("sqlite:").removeprefix("//").removeprefix("/") or ":memory:"
    elif "://" in text or text.startswith("file:"):
        raise StoreUnusable(f"cannot open {text.split(':')[0]}:...: a store is a file path or sqlite:///PATH")
    if text == ":memory:":
        return Location(None)
    if not text or "\x00" in text:
        raise StoreUnusable("a store needs a file path, such as ace.db")
    try:
        os.stat(text)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise StoreUnusable(f"{shortened(text, 80)} cannot be a store: {error.strerror}") from None
    return Location(Path(os.path.expanduser(text)))


class SQLite:
    """The writer's and the readers' connections to one place. A `Database`."""

    def __init__(self, where: Location, *, read_only: bool = False) -> None:
        if sqlite3.sqlite_version_info < _OLDEST:
            raise StoreUnusable(f"SQLite {sqlite3.sqlite_version} is too old; 3.35 or later is needed")
        self.where, self.read_only = where, read_only
        self._writing = threading.RLock()
        self.changes = 0
        """Write transactions that were committed through this object."""
        self._file = SameFile(where.path)
        self._connect()
        mind(self)

    @property
    def name(self) -> str:
        return str(self.where)

    def _connect(self) -> None:
        where, read_only = self.where, self.read_only
        if where.path is None:
            self._writer = self._reader = _engine(where, self._file, "BEGIN", memory=True)
        else:
            self._reader = _engine(where, self._file, "BEGIN", read_only=read_only, query_only=True)
            self._writer = self._reader if read_only else _engine(where, self._file, "BEGIN IMMEDIATE")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction: committed at the end of the block, rolled back if it raises. Raises `StoreMoved` where the
        file or its log is no longer the one that was opened: before the block, and again before and after the commit, so that
        a write into a file that will not be opened again is never reported as done."""
        self.require_writing()
        # In this order: a thread that waits for the lock must not hold up one that forks with it.
        with self._writing, gate.inside():
            self._file.require()
            with self._writer.begin() as connection:
                info = connection.info
                self._file.require_log(info)
                header = self._file.count(connection)
                yield connection
                self._file.require()
                self._file.require_log(info)
            self._file.committed(header, info)
            self._file.require()
        self.changes += 1

    def require_writing(self) -> None:
        """Raise `StoreUnusable` where the place was opened for reading alone."""
        if self.read_only:
            refuse_read_only(self.where)
            raise StoreUnusable(f"{self.where} was opened for reading; open it for writing to change it")

    @contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """A connection outside any transaction, for what SQLite does to a file as a whole: copy, check, vacuum. A store in
        memory has one connection, which no other thread gets meanwhile."""
        with _saying(self.where), self._alone_in_memory(), gate.inside():
            if self.where.path is None:
                with closing(self._writer.raw_connection()) as borrowed:
                    yield cast(sqlite3.Connection, borrowed.driver_connection)
            else:
                self._file.require()
                at = _uri(self.where, self.read_only)
                with closing(
                    sqlite3.connect(at, uri=True, isolation_level=None, timeout=WAIT_SECONDS, factory=OneProcess)
                ) as own:
                    yield own

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One read transaction: all reads in the block see the same state."""
        with self._alone_in_memory(), gate.inside(), self._reader.begin() as connection:
            yield connection

    def _alone_in_memory(self) -> AbstractContextManager[object]:
        return self._writing if self.where.path is None else nullcontext()

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()

    def let_go(self) -> None:
        """Close the connections before the process forks. A store in memory is its connection, and goes along as a copy."""
        if self.where.path is not None:
            self.close()

    def begin_anew(self) -> None:
        """In a process that was forked: a new lock, because the old one may be held by a thread that did not come along, and
        connections of its own."""
        self._writing = threading.RLock()
        if self.where.path is not None:
            self._connect()


def _engine(
    where: Location, file: SameFile, begin: str, *, memory: bool = False, read_only: bool = False, query_only: bool = False
) -> Engine:
    def connect() -> sqlite3.Connection:
        file.require()
        connection = sqlite3.connect(
            _uri(where, read_only),
            uri=True,
            isolation_level=None,
            timeout=WAIT_SECONDS,
            check_same_thread=False,
            factory=sqlite3.Connection if memory else OneProcess,
        )
        try:
            with _saying(where):
                if not memory and not read_only:
                    _write_ahead(connection)
                settings = ["foreign_keys=ON", "synchronous=FULL", "cache_size=-16000", "temp_store=MEMORY"]
                for setting in [*settings, "query_only=ON"] if query_only else settings:
                    connection.execute("PRAGMA " + setting)
            file.remember()
        except BaseException:
            connection.close()
            raise
        return connection

    if memory:
        engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)
    else:
        engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=4, max_overflow=60)
    event.listen(engine, "connect", lambda _, record: record.info.update({FAULT: partial(fault, where)}))
    event.listen(engine, "begin", lambda c: c.exec_driver_sql(begin))
    event.listen(engine, "handle_error", lambda context: _translate(where, context))
    return engine


def _uri(where: Location, read_only: bool) -> str:
    if where.path is None:
        return "file::memory:"
    path = where.path.absolute()
    name = uri(path)
    if not read_only:
        return name + "?mode=rwc"
    log = real(path).with_name(real(path).name + "-wal")
    # A writer has a log there. Without a writer, looking for it would make one and leave it behind, or fail.
    locked = not writable(path.parent) and not (log.exists() and log.stat().st_size)
    still = locked or not log.exists()
    return name + ("?immutable=1" if still else "?mode=ro")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log. Where several processes make a store at once, this alone does not wait by itself."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if not (error.sqlite_errorname or "").startswith("SQLITE_BUSY") or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def check_place(where: Location, *, create: bool, reading: bool) -> None:
    """Raise `StoreUnusable`, with what is wrong and what would do, unless a store is or can be made at `where`."""
    path = where.path
    if path is None:
        return
    if path.is_dir():
        raise StoreUnusable(f"{path} is a folder; a store is a file, such as {path / 'ace.db'}")
    if not path.parent.is_dir():
        raise StoreUnusable(f"there is no folder {path.parent} to keep {path.name} in")
    if owner := logs_of(real(path)):
        raise StoreUnusable(f"{path} is the name of a log of {owner.name}; a store is a file of its own, such as ace.db")
    if not path.exists():
        if copies(path):
            raise StoreUnusable(f"there is no store at {path}, but there are backups of one; {way_back(path)}")
        if left := leftovers(path):
            names = ", ".join(p.name for p in left)
            raise StoreUnusable(
                f"there is no store at {path}, but a restore left {names}; rename the one you want to {path.name}, "
                "or move them away to begin anew"
            )
        if reading or not create:
            raise StoreUnusable(
                f"there is no store at {path}; name one with --store, ACE_STORE or in ace.open, or make one with `ace run`"
            )
        if not writable(path.parent):
            raise StoreUnusable(f"cannot make {path}: the folder is read-only")
        return
    if not path.is_file():
        raise StoreUnusable(f"{path} is a pipe, a socket or a device; a store is a file, such as ace.db")
    if not os.access(path, os.R_OK):
        raise StoreUnusable(f"cannot read {path}: permission denied")
    empty = path.stat().st_size == 0
    if log := log_aside(path):
        raise StoreUnusable(
            f"a restore of {path} was cut short, and its log is called {log.name} now; restore again, or rename that to "
            f"{path.name}-wal to have the store as it was"
        )
    if (empty and not (create and not reading)) or (not empty and not is_database(path)):
        what = "is empty" if empty else "is not a database"
        _refuse_broken(path, what)
        raise StoreUnusable(f"{path} {what}; a store is an SQLite file made by ace, and there is no backup of one beside it")
    if empty:
        # Made anew it would look as if nothing had ever been learned.
        _refuse_broken(path, "is empty")
    else:
        _refuse_foreign(path, making=create and not reading)
    if not reading:
        refuse_read_only(where)


def read_only(where: Location) -> bool:
    """Whether there is a file that may not be written, or not in its folder, where the log of what is written goes."""
    return where.path is not None and where.path.exists() and not (writable(where.path) and writable(where.path.parent))


def refuse_read_only(where: Location) -> None:
    """Raise where there is a store that may only be read."""
    if where.path is not None and read_only(where):
        locked = where.path if not writable(where.path) else where.path.parent
        raise StoreUnusable(f"{locked} is read-only; make it writable, or name another with --store or in ace.open")


def _refuse_broken(path: Path, what: str) -> None:
    """Raise where a file that holds no store was one: its backups are there."""
    if found := copies(path):
        raise StoreDamaged(f"{path} {what}, but its backup {found[0].name} is there; {way_back(path)}")
    if kept := next(filter(is_store, replaced(path)), None):
        raise StoreDamaged(f"{path} {what}, but {kept.name} beside it is a store; {way_back(path, kept)}")


def _refuse_foreign(path: Path, *, making: bool) -> None:
    """Raise for a database that ace did not make: nothing in it may change, not even the way it keeps its journal. Where a
    store may be made, a file without tables is one whose making was cut short, or goes on in another process: a store has its
    tables in the file itself from the beginning."""
    tables = _tables(path)
    if tables == set() and not making:
        raise StoreUnusable(
            f"{path} is empty: a database without tables. Either making the store was cut short before anything was kept, and "
            f"`ace run` makes it anew, or the file was moved or copied without its log {path.name}-wal; put both side by side"
        )
    # The fault of a file that cannot be read is reported when it is opened.
    if tables and not tables >= _OURS:
        raise StoreUnusable(f"{path} is a database, but not one made by ace; name another with --store or in ace.open")


def is_database(path: Path) -> bool:
    """Whether SQLite takes a file for one of its own. A file opened and closed beside SQLite would lose the locks of all
    connections that this process has to it (sqlite.org/howtocorrupt.html, 2.2)."""
    try:
        with gate.inside(), closing(sqlite3.connect(address(path), uri=True)) as connection:
            connection.execute("PRAGMA application_id").fetchone()
    except sqlite3.Error as error:
        return (error.sqlite_errorname or "") != "SQLITE_NOTADB"
    return True


def is_store(path: Path) -> bool:
    """Whether a file that can be read holds a store, whole or not."""
    return (_tables(path) or set()) >= _OURS


def _tables(path: Path) -> set[str] | None:
    try:
        with gate.inside(), closing(sqlite3.connect(address(path), uri=True)) as connection:
            return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    # Junk in the list of tables may be no text.
    except (sqlite3.Error, UnicodeDecodeError):
        return None


_FAULTS = {
    "SQLITE_BUSY": f"is locked by another program for more than {WAIT_SECONDS:.0f} seconds; try again",
    "SQLITE_LOCKED": "is locked; try again",
    "SQLITE_FULL": "cannot grow: the disk is full; free some space and go on, all that was committed is there",
    "SQLITE_READONLY": "is read-only; make it and its folder writable, all that was committed is there",
    "SQLITE_CANTOPEN": "cannot be opened; check that the file and its folder can be read and written",
    "SQLITE_IOERR": "could not be read or written (a disk error, a quota or a limit on the size of files); make room or mend "
    "the disk and go on, all that was committed is there",
    "SQLITE_PERM": "may not be opened: permission denied",
    "SQLITE_AUTH": "may not be opened: permission denied",
}


def _translate(where: Location, context: ExceptionContext) -> None:
    error = context.original_exception
    if isinstance(error, AceError):
        raise error
    if found := fault(where, error):
        raise found from error


def fault(where: object, error: BaseException) -> AceError | None:
    """What an error of the driver means for the store `where`, or `None` where it means nothing that is known."""
    name = getattr(error, "sqlite_errorname", None) or ""
    # The driver has no error name for bytes that are not text, in a row or in its own message.
    no_text = isinstance(error, UnicodeDecodeError) or "decode to UTF-8" in str(error)
    if no_text or name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        what = "what should be text is none" if no_text else error
        return StoreDamaged(f"{where} is damaged ({what}); {way_back(Path(str(where)))}")
    message = next((message for code, message in _FAULTS.items() if name.startswith(code)), None)
    return None if message is None else StoreUnusable(f"{where} {message}")


@contextmanager
def _saying(where: Location) -> Iterator[None]:
    """Errors of the driver become errors of ours."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if found := fault(where, error):
            raise found from error
        raise
