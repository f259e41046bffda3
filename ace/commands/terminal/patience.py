"""A line for a person who waits: what takes long before anything can be shown.

Games that are compiled, or drawn until one belongs to a split, take minutes to list; without a word that looks like a hang.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ace.commands.terminal.outside import tell

AFTER, LOADING = 15.0, 3.0
"""Seconds without anything on the screen after which the line is printed: of environments, and of models."""


@contextmanager
def opening(environment: str) -> Iterator[None]:
    """While `environment` is opened, its tasks are listed and demonstrations are looked for: say so once, if it takes long."""
    what = "tasks are listed, and tried where the strategy needs that"
    with waited(f"ace: still opening {environment}: {what}, before anything is asked", AFTER):
        yield


@contextmanager
def waited(line: str, after: float) -> Iterator[None]:
    """Print `line` on stderr once, if what is done meanwhile takes more than `after` seconds."""
    timer = threading.Timer(after, tell, (line,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
