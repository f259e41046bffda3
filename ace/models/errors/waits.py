"""How long a server asks to wait, in its headers or in words.

A wait is written in many forms, and one that is not understood is none: ours is taken then. Zero asks for no wait.
"""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime

_READ = 20_000
_ABSURD = 1e9
"""Seconds from which on what is asked for is a mistake, and no wait."""
_UNIT = r"(?:ms|milliseconds?|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)"
_PART = rf"\d+(?:\.\d+)?\s*{_UNIT}"
_DURATION = rf"(?:{_PART}(?:,?\s*(?:and )?{_PART})*\b|\d+(?:\.\d+)?\b(?![-/:.]?\d))"
_ONE = re.compile(rf"(\d+(?:\.\d+)?)\s*({_UNIT})?", re.IGNORECASE)
_WHOLE = re.compile(_DURATION, re.IGNORECASE)
_SOON = re.compile(
    r"(?:retry|retrying|try again|wait(?:ing)?|resets?|available again)(?: it| again)?(?: in| after| for)?(?: about)? "
    rf"({_DURATION})"
    r"|\"retryDelay\": ?\"(\d+(?:\.\d+)?s)\"",
    re.IGNORECASE,
)
_SECONDS = {"ms": 0.001, "mi": 60.0, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "": 1.0}


def soon(text: str) -> float | None:
    """In how many seconds the words say to try again; `None` where they do not."""
    found = _SOON.search(text[:_READ])
    seconds = 0.0 if found is None else _seconds(found[1] or found[2])
    return seconds if 0 < seconds < _ABSURD else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """How long the headers ask to wait, in seconds: `retry-after-ms`, `retry-after` in seconds, as a duration or as a date; the
    first of these that asks for one. `None` where none does."""
    milliseconds, text = headers.get("retry-after-ms", ""), headers.get("retry-after", "")
    seconds = _number(milliseconds) / 1000 or _number(text) or _duration(text) or _until(text)
    return seconds if 0 < seconds < _ABSURD else None


def _seconds(duration: str) -> float:
    return sum(float(n) * _unit(unit.lower()) for n, unit in _ONE.findall(duration))


def _unit(name: str) -> float:
    if name.startswith("milli"):
        return _SECONDS["ms"]
    return _SECONDS.get(name[:2], _SECONDS[name[:1]])


def _duration(text: str) -> float:
    return _seconds(text) if _WHOLE.fullmatch(text.strip()) else 0.0


def _until(text: str) -> float:
    """The seconds until a date, as HTTP or ISO 8601 writes it; 0 for one that has passed and for no date."""
    for read in (email.utils.parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = read(text.strip())
        except (TypeError, ValueError, OverflowError):
            continue
        at = found if found.tzinfo else found.replace(tzinfo=UTC)
        return max(0.0, at.timestamp() - time.time())
    return 0.0


def _number(text: str) -> float:
    try:
        number = float(text or "")
    except ValueError:
        return 0.0
    return number if 0 < number < _ABSURD else 0.0
