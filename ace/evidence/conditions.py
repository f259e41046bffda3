"""The conditions that rules may be made of, drawn from the cases themselves.

A condition must tell cases apart and have been met more than once; thresholds are the roundest numbers between neighbouring
values, because people who make rules like round numbers.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise

from ace.playbooks.triggers.conditions import CaseView, Condition, Kind

MAX_FACTS = 120
MAX_THRESHOLDS = 14
MAX_PHRASES = 160
MIN_SEEN = 3


def conditions_of(views: Sequence[CaseView], kept: Iterable[Condition] = ()) -> list[Condition]:
    """Conditions worth trying on `views`, in a stable order; `kept` ones (of the present rules) are always among them."""
    found: dict[Condition, None] = dict.fromkeys(kept)
    keys = _commonest(v.facts.fields for v in views)
    for key in keys:
        values = [v.facts.fields[key] for v in views if key in v.facts.fields]
        numbers = [x for x in values if isinstance(x, float)]
        texts = Counter(x if isinstance(x, str) else f"{x:g}" for x in values)
        if len(numbers) * 2 < len(values) or len(texts) <= 6:
            found.update(dict.fromkeys(Condition("is", key, t) for t, n in sorted(texts.items()) if n >= MIN_SEEN))
        found.update(dict.fromkeys(_thresholds(key, numbers, ("at least", "below"))))
    for key in _commonest(v.counted for v in views):
        numbers = [v.counted[key] for v in views if key in v.counted]
        if len(numbers) * 5 >= len(views):
            found.update(dict.fromkeys(_thresholds(key, numbers, ("count at least", "count below"))))
    found.update(dict.fromkeys(_said(views)))
    return list(found)


def _commonest(rows: Iterable[Mapping[str, object]]) -> list[str]:
    """The names met in most of `rows`, at most `MAX_FACTS`, in order of the alphabet."""
    seen = Counter(chain.from_iterable(rows))
    return sorted(sorted(seen, key=lambda name: (-seen[name], name))[:MAX_FACTS])


def _thresholds(key: str, numbers: Sequence[float], kinds: tuple[Kind, Kind]) -> list[Condition]:
    values = sorted(set(numbers))
    if len(numbers) < MIN_SEEN or len(values) < 2:
        return []
    gaps = list(pairwise(values))
    if len(gaps) > MAX_THRESHOLDS:
        cut = sorted(numbers)
        places = [cut[len(cut) * i // (MAX_THRESHOLDS + 1)] for i in range(1, MAX_THRESHOLDS + 1)]
        gaps = _around(values, places)
    whole = all(x.is_integer() for x in values)
    rounds = dict.fromkeys(math.ceil(roundest(a, b)) if whole else roundest(a, b) for a, b in gaps)
    return [Condition(kind, key, float(r)) for r in rounds for kind in kinds]


def _around(values: Sequence[float], places: Iterable[float]) -> list[tuple[float, float]]:
    """For each place, a stretch of neighbouring values wide enough to hold a round number."""
    found = []
    width = max(1, len(values) // (2 * MAX_THRESHOLDS))
    for place in places:
        i = values.index(place)
        found.append((values[max(0, i - width)], values[min(len(values) - 1, i + width)]))
    return found


def roundest(low: float, high: float) -> float:
    """The number above `low` and up to `high` with the fewest digits: 100 in (87, 120], 30 in (28.5, 33]."""
    span = high - low
    power = 10.0 ** math.ceil(math.log10(max(abs(low), abs(high), 1e-9)) + 1)
    while power > span / 100:
        for part in (power, power / 2, power / 4, power / 5):
            found = math.floor(high / part) * part
            if low < found <= high:
                return round(found, 10)
        power /= 10
    return high


def _said(views: Sequence[CaseView]) -> list[Condition]:
    texts = [v.phrases for v in views if v.phrases]
    if len(texts) < MIN_SEEN:
        return []
    seen = Counter(p for phrases in texts for p in phrases)
    low, high = max(MIN_SEEN, len(texts) // 25), len(texts) * 24 // 25
    common = sorted((p for p, n in seen.items() if low <= n <= high), key=lambda p: (-min(seen[p], len(texts) - seen[p]), p))
    return [Condition("mentions", p) for p in common[:MAX_PHRASES]]
