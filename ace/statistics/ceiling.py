"""What an agent reaches in many independent attempts at the same tasks, and how far one agent's reach goes beyond another's.

A task won by the one and never by the other says little by itself: 0 of n attempts only bounds the rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

Counts = Sequence[tuple[int, int]]
"""Of each task: attempts won, attempts made."""


def pass_at(k: int, counts: Counts) -> float:
    """The mean chance that at least one of `k` attempts wins: 1 - C(n - c, k) / C(n, k), unbiased. `ValueError` where a task
    has fewer than `k` attempts. Source: Chen et al., Evaluating large language models trained on code (2021),
    arXiv:2107.03374."""
    if not counts:
        raise ValueError(f"pass@{k} needs tasks with at least {k} attempts each")
    return sum(pass_each(k, counts)) / len(counts)


def pass_each(k: int, counts: Counts) -> list[float]:
    """The same for every task by itself, each in [0, 1]."""
    if k < 1 or any(n < k for _, n in counts):
        raise ValueError(f"pass@{k} needs tasks with at least {k} attempts each")
    return [1 - comb(n - c, k) / comb(n, k) for c, n in counts]


def cover(tau: float, counts: Counts) -> float:
    """The share of tasks won in at least a share `tau` of their attempts (cover@tau, arXiv:2510.08325)."""
    return sum(c >= tau * n for c, n in counts) / len(counts)


def excluded_rate(n: int, alpha: float = 0.05) -> float:
    """The highest rate that 0 wins in `n` attempts do not exclude at level `alpha`: 1 - alpha^(1/n)."""
    return 1 - float(alpha ** (1 / n))


def still_unseen(counts: Counts) -> float:
    """How many of the tasks never won would be won in further attempts, at least: Chao's lower bound with tasks as species,
    (m - 1) / m f1 (f1 - 1) / (2 (f2 + 1)), where f1 and f2 tasks were won in one and in two attempts of m. Never more than the
    tasks never won. Source: Chao, Estimating the population size for capture-recapture data with unequal catchability,
    Biometrics 43 (1987), 783-791."""
    if not counts:
        return 0.0
    once, twice = sum(c == 1 for c, _ in counts), sum(c == 2 for c, _ in counts)
    never, m = sum(c == 0 for c, _ in counts), min(n for _, n in counts)
    return min(float(never), (m - 1) / m * once * max(once - 1, 0) / (2 * (twice + 1)))
