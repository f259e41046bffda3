"""Files that nothing but SQLite may write: a database, its logs, and the backups beside a store.

A file that takes the place of one leaves a log without its database, and everything that was learned is gone. So each command
that writes a file asks here first, whether or not it may replace what stands there.
"""

from __future__ import annotations

import os
from pathlib import Path

from ace.errors import BadInput, BadSetting
from ace.memory.database.backups import ASIDE, LOGS, RESTORED, SUFFIX, logs_of
from ace.memory.database.sqlite import is_database, place, store_location

_LEAST = 512


def refuse_database(path: Path) -> None:
    """Raise `BadInput` where `path`, or the file that it is a link to, is an SQLite database or a log of one."""
    file = _real(path)
    if _is_database(file):
        raise BadInput(f"{path} is a database and is never replaced by another file; name another file")
    database = logs_of(file)
    if database is not None and _is_database(database):
        raise BadInput(f"{path} is the name of a log of the database {database.name}; name another file")


def refuse_store(path: str | Path, location: str, what: str) -> None:
    """Raise `BadSetting` where the file `path`, given as `what` (`--record`), is one of the store's at `location`, which need
    not be there yet: the store itself, a log of it, or a backup beside it. Raises `BadInput` where it
    is another database, or a log of one."""
    file, store = _real(Path(os.path.expanduser(path))), place(store_location(location)).path
    if store is None:
        refuse_database(file)
        return
    its = _real(store)
    if file == its or _same(file, its):
        raise BadSetting(f"{what} {path} is the store itself; name another file")
    if file.parent == its.parent and (file.name in {its.name + log for log in LOGS} or _is_beside(file.name, its.name)):
        raise BadSetting(f"{what} {path} is a file of the store {store}; name another file")
    refuse_database(file)


def _is_database(file: Path) -> bool:
    # SQLite takes a few letters for a database without pages, the least of which has 512 bytes.
    return file.is_file() and os.access(file, os.R_OK) and file.stat().st_size >= _LEAST and is_database(file)


def _is_beside(name: str, store: str) -> bool:
    after = name.removeprefix(f"{store}.")
    return after != name and (after.endswith(SUFFIX) or after.startswith((ASIDE, RESTORED)))


def _same(one: Path, other: Path) -> bool:
    """Whether two names are of one file, as a hard link is."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _real(path: Path) -> Path:
    """The file itself, also where a link leads to one that is not there yet."""
    return Path(os.path.realpath(path))
