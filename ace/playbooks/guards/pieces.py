"""A text taken apart into the pieces that may stand in for text: bracketed phrases, comments, lines, sentences.

The same words mean different things in brackets on a line of their own and in the middle of a sentence, so every piece says
where it was found. A quotation inside a sentence is part of the sentence, not a piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache


class PieceForm(Enum):
    """How a piece stands in its text."""

    BOXED_LINE = "in square, angle or curly brackets, alone on its line"
    BOXED = "in such brackets, within a line"
    MARKED_LINE = "in parentheses, in emphasis or between rules, alone on its line"
    MARKED = "in parentheses, within a line"
    NOTE = "as a comment or heading"
    LINE = "bare, alone on its line"
    SENTENCE = "bare, a sentence or part of a line"


@dataclass(frozen=True, slots=True)
class Piece:
    """What a piece says without its marks, how it stands, and how it is written."""

    phrase: str
    form: PieceForm
    written: str


_BOX = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])+)\]|<!--(.+?)-->|<([^<>]+)>|\{([^{}]+)\}")
_PAREN = re.compile(r"\(((?:[^()]|\([^()]*\))+)\)")
_WIDE = str.maketrans("（）【】［］", "()[][]")
_BEGIN = re.compile(r"^\s*(?:(?:[-*•+>–]|\d{1,3}[.)])\s+)*")
_COMMENT = re.compile(r"(?:#+|//+|/\*+|--+|%+|;+)\s*(\S.*?)\s*(?:\*/)?")
_RULE = re.compile(r"([-=~*#_])\1+\s*(\S.*?)\s*\1{2,}")
_TAGGED = re.compile(r"<([\w-]+)>\s*(\S.*?)\s*</\1>")
_EMPHASIS = re.compile(r"(\*\*|__|\*|_)([^*_]+)\1")
_QUOTES = re.compile(r"`([^`]+)`|\"([^\"]+)\"|'([^']+)'|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|‘([^’]+)’")
_QUOTED = re.compile(r"`[^`\n]+`|\"[^\"\n]+\"|“[^”\n]+”|„[^“”\n]+[“”]|«[^»\n]+»|(?<!\w)'[^'\n]+'(?!\w)|‘[^’\n]+’")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+")
_EDGES = " .…"
_LINES_OF_A_BOX = 3
_LONGEST_LINE = 1000
"""Characters; a longer line is never taken as one stand-in."""


@lru_cache(maxsize=256)
def pieces(text: str) -> tuple[Piece, ...]:
    """The pieces of `text`, in order."""
    lines = _whole_boxes(text.translate(_WIDE).splitlines())
    return tuple(piece for line in lines if (bare := _BEGIN.sub("", line).strip()) for piece in _of_line(bare))


def _whole_boxes(lines: Sequence[str]) -> Iterator[str]:
    """The lines, those of a square bracket that opens one and closes a little later as one line."""
    at = 0
    while at < len(lines):
        upto = at + 1
        if lines[at].lstrip().startswith("["):
            ends = range(at + 1, min(at + _LINES_OF_A_BOX, len(lines)) + 1)
            upto = next((e for e in ends if (t := "".join(lines[at:e])).count("[") == t.count("]")), at + 1)
        yield " ".join(line.strip() for line in lines[at:upto])
        at = upto


def _of_line(line: str) -> Iterator[Piece]:
    inner, form = _unwrapped(line) if len(line) <= _LONGEST_LINE else (line, PieceForm.LINE)
    if form is not PieceForm.LINE:
        yield Piece(inner, form, line)
        return
    found = list(_within(inner))
    if len(found) == 1 and found[0].form is PieceForm.SENTENCE:
        found = [Piece(found[0].phrase, PieceForm.LINE, line)]
    yield from found


def _unwrapped(line: str) -> tuple[str, PieceForm]:
    """What stands inside the marks around a whole line, and the form that the outermost telling ones give it."""
    text, form = line, PieceForm.LINE
    while True:
        bare = text.strip(_EDGES)
        if box := _BOX.fullmatch(bare):
            return _inside(box), PieceForm.BOXED_LINE
        if paren := _PAREN.fullmatch(bare):
            return _inside(paren), PieceForm.MARKED_LINE
        if quote := _QUOTES.fullmatch(text):
            text = _inside(quote)
        elif tagged := _TAGGED.fullmatch(text):
            text = tagged[2]
        elif marked := _RULE.fullmatch(text) or _EMPHASIS.fullmatch(text):
            text, form = marked[2], PieceForm.MARKED_LINE
        elif comment := _COMMENT.fullmatch(text):
            text, form = comment[1], PieceForm.NOTE
        else:
            return text, form


def _within(line: str) -> Iterator[Piece]:
    """The bracketed phrases of a line and the sentences between them, in order."""
    quoted = [m.span() for m in _QUOTED.finditer(line)]
    found = [(m.start(), m, PieceForm.BOXED) for m in _BOX.finditer(line)]
    found += [(m.start(), m, PieceForm.MARKED) for m in _PAREN.finditer(line)]
    at = 0
    for start, match, form in sorted(found, key=lambda each: each[0]):
        if start < at or any(a <= start and match.end() <= b for a, b in quoted):
            continue
        yield from _sentences(line[at:start])
        yield Piece(_inside(match), form, match[0])
        at = match.end()
    yield from _sentences(line[at:])


def _sentences(text: str) -> Iterator[Piece]:
    for sentence in map(str.strip, _SENTENCE.split(text)):
        if sentence:
            yield Piece(sentence, PieceForm.SENTENCE, sentence)


def _inside(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group is not None).strip()
