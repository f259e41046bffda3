"""A lesson's text as tokens, without the marks of Markdown and the labels that people put in front."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from ace.playbooks.triggers.folding import composed

TokenKind = Literal["word", "quoted", "number", "sign", "other"]
_PLAIN = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "−": "-", "*": "", "\u00a0": " "})
_LABEL = re.compile(
    r"\s*(?:[-•>]\s+|#+\s+|\d{1,3}[.)]\s+|[a-h]\)\s+|[rl]\d{1,2}[.:)]\s+)?"
    r"(?:(?:[(\[]\s*(?:guess|tentative|hypothesis|confirmed|exception|rule|untested)(?:\s\d{1,3})?\s*[)\]]\s*:?\s*"
    r"|(?:guess|tentative|tentatively|hypothesis|confirmed|confirmed rule|exception|rule|lesson|note|takeaway"
    r"|tip|remember|important)"
    r"(?:\s(?:\d{1,3}|[a-h]))?\s*[:-]\s+){0,3})",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"""\s*(?:
    "(?P<double>[^"]{1,200})" | `(?P<back>[^`]{1,200})` | (?<![\w])'(?P<single>[^']{1,80})'(?![\w])
    | (?P<date>\d{4}-\d\d-\d\d)(?![\w])
    | (?P<number>(?:us\$|[$€£¥])?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:k(?![a-z]))?(?:\s?[%$€£¥](?!\d))?)
    | (?P<word>[^\W\d_](?:[\w']|-(?=[^\W\d_]))*|°[cf](?!\w))
    | (?<=[\w+])(?P<plus>\++)(?!\w)(?!\s*\d)
    | (?P<sign>>=|=>|<=|==|!=|<>|&&|->|[=<>≥≤≠→⇒&+.,:;()\[\]/!?-])
    | (?P<other>\S))""",
    re.VERBOSE | re.IGNORECASE,
)
_MORE = re.compile(r"\+(?![\w+])(?!\s*\d)")
"""The sign behind 100 in "100+", which says "or more"."""
_SIGNS = {
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "<>": "!=",
    "==": "=",
    "&&": "and",
    "&": "and",
    "+": "and",
    "→": "=>",
    "⇒": "=>",
    "->": "=>",
}


class Token(NamedTuple):
    """A piece of a text: what stands in quotes as it is, anything else in `low` in lower case."""

    kind: TokenKind
    text: str
    low: str


def tokens_of(text: str) -> list[Token]:
    """The tokens of `text` in order; every character but blanks and marks of emphasis is in one."""
    plain = composed(text).translate(_PLAIN).replace("__", "")
    plain = plain[_LABEL.match(plain).end() :] if _LABEL.match(plain) else plain  # type: ignore[union-attr]
    found = []
    at = 0
    while match := _TOKEN.match(plain, at):
        at = match.end()
        name = match.lastgroup or "other"
        piece = match[name]
        if name in ("double", "back", "single"):
            inside = " ".join(piece.split())
            found.append(Token("quoted" if inside else "other", inside, inside.lower()))
        elif name == "word" and piece.lower().startswith("non-") and len(piece) > 4:
            found += [Token("word", "non", "not"), Token("word", piece[4:], piece[4:].lower())]
        elif name == "sign":
            sign = _SIGNS.get(piece, piece)
            found.append(Token("word" if sign == "and" else "sign", sign, sign))
        elif name == "date":
            found.append(Token("quoted", piece, piece))
        else:
            kind: TokenKind = "number" if name == "number" else "word" if name == "word" else "other"
            found.append(Token(kind, piece, piece.lower()))
            if kind == "number" and _MORE.match(plain, match.end()):
                found += [Token("word", "or", "or"), Token("word", "more", "more")]
                at = match.end() + 1
    return found
