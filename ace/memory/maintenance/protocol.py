"""What looking after a store asks of the files of its database.

Transactions and statements are the same for every engine (`ace.memory.database.protocol`), copies, checks and room on the disk
are not. So upkeep, which says when these are due and what follows from them, is given an engine's own way of doing them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The bytes of a store before and after it was written anew. `log_emptied` is false where another program kept the
    write-ahead log from being emptied: what was removed may stand in there until it closes the store."""

    before: int
    after: int
    log_emptied: bool = True


class Maintenance(Protocol):
    """The files of one store."""

    @property
    def path(self) -> Path | None:
        """Where the store is; `None` in memory, where there is nothing to copy."""

    def copy(self, target: Path) -> None:
        """Make a whole copy in the new file `target`. Raises `StoreUnusable`, `StoreDamaged`."""

    def keep_automatic(self) -> bool:
        """Make the automatic copy anew if it is due; true unless there was no room or the last one is too young. Raises
        `OSError` or `AceError`."""

    def renew_automatic(self) -> None:
        """Remove the automatic copies, because of what is in them."""

    def keep_before_change(self, label: str) -> None:
        """Keep a copy called `label` beside the store, before its schema changes."""

    def other_copies(self) -> list[Path]:
        """The copies beside the store but for the automatic one."""

    def faults(self) -> list[str]:
        """What the engine finds wrong with the files, a line each."""

    def rewrite(self) -> Rewritten:
        """Write the store anew without the room that nothing stands in any more."""

    def checkpoint(self) -> None:
        """Bring what stands in a log into the main file. A fault here never fails work that is done."""
