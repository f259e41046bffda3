"""Keeping keys out of what is said and stored.

The decision behind it: providers quote the key they turned down, whole or in part, and what they say is shown, journaled and
logged. So their words pass through here before they leave this room: whatever shares eight characters in a row with the value
of a variable that looks like a key is masked, and so is everything that looks like a key by itself.
"""

from __future__ import annotations

import os
import re

MASK = "(key)"
_VARIABLE = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)
_KEYLIKE = re.compile(r"\b(?:sk|pk|rk|gsk|xai|hf|ghp)[-_][A-Za-z0-9_.*-]{4,}|\bAIza[A-Za-z0-9_*-]{6,}|\bBearer\s+\S+")
_PART = 8
"""Characters in a row that give a key away."""
_SHORTEST = 5
_PLAIN = ("false", "none", "placeholder")


def redact(text: str) -> str:
    """`text` with keys masked."""
    for value in _values():
        text = _without(text, value)
    return _KEYLIKE.sub(MASK, text)


def _values() -> list[str]:
    """The values of the environment's variables that look like keys, the longest first."""
    found = {v.strip() for name, v in os.environ.items() if _VARIABLE.search(name)}
    return sorted((v for v in found if len(v) >= _SHORTEST and v.lower() not in _PLAIN), key=len, reverse=True)


def _without(text: str, value: str) -> str:
    if len(value) < _PART:
        return re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", MASK, text)
    at = 0
    while at + _PART <= len(text):
        start = value.find(text[at : at + _PART])
        if start < 0:
            at += 1
            continue
        end, last = at + _PART, start + _PART
        while end < len(text) and last < len(value) and text[end] == value[last]:
            end, last = end + 1, last + 1
        text = text[:at] + MASK + text[end:]
        at += len(MASK)
    return text
