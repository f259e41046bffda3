"""Finding text that stands in for text: "[previous items unchanged]", "... existing content ...", "same as above".

A stand-in shows itself by where it stands (in brackets, in a comment, alone on its line) together with what it says
(`wording`). What could be honest prose, such as an ellipsis or "the remaining terms are unchanged", is a stand-in only where
content that was there before has gone at that very place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from ace.playbooks.guards.omission_words import PhraseReading, read, telling
from ace.playbooks.guards.pieces import Piece, PieceForm, pieces

_LONGEST = 400
"""Characters; a longer phrase says something itself."""
_FEWEST_LOST = 3
"""Words that must have gone at its place before a doubtful phrase counts as a stand-in."""
_FEW = 3
"""Words of its own matter that a phrase may have to be doubtful all the same."""

_DOTS = re.compile(r"[\W_]*(?:\.{3,}|…|etc\.?|and so on)[\W_]*", re.IGNORECASE)
_TOKEN = re.compile(r"\w{2,}")


def stand_ins(before: str, after: str) -> list[str]:
    """The pieces of `after` that stand in for text, as they are written, in order. `before` is what the text was; empty for a
    new one."""
    if not telling(after):
        return []
    found = pieces(after)
    gone = _Gone(pieces(before), found)
    several = len(found) > 1
    return [p.written for i, p in enumerate(found) if _certain(p) or (several and _doubtful(p) and gone.at(i))]


def says_nothing(text: str) -> bool:
    """Whether `text` is made of stand-ins and dots alone."""
    found = pieces(text)
    return not found or (telling(text) and all(_certain(p) or (_doubtful(p) and _empty(p)) for p in found))


def _read(p: Piece) -> PhraseReading | None:
    return read(p.phrase) if len(p.phrase) <= _LONGEST else None


def _empty(p: Piece) -> bool:
    """Whether a piece has no word of its own matter."""
    r = _read(p)
    return r is None or p.form in (PieceForm.BOXED_LINE, PieceForm.BOXED) or (r.foreign == 0 and not r.order)


def _certain(p: Piece) -> bool:
    """True if a piece is a stand-in in any context."""
    r = _read(p)
    if r is None:
        return False
    match p.form:
        case PieceForm.BOXED_LINE:
            return _certain_alone(r)
        case PieceForm.BOXED:
            of_memory = r.kept and r.part and (r.old or (r.rest and r.after == 0))
            return of_memory or ((r.kept or r.gap) and (r.old or r.rest) and r.plain)
        case PieceForm.MARKED_LINE:
            of_memory = r.says and r.part and r.old and r.after == 0
            return of_memory or ((r.left or (r.says and r.named) or (r.gap and (r.kept or r.old))) and r.plain)
        case PieceForm.NOTE:
            return ((r.left and r.says) or (r.gap and (r.kept or r.old))) and r.plain
        case PieceForm.MARKED:
            return ((r.kept and r.old and r.part) or (r.left and r.named) or (r.gap and (r.kept or r.old))) and r.plain
        case PieceForm.LINE:
            return r.named and r.says and r.plain
        case _:
            return False


def _certain_alone(r: PhraseReading) -> bool:
    """The same for a phrase alone on its line in square or angle brackets, where honest prose hardly ever stands."""
    if r.kept and (r.old or r.plain or (r.after == 0 and (r.rest or (r.part and not r.order)))):
        return True
    if r.left and r.after == 0 and r.foreign <= _FEW:
        return True
    if r.plain:
        return (r.old and (r.part or r.point)) or (r.gap and (r.old or r.rest or r.part))
    return r.foreign <= _FEW and r.part and ((r.gap and (r.old or r.rest)) or (r.point and r.old))


def _doubtful(p: Piece) -> bool:
    """Whether a piece may be a stand-in: it is one where text has gone at its place."""
    if _DOTS.fullmatch(p.phrase):
        return True
    r = _read(p)
    if r is None:
        return False
    sentence = p.form is PieceForm.SENTENCE
    if r.kept and (r.old or r.rest) and r.after == 0 and (r.plain or (r.part and not sentence)):
        return True
    if sentence:
        return False
    if ((r.kept and not r.order) or ((r.old or r.rest) and r.part)) and r.plain:
        return True
    bracketed = p.form is not PieceForm.LINE
    if r.old and ((bracketed and r.plain) or (r.part and p.form is PieceForm.BOXED_LINE)):
        return True
    return r.gap and r.foreign <= _FEW and (r.old or r.rest or r.part or r.more)


class _Gone:
    """Where text of before is missing from after."""

    def __init__(self, before: Sequence[Piece], after: Sequence[Piece]) -> None:
        self._before, self._after = before, after
        self._written = {p.written for p in after}
        self._changed: list[tuple[int, int, int, int]] | None = None

    def at(self, place: int) -> bool:
        """Whether words of before are gone where piece `place` of after stands; within a line, more than came in their
        stead."""
        block = next((b for b in self._blocks() if b[2] <= place < b[3]), None)
        if block is None:
            return False
        i1, i2, j1, j2 = block
        lost = _words(p for p in self._before[i1:i2] if p.written not in self._written)
        came = _words(p for j, p in enumerate(self._after[j1:j2], j1) if j != place)
        missing = len(lost - came)
        within = self._after[place].form in (PieceForm.BOXED, PieceForm.MARKED, PieceForm.SENTENCE)
        return missing >= _FEWEST_LOST and missing > max(len(lost) / 2, len(came - lost) if within else 0)

    def _blocks(self) -> list[tuple[int, int, int, int]]:
        if self._changed is None:
            old, new = [p.written for p in self._before], [p.written for p in self._after]
            codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
            self._changed = [(i1, i2, j1, j2) for tag, i1, i2, j1, j2 in codes if tag != "equal"]
        return self._changed


def _words(found: Iterable[Piece]) -> set[str]:
    return {word for p in found for word in _TOKEN.findall(p.phrase.casefold())}
