"""JSON as models write it: reading it strictly, finding it among prose, and mending what has one possible meaning.

Nothing is invented and nothing is chosen. A constant that JSON does not have, a key that stands twice, brackets that do not
close are refused with a reason. Every step goes over the text once, so garbage costs no more than an answer.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from ace.bounds import why_unread

_OUTSIDE = re.compile(r'["{}\[\]]')
_INSIDE = re.compile(r'["\\]')
_OPENING = re.compile(r"\{\s*(?=[\"'}]|\Z)")
"""A brace that begins an object; others are prose."""
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<mark>[{}\[\]:,])|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<double>\"(?:[^\"\\]|\\.)*\")|(?P<single>'(?:[^'\\\n]|\\.)*')|(?P<word>[A-Za-z]+)",
    re.DOTALL,
)
_WORDS = {"true": "true", "false": "false", "null": "null", "True": "true", "False": "false", "None": "null"}
_DEEPEST = 200


class Unreadable(ValueError):
    """The text is not JSON, or not JSON with one meaning; the message says why."""


def load(text: str) -> Any:
    """The value of a JSON text; line breaks inside strings are let pass. Raises `Unreadable`."""
    try:
        return json.loads(text, strict=False, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        raise Unreadable("it is nested too deeply") from None
    except Unreadable:
        raise
    # Not JSON, or a number with more digits than Python converts.
    except ValueError as error:
        raise Unreadable(f"it is not JSON ({why_unread(error)})") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise Unreadable(f"the key {twice[:40]!r} stands in it twice")
    return made


def _no_constant(name: str) -> Any:
    raise Unreadable(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Unreadable("a number in it is too large")
    return number


@dataclass(frozen=True, slots=True)
class FoundObjects:
    """The outermost objects in a text as (start, end) places, in order; `open` where the last one never closes."""

    places: tuple[tuple[int, int], ...]
    open: int | None


def find_objects(text: str) -> FoundObjects:
    """Where objects stand in `text`. One that never closes ends the search: what follows is inside it."""
    places: list[tuple[int, int]] = []
    at = 0
    while opening := _OPENING.search(text, at):
        end = _closing(text, opening.start())
        if end is None:
            return FoundObjects(tuple(places), opening.start())
        places.append((opening.start(), end))
        at = end
    return FoundObjects(tuple(places), None)


def _closing(text: str, start: int) -> int | None:
    """The place after the bracket that closes the one at `start`."""
    depth, at = 0, start
    while found := _OUTSIDE.search(text, at):
        mark, at = found.group(), found.end()
        if mark == '"':
            end = _string_end(text, at)
            if end is None:
                return None
            at = end
        elif mark in "{[":
            depth += 1
            if depth > _DEEPEST:
                return None
        else:
            depth -= 1
            if depth == 0:
                return at
    return None


def _string_end(text: str, at: int) -> int | None:
    while found := _INSIDE.search(text, at):
        if found.group() == '"':
            return found.end()
        at = found.end() + 1
    return None


def mend(text: str) -> str:
    """`text`, an object that is not quite JSON, as JSON: without trailing commas, with double quotes and JSON's words for true,
    false and nothing. Raises `Unreadable` for anything else that is not JSON."""
    out: list[str] = []
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise Unreadable(f"it cannot be read from {text[at : at + 20]!r} on")
        at = token.end()
        kind, written = token.lastgroup, token.group()
        if kind == "space":
            continue
        if written in ("}", "]") and out and out[-1] == ",":
            out.pop()
        out.append(_mended(kind or "", written))
    return " ".join(out)


def _mended(kind: str, written: str) -> str:
    if kind == "single":
        return _requoted(written[1:-1])
    if kind == "word":
        if written not in _WORDS:
            raise Unreadable(f"{written[:40]!r} in it is not a JSON value")
        return _WORDS[written]
    return written


def _requoted(inner: str) -> str:
    """The inside of a single-quoted string as a double-quoted one."""
    plain = re.sub(r"\\(.)", lambda m: m[1] if m[1] == "'" else m[0], inner, flags=re.DOTALL)
    return '"' + re.sub(r'(\\.)|"', lambda m: m[1] or '\\"', plain, flags=re.DOTALL) + '"'
