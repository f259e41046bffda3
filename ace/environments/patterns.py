"""How many ways a regular expression can try to match a text: a bound, found without running it.

Python's matcher backtracks, and a pattern such as `(a+)+b` takes longer than anyone waits on a short text. So a pattern is
refused unless the product of all its choices stays small: an unbounded repeat counts as the text's length, an optional part as
two, an alternation as its branches, and repeating what has choices of its own as without end.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

LONGEST_TEXT = 200
"""Characters of a text that is matched; longer ones never match."""
MOST_WAYS = 20_000_000

_QUANTIFIER = re.compile(r"([*+?]|\{(\d*)(,?)(\d*)\})[?+]?")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_GROUP = re.compile(r"\((?:\?(?:P<\w+>|[aiLmsux-]*:|<?[=!]|>))?")
_REFUSED = re.compile(r"\\[1-9]|\(\?P=|\(\?\(|\(\?[aiLmsu-]*x")


@dataclass(slots=True)
class _Level:
    """An open group: ways of the branch being read, and of the branches before it, added up."""

    branch: float = 1.0
    before: float = 0.0

    @property
    def ways(self) -> float:
        return self.before + self.branch


def compile_safe(pattern: str) -> re.Pattern[str]:
    """The compiled pattern. `ValueError`, with the reason, where it does not compile or might take too long."""
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"it does not compile: {error}") from error
    if ways(pattern) > MOST_WAYS:
        raise ValueError("it might take too long to match: use no back-references, no repeat of a part that itself has repeats")
    return compiled


def ways(pattern: str) -> float:
    """A bound on the ways to match a text of `LONGEST_TEXT` characters; infinity where there is none."""
    levels, at, last = [_Level()], 0, 1.0
    if _REFUSED.search(pattern):
        return math.inf
    while at < len(pattern):
        here = levels[-1]
        if quantified := _QUANTIFIER.match(pattern, at):
            here.branch *= _repeated(quantified, last)
            last, at = math.inf, quantified.end()
        elif opened := _GROUP.match(pattern, at):
            levels.append(_Level())
            at = opened.end()
        elif pattern[at] == ")" and len(levels) > 1:
            last = levels.pop().ways
            levels[-1].branch *= last
            at += 1
        elif pattern[at] == "|":
            here.before, here.branch = here.ways, 1.0
            at += 1
        else:
            last, at = 1.0, _after_atom(pattern, at)
    return levels[0].ways


def _repeated(quantifier: re.Match[str], inner: float) -> float:
    """How the ways grow when something with `inner` ways, counted once already, is repeated."""
    sign, (least, comma, most) = quantifier[1][0], quantifier.group(2, 3, 4)
    if sign == "?":
        return 2.0
    top = LONGEST_TEXT if sign in "*+" or (comma and not most) else min(LONGEST_TEXT, int(most or least or 1))
    spread = 1.0 if sign == "{" and not comma else top + 1.0
    try:
        return float(inner ** (top - 1) * spread) if inner > 1 and top > 1 else spread
    except OverflowError:
        return math.inf


def _after_atom(pattern: str, at: int) -> int:
    if pattern[at] == "\\":
        return at + 2
    found = _CLASS.match(pattern, at)
    return found.end() if found else at + 1
