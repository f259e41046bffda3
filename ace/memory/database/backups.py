"""Copies of a store, beside it.

A copy is made by the database's own backup, page by page under a read lock, because copying the file would miss what is still
in the write-ahead log. It goes into a file that takes the copy's name only when it is complete, on the disk and found whole,
so a copy of a broken store never replaces a good one. Two automatic copies are kept: the last one, and one that is up to an
hour older, because not every damage is noticed at once.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from ace.errors import StoreDamaged, StoreUnusable
from ace.memory.database.process_fork import gate

SUFFIX = ".backup"
ASIDE = "aside-"
RESTORED = "restored-"
"""What files are called, after the store's name, that a restore keeps and that it works on."""
LOGS = ("-wal", "-shm", "-journal")
"""What the files beside a database are called, after its name."""
HOUR = 3600.0
SMALL = 4_000_000
"""Bytes up to which a store is copied whenever it may be."""
SECONDS_PER_MB = 2.0
"""A copy takes about a hundredth of a second per megabyte; of a larger store the next one is due after so many seconds per
megabyte, and an hour at most. So they take no more than a two-hundredth of the time."""
_LEFT_BEHIND = 600.0
"""Seconds after which an incomplete copy is taken as abandoned."""


def beside(store: Path, label: str) -> Path:
    """The name of the copy of `store` that is called `label`."""
    return store.with_name(f"{store.name}.{label}{SUFFIX}")


def stamp() -> str:
    """The present as part of a file name, UTC."""
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S")


def copies(store: Path) -> list[Path]:
    """The copies that stand beside `store`, the newest first."""
    found = [p for p in store.parent.glob(f"{_plain(store.name)}.*{SUFFIX}") if p.is_file()]
    return sorted(found, key=lambda p: (-p.stat().st_mtime, p.name))


def replaced(store: Path) -> list[Path]:
    """The files beside `store` that are called as one which an export replaced is kept, the newest first."""
    found = [p for p in store.parent.glob(f"{_plain(store.name)}.bak*") if p.is_file()]
    return sorted(found, key=lambda p: (-p.stat().st_mtime, p.name))


def way_back(store: Path, kept: Path | None = None) -> str:
    """What to do where `store` is not what it was: bring back the file `kept`, a copy that stands beside it, or one from
    elsewhere."""
    command = f"ace store restore --store {shlex.quote(str(store))}"
    if kept is not None:
        return f"bring that back with: {command} {shlex.quote(str(kept))}"
    if copies(store):
        return f"bring back the last backup with: {command}"
    return f"no backup stands beside it; bring back one that is kept elsewhere with: {command} FILE"


def leftovers(store: Path) -> list[Path]:
    """What restores have left beside `store`: files put aside, and copies that a crash kept from taking the store's name."""
    found = [p for word in (RESTORED, ASIDE) for p in store.parent.glob(f"{_plain(store.name)}.{word}*") if p.is_file()]
    return sorted(p for p in found if not p.name.endswith(("-wal", "-shm")))


def real(store: Path) -> Path:
    """The file that a link leads to, beside which SQLite keeps the log; `store` itself where it is not a link."""
    return Path(os.path.realpath(store)) if store.is_symlink() else store


def logs_of(file: Path) -> Path | None:
    """The file that `file` would be a log of, where it is called like one and that file is there."""
    for log in LOGS:
        name = file.name.removesuffix(log)
        if name not in ("", file.name) and (owner := file.with_name(name)).is_file():
            return owner
    return None


def log_aside(store: Path) -> Path | None:
    """The write-ahead log of `store` where a restore that was cut short has put it aside and left the store without it."""
    store = real(store)
    if store.with_name(store.name + "-wal").exists():
        return None
    for aside in leftovers(store):
        log = aside.with_name(aside.name + "-wal")
        if log.exists() and log.stat().st_size and _same(aside, store):
            return log
    return None


def _same(one: Path, other: Path) -> bool:
    """Whether two names are of one file, or one of a copy that has its length and its time."""
    a, b = one.stat(), other.stat()
    return (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino) or (a.st_size, a.st_mtime_ns) == (b.st_size, b.st_mtime_ns)


