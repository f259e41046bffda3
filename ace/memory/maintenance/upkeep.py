"""Looking after a store's file: copies of it, whether it is whole, its size, and what must go from it for good.

Backups are made without being asked for. A store that was changed is copied when it is closed, when a run ends and at least
every hour, by the process that changed it; a fault is a warning and never stops the work.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from pathlib import Path

from ace.errors import AceError, BadSetting
from ace.memory.bullets.search import SearchIndex
from ace.memory.database import backups
from ace.memory.database.protocol import Database
from ace.memory.maintenance import check as checking
from ace.memory.maintenance import purge as purging
from ace.memory.maintenance.protocol import Maintenance, Rewritten
from ace.memory.maintenance.purge import Choice


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup: where it is, and its bytes."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Purged:
    """Ids of the episodes that were purged, what became of the file, and the copies beside it that may still hold them."""

    episodes: tuple[str, ...]
    file: Rewritten
    copies: tuple[Path, ...] = ()


class Upkeep:
    """The upkeep of one store, whose files `files` looks after."""

    def __init__(self, database: Database, files: Maintenance, index: SearchIndex) -> None:
        self._database, self._files, self._index = database, files, index
        self._copied, self._since = database.changes, time.monotonic()

    def backup(self, target: Path | None = None) -> Backup:
        """A whole copy of the store as it is now, in a new file `target`, or beside the store under the time of day. Raises
        `BadSetting` where the file exists or cannot be, `StoreUnusable` where it cannot be written, `StoreDamaged` where the
        store is not whole."""
        path = self._files.path
        if path is None:
            raise BadSetting("a store in memory has no file to back up; open one with a path")
        target = target or backups.beside(path, backups.stamp())
        if target.exists() or target.is_symlink():
            raise BadSetting(f"there is a file {target} already; name a new one")
        if owner := backups.logs_of(target):
            raise BadSetting(f"{target} is the name of a log of {owner.name}; name another file")
        if not target.parent.is_dir():
            raise BadSetting(f"there is no folder {target.parent} to keep {target.name} in")
        self._files.copy(target)
        return Backup(target, target.stat().st_size)

    def keep(self) -> None:
        """Make the automatic backup anew, if the store has changed since and the last one is old enough. A fault is a warning:
        the work goes on."""
        path, changes = self._files.path, self._database.changes
        if path is None or changes == self._copied:
            return
        self._since = time.monotonic()
        try:
            if self._files.keep_automatic():
                self._copied = changes
        except (OSError, AceError) as error:
            warnings.warn(f"no backup of {path} was made: {error}", RuntimeWarning, stacklevel=2)

    def keep_hourly(self) -> None:
        """`keep`, if an hour has passed since the last time."""
        if time.monotonic() - self._since > backups.HOUR:
            self.keep()

    def keep_at_end(self) -> None:
        """What is done when a run ends: the log is brought into the file, and the automatic backup made."""
        self._files.checkpoint()
        self.keep()

    def check(self) -> list[str]:
        """What is wrong with the store, a line each: with the file, with each playbook's log, with what search knows, with
        what was counted of episodes, and with episodes themselves. Nothing if all is well."""
        if faults := self._files.faults():
            return faults
        with self._database.read() as c:
            return list(checking.faults(c, self._index))

    def compact(self) -> Rewritten:
        """Write the file anew without the room that nothing stands in any more. Everything is kept."""
        self._database.require_writing()
        self.keep()
        return self._files.rewrite()

    def chosen(self, choice: Choice) -> list[str]:
        """Ids of the episodes that a purge of `choice` would purge. Raises `NotFound` for what there is not."""
        with self._database.read() as c:
            return purging.chosen(c, choice)

    def require_origin(self, origin: str) -> None:
        """Raises `NotFound` for an origin that no episode has or had; `environment` and unverified senders always pass."""
        with self._database.read() as c:
            purging.require_origin(c, origin)

    def purge(self, choice: Choice) -> Purged:
        """Remove for good what episodes said and saw; see `ace.memory.maintenance.purge`. The automatic backups are made
        anew, because they hold it too; other copies are named, and stay. Raises `NotFound`."""
        with self._database.write() as c:
            ids = purging.chosen(c, choice)
            purging.purge(c, ids)
        file = self._files.rewrite()
        if not ids:
            return Purged((), file)
        self._files.renew_automatic()
        self._copied = -1
        self.keep()
        return Purged(tuple(ids), file, tuple(self._files.other_copies()))
