"""Invisible characters: which of them a text needs, and which are removed.

A joiner (U+200C, U+200D) is spelling in Persian, Hindi and other scripts and glues emoji together, so it stays exactly there,
and so does the Mongolian vowel separator (U+180E) between letters of its script.
Every other invisible character could carry a message that no reader sees, so it goes. No blank takes its place, because it
parted no words.

Sources: Unicode Standard 9.2, 12 and 23.2; UAX 31, section 2.3; UTS 51 (emoji sequences).
"""

from __future__ import annotations

import re
import unicodedata

_JOINERS = "\u200c\u200d\u180e"
_SCRIPTS = (
    (0x0600, 0x08FF), (0x0900, 0x0DFF), (0x0F00, 0x109F), (0x1780, 0x18AF), (0x1900, 0x194F), (0x1A00, 0x1CFF),
    (0xA800, 0xA82F), (0xA840, 0xA9FF), (0xAA00, 0xAA7F), (0xAAE0, 0xAAFF), (0xABC0, 0xABFF), (0xFB50, 0xFDFF),
    (0xFE70, 0xFEFC), (0x10AC0, 0x10AFF), (0x10B80, 0x10BAF),
    (0x10D00, 0x10D3F), (0x10F30, 0x10FDF), (0x11000, 0x11DFF), (0x1E900, 0x1E95F),
)  # fmt: skip
"""Blocks of the cursive scripts (Arabic, Syriac, N'Ko, Mongolian, Adlam, ...) and those with a virama (Devanagari and on)."""
_VISIBLE_SIGNS = frozenset(map(chr, (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)))
"""Signs of numbers and verses that Unicode counts among the format characters although they are drawn."""
FLAG = re.compile("\U0001f3f4(?:" + "|".join(
    "".join(chr(0xE0000 + ord(c)) for c in place) for place in ("gbeng", "gbsct", "gbwls")
) + ")\U000e007f")  # fmt: skip
"""The flags of England, Scotland and Wales: the only tag sequences in general use."""
_RUN = re.compile(f"([{_JOINERS}])[{_JOINERS}]+")
_DRAWN = "\u2194\u2195\ufe0f\U000e007f"
"""What else a joiner of emoji may stand beside: arrows, and what ends an emoji."""
_IGNORED = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_UNSEEN = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2}|[\u3164\uffa0]")


def one_seen(text: str) -> str:
    """`text` without the invisible characters that it does not need; control characters, halves of characters and what is of no
    use in exchange become blanks, one for one. Doing it twice changes nothing."""
    if text.isprintable():
        return text
    # A joiner is judged by its neighbours, so what goes in any case goes first.
    text = _RUN.sub(r"\1", _but_joiners(text))
    return "".join(c if c not in _JOINERS or _joins(text, i) else "" for i, c in enumerate(text))


def unneeded(c: str) -> str:
    """What becomes of a character that is not printable by itself: itself, nothing, or a blank."""
    kind = unicodedata.category(c)
    if kind == "Cf":
        return c if c in _VISIBLE_SIGNS else ""
    # What Unicode has yet to assign is a new letter or emoji to those whose tables are newer than ours.
    return c if kind == "Cn" and not _for_no_exchange(ord(c)) else " "


def compared(text: str) -> str:
    """`text` without invisible characters, for comparing it with others."""
    return text if text.isascii() else _IGNORED.sub("", text)


def unseen(text: str) -> str:
    """What `text` holds that shows nothing and belongs to no script or emoji, in words; empty where there is nothing."""
    found = _UNSEEN.search(text)
    return f"it holds invisible characters (U+{ord(found[0][0]):04X})" if found else ""


def _but_joiners(text: str) -> str:
    flags = {i for m in FLAG.finditer(text) for i in range(*m.span())}
    return "".join(c if c.isprintable() or c in _JOINERS or i in flags else unneeded(c) for i, c in enumerate(text))


def _joins(text: str, i: int) -> bool:
    """Whether the joiner at `i` is needed where it stands."""
    before, after = text[i - 1 : i], text[i + 1 : i + 2]
    if text[i] == "\u180e":
        return _mongolian(before) and _mongolian(after)
    if text[i] == "\u200d" and _emoji(before, ends=True) and _emoji(after, ends=False):
        return True
    cursive = _cursive(before)
    if text[i] == "\u200d":
        # A final joiner shapes the letter before it, a first one the letter after it.
        return cursive or (_cursive(after) and not before.isalnum())
    return (cursive and _letter(after)) or (_cursive(after) and _letter(before))


def _mongolian(c: str) -> bool:
    return bool(c) and "\u180b" <= c <= "\u18af" and unicodedata.category(c)[0] in "LM"


def _cursive(c: str) -> bool:
    return bool(c) and any(low <= ord(c) <= high for low, high in _SCRIPTS) and unicodedata.category(c)[0] in "LM"


def _letter(c: str) -> bool:
    return bool(c) and unicodedata.category(c)[0] in "LMN"


def _emoji(c: str, *, ends: bool) -> bool:
    if not c:
        return False
    return unicodedata.category(c) == "So" or 0x1F000 <= ord(c) <= 0x1FAFF or c in (_DRAWN if ends else _DRAWN[:2])


def _for_no_exchange(code: int) -> bool:
    """Whether Unicode keeps a code point free for good, or for invisible characters to come."""
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF or code == 0x2065 or 0xE0000 <= code <= 0xE0FFF
