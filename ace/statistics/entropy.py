"""How varied a list of outcomes is, and whether two lists differ in that."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Hashable, Sequence
from math import exp, log

Seen = Sequence[Hashable]


def entropy(seen: Seen) -> float:
    """Shannon entropy in nats with the correction (k - 1) / (2 n) for few observations. Source: Miller, Note on the bias of
    information estimates (1955)."""
    n, counts = len(seen), Counter(seen)
    if not n:
        return 0.0
    return -sum(c / n * log(c / n) for c in counts.values()) + (len(counts) - 1) / (2 * n)


def effective(seen: Seen) -> float:
    """The number of equally frequent classes that would have this entropy; 0 without observations."""
    return exp(entropy(seen)) if seen else 0.0


def divergence(one: Seen, other: Seen) -> float:
    """The Jensen-Shannon divergence between two lists in nats: 0 for the same shares, log 2 where nothing is shared."""
    p, q = _shares(one), _shares(other)
    total = 0.0
    for shares in (p, q):
        total += sum(x * log(x / ((p.get(k, 0.0) + q.get(k, 0.0)) / 2)) for k, x in shares.items()) / 2
    return max(0.0, total)


def _shares(seen: Seen) -> dict[Hashable, float]:
    return {k: c / len(seen) for k, c in Counter(seen).items()}


def fallen(before: Seen, after: Seen, seed: int, rounds: int = 999) -> float:
    """The one-sided p value that `after` is no less varied than `before`: the share of random divisions of all observations
    whose entropy falls as far (permutation test; deterministic for `seed`)."""
    rng, drop = random.Random(seed), entropy(before) - entropy(after)
    pool = [*before, *after]
    far = 0
    for _ in range(rounds):
        rng.shuffle(pool)
        far += entropy(pool[: len(before)]) - entropy(pool[len(before) :]) >= drop - 1e-12
    return (far + 1) / (rounds + 1)
