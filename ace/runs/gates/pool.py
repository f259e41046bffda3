"""The validation tasks that gates draw from: each serves one judgement of a run, and none that anything was learned from.

Tasks that gave a gate its answer once would give the next proposal an answer that depends on it, so a task is never drawn
again in the same run. When they have run out, nothing more can be shown.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence, Set, Sized
from dataclasses import dataclass, field
from itertools import islice

from ace.environments.contract import Environment
from ace.environments.usable import listed
from ace.runs.tasks import Tasks
from ace.types import Split, Task, derive_seed

SPLIT: Split = "val"
_BLOCK = 256
"""Tasks of an endless split that are listed together, and drawn in an order of their own."""


@dataclass(slots=True)
class TaskPool:
    """The tasks of the split `val` of `environment`, in an order drawn by `seed`, listed as far as they are needed. `used` are
    the tasks that the run learns from or is measured on."""

    environment: Environment
    used: Sequence[Task]
    seed: int
    _listed: list[Task] = field(default_factory=list)
    _ahead: list[Task] = field(default_factory=list)
    _whole: bool = False
    _barred: Set[str] | None = None

    @classmethod
    def of(cls, environment: Environment, tasks: Tasks, seed: int) -> TaskPool:
        return cls(environment, tasks.all, seed)

    @property
    def barred(self) -> Set[str]:
        """The contents of the tasks that the run uses: reckoned once a gate draws, since of a million cases it takes long."""
        if self._barred is None:
            self._barred = {t.key for t in self.used}
        return self._barred

    def all(self) -> Iterator[Task]:
        """Every task of the split, barred ones too."""
        at = 0
        while at < len(self._listed) or self._longer():
            yield self._listed[at]
            at += 1

    def first(self, most: int) -> list[Task]:
        """The first `most` tasks that are not barred, but at most half of all."""
        known = list(islice((t for t in self.all() if t.key not in self.barred), 2 * most))
        return known[: min(most, len(known) // 2)]

    def _longer(self) -> bool:
        """Whether there were further tasks to list."""
        if self._whole:
            return False
        have = len(self._listed)
        more = self._next(have)
        self._whole = not more
        self._listed += random.Random(derive_seed(self.seed, "pool", have)).sample(more, len(more))
        return bool(more)

    def _next(self, have: int) -> list[Task]:
        """The tasks behind the first `have` ones: a block of them, or all of a split that has a length. An environment gives
        its tasks from the first one on each time, so twice as many as are there are listed at once."""
        if have == len(self._ahead):
            most = max(2 * have, have + _BLOCK)
            self._ahead = listed(self.environment, SPLIT, None, most)
            if len(self._ahead) > most:
                return self._ahead[have:]
        return self._ahead[have : have + _BLOCK]


def pool_size(environment: Environment) -> int | None:
    """The tasks of the split that gates draw from; `None` where it has no end that is known."""
    given = environment.tasks(SPLIT)
    return len(given) if isinstance(given, Sized) else None
