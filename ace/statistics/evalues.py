"""Evidence against "showing this item changes nothing" that may be looked at after every attempt.

A gambler who bets on whether an item was shown cannot expect to grow rich where the item does nothing. With Z = 1 shown, q the
chance of that, y the outcome and m what was expected of it before the draw,

    W <- W (1 + lambda (y - m)(Z - q)),    |lambda| < 1 / max(q, 1 - q),

has a mean of at most 1 at any time if the item has no effect, so that P(W ever reaches 1/a) <= a (Ville). Half of the stake
goes on help (lambda > 0) and half on harm; each half is spread over fixed bets, because the best one is not known beforehand.
Over items, the k largest are called where each is at least n / (a k) (Wang and Ramdas, False discovery rate control with
e-values, Journal of the Royal Statistical Society B 84 (2022), 822-852): on average at most a share a of the calls is false,
however the items depend on each other. It takes far more attempts than an estimate does: it is for acts that cannot be undone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, fsum, log1p

from ace.statistics.effects import Drawn

BETS = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""Bets, as shares of the largest that cannot lose everything."""
_MOST = 700.0
"""The largest logarithm that is turned back into a number; the exponential of a larger one overflows."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence that an item helps, and that it harms: each grows with it, and is 1 where there is none."""

    help: float
    harm: float

    @property
    def any(self) -> float:
        """The evidence that it does either."""
        return (self.help + self.harm) / 2


def evidence(drawn: Sequence[Drawn]) -> Evidence:
    """The evidence that the draws of one item hold."""
    return Evidence(_wealth(drawn, 1), _wealth(drawn, -1))


def _wealth(drawn: Sequence[Drawn], sign: int) -> float:
    gains = [sign * d.rest * (d.shown - d.chance) / max(d.chance, 1 - d.chance) for d in drawn]
    grown = [fsum(log1p(bet * gain) for gain in gains) for bet in BETS]
    return fsum(exp(min(g, _MOST)) for g in grown) / len(grown)


def called(values: Mapping[str, float], rate: float) -> set[str]:
    """The items that are called, of which on average a share of at most `rate` is false (e-BH); `values` are e values."""
    order = sorted(values, key=lambda item: -values[item])
    found = [k for k, item in enumerate(order, 1) if values[item] >= len(order) / (rate * k)]
    return set(order[: max(found, default=0)])
