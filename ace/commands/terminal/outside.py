"""Text from outside, made fit for a terminal: tasks, actions, feedback, rows, names, and what models wrote.

A terminal obeys escape sequences, carriage returns and marks of direction; what a task says may change no title, hide no line
and press no key. Control characters become pictures of the same width, so layout stays as it was.
"""

from __future__ import annotations

import json
import sys
from itertools import zip_longest

from ace.playbooks.invisible import FLAG

_KEPT = "\n\t"
_DIRECTION = [*range(0x200E, 0x2010), 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_UNSEEN = [*range(0x80, 0xA0), 0x2028, 0x2029, *_DIRECTION, *range(0xD800, 0xE000), *range(0xE0000, 0xE0080)]
_FILLERS = (0x00AD, 0x061C, 0x180E, 0x200B, *range(0x2060, 0x2065), *range(0x206A, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC))
"""Other invisible characters: a terminal obeys none of them, and JSON spells them as escapes, so that they can be read."""
_PICTURES = (
    {n: chr(0x2400 + n) for n in range(0x20) if chr(n) not in _KEPT} | {0x7F: "\u2421"} | dict.fromkeys(_UNSEEN, "\ufffd")
)


_SPELLED = {n: json.dumps(chr(n))[1:-1] for n in (*_UNSEEN, *_FILLERS)} | {0x7F: "\\u007f"}


def visible(text: str) -> str:
    """`text` with control characters as their pictures (U+2400 and on), and marks of direction, C1 controls, lone surrogates
    and tag characters outside a flag as U+FFFD. Line breaks and tabs stay; the length does not change."""
    if text.isascii() and text.isprintable():
        return text
    flags = FLAG.findall(text)
    if not flags:
        return text.translate(_PICTURES)
    plain = (piece.translate(_PICTURES) for piece in FLAG.split(text))
    return "".join(a + b for a, b in zip_longest(plain, flags, fillvalue=""))


def tell(line: str) -> None:
    """Print one line on stderr; control characters in it are made visible."""
    sys.stderr.write(" ".join(visible(line).split()) + "\n")
    sys.stderr.flush()


def put(text: str) -> None:
    """`text` on stdout as it is, but for what a terminal would obey."""
    sys.stdout.write(visible(text))
    sys.stdout.flush()


def in_json(document: str) -> str:
    """A JSON document with what a terminal would obey spelled as escapes, so every value stays the same. Line ends stay."""
    return document if document.isascii() and "\x7f" not in document else document.translate(_SPELLED)
