"""Forms of one word.

Endings are taken off by a few fixed rules, so that the same text gives the same words on every machine and no list of words
has to be right. `singular` changes no meaning; `stem` may, and is for finding only, never for deciding.
"""

from __future__ import annotations

import re
from functools import lru_cache

_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_ENDINGS = ("ications", "ication", "ations", "ation", "ments", "ment", "ings", "ing", "ions", "ion", "ed", "ly", "e", "y")
_SHORTEST = 3


def pieces(word: str) -> list[str]:
    """`word` itself; of a script written without blanks, where it is a whole clause, its pairs of characters."""
    return [word[i : i + 2] for i in range(max(1, len(word) - 1))] if _UNSPACED.search(word) else [word]


def singular(word: str) -> str:
    """An English word, in lower case, without the ending of its plural or genitive."""
    if "'" in word:
        word = word.removesuffix("'s").replace("'", "")
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What the forms of an English word have in common: `confirm` for confirmed, confirming and confirmation."""
    word = singular(word)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            word = word[: -len(ending)]
            break
    if len(word) > _SHORTEST and word[-1] == word[-2] and word[-1] not in "aeiouls":
        return word[:-1]
    # "cancelling" and "cancel", but not "sell" and "sel": a doubled l or s is taken off long words alone.
    return word[:-1] if len(word) > 5 and word[-1] == word[-2] and word[-1] in "ls" else word
