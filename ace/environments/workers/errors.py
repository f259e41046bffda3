"""Errors that games tell as text: raised, so that none becomes a task or an observation."""

from __future__ import annotations

import re

from ace.bounds import shortened
from ace.errors import WorldError

_ERROR = re.compile(
    r"\A\s*(?:ERROR\b|Task description unavailable\b)|^(?:\*\*\* Run-time problem|\[\*\* Programming error)", re.MULTILINE
)
"""How TextWorldExpress and ScienceWorld begin a text that is an error, and TextWorld's games a line."""


def no_error(text: str) -> str:
    """`text`. Raises `WorldError` where a game reports an error with it."""
    if _ERROR.search(text):
        raise WorldError(f"the game reports an error: {shortened(' '.join(text.split()), 300)}")
    return text