def _plain(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def keep_copy(store: Path | None, label: str) -> Path | None:
    """A copy of a store beside it, named after it and `label`; `None` for a store in memory."""
    if store is None:
        return None
    target = beside(store, label)
    with _opened(store) as source:
        copy(source, target)
    return target


def copy(source: sqlite3.Connection, target: Path) -> None:
    """Copy the store behind `source` to file `target`, which appears whole or not at all. Raises `StoreDamaged` where the copy
    is not whole, which then `source` is not either; `StoreUnusable` where it cannot be written; `sqlite3.Error` where `source`
    cannot be read."""
    if not writable(target.parent):
        raise StoreUnusable(f"{target.name} cannot be written: {target.parent} is read-only")
    part = target.with_name(f"{target.name}.part-{os.getpid()}")
    try:
        _fill(source, part)
        if fault := broken(part):
            raise StoreDamaged(f"the store is damaged ({fault}), so no copy of it was kept; see `ace store check`")
        to_disk(part)
        os.replace(part, target)
        to_disk(target.parent)
    except OSError as error:
        raise StoreUnusable(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


def _fill(source: sqlite3.Connection, part: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(part)) as made:
            made.execute("PRAGMA journal_mode=OFF")
            made.execute("PRAGMA synchronous=OFF")
            source.backup(made)
    except sqlite3.Error as error:
        # The driver does not say at which end; an error other than damage of the store is nearly always a full disk.
        if (getattr(error, "sqlite_errorname", None) or "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            raise
        raise OSError(None, str(error)) from error


def writable(path: Path) -> bool:
    """Whether `path` may be written and is marked so: root may write a file that its owner made read-only, and should not."""
    return os.access(path, os.W_OK) and bool(path.stat().st_mode & 0o222)


def broken(file: Path) -> str:
    """The fault of the database in `file`, which must not be open; empty where it is whole."""
    try:
        with gate.inside(), contextlib.closing(sqlite3.connect(address(file), uri=True)) as opened:
            found = opened.execute("PRAGMA quick_check(1)").fetchone()
            return "" if found == ("ok",) else str(found[0])
    except sqlite3.Error as error:
        return str(error)


def address(file: Path) -> str:
    """The address of a database to be read only. Where no log stands beside it none is looked for, or made."""
    still = not real(file).with_name(real(file).name + "-wal").exists()
    return uri(file) + ("?immutable=1" if still else "?mode=ro")


def uri(file: Path) -> str:
    """The URI by which SQLite opens `file`. Its name may be any bytes: names of folders need not be UTF-8."""
    return "file:" + quote(os.fsencode(file.absolute()))


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    with gate.inside(), contextlib.closing(sqlite3.connect(uri(file) + "?mode=rw", uri=True)) as opened:
        yield opened


def to_disk(path: Path) -> None:
    """Return when the file or folder at `path` is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def due(store: Path) -> bool:
    """Whether an automatic copy of `store` should be made, if it has changed: the last one is old enough or lacks half of what
    is there now, and the disk holds one more with as much again to spare."""
    size, last = store.stat().st_size, beside(store, "auto-1")
    if size > SMALL and last.exists() and last.stat().st_size > size / 2:
        age = time.time() - last.stat().st_mtime
        if 0 <= age < min(HOUR, SECONDS_PER_MB * size / 1e6):
            return False
    return shutil.disk_usage(store.parent).free > 2 * size


def keep_automatic(source: sqlite3.Connection, store: Path) -> Path:
    """Make the last automatic copy anew; the one before stays as the second where that is more than an hour old."""
    _tidy(store)
    last, second = beside(store, "auto-1"), beside(store, "auto-2")
    fresh = last.with_name(f"{last.name}.new-{os.getpid()}")
    try:
        copy(source, fresh)
        if not second.exists() or time.time() - second.stat().st_mtime > HOUR:
            # Another process that makes a copy at the same moment may have moved it already.
            with contextlib.suppress(FileNotFoundError):
                os.replace(last, second)
        os.replace(fresh, last)
    finally:
        fresh.unlink(missing_ok=True)
    return last


def forget_automatic(store: Path) -> list[Path]:
    """Remove the automatic copies, because of what is in them; gives those that could be."""
    found = [p for label in ("auto-1", "auto-2") if (p := beside(store, label)).exists()]
    for path in found:
        path.unlink()
    return found


def _tidy(store: Path) -> None:
    """Remove what processes that were killed while they made a copy have left."""
    for pattern in (f"{SUFFIX}.part-*", f"{SUFFIX}.new-*"):
        for path in store.parent.glob(f"{_plain(store.name)}.*{pattern}"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _LEFT_BEHIND:
                    path.unlink()
