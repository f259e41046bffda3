"""The colours, and what they mean: the same in every command.

A colour says what happened to something (it came, went, changed, moved) or how an attempt ended, and is never there for
decoration. Everything that a colour tells is told in words too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

CAME, WENT, CHANGED, MOVED, MERGED, MARKED = "green", "red", "yellow", "cyan", "magenta", "blue"

STYLES = {
    "add": CAME,
    "added": CAME,
    "restore": CAME,
    "restored": CAME,
    "revise": CHANGED,
    "revised": CHANGED,
    "merge": MERGED,
    "merged": MERGED,
    "move": MOVED,
    "moved": MOVED,
    "retire": WENT,
    "retired": WENT,
    "activate": MARKED,
    "activated": MARKED,
    "demote": MARKED,
    "demoted": MARKED,
    "pin": MARKED,
    "pinned": MARKED,
    "unpin": MARKED,
    "unpinned": MARKED,
    "escalate": MARKED,
    "escalated": MARKED,
    "deescalate": MARKED,
    "deescalated": MARKED,
}
"""By operation, and by the kind of a difference."""
VERDICTS = {"success": "green", "failure": "red", "invalid": "yellow"}
WORDS = {"same": "", "removed": "red", "added": "bold green"}
"""Of the words of a revised text."""
MARKS = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
"""What stands around words that went and came."""


def coloured(change: str, bounds: Sequence[float] | None) -> Text:
    """`change` in the colour of what came or went where its interval lies on one side of zero."""
    from rich.text import Text

    low, high = bounds or (0.0, 0.0)
    return Text(change, style=CAME if low > 0 else WENT if high < 0 else "")
