"""Values as a program gives them at the doors of the library: one of another type is refused at once, in one line.

A mistake is told where it was made, with the name of the keyword, before anything is opened or stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ace.errors import BadSetting
from ace.memory.store import Store
from ace.playbooks.typed import require_text

MOST = 10**9
"""The largest limit that is accepted: more than any store has rows, and a number that every database takes."""


def require_flag(what: str, value: object) -> None:
    """Raise `BadSetting` for what is neither `True` nor `False`."""
    if not isinstance(value, bool):
        raise BadSetting(f"{what} is {value!r:.80}; it must be True or False")


def require_whole(what: str, value: object, otherwise: str = "") -> None:
    """Raise `BadSetting` for what is not a whole number, 1 or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadSetting(f"{what} is {value!r:.80}; it must be a whole number, 1 or more{otherwise}")
    if value > MOST:
        raise BadSetting(f"{what} is {value!r:.80}; it must be at most {MOST:,}")


def require_function(what: str, value: object, given: str) -> None:
    """Raise `BadSetting` for what can not be called; `given` says what it is called with."""
    if not callable(value):
        raise BadSetting(f"{what} is {value!r:.80}; it must be a function, which is given {given}")


def require_listener(what: str, value: object) -> None:
    """Raise `BadSetting` for what cannot be told of events."""
    require_function(what, value, "each event")


def require_place(store: object) -> None:
    """Raise `BadSetting` for what is neither an open store nor the place of one."""
    if store is not None and not isinstance(store, str | Path | Store):
        accepted = "a file's path, a sqlite:/// address, ':memory:' or a store that is open"
        raise BadSetting(f"store is {store!r:.80}; it must be {accepted}")


def require_paths(paths: Iterable[object]) -> None:
    """Raise `BadSetting` for what is not the path of a file."""
    for path in paths:
        if not isinstance(path, str | Path):
            raise BadSetting(f"a file is {path!r:.80}; it must be its path, a text or a Path")


def require_texts(**values: object) -> None:
    """Raise `BadSetting` for the first of `values` that is not a text."""
    for what, value in values.items():
        require_text(what, value)
