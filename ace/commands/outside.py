"""Text from outside, made fit for a terminal: tasks, actions, feedback, rows, names, and what models wrote.

The decision behind it: a terminal obeys escape sequences, carriage returns and marks of direction; what a task says may change
no title, hide no line and press no key. Control characters become pictures of the same width, so layout stays as it was.
"""

from __future__ import annotations

import typer

_KEPT = "\n\t"
_DIRECTION = [*range(0x200E, 0x2010), 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_UNSEEN = [*range(0x80, 0xA0), 0x2028, 0x2029, *_DIRECTION, *range(0xD800, 0xE000), *range(0xE0000, 0xE0080)]
_PICTURES = (
    {n: chr(0x2400 + n) for n in range(0x20) if chr(n) not in _KEPT} | {0x7F: "\u2421"} | dict.fromkeys(_UNSEEN, "\ufffd")
)


def visible(text: str) -> str:
    """`text` with control characters as their pictures (U+2400 and on), and marks of direction, C1 controls, tag characters and
    lone surrogates as U+FFFD. Line breaks and tabs stay; the length does not change."""
    return text if text.isascii() and text.isprintable() else text.translate(_PICTURES)


def tell(line: str) -> None:
    """One line for the person on stderr, whatever is in it."""
    typer.echo(" ".join(visible(line).split("\n")), err=True)
