"""The novice as dispatcher: the expert whose line in the request shares the rarest words with the case."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ace.models import layout
from ace.models.contract import Request
from ace.playbooks.triggers.facts import words_of

_CASES = 0.2
"""What a word of a past case counts for each one that a line names as telling."""


def dispatch(request: Request) -> dict[str, Any]:
    """The expert for the case in `request`; none where two lines are as near, or no word is shared."""
    _, _, asked = request.messages[-1].content.partition(f"{layout.EXPERTS}\n")
    listed, _, case = asked.partition(f"\n\n{layout.TASK}\n")
    lines = [line.removeprefix("- ").split(layout.FIELD) for line in listed.splitlines() if line.startswith("- ")]
    telling = {name: _words(c for c in cells if c.startswith(layout.TELLING)) for name, *cells in lines}
    others = {name: _words(c for c in cells if not c.startswith(layout.TELLING)) for name, *cells in lines}
    seen = set(words_of(layout.unblock(case.splitlines())))
    near, far = _scores(telling, seen), _scores(others, seen)
    scores = {name: near[name] + _CASES * far[name] for name in near}
    best, *less = sorted(scores.values(), reverse=True) or [0.0]
    if best <= 0 or best in less[:1]:
        return {"thought": "No expert's line is nearer than all others.", "expert": ""}
    name = next(n for n, score in scores.items() if score == best)
    return {"thought": "This line has the rarest words of the case.", "expert": name}


def _words(cells: Iterable[str]) -> set[str]:
    return set(words_of(" ".join(c.removeprefix(layout.TELLING).removeprefix(layout.SUCH_AS) for c in cells)))


def _scores(known: Mapping[str, set[str]], seen: set[str]) -> dict[str, float]:
    """How much of what was `seen` each line has; rare words among the lines count more, those of all of them nothing."""
    counts = Counter(word for words in known.values() for word in words)
    return {n: sum(math.log(len(known) / counts[w]) for w in sorted(words & seen)) for n, words in known.items()}
