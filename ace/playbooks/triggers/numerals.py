"""Numbers in lessons: in digits or in words, with the unit behind."""

from __future__ import annotations

from collections.abc import Sequence

from ace.playbooks.triggers.folding import UNITS, fold_unit, quantity
from ace.playbooks.triggers.tokens import Token
from ace.playbooks.triggers.vocabulary import Vocabulary
from ace.playbooks.triggers.wording import NUMBERS

Number = tuple[float, str, int]
"""A number, its folded unit, and where it ends."""


def number_at(tokens: Sequence[Token], at: int, known: Vocabulary | None) -> Number | None:
    """The number at `at` with the unit behind it: one of the common units, or one that was seen of a fact."""
    if at >= len(tokens):
        return None
    token, behind = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else None
    text = token.low if token.kind == "number" else ""
    word = behind.low if behind and behind.kind != "quoted" else ""
    if token.kind == "word" and token.low in NUMBERS and word != "of":
        text = NUMBERS[token.low]
    # 1.50 is a number here; 1.500 may be one and a half, or fifteen hundred.
    amount = quantity(text) or (quantity(text.rstrip("0")) if len(text.partition(".")[2]) == 2 else None)
    if amount is None:
        return None
    if amount[1]:
        return amount[0], amount[1], at + 1
    unit = fold_unit(word)
    measured = unit in UNITS or (known is not None and any(unit in f.units for f in known.facts))
    return (amount[0], unit, at + 2) if measured and unit else (amount[0], "", at + 1)
