"""Logits as lists of floats: combining them, choosing a token, comparing two distributions. Knows no model.

The sum is that of proxy tuning (Liu et al. 2024, "Tuning Language Models by Proxy") with a playbook in place of tuned weights;
with one model as base and small it is context-aware decoding (Shi et al. 2023, "Trusting Your Evidence"), whose alpha is
smaller by one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

Row = Sequence[float]
"""Logits of the next token, one for each token of the vocabulary; or any numbers that differ from them by a constant."""


def combined(base: Row, shown: Row, bare: Row, alpha: float) -> list[float]:
    """`base + alpha * (shown - bare)`. Where `base` is `bare`, as it is with one model, alpha 0 gives it and alpha 1 gives
    `shown`, to the last bit."""
    if shown is bare:
        return [*base]
    if base is bare:
        rest = 1 - alpha
        return [rest * x + alpha * y for x, y in zip(bare, shown, strict=True)]
    return [b + alpha * (y - x) for b, y, x in zip(base, shown, bare, strict=True)]


def likeliest(row: Row) -> int:
    """The token with the largest logit; the first of several."""
    return row.index(max(row))


def log_total(row: Row) -> float:
    """The logarithm of the sum of the exponentials: a logit less this is a log-probability."""
    top = max(row)
    return top + math.log(sum(map(math.exp, [x - top for x in row])))


def drawn(row: Row, temperature: float, top_p: float, random: Random) -> int:
    """A token by chance, at `temperature` > 0, from the likeliest ones that together have a share of `top_p`."""
    scaled = [x / temperature for x in row]
    top = max(scaled)
    weights = [math.exp(x - top) for x in scaled]
    left = random.random()
    if top_p >= 1:
        return _at(range(len(weights)), weights, left * sum(weights))
    bound = top_p * sum(weights)
    order = _heaviest(weights, bound)
    kept, total = 0, 0.0
    while not kept or (kept < len(order) and total < bound):
        total += weights[order[kept]]
        kept += 1
    return _at(order[:kept], weights, left * total)


def _heaviest(weights: Row, bound: float) -> list[int]:
    """The heaviest tokens in order, as many as together weigh `bound` at least: a few of a vocabulary are sorted, as a rule."""
    for least in (1e-2, 1e-4, 0.0):
        found = [token for token, weight in enumerate(weights) if weight >= least]
        if not least or sum(weights[token] for token in found) >= bound:
            break
    return sorted(found, key=weights.__getitem__, reverse=True)


def _at(order: Sequence[int], weights: Row, left: float) -> int:
    for token in order:
        left -= weights[token]
        if left < 0:
            return token
    return order[0]


def divergence(row: Row, other: Row) -> float:
    """The Kullback-Leibler divergence of the distribution of `other` from that of `row`, in nats: what is lost by taking
    `other` for `row`. Never below 0."""
    ours, theirs = log_total(row), log_total(other)
    total = 0.0
    for x, y in zip(row, other, strict=True):
        p = math.exp(x - ours)
        # What has no probability in double precision loses nothing.
        if p:
            total += p * ((x - ours) - (y - theirs))
    return max(total, 0.0)
