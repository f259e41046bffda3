"""Where in a JSON file a field stands.

A wrong field is known by its path, and a person looks it up by its line. The line is searched for only when a file was
refused, so reading pays nothing for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ace.playbooks.formats.fields import path_to, path_to_key

_SPACE = re.compile(r"[ \t\r\n]*")
_AFTER = re.compile(r"[.\[: ]")
_DECODER = json.JSONDecoder()


def line_of(text: str, said: str) -> int | None:
    """Line of the JSON value whose path starts with `said`, or of the nearest value above it; `None` if `said` starts with no
    path or `text` is not JSON."""
    at, path = _skipped(text, int(text.startswith("\ufeff"))), ""
    try:
        while found := next((m for m in _members(text, at, path) if _begins(said, m[1])), None):
            at, path = found
    except (ValueError, IndexError, RecursionError):
        return None
    return text.count("\n", 0, at) + 1 if path else None


def _begins(said: str, path: str) -> bool:
    return said.startswith(path) and (len(said) == len(path) or _AFTER.match(said, len(path)) is not None)


def _members(text: str, at: int, path: str) -> Iterator[tuple[int, str]]:
    """Where the values in the object or list at `at` stand, each with its path; in an object with both forms of it."""
    kind, at, number = text[at : at + 1], _skipped(text, at + 1), 0
    while kind in ("{", "[") and text[at] not in "}]":
        if kind == "{":
            key, at = _DECODER.raw_decode(text, at)
            if not isinstance(key, str):
                return
            at = _skipped(text, _skipped(text, at) + 1)
            yield at, path_to(path, key)
            yield at, path_to_key(path, key)
        else:
            yield at, f"{path}[{number}]"
            number += 1
        _, at = _DECODER.raw_decode(text, at)
        at = _skipped(text, at)
        if text[at] == ",":
            at = _skipped(text, at + 1)


def _skipped(text: str, at: int) -> int:
    """Where what comes after blanks begins."""
    found = _SPACE.match(text, at)
    return found.end() if found else at
