"""The words that search compares.

The decision behind it: lower case, numbers kept whole, plural endings taken off and nothing cleverer. Two lessons that differ
in a number or a negation must stay different, and the same text must give the same words on every machine.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"\d+(?:[.,:]\d+)+|[^\W_]+(?:['’][^\W_]+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
MAX_WORD = 48
"""Characters of a word that count."""


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The words of `text`, in order. Scripts written without blanks give pairs of characters."""
    found: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        if word.isascii():
            found.append(_singular(word)[:MAX_WORD])
        elif _UNSPACED.search(word):
            found += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
        else:
            found.append(_singular(word.replace("’", "'"))[:MAX_WORD])
    return tuple(found)


def _singular(word: str) -> str:
    if "'" in word:
        word = word.removesuffix("'s").replace("'", "")
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1]
