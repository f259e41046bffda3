"""The form of a text, in one word: told by its marks alone, so the same text always has the same form."""

from __future__ import annotations

import json
import re
from contextlib import suppress

UNREADABLE = "unreadable"
"""The form of an attempt whose reply could not be read."""
_FENCE = re.compile(r"^\s*(```|~~~)", re.MULTILINE)
_LATEX = re.compile(r"\\(begin|frac|boxed|sum|int|sqrt|text|cdot|times)\b|\$\$|\\\[|\\\(")
_NUMBERED = re.compile(r"^\s*(?:step\s+)?\d+[.):]\s", re.MULTILINE | re.IGNORECASE)
_LISTED = re.compile(r"^\s*[-*•]\s", re.MULTILINE)
_TABLE = re.compile(r"^\s*\|.*\|\s*$", re.MULTILINE)
_NUMBER = re.compile(r"[-+$€£]?\d[\d,.  ]*(e[-+]?\d+)?\s*%?", re.IGNORECASE)
_SHORT = 6


def format_of(text: str) -> str:
    """`empty`, `json`, `code` (fenced), `latex`, `table`, `numbered` or `listed` (two items or more), `number`, `short` (one
    line of at most six words), or `prose`; the first of these that holds."""
    text = text.strip()
    if not text:
        return "empty"
    if text[0] in "{[":
        with suppress(ValueError):
            json.loads(text)
            return "json"
    for name, mark, least in (
        ("code", _FENCE, 1),
        ("latex", _LATEX, 1),
        ("table", _TABLE, 2),
        ("numbered", _NUMBERED, 2),
        ("listed", _LISTED, 2),
    ):
        if len(mark.findall(text)) >= least:
            return name
    if _NUMBER.fullmatch(text):
        return "number"
    return "short" if "\n" not in text and len(text.split()) <= _SHORT else "prose"
