"""Splits of a generator that makes a task of any number: disjoint by what the tasks hold, and not by their numbers.

Generators of puzzles and games repeat themselves: neighbouring seeds give the same item, and small ones run out. So a task
stands in the split that its text names (`splitting`) and not in one that its number names, and no text stands twice in one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from ace.environments.splitting import split_by_content
from ace.types import Split, Task, digest

SHARES = (60, 20, 20)
"""Percent of the texts in train, val and test."""
BARREN = 400
"""So many numbers one after the other that give a split nothing new, and the generator is taken to have run out."""


def numbered(make: Callable[[int, Split], Task | None], split: Split, shares: tuple[int, int, int] = SHARES) -> Iterator[Task]:
    """The tasks of `split`: those of `make(0, split)`, `make(1, split)`, ... whose text belongs to it, each text once. `make`
    gives `None` for a number that has no task; `shares` are percent of the texts in train, val and test. It ends where `BARREN`
    numbers in a row gave nothing new."""
    seen: set[str] = set()
    barren = 0
    for number in itertools.count():
        task = make(number, split)
        key = "" if task is None else digest(" ".join(task.text.split()))[:24]
        if task is None or key in seen or split_by_content(task.text, shares) != split:
            barren += 1
            if barren >= BARREN:
                return
            continue
        barren = 0
        seen.add(key)
        yield task
