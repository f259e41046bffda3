"""Lessons and cases of natural word frequencies, as many as wanted, from a seed.

The decision behind it: sentences come from templates that read like real lessons, their words from lists whose frequencies
fall as in natural text (Zipf 1949; Mandelbrot 1953), so that search meets common words, rare ones and everything in between.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Callable, Sequence
from itertools import accumulate


def _list(words: str) -> list[str]:
    return words.split()


_LESSONS = (
    "When the {n} is {a} and the {n} is at least {d}, {v} the {n} before the {n}.",
    "Never {v} a {a} {n} unless the {n} was confirmed by the {n}.",
    "If {n} or {n} is missing, ask for it and do not {v} anything yet.",
    "Check the {a} {n} first: a {n} above {d} needs a second {n}.",
    "For {n} cases {v} within {d} days, then {v} the {n} and note the {n}.",
    "A {n} from the {a} {n} counts as {n} only after {d} {n}.",
    "Do not {v} the {n} twice; the {n} keeps the first {n} it was given.",
    "To {v} a {n}, look up its {n} and its {n}, in that order.",
    "The {n} of a {a} {n} is read from the {n}, not from the {n}.",
    "Prefer {n} over {n} where both are {a}; say so in the {n}.",
    "After {d} failed {n}, {v} the {n} and tell the {n} why.",
    "{a} {n} and {a} {n} are treated alike, except for {n}.",
)
_CASES = (
    "A {a} {n} writes about the {n}: it was {a} on arrival, the {n} says {d}, and nobody could {v} it.",
    "The {n} bought {d} months ago has a {a} {n}, and now they want to {v} the {n} as well.",
    "There is also a question on {n} and {n}, and whether the {n} can {v} before the {n}.",
    "They mention a {n}, a {a} {n} and the {n} of last week, which did not {v}.",
    "Please say what is to be done with the {n}.",
)
_NOUNS = _list(
    """order customer account invoice item refund price date case number request payment product address card name region
delivery box receipt contract agent policy limit record report table field code test page file key list value answer question
message ticket service store supplier claim member plan fee tax total amount balance transfer device driver sensor patient
dose sample batch row column query index schema server client token session form letter label seal engine pump valve filter
room guest booking seat train flight gate passport visa permit lease tenant owner building garden plant soil seed harvest
"""
)
_VERBS = _list(
    """check send ask close open refund replace confirm cancel record return repeat report move keep hold split merge round
convert inspect measure test clean reset restart book charge waive forward escalate reject accept approve sign seal label pack
"""
)
_ADJECTIVES = _list(
    """new old open late early damaged missing partial final first second urgent private public foreign local gold
silver standard express double empty broken blue red large small annual monthly pending expired valid verified unpaid
"""
)
_ONSETS = _list("b br c ch d dr f fl g gr h j k l m n p pl pr qu r s sc sh sl st t tr v w")
_RHYMES = _list("a al an ar ath e el en er est i il in is o ol on or ost u ul un ur ust y")


class Prose:
    """Sentences without end; the same seed gives the same ones."""

    def __init__(self, seed: int, rare: int = 20_000) -> None:
        self._draw = random.Random(seed)
        made = self._words(rare)
        self._lists = {
            "n": _Zipf(_NOUNS + made[: rare // 2]),
            "v": _Zipf(_VERBS + made[rare // 2 : 3 * rare // 4]),
            "a": _Zipf(_ADJECTIVES + made[3 * rare // 4 :]),
        }

    def lesson(self) -> str:
        """One bullet's text, 12 to 20 words."""
        return self._filled(self._draw.choice(_LESSONS), self._one)

    def case(self) -> str:
        """One task's statement, some 60 words."""
        return self.case_and_lesson()[0]

    def case_and_lesson(self) -> tuple[str, str]:
        """A task's statement, and a lesson about it: its words are among those of the case."""
        met: dict[str, list[str]] = {kind: [] for kind in "nvad"}

        def seen(kind: str) -> str:
            met[kind].append(self._one(kind))
            return met[kind][-1]

        case = " ".join(self._filled(t, seen) for t in _CASES)
        return case, self._filled(self._draw.choice(_LESSONS), lambda kind: self._draw.choice(met[kind]))

    def _filled(self, template: str, slot: Callable[[str], str]) -> str:
        parts = template.split("{")
        text = parts[0] + "".join(slot(p[0]) + p[2:] for p in parts[1:])
        return text[0].upper() + text[1:]

    def _one(self, kind: str) -> str:
        return str(self._draw.randint(2, 900)) if kind == "d" else self._lists[kind].one(self._draw)

    def _words(self, count: int) -> list[str]:
        made: dict[str, None] = {}
        while len(made) < count:
            syllables = self._draw.choice((2, 2, 3))
            made["".join(self._draw.choice(_ONSETS) + self._draw.choice(_RHYMES) for _ in range(syllables))] = None
        return list(made)


class _Zipf:
    """Words drawn by rank, the k-th with weight 1 / (k + 2.7)."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._sums = list(accumulate(1 / (k + 2.7) for k in range(1, len(words) + 1)))

    def one(self, draw: random.Random) -> str:
        return self._words[bisect(self._sums, draw.random() * self._sums[-1])]
