"""How varied a list of outcomes is, and whether two lists differ in that."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Hashable, Sequence
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


ENOUGH = 20
"""Random divisions whose entropy falls as far as the observed one; after so many, `fallen` draws no more."""


def fallen(before: Seen, after: Seen, seed: int, rounds: int = 999) -> float:
    """The one-sided p value of a fall in variety from `before` to `after`: the share of random divisions of all observations
    whose entropy falls as far (permutation test; deterministic for `seed`), from at most `rounds` divisions, fewer where many
    do (Besag and Clifford, Sequential Monte Carlo p-values, Biometrika 78 (1991), 301-304)."""
    draw, n = random.Random(seed).random, len(before)
    pool, m = [*before, *after], len(after)
    weight = [0.0, *(c * log(c) for c in range(1, len(pool) + 1))]

    def size(counts: Collection[int], of: int) -> float:
        present = [c for c in counts if c]
        return log(of) - sum(weight[c] for c in present) / of + (len(present) - 1) / (2 * of) if of else 0.0

    total = Counter(pool)

    def drop(first: Counter[Hashable]) -> float:
        return size(first.values(), n) - size([c - first[k] for k, c in total.items()], m)

    seen, far = drop(Counter(before)), 0
    for drawn in range(1, rounds + 1):
        # Sorting by drawn keys divides as a shuffle does, in a fraction of the time.
        keys = [draw() for _ in pool]
        chosen = sorted(range(len(pool)), key=keys.__getitem__)[:n]
        far += drop(Counter([pool[i] for i in chosen])) >= seen - 1e-12
        if far == ENOUGH:
            return far / drawn
    return (far + 1) / (rounds + 1)
