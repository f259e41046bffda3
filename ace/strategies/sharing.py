"""Cross-entropy search over shares: how much of each expert's playbook is shown to cases of one kind.

As in Transformer squared (Sun, Cetin and Tang 2025, arXiv:2501.06252, section 3.2): candidates are drawn from a normal
distribution for each expert and cut to [0, 1], the best of them give the next distribution. Each candidate plays the same few
validation cases with the same seeds; of two that win as often, the one with fewer tokens is better. The first candidates are
each expert alone.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

ELITE = 0.25
"""The share of candidates that give the next distribution."""
_LEAST = 0.05
"""Standard deviation below which no distribution falls."""

Shares = tuple[float, ...]
Won = Callable[[Shares], Awaitable[tuple[float, int]]]
"""The share of cases that a candidate wins, and about how many tokens of bullets it shows."""


@dataclass(frozen=True, slots=True)
class SearchEffort:
    """So many candidates in each of so many rounds."""

    population: int
    rounds: int


async def searched(experts: int, effort: SearchEffort, won: Won, seed: int) -> tuple[Shares, float]:
    """The best shares of so many experts that were tried, and the share of cases that they won."""
    rng = random.Random(seed)
    means, spreads = [0.5] * experts, [0.5] * experts
    best: tuple[float, int, Shares] | None = None
    for number in range(effort.rounds):
        alone = [tuple(float(i == k) for i in range(experts)) for k in range(experts)] if number == 0 else []
        drawn = [_drawn(rng, means, spreads) for _ in range(effort.population - len(alone))]
        scored = []
        for shares in (*alone, *drawn):
            rate, tokens = await won(shares)
            scored.append((rate, -tokens, shares))
        scored.sort(key=lambda row: row[:2], reverse=True)
        best = scored[0] if best is None or scored[0][:2] > best[:2] else best
        elite: Sequence[Shares] = [shares for *_, shares in scored[: max(2, round(ELITE * len(scored)))]]
        means = [fmean(s[k] for s in elite) for k in range(experts)]
        spreads = [max(_LEAST, pstdev([s[k] for s in elite])) for k in range(experts)]
    return ((0.0,) * experts, 0.0) if best is None else (best[2], best[0])


def _drawn(rng: random.Random, means: Sequence[float], spreads: Sequence[float]) -> Shares:
    return tuple(round(min(1.0, max(0.0, rng.gauss(m, s))), 3) for m, s in zip(means, spreads, strict=True))
