"""Whether two bullets say the same, nearly the same, or opposite things.

Likeness of letters decides nothing. "Retry 3 times" and "retry 5 times" are nearly equal as texts and exclude each other,
while two ways to say one thing may share few words. So only texts whose words, numbers and negations are the same in the same
order count as the same; other texts that are alike are for a person or the curator to judge. Similarity of letters is that of
rapidfuzz (the normalised indel distance).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz

from ace.playbooks.similarity.features import Claims, Reading, read, words_of
from ace.playbooks.similarity.inflection import singular, stem
from ace.playbooks.similarity.polarity import EXCLUSIVE, NEGATIONS, OPPOSITES
from ace.types import digest

SAME_LETTERS = 97.0
"""Similarity of letters, of 100, that texts must have to be the same where only plural endings differ."""
ALIKE = 0.5
"""Share of their meaning words that two texts must have in common to be alike."""
OPPOSED = 0.7
"""The same for a number, a negation or an opposite to mean a contradiction."""
LEAST = 0.4
"""Texts that are less alike are not compared for contradictions."""
_SIGNS = {"atleast": ">=", "atmost": "<=", "morethan": ">", "lessthan": "<"}
"""What people know the words by that limits are read as."""


class Kind(StrEnum):
    """`same`: one of the two is enough. `alike`: to be reviewed, one may be enough. `contradicts`: alike, and both cannot
    hold. `different`: none of these."""

    SAME = "same"
    ALIKE = "alike"
    CONTRADICTS = "contradicts"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Likeness:
    """How two texts compare: `score` is the share of their words in common, from 0 to 1; `why` says what decided."""

    kind: Kind
    score: float
    why: str = ""


def compare(a: str, b: str) -> Likeness:
    """How text `a` compares with text `b`; the order of the two does not matter."""
    return compare_readings(read(a), read(b))


def compare_readings(a: Reading, b: Reading) -> Likeness:
    """`compare`, for texts that have been read."""
    if _same(a.words, b.words):
        return Likeness(Kind.SAME, 1.0, "the same words, numbers and negations")
    score = shared(a.stems, b.stems)
    return Likeness(Kind.DIFFERENT, score) if score < LEAST else _judged(a, b, score)


@lru_cache(maxsize=256)
def gist(text: str) -> int:
    """A number in [0, 2**63) that texts which are the same have in common, and hardly any others."""
    return int(digest(_singulars(words_of(text)))[:16], 16) >> 1


def _judged(a: Reading, b: Reading, score: float) -> Likeness:
    if _other_case(a.claims, b.claims):
        return Likeness(Kind.DIFFERENT, score)
    if why := _contradiction(a, b, score):
        return Likeness(Kind.CONTRADICTS, score, why)
    if score >= ALIKE:
        return Likeness(Kind.ALIKE, score, f"{score:.0%} of their words are the same")
    return Likeness(Kind.DIFFERENT, score)


def shared(a: Counter[str], b: Counter[str]) -> float:
    """Twice the words in common over all words (Dice 1945)."""
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0


def _singulars(words: Iterable[str]) -> list[str]:
    return [singular(w) for w in words]


def _same(a: Sequence[str], b: Sequence[str]) -> bool:
    if a == b:
        return bool(a)
    if len(a) != len(b) or any(x != y and singular(x) != singular(y) for x, y in zip(a, b, strict=True)):
        return False
    return fuzz.ratio(" ".join(a), " ".join(b)) >= SAME_LETTERS


def _other_case(a: Claims, b: Claims) -> bool:
    """Whether two rules are for different cases: one is for what is left by the others, or each names a value in its condition
    that the other does not, or they give other limits, or the two sides of one, to other choices."""
    if not a.condition or not b.condition:
        return False
    if a.catch_all is not b.catch_all:
        return True
    if a.named - b.named and b.named - a.named:
        return True
    other_limits = bool(a.limits - b.limits and b.limits - a.limits)
    return a.action != b.action and (other_limits or _two_sides(a.condition, b.condition))


def _two_sides(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether one condition holds where the other does not: they part at a negation, or at a word and its opposite."""
    if (sum(w in NEGATIONS for w in a) - sum(w in NEGATIONS for w in b)) % 2:
        return True
    mine, yours = {stem(w) for w in a}, {stem(w) for w in b}
    return any(OPPOSITES.get(w, frozenset()) & (yours - mine) for w in mine - yours)


def _contradiction(a: Reading, b: Reading, score: float) -> str:
    """Why two texts that are about the same cannot both hold, or nothing."""
    mine, yours = a.claims, b.claims
    if _other_choice(mine, yours):
        return "the same condition, another choice"
    turns = [*_negated(a, b, score), *_opposed(a, b), *_swapped(mine, yours, score)]
    if len(turns) % 2:
        return turns[0]
    more, fewer = mine.numbers - yours.numbers, yours.numbers - mine.numbers
    if more and fewer and score >= OPPOSED:
        return f"{', '.join(more)} against {', '.join(fewer)}"
    return ""


def _other_choice(a: Claims, b: Claims) -> bool:
    same_case = bool(a.condition) and a.condition == b.condition
    return same_case and bool({*a.action[:1]} & {*b.action[:1]} & EXCLUSIVE) and a.action != b.action


def _negated(a: Reading, b: Reading, score: float) -> Iterator[str]:
    if (a.claims.negations - b.claims.negations) % 2 == 0:
        return
    more, other = (a, b) if a.claims.negations > b.claims.negations else (b, a)
    told = any(w in other.stems for run in more.claims.denied for w in run[:2])
    # Few words in common are enough where the other has the very neighbours that one denies.
    close = any(pair in other.claims.pairs for run in more.claims.denied for pair in pairwise(run))
    if close or (told and score >= OPPOSED):
        yield "one says it and the other says not"


def _opposed(a: Reading, b: Reading) -> Iterator[str]:
    mine, yours = a.claims.marks - b.claims.marks, b.claims.marks - a.claims.marks
    found = [(w, o) for w in sorted(mine) for o in sorted(OPPOSITES[w] & yours)]
    if not found:
        return
    gone = {w for pair in found for w in pair}
    rest = [Counter({w: n for w, n in r.stems.items() if w not in gone}) for r in (a, b)]
    if shared(*rest) >= OPPOSED:
        yield from (f"{_spelt(a, w)} against {_spelt(b, o)}" for w, o in found[: len(mine)])


def _spelt(text: Reading, wanted: str) -> str:
    word = next(w for w in text.words if stem(w) == wanted)
    return _SIGNS.get(word, word)


def _swapped(a: Claims, b: Claims, score: float) -> Iterator[str]:
    if a.sides is None or b.sides is None or score < OPPOSED:
        return
    (pivot, left, right), (other, left_too, right_too) = a.sides, b.sides
    if pivot != other and other not in OPPOSITES.get(pivot, ()):
        return
    across = (left & right_too).total() + (right & left_too).total()
    if across > (left & left_too).total() + (right & right_too).total():
        yield "the other way round"
