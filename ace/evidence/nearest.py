"""Past attempts that are like another one: of the same kind where kinds are known, else alike in words.

What worked in free work is not told by facts, so attempts are set beside each other. Likeness is the share of words that two
cases have in common (the Jaccard index), which is enough to rank attempts of one kind.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Sequence

from ace.playbooks.triggers.facts import parse_line, words_of
from ace.types import Past

LOOKED_AT = 300
"""Attempts that are compared, the newest."""
_ALIKE = 0.2
"""Share of words in common from which on attempts without a kind are alike."""


def nearest(text: str, kind: str, attempts: Sequence[Past], most: int) -> list[Past]:
    """At most `most` of the newest `LOOKED_AT` attempts that are of `kind`, or, where that is empty, alike in words: the
    nearest first, of equals the newest."""
    wanted = _words(text)
    found = [
        (likeness, n, p)
        for n, p in enumerate(attempts[-LOOKED_AT:])
        if p.kind == kind and ((likeness := _likeness(wanted, _words(p.situation))) >= _ALIKE or kind)
    ]
    return [p for _, _, p in sorted(found, key=lambda row: (-row[0], -row[1]))[:most]]


def contrasts(new: Iterable[Past], attempts: Sequence[Past], most: int) -> list[tuple[Past, Past]]:
    """At most `most` pairs of attempts (one that won, the nearest one that lost), one of each pair among the `new`: those last
    made first, and each attempt in one pair alone."""
    pairs: list[tuple[Past, Past]] = []
    used: set[str] = set()
    for p in reversed(list(new)):
        others = [a for a in attempts if a.won != p.won and a.episode not in used]
        near = nearest(p.situation, p.kind, others, 1) if p.episode not in used and len(pairs) < most else []
        for other in near:
            pairs.append((p, other) if p.won else (other, p))
            used |= {p.episode, other.episode}
    return pairs


def _words(text: str) -> frozenset[str]:
    return frozenset(words_of(text))


def _likeness(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a and b else 0.0


class Nearness:
    """Attempts that are searched again and again for those nearest to a case, with their words and facts read once.

    Words that few attempts have count more (their inverse document frequency). Where most attempts are told by named facts,
    one that saw none comes last: the beginning of a text, by which it is told, is often that of every case."""

    def __init__(self, attempts: Sequence[Past]) -> None:
        self._attempts = attempts
        self._words = [_words(p.situation) for p in attempts]
        named = [bool(parse_line(p.situation).fields) for p in attempts]
        self._telling = [n or 2 * sum(named) < len(named) for n in named]
        counts = Counter(word for words in self._words for word in words)
        self._rarity = {word: math.log(1 + len(attempts) / n) for word, n in counts.items()}

    def to(self, text: str, kind: str, most: int) -> list[Past]:
        """At most `most` attempts, those of `kind` first where it is told, then the nearest first, of equals the newest."""
        wanted = _words(text)
        weight = self._rarity
        found = []
        for n, (p, words) in enumerate(zip(self._attempts, self._words, strict=True)):
            shared = sum(weight[w] for w in words & wanted)
            found.append((self._telling[n], bool(kind) and p.kind == kind, shared, n))
        return [self._attempts[n] for *_, n in heapq.nlargest(most, found)]
