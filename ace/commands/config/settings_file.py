"""A file of settings: TOML with a table for each command, named with `--config`, or found as `ace.toml`.

A file that was found may have come with a repository, so it is read as carefully as any text from outside: only in the working
directory, never through a link, never from a pipe, never without a bound on its size.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ace.bounds import why_unread
from ace.errors import BadInput

FOUND = "ace.toml"
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """What a file says: its name as it is shown, its tables, and whether it was `found` rather than named by the user."""

    name: str
    tables: Mapping[str, Any]
    found: bool


def settings_files(named: str, *, find: bool) -> list[SettingsFile]:
    """The files that apply, the strongest first: the one at path `named` (empty for none), then the `ace.toml` of the working
    directory if `find`. One that is both is named. Raises `BadInput`."""
    files = [SettingsFile(named, _parsed(named, _read(named, follow=True)), False)] if named else []
    if find and os.path.lexists(FOUND) and not (named and _same(named, FOUND)):
        try:
            files.append(SettingsFile(FOUND, _parsed(FOUND, _read(FOUND, follow=False)), True))
        except BadInput as error:
            raise BadInput(f"{error}; mend it, or leave it out with --no-config") from None
    return files


def _same(a: str, b: str) -> bool:
    try:
        return os.path.samefile(a, b)
    except OSError:
        return False


def _read(path: str, *, follow: bool) -> bytes:
    # Without O_NONBLOCK, opening a pipe waits for its writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | (0 if follow else getattr(os, "O_NOFOLLOW", 0))
    try:
        handle = os.open(path, flags)
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.ELOOP and not follow:
            raise BadInput(f"{path} is a symbolic link, which is not followed; name it with --config {path}") from None
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"the settings file {path} cannot be read: {reason}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        what = "a folder" if os.path.isdir(path) else "not a regular file"
        raise BadInput(f"{path} is {what}; settings are read from a TOML file")
    with open(handle, "rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BadInput(f"{path} is larger than 1 MB, the most that a settings file may have")
    return content


def _parsed(path: str, content: bytes) -> Mapping[str, Any]:
    import tomllib

    if content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise BadInput(f"{path}:1: begins with a byte order mark; save it as UTF-8 without one")
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInput(f"{path}:{line}: is not UTF-8 (byte {content[error.start]:#04x}); save it as UTF-8") from None
    except RecursionError:
        raise BadInput(f"{path}: is nested too deeply; settings are plain values and tables of them") from None
    # Also what Python itself refuses, such as a number of thousands of digits.
    except ValueError as error:
        raise BadInput(_place(path, why_unread(error), content.count(b"\n") + 1)) from None


def _place(path: str, message: str, last: int) -> str:
    """`file:line: what is wrong` from the parser's `what is wrong (at line 3, column 5)`, or `(at end of document)`."""
    message = message.replace("(at end of document)", f"(at line {last}, at the end)")
    what, mark, at = message.rpartition(" (at line ")
    if not mark:
        return f"{path}: is not TOML: {message}"
    return f"{path}:{at.partition(',')[0].rstrip(')')}: is not TOML: {what}"
