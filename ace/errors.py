"""Every exception of the project, drawn as a tree.

    AceError
    ├── UserError             the user's mistake: one line, exit status 2, nothing written
    │   ├── UnknownName       a name that is not among the known ones; says which are, and the nearest
    │   ├── BadSetting        a value of the wrong kind or out of range
    │   ├── BadInput          a file or row that cannot be used; names file and line
    │   │   └── BadPrompts    prompt files with faults; `faults` has a line for each
    │   ├── NotFound          something asked for by name or id is not in the store
    │   ├── Conflict          the change asked for does not fit what is there
    │   ├── NotUsable         an arm that this environment or model has no use for; says what it lacks
    │   └── StoreUnusable     the store cannot be opened or written; says what to do
    │       └── StoreMoved    the store's file was moved, deleted or replaced while it was open: exit status 1
    ├── WorldError            the world failed: exit status 1
    │   ├── ModelError        a call to a model failed; `retryable` says whether another try may help
    │   │   └── ModelRefused  wrong key, unknown model, bad request: no retry helps
    │   └── StoreDamaged      what is stored is not what was written
    ├── LimitReached          a budget stopped the work: exit status 3
    └── Interrupted           Ctrl-C: what was paid for is kept: exit status 130

A failed episode is data and never an exception. An exception is raised where a failure crosses into our code, by the code that
knows what would have been accepted, so that printing it needs no further knowledge.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ace.types import Usage


_commands = 0
"""How many command lines are at work in this process."""


def as_given(keyword: str, option: str = "") -> str:
    """A setting in a message that both doors raise: at a command line its option (named after it unless stated), else the
    keyword from Python."""
    return f"--{option or keyword.replace('_', '-')}" if _commands else f"{keyword}="


@contextmanager
def command_line() -> Iterator[None]:
    """A command line is at work meanwhile, in all threads: messages name options."""
    global _commands
    _commands += 1
    try:
        yield
    finally:
        _commands -= 1


def no_file(path: Path) -> str:
    """Why `path` is not a file: what stands there, or that nothing does, with the whole path where a part of it was given."""
    if path.is_dir():
        return "is a folder"
    if path.exists():
        return "is not a file"
    return "does not exist" if path == path.absolute() else f"does not exist (looked for {path.absolute()})"


class AceError(Exception):
    """The root. `exit_status` is what the command line exits with."""

    exit_status = 1


class UserError(AceError):
    """The user asked for something that cannot be done; the message says what would be accepted."""

    exit_status = 2


_LIKE = 0.6
"""How like two names are, from 0 to 1, where one may be meant by the other."""


def nearest(name: str, names: Iterable[str], most: int = 1, like: float = _LIKE) -> list[str]:
    """The names that are so like `name`, letters in either case, that they may be meant by it, at most `most`, the nearest
    first."""
    by_letters: dict[str, str] = {}
    for each in names:
        by_letters.setdefault(each.lower(), each)
    return [by_letters[found] for found in difflib.get_close_matches(name.lower(), by_letters, n=most, cutoff=like)]


class UnknownName(UserError):
    """`name` is none of `valid`: says which names are valid and which is nearest. `listed` says what these are of all names
    where they are not all."""

    def __init__(self, kind: str, name: str, valid: Iterable[str], hint: str = "", *, listed: str = "valid") -> None:
        names = sorted(valid)
        near = nearest(name, names)
        parts = [f"unknown {kind} {name!r}"]
        if near:
            parts.append(f"; did you mean {near[0]!r}?")
        if names:
            parts.append(f" ({listed}: {', '.join(names)})")
        if hint:
            parts.append(f"; {hint}")
        super().__init__("".join(parts))
        self.kind, self.name, self.valid = kind, name, names


class BadSetting(UserError):
    """A setting has a value that is not accepted."""


class BadInput(UserError):
    """A file or a row of it cannot be used."""


class BadPrompts(BadInput):
    """Prompts of one's own that cannot be used. `faults` has one line for each fault, with file and line."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


class NotFound(UserError):
    """What was asked for by name or id does not exist."""


class Conflict(UserError):
    """The change does not fit what is there now."""


class NotUsable(UserError):
    """A strategy needs what this environment or model does not have. An experiment puts the message beside the arm and goes on
    with the others."""


class StoreUnusable(UserError):
    """The store cannot be opened, read or written."""


class StoreMoved(StoreUnusable):
    """The file of an open store is no longer at its path: moved, deleted, replaced or cut short. The work can go on when it is
    back."""

    exit_status = 1


class WorldError(AceError):
    """Something outside our control failed."""


class ModelError(WorldError):
    """A call to a model failed in transport or at the server.

    `usage` is what the failed requests cost all the same. `retry_after` is the server's wish, in seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        retryable: bool = True,
        status: int | None = None,
        retry_after: float | None = None,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(message)
        self.retryable, self.status, self.retry_after, self.usage = retryable, status, retry_after, usage


class ModelRefused(ModelError):
    """The provider will never answer this: a wrong key, an unknown model, a request it does not accept."""

    exit_status = 2

    def __init__(self, message: str, *, status: int | None = None, usage: Usage | None = None) -> None:
        super().__init__(message, retryable=False, status=status, usage=usage)


class StoreDamaged(WorldError):
    """What is stored differs from what was written: a row changed behind our back, or a broken file."""


class LimitReached(AceError):
    """A budget is used up. The run is committed and can be resumed with a larger one. `limit` names the field of `Budget`."""

    exit_status = 3

    def __init__(self, message: str, limit: str = "") -> None:
        super().__init__(message)
        self.limit = limit


class Interrupted(AceError):
    """The person stopped the work. What was paid for is committed."""

    exit_status = 130
