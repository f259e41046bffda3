"""Bringing a store back from a copy.

What is there is never thrown away, and the store's name always has a file. The file as it was gets a second name with the time
of day in it, with its write-ahead log, before the copy takes its place in one atomic replacement. So a restore that was a
mistake, or a file that an expert can mend, loses nothing, and a crash in between leaves the old store. It works on files
alone, because the store may be one that cannot be opened. A copy is checked as `ace store check` does before anything moves.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path

from ace.errors import AceError, BadSetting, StoreDamaged, StoreUnusable
from ace.memory.bullets.search import Postings
from ace.memory.database import backups
from ace.memory.database.backups import writable
from ace.memory.database.migrations import migrate, newest
from ace.memory.database.process_fork import gate
from ace.memory.database.sqlite import Location, SQLite, is_store, place
from ace.memory.maintenance import check

_LOGS = ("-wal", "-shm")
_TOLD = 3
"""Faults of a copy that are told; the whole list is `ace store check`'s."""


@dataclass(frozen=True, slots=True)
class Restored:
    """Which copy was brought back, when it was made (UTC, ISO 8601), and where the file that was there is kept now."""

    source: Path
    made: str
    aside: Path | None


def restore(where: Location, source: Path | None = None, *, force: bool = False) -> Restored:
    """Bring back the store at `where` from the copy `source`, or from the newest whole one beside it.

    Raises `StoreUnusable` where there is no copy, where it is not a whole store, where it does not agree with itself (its
    bullets with its log, for one) unless `force`, or where the store is in use.
    """
    path = where.path
    if path is None:
        raise BadSetting("a store in memory cannot be restored; name a file")
    if path.is_dir() or not path.parent.is_dir():
        raise StoreUnusable(f"{path} cannot be a store: name a file in a folder that is there")
    locked = next((p for p in (path, path.parent) if p.exists() and not writable(p)), None)
    if locked is not None:
        raise StoreUnusable(f"{locked} is read-only; make it writable to restore {path.name}")
    chosen = _newest(path, force) if source is None else _given(path, source, force)
    made = datetime.fromtimestamp(chosen.stat().st_mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # A link stays one: what it leads to is replaced.
    path = backups.real(path)
    part = path.with_name(f"{path.name}.{backups.RESTORED}{os.getpid()}")
    try:
        _copy(chosen, part)
        aside = _put_aside(path)
        os.replace(part, path)
        backups.to_disk(path.parent)
    finally:
        part.unlink(missing_ok=True)
    return Restored(chosen, made, aside)


def _newest(path: Path, force: bool) -> Path:
    found = backups.copies(path)
    whole = next((p for p in found if not _fault(p, path, force)), None)
    if whole is None:
        what = "no backup stands beside it"
        if found:
            what = f"none of its {len(found)} backups is whole; the newest, {found[0].name}: {_fault(found[0], path, force)}"
        raise StoreUnusable(f"{path} cannot be brought back: {what}; name one with: ace store restore FILE")
    return whole


def _given(path: Path, source: Path, force: bool) -> Path:
    if source.is_dir():
        raise StoreUnusable(
            f"{source} is a folder; name the file of a backup, such as {source / backups.beside(path, 'DATE').name}"
        )
    if not source.is_file():
        raise StoreUnusable(f"there is no file {source} to restore {path.name} from")
    if path.exists() and source.samefile(path):
        raise StoreUnusable(f"{source} is the store itself; name a backup of it")
    if fault := _fault(source, path, force):
        raise StoreUnusable(f"{source} cannot be restored from: {fault}")
    return source


def _fault(file: Path, path: Path, force: bool) -> str:
    """Why the copy `file` of the store at `path` is not to be restored from; empty where it is."""
    if not is_store(file):
        return "it is not a store made by ace"
    return backups.broken(file) or _too_new(file) or ("" if force else _disagreement(file, path))


def _disagreement(file: Path, path: Path) -> str:
    """What in the copy `file` does not agree with itself. A copy of it beside `path` is looked at, because one of an older
    schema has to be brought forward for that."""
    scratch = path.with_name(f"{path.name}.{backups.RESTORED}check-{os.getpid()}")
    try:
        _copy(file, scratch)
        faults = _faults(scratch)
    finally:
        for end in ("", *_LOGS):
            scratch.with_name(scratch.name + end).unlink(missing_ok=True)
    if not faults:
        return ""
    more = "; and more" if len(faults) > _TOLD else ""
    return f"it does not agree with itself ({'; '.join(faults[:_TOLD])}{more}); --force restores it all the same"


def _faults(file: Path) -> list[str]:
    """The first faults of the store in `file`, which is brought forward."""
    database = SQLite(place(file))
    try:
        migrate(database, lambda label: None)
        with database.read() as c:
            return list(islice(check.faults(c, Postings()), _TOLD + 1))
    except AceError as error:
        return [str(error)]
    finally:
        database.close()


def _too_new(file: Path) -> str:
    with gate.inside(), contextlib.closing(sqlite3.connect(backups.address(file), uri=True)) as opened:
        (found,) = opened.execute("SELECT max(number) FROM migrations").fetchone()
    if (found or 0) <= newest():
        return ""
    return f"it was written by a newer version of ace (schema {found}; this one knows {newest()}); upgrade ace"


def _copy(source: Path, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(backups.address(source), uri=True)) as opened:
        try:
            backups.copy(opened, target)
        except sqlite3.Error as error:
            raise StoreDamaged(f"{source} could not be read: {error}") from error


def _put_aside(path: Path) -> Path | None:
    """Keep what is there under a second name, so that its own name is never without a file; `None` if there is nothing."""
    there = path.exists()
    if there:
        _let_go(path)
    aside = _unused(path.with_name(f"{path.name}.{backups.ASIDE}{backups.stamp()}"))
    if there:
        _second_name(path, aside)
    # A log that stayed would be played back into the restored file.
    for log in _LOGS:
        with contextlib.suppress(FileNotFoundError):
            os.replace(path.with_name(path.name + log), aside.with_name(aside.name + log))
    return aside if there else None


def _unused(name: Path) -> Path:
    """`name`, with a number where another restore of the same second has taken it: what is aside is never written over."""
    names = (name if n == 1 else name.with_name(f"{name.name}-{n}") for n in count(1))
    return next(n for n in names if not any(n.with_name(n.name + end).exists() for end in ("", *_LOGS)))


def _second_name(path: Path, aside: Path) -> None:
    try:
        os.link(path, aside)
    except OSError:
        # Not every file system has hard links.
        shutil.copy2(path, aside)
        backups.to_disk(aside)
    backups.to_disk(aside.parent)


def _let_go(path: Path) -> None:
    """Bring the write-ahead log home into a file that is whole. Raises `StoreUnusable` where another process has it open: its
    writes would go into the file put aside."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=2.0, isolation_level=None)) as opened:
            opened.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if (error.sqlite_errorname or "").startswith("SQLITE_BUSY"):
            raise StoreUnusable(f"{path} is open in another program; end that, then restore") from error
    except sqlite3.DatabaseError:
        # It is broken: the log is kept beside it as it is.
        return
