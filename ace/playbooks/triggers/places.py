"""Looking at the tokens of a lesson by their places."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ace.playbooks.triggers.numerals import Number, number_at
from ace.playbooks.triggers.resolving import facts_valued
from ace.playbooks.triggers.tokens import Token
from ace.playbooks.triggers.vocabulary import KnownFact, Vocabulary
from ace.playbooks.triggers.wording import LONGEST

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def joined(tokens: Sequence[Token]) -> str:
    """Tokens as a text, with a blank between words."""
    return " ".join(t.low for t in tokens)


class TokenReader:
    """Says what stands at a place of `tokens`; a place outside of them has nothing."""

    def __init__(self, tokens: Sequence[Token], vocabulary: Vocabulary | None) -> None:
        self._tokens, self._known = tokens, vocabulary

    def _number(self, at: int) -> Number | None:
        return number_at(self._tokens, at, self._known)

    def _signed(self, at: int) -> Number | None:
        """The number at `at`, maybe with a minus in front."""
        below = self._word(at) == "-"
        number = self._number(at + below)
        return (-number[0], *number[1:]) if number and below else number

    def _phrase(self, at: int, end: int) -> str:
        """The words from `at` to `end`; "" where something else is among them."""
        piece = self._tokens[at:end]
        return joined(piece) if all(t.kind in ("word", "number") or t.low in ("-", "/") for t in piece) else ""

    def _word(self, at: int) -> str:
        return self._tokens[at].low if 0 <= at < len(self._tokens) and self._tokens[at].kind != "quoted" else ""

    def _kind(self, at: int) -> str:
        return self._tokens[at].kind if at < len(self._tokens) else ""

    def _is_date(self, at: int) -> bool:
        """Whether a day stands at `at`: by that day is not on it."""
        return self._kind(at) == "quoted" and bool(_DATE.fullmatch(self._tokens[at].text))

    def _owner(self, at: int) -> KnownFact | None:
        """The one fact that has the longest value which stands at `at`."""
        tokens = self._tokens
        for length in range(min(LONGEST, len(tokens) - at), 0, -1):
            text = tokens[at].text if length == 1 and tokens[at].kind == "quoted" else self._phrase(at, at + length)
            if text and self._known and (facts := facts_valued(self._known, text)):
                return facts[0] if len(facts) == 1 else None
        return None
