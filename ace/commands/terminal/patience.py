"""Lines for a person who waits: what takes long before anything can be shown.

Games that are compiled, or drawn until one belongs to a split, take minutes to list, as a million generated cases do; without a
word that looks like a hang.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ace.commands.terminal.common import count
from ace.commands.terminal.outside import tell

AFTER, AGAIN, ANSWERING = 5.0, 30.0, 3.0
"""Seconds until the first line about an environment that is being opened, and between the others; seconds until the line about
a model that has not answered."""


@contextmanager
def opening(environment: str, train: int | None = None, held_out: int | None = None) -> Iterator[None]:
    """While `environment` is opened, its tasks are listed (`train` and `held_out` of them, where that was asked for) and
    demonstrations are looked for: say so, if it takes long, and how long it has taken by then."""
    named = {"training": train, "held-out": held_out}
    asked = " and ".join(count(n, f"{kind} case") for kind, n in named.items() if n)
    tasks = f"its tasks{f' ({asked})' if asked else ''}"
    what = f"{tasks} are listed, tried where the strategy needs that, and the way of answering found out"
    line = f"ace: still opening {environment}"
    with waited(f"{line}: {what}, before it begins", AFTER, line):
        yield


@contextmanager
def waited(line: str, after: float, again: str = "") -> Iterator[None]:
    """Print `line` on stderr, if what is done meanwhile takes more than `after` seconds; then every `AGAIN` seconds `again`,
    where that is given, with the seconds so far."""
    over, began = threading.Event(), time.monotonic()

    def say() -> None:
        if over.wait(after):
            return
        tell(line)
        while again and not over.wait(AGAIN):
            tell(f"{again}, for {time.monotonic() - began:,.0f} s now")

    saying = threading.Thread(target=say, name="ace-patience", daemon=True)
    saying.start()
    try:
        yield
    finally:
        over.set()
        # So that nothing is said of it later.
        saying.join()
