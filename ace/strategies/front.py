"""A front of candidates: those that no other one beats, judged task by task. Pure arithmetic and lists of bullets.

Source: Agrawal et al., GEPA (2025), arXiv:2507.19457, 3.3: a candidate is kept while it is best on some task that no other one
covers, and is drawn by how many tasks it is best on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from ace.playbooks.bullet import Bullet, clean

Wins = frozenset[str]
"""The tasks that a candidate won, of those that all are measured on."""


def wins_of(results: Mapping[int, Mapping[str, bool]], tasks: Iterable[str]) -> dict[int, Wins]:
    """The wins of the candidates that were measured on all of `tasks`, by their numbers."""
    keys = list(tasks)
    return {n: frozenset(t for t in keys if found[t]) for n, found in results.items() if all(t in found for t in keys)}


def members(wins: Mapping[int, Wins], most: int) -> list[int]:
    """The candidates on the front: no other one wins all that they win and more. Of those that win the same the newest stays,
    and of more than `most` those that win most, the newer of equals; in ascending order."""
    kept = [
        n
        for n, mine in wins.items()
        if not any(mine < other or (mine == other and n < m) for m, other in wins.items() if m != n)
    ]
    return sorted(sorted(kept, key=lambda n: (-len(wins[n]), -n))[:most])


def dominated(mine: Wins, others: Iterable[Wins]) -> bool:
    """Whether another one wins all of `mine` and more."""
    return any(mine < other for other in others)


def shares(wins: Mapping[int, Wins], on_front: Sequence[int], tasks: Iterable[str]) -> dict[int, int]:
    """By candidate `on_front` on how many of `tasks` it is best: it wins, or none of them does; at least 1."""
    best = {t: {n for n in on_front if t in wins[n]} or set(on_front) for t in tasks}
    return {n: max(1, sum(n in found for found in best.values())) for n in on_front}


def drawn(weights: Mapping[int, int], chance: float) -> int:
    """The candidate at `chance`, in [0, 1), when each has its share by `weights`."""
    left = chance * sum(weights.values())
    for n in sorted(weights):
        left -= weights[n]
        if left < 0:
            return n
    return max(weights)


def complementary(wins: Mapping[int, Wins], on_front: Sequence[int]) -> tuple[int, int] | None:
    """The two candidates `on_front` that together win most tasks, the better one first; `None` where no two win more than the
    better one of them."""
    pairs = [(len(wins[a] | wins[b]), a, b) for a, b in combinations(on_front, 2)]
    useful = [p for p in pairs if p[0] > max(len(wins[p[1]]), len(wins[p[2]]))]
    if not useful:
        return None
    _, a, b = max(useful, key=lambda p: (p[0], p[2], p[1]))
    return (a, b) if len(wins[a]) >= len(wins[b]) else (b, a)


def woven(first: Sequence[Bullet], second: Sequence[Bullet]) -> list[Bullet]:
    """The bullets of `first`, and those of `second` that it does not have, each behind the one that it stands behind there."""
    made = list(first)
    ids, texts = {b.id for b in first}, {clean(b.text) for b in first}
    at = 0
    for b in second:
        if b.id in ids:
            at = next(i for i, m in enumerate(made) if m.id == b.id) + 1
        elif clean(b.text) not in texts:
            made.insert(at, b)
            at += 1
    return made
