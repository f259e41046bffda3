"""The words that search compares.

Lower case, numbers kept whole, plural endings taken off and nothing cleverer. Two lessons that differ in a number or a
negation must stay different, and the same text must give the same words on every machine.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ace.playbooks.invisible import one_seen
from ace.playbooks.similarity.inflection import pieces, singular

_WORD = re.compile(r"\d+(?:[.,:]\d+)+|[^\W_]+(?:['’][^\W_]+)*")
_JOINERS = re.compile("[\u200c\u200d]")
MAX_WORD = 48
"""Characters of a word that count."""


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The words of `text` as a bullet would keep it, without invisible characters, in order. Scripts written without
    blanks give pairs of characters."""
    found: list[str] = []
    seen = _JOINERS.sub("", one_seen(text))
    for word in _WORD.findall(unicodedata.normalize("NFKC", seen).casefold()):
        if word.isascii():
            found.append(singular(word)[:MAX_WORD])
        elif len(parts := pieces(word)) > 1:
            found += parts
        else:
            found.append(singular(word.replace("’", "'"))[:MAX_WORD])
    return tuple(found)
