"""Options scored whole: how likely each is as the reply, by the sum of its tokens' log-probabilities.

The log-probabilities of the base and of the small model with and without the playbook are combined as logits are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ace.models.proxy.arithmetic import combined, log_total
from ace.models.proxy.decoding import Three


class Rewound(Protocol):
    """A source whose tokens can be taken back."""

    def next(self, token: int) -> Three: ...

    def back(self, count: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Likely:
    """The log-probability of an option, in nats: by the base, and by the small model with and without the playbook."""

    base: float
    shown: float
    bare: float

    def combined(self, alpha: float) -> float:
        return combined([self.base], [self.shown], [self.bare], alpha)[0]


def likely(first: Three, source: Rewound, options: Sequence[Sequence[int]]) -> list[Likely]:
    """Each of `options`, given as its tokens, none of them empty, as the reply whose first token has the logits `first`. The
    source is left as it was."""
    return [_one(first, source, tokens) for tokens in options]


def _one(first: Three, source: Rewound, tokens: Sequence[int]) -> Likely:
    at, totals = first, [0.0, 0.0, 0.0]
    for n, token in enumerate(tokens):
        at = source.next(tokens[n - 1]) if n else at
        known: dict[int, float] = {}
        for place, row in enumerate((at.base, at.shown, at.bare)):
            # With one model two of the three are the same list.
            known[id(row)] = known[id(row)] if id(row) in known else log_total(row)
            totals[place] += row[token] - known[id(row)]
    source.back(len(tokens) - 1)
    return Likely(*totals)
