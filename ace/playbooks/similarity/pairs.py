"""The pairs among some bullets that should be reviewed: those that say the same, contradict each other, or are much alike.

Whether two texts are worth comparing shows in how many words they share, and that is counted for all pairs at once; only the
few that share enough are compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ace.playbooks.bullet import Bullet
from ace.playbooks.similarity.compare import LEAST, Kind, Likeness, compare_readings
from ace.playbooks.similarity.features import read

_ORDER = {Kind.SAME: 0, Kind.CONTRADICTS: 1, Kind.ALIKE: 2}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two bullets, in their order, and what they are to each other."""

    first: Bullet
    second: Bullet
    likeness: Likeness


def pairs_among(bullets: Sequence[Bullet], limit: int = 8) -> list[Pair]:
    """The pairs among `bullets` that are the same, contradict each other or are alike: these kinds in this order, the most
    alike first, at most `limit`. Two that only a person may change are left out."""
    readings = [read(b.text) for b in bullets]
    found = []
    for i, j in _close([r.stems for r in readings]):
        if bullets[i].pinned and bullets[j].pinned:
            continue
        likeness = compare_readings(readings[i], readings[j])
        if likeness.kind in _ORDER:
            found.append(Pair(bullets[i], bullets[j], likeness))
    # The sort is stable: equals stay in the order of the bullets.
    return sorted(found, key=lambda p: (_ORDER[p.likeness.kind], -p.likeness.score))[:limit]


def _close(stems: Sequence[Counter[str]]) -> Iterator[tuple[int, int]]:
    """The places of texts that share enough of their words to be compared, the earlier place first."""
    seen: dict[str, list[int]] = {}
    for j, mine in enumerate(stems):
        shared: Counter[int] = Counter()
        for word in mine:
            shared.update(seen.setdefault(word, []))
            seen[word].append(j)
        for i, n in sorted(shared.items()):
            if 2 * n >= LEAST * (len(mine) + len(stems[i])):
                yield i, j
