"""The right answer, where the environment named it: one reading for the loop, which then stops trying, and for counting.

Feedback names an answer by one that can be given ("refund half would have been right"), or in words that announce one ("the
right answer was: refund half"). Words that only say how the attempt ended ("your answer is wrong") name none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MOST = 60
"""Different answers up to which those that were given are looked for in feedback; of more they are texts, not choices."""
_SHORT = 2
"""Characters of an answer up to which it may be part of any sentence."""

_ANNOUNCED = re.compile(
    r"""\b(?<!not\ )(?<!not\ the\ )(?<!n't\ )(?<!your\ )
    (?: (?P<sure>(?:right|correct|expected|should)\b [^:"\n]*?) | answer\b [^:"\n]*? )
    (?P<mark>\b(?:is|was|be|been|are|were)\b :? | : ) \s* (?P<told>.+)""",
    re.IGNORECASE | re.VERBOSE,
)
_BEHIND_A_MARK = re.compile(r'\b(?:it|that) (?:is|was)(?::\s*|\s*(?="))(?P<told>.+)', re.IGNORECASE)
_EXPECTED = re.compile(r"\bexpected:? (?P<told>[^,;:\n]+?)[,;]? (?:but )?(?:got|found|not)\b", re.IGNORECASE)
_FIRST = re.compile(r'"(?P<told>[^"]+)" (?:was|is|would have been) (?:the )?(?:right|correct|expected)\b', re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]+)"')
_SENTENCE = re.compile(r"(?<![A-Z])(?<![A-Z][a-z])(?<![A-Z][a-z]{2})[.!]\s+(?=[A-Z]).*")
_VERDICT = re.compile(r"(?:wrong|incorrect|right|correct|invalid|bad|missing|too|out)\b", re.IGNORECASE)
_DENIED = re.compile(r"(?:not|n't|never)\b", re.IGNORECASE)


def told_answer(said: str, given: str, known: Sequence[str] = ()) -> str:
    """The right answer that the feedback `said` names after an attempt that answered `given`; empty where it names none, or
    more than one. `known` are the answers that could be given, as far as they are known."""
    announced = _announced(said)
    for answer in known:
        if _same(answer) == _same(announced):
            return "" if _same(answer) == _same(given) else answer
    named = _named_in(said, known)
    others = [a for a in named if _same(a) != _same(given)]
    if others:
        return others[0] if len(others) == 1 else ""
    return "" if named or _same(announced) == _same(given) else announced


def answers_of(choices: Iterable[str]) -> tuple[str, ...]:
    """The answers among the `choices` of attempts, where they are so few that they are likely to be listed."""
    found = tuple(dict.fromkeys(c for c in choices if c))
    return found if len(found) <= MOST else ()


def _announced(said: str) -> str:
    """The text that `said` announces as the right answer."""
    match = _FIRST.search(said) or _EXPECTED.search(said) or _ANNOUNCED.search(said) or _BEHIND_A_MARK.search(said)
    if match is None:
        return ""
    told = match["told"].strip()
    quoted = _QUOTED.match(told)
    if quoted:
        return quoted[1].strip()
    sure = match.re is not _ANNOUNCED or match["sure"] is not None
    if _DENIED.match(told) or (not sure and _VERDICT.match(told)):
        return ""
    # Behind a colon stands the answer alone, which may be of several sentences.
    alone = match.re is _BEHIND_A_MARK or (match.re is _ANNOUNCED and match["mark"].endswith(":"))
    return (told if alone else _SENTENCE.sub("", told)).strip().rstrip(".!")


def _named_in(said: str, answers: Sequence[str]) -> list[str]:
    """Those of `answers` that `said` names, without those that only stand inside another one: "refund half" names refund
    too."""
    folded = said.casefold()
    named = [a for a in dict.fromkeys(answers) if a.casefold() in folded and _named(a, said)]
    return [a for a in named if not any(a != b and a.casefold() in b.casefold() for b in named)]


def _named(answer: str, said: str) -> bool:
    """Whether `said` names `answer`. One of a letter or two is a word of its own only behind a mark, as in "was: B"."""
    word = re.escape(answer)
    if len(answer) <= _SHORT:
        return re.search(rf"(?:[:=\"'(]\s*|\b(?:is|was)\s+){word}(?!\w)", said) is not None
    return re.search(rf"(?<!\w){word}(?!\w)", said, re.IGNORECASE) is not None


def _same(text: str) -> str:
    return " ".join(text.split()).casefold()
