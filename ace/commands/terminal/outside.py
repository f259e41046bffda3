"""Text from outside, made fit for a terminal: tasks, actions, feedback, rows, names, and what models wrote.

A terminal obeys escape sequences, carriage returns and marks of direction; what a task says may change no title, hide no line
and press no key. Control characters become pictures of the same width, so layout stays as it was.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress

from ace.commands.terminal.folding import in_rows
from ace.playbooks.visible import UNSEEN, visible

_FILLERS = (0x00AD, 0x061C, 0x180E, 0x200B, *range(0x2060, 0x2065), *range(0x206A, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC))
"""Other invisible characters: a terminal obeys none of them, and JSON spells them as escapes, so that they can be read."""

_USUAL = 80
"""Columns of a terminal that does not say how many it has."""
_SPELLED = {n: json.dumps(chr(n))[1:-1] for n in (*UNSEEN, *_FILLERS)} | {0x7F: "\\u007f"}


def tell(line: str) -> None:
    """Print one line on stderr, on a terminal in as many as it needs; control characters in it are made visible."""
    text = " ".join(visible(line).split())
    rows = in_rows(text, _columns()) if sys.stderr.isatty() else [text]
    sys.stderr.write("\n".join(rows) + "\n")
    sys.stderr.flush()


def _columns() -> int:
    """The width of the terminal that stderr is, or what `COLUMNS` asks for."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isascii() and asked.isdigit() and int(asked):
        return int(asked)
    with suppress(OSError, ValueError):
        return os.get_terminal_size(sys.stderr.fileno()).columns or _USUAL
    return _USUAL


def put(text: str) -> None:
    """`text` on stdout as it is, but for what a terminal would obey."""
    sys.stdout.write(visible(text))
    sys.stdout.flush()


def in_json(document: str) -> str:
    """A JSON document with what a terminal would obey spelled as escapes, so every value stays the same. Line ends stay."""
    return document if document.isascii() and "\x7f" not in document else document.translate(_SPELLED)
