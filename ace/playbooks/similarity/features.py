"""A text taken apart for comparing: its words in one spelling, its numbers, its negations, what stands on which side.

Two spellings of one thing ("don't" and "do not", "three" and "3", "at least" and ">=") are made one before anything is
compared, and what decides whether texts contradict each other is looked for once, when a text is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ace.lazily import lazily
from ace.playbooks.invisible import compared
from ace.playbooks.similarity.inflection import pieces, stem
from ace.playbooks.similarity.polarity import (
    ARTICLES,
    FUNCTION_WORDS,
    NEGATIONS,
    NUMBER_WORDS,
    OPPOSITES,
    PHRASES,
    PIVOTS,
    SIGNS,
)

_TOKEN = re.compile(r"(?<![\w.])[-−]?\d+(?:[.,:]\d+)*%?|\d+|[^\W\d_]+(?:['’][^\W\d_]+)*(?:\+\+|#)?")
_NUMBER = re.compile(r"[-−]?\d.*")
_QUOTED = re.compile(r'"([^"]{1,80})"|“([^”]{1,80})”|`([^`]{1,80})`')
_QUOTES_WHOLE = r"(?:\"[^\"]*\"|[^\"])"
_CONDITION = re.compile(
    rf"\s*(?:when(?:ever)?|if|for|in case)\b(?:"
    # Conditions may stand in a list with commas; the choice then comes after a colon.
    rf"({_QUOTES_WHOLE}+?):\s+((?:choose|take|pick|select|answer|use|give|look)\b.+)|({_QUOTES_WHOLE}+?)(?::|,)\s+(.+)|(.+?)(?::|,)\s+(.+))",
    re.IGNORECASE | re.DOTALL,
)
_CATCH_ALL = re.compile(
    r"\s*(in (?:all|any|every) other cases?|(?:for )?(?:all|any|every)thing else|otherwise|else)\b(.*?)(?::|,)\s+(.+)",
    re.IGNORECASE | re.DOTALL,
)
_LEADING = re.compile(r"\s*(before|after|until|instead)\b(.+?),\s+(.+)", re.IGNORECASE | re.DOTALL)
_NEAR = 3
"""Words after a negation among which are those that it denies."""

Sides = tuple[str, Counter[str], Counter[str]]


@dataclass(frozen=True, slots=True)
class Claims:
    """What decides whether a text contradicts another.

    `pairs` are neighbours among its stems and `denied` those right behind each negation. `numbers` and `negations` are counted;
    `marks` are the words that have an opposite. Of a rule, `condition` and `action` are the words of its two halves, `named`
    and `limits` the quoted values and the numbers in its condition; it is a `catch_all` where it is for what no other rule is
    for. `sides` are the stems before and after the word that parts them.
    """

    pairs: frozenset[tuple[str, str]]
    denied: tuple[tuple[str, ...], ...]
    numbers: Counter[str]
    negations: int
    marks: frozenset[str]
    condition: tuple[str, ...]
    action: tuple[str, ...]
    named: frozenset[str]
    limits: Counter[str]
    catch_all: bool
    sides: Sides | None


@dataclass(frozen=True)
class Reading:
    """A text that was read: `words` are all but its articles, in order and in one spelling; `stems` count those that carry
    meaning. What it claims is looked for when it is asked for: most texts have too little in common for that."""

    text: str
    words: tuple[str, ...]
    stems: Counter[str]

    @lazily
    def claims(self) -> Claims:
        stems = _stems(self.words)
        rule = _halves(self.text)
        rest = None if rule else _CATCH_ALL.fullmatch(self.text)
        condition = _words(rule[0]) if rule else ("other", "case") if rest else ()
        return Claims(
            pairs=frozenset(pairwise(stems)),
            denied=_denied(self.words),
            numbers=_numbers(self.words),
            negations=sum(w in NEGATIONS for w in self.words),
            marks=frozenset(s for w in self.words if (s := stem(w)) in OPPOSITES),
            condition=condition,
            action=_words(rule[1]) if rule else _words(rest[3]) if rest else (),
            named=frozenset("".join(q).casefold().strip() for q in _QUOTED.findall(rule[0])) if rule else frozenset(),
            limits=_numbers(condition),
            catch_all=rest is not None,
            sides=_sides(self.text, self.words),
        )


def _halves(text: str) -> tuple[str, str] | None:
    """The condition and the action of a rule; `None` where `text` is of another form."""
    found = _CONDITION.fullmatch(text)
    if found is None:
        return None
    condition, action = (part for part in found.groups() if part is not None)
    return condition, action


@lru_cache(maxsize=8192)
def read(text: str) -> Reading:
    """`text` taken apart."""
    text = unicodedata.normalize("NFKC", compared(text))
    words = words_of(text)
    return Reading(text, words, Counter(_stems(words)))


def words_of(text: str) -> tuple[str, ...]:
    """The words of `text` but its articles, in order and in one spelling."""
    return _words(unicodedata.normalize("NFKC", compared(text)))


def _words(text: str) -> tuple[str, ...]:
    folded = " ".join(text.casefold().split())
    # Most texts have none of them, and all patterns take ten times as long to say so.
    if any(sign in folded for sign in SIGNS):
        for pattern, becomes in PHRASES:
            folded = pattern.sub(becomes, folded)
    words = (w.replace("’", "'").replace("−", "-") for w in _TOKEN.findall(folded))
    return tuple(NUMBER_WORDS.get(w, w) for w in words if w not in ARTICLES)


def _numbers(words: Sequence[str]) -> Counter[str]:
    return Counter(w for w in words if _NUMBER.fullmatch(w))


def _stems(words: Sequence[str]) -> list[str]:
    """The stems of the words that say what a text is about, in order."""
    about = (w for w in words if w not in FUNCTION_WORDS and w not in NEGATIONS and not _NUMBER.fullmatch(w))
    return [stem(piece) for w in about for piece in pieces(w) if len(piece) > 1 or not piece.isascii()]


def _denied(words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    places = [i for i, word in enumerate(words) if word in NEGATIONS]
    return tuple(tuple(_stems(words[i + 1 :])[:_NEAR]) for i in places)


def _sides(text: str, words: Sequence[str]) -> Sides | None:
    """What stands before and after the word that parts a text; what stands behind the comma comes before it."""
    leading = _LEADING.fullmatch(text)
    if leading:
        return stem(leading[1].casefold()), Counter(_stems(_words(leading[3]))), Counter(_stems(_words(leading[2])))
    pivot = next((p for p in PIVOTS if p in words), None)
    if pivot is None:
        return None
    place = list(words).index(pivot)
    return stem(pivot), Counter(_stems(words[:place])), Counter(_stems(words[place + 1 :]))
