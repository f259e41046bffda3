"""Text from outside with nothing in it that a reader cannot see, or that a terminal or a page would obey.

Escape sequences, carriage returns and marks of direction can change a title, hide a line or turn the order of what is read.
Each such character becomes one picture of the same width, so layout stays as it was.
"""

from __future__ import annotations

from itertools import zip_longest

from ace.playbooks.invisible import FLAG

_KEPT = "\n\t"
_DIRECTION = [*range(0x200E, 0x2010), 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
UNSEEN = (*range(0x80, 0xA0), 0x2028, 0x2029, *_DIRECTION, *range(0xD800, 0xE000), *range(0xE0000, 0xE0080))
"""C1 controls, breaks of lines and paragraphs, marks of direction, lone surrogates and tag characters, as code points."""
_PICTURES = (
    {n: chr(0x2400 + n) for n in range(0x20) if chr(n) not in _KEPT} | {0x7F: "\u2421"} | dict.fromkeys(UNSEEN, "\ufffd")
)


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
