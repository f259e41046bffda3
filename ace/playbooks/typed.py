"""What a person typed: texts, names of sections, reasons.

What would be lost when it is stored (a control character, a byte that is not text) is named and refused, because a text that
was changed without a word is not the text that was meant. Invisible marks, such as those of direction, which keyboards and web
pages add by themselves, say nothing and are left out.
"""

from __future__ import annotations

import unicodedata

from ace.errors import BadInput, BadSetting
from ace.playbooks.bullet import clean
from ace.playbooks.invisible import unneeded, unseen

MAX_REASON = 2000
"""Characters a reason may have."""


def typed(what: str, text: str) -> str:
    """`text`, which is `what` ("the text"), as it will be stored. Raises `BadInput` where it is not one line, or would lose
    something, and `BadSetting` where it is of another type."""
    kept = require_text(what, text).strip()
    if (lines := len(kept.splitlines())) > 1:
        raise BadInput(f"{what} must be one line; it has {lines}")
    if fault := unreadable(kept):
        raise BadInput(f"{what} holds {fault}; take it out")
    return clean(kept)


def require_text(what: str, value: object) -> str:
    """`value`, if it is a text; else raises `BadSetting`. `what` is what it stands for ("the text")."""
    if not isinstance(value, str):
        raise BadSetting(f"{what} is {value!r:.80}; it must be a text")
    return value


def typed_reason(text: str) -> str:
    """A reason as it will be stored; empty where none was given. Raises `BadInput`."""
    kept = typed("the reason", text)
    if len(kept) > MAX_REASON:
        raise BadInput(f"the reason has {len(kept):,} characters; it may have {MAX_REASON:,}")
    return kept


def require_readable(sheet: str) -> None:
    """Raise `BadInput` naming the line of a sheet that holds what would be lost. Line ends and tabs are white space there."""
    for number, line in enumerate(sheet.removeprefix("\ufeff").split("\n"), 1):
        if fault := unreadable(line):
            raise BadInput(f"line {number} holds {fault}; take it out")


def unreadable(text: str) -> str:
    """The first character of `text` that is neither white space nor to be read, in words; empty where there is none."""
    odd = (c for c in text if c != "\t" and unicodedata.category(c) not in ("Cf", "Zs") and unneeded(c) == " ")
    return next((_named(c) for c in odd if not c.isprintable()), "") or unseen(text).removeprefix("it holds ")


def _named(c: str) -> str:
    code = ord(c)
    if 0xDC80 <= code <= 0xDCFF:
        # What Python makes of a byte that it cannot decode.
        return f"a byte that is not UTF-8 text (0x{code - 0xDC00:02X})"
    kind = "a control character" if unicodedata.category(c) == "Cc" else "a character that is not text"
    return f"{kind} (U+{code:04X})"
