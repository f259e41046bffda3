"""Pairs of attempts at the same tasks, with a change and without it, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ace.errors import WorldError
from ace.statistics.sequential import Stop, stopped
from ace.types import Episode, Task

Side = Callable[[Sequence[Task]], Awaitable[Sequence[Episode]]]
"""Plays tasks, with the change or without it."""

CHUNK = 10
"""Pairs that are played together before the evidence is looked at."""


@dataclass(slots=True)
class Pairs:
    """The pairs of one judgement so far. `differences` are those of the valid ones in order: 1 won with the change alone, -1
    lost with it alone, 0 alike. `invalid` counts pairs of which an attempt was invalid: they say nothing."""

    differences: list[int] = field(default_factory=list)
    invalid: int = 0
    reason: str = ""
    """Why the last invalid attempt was."""
    _won: Counter[str] = field(default_factory=Counter)
    _lost: Counter[str] = field(default_factory=Counter)

    def add(self, with_it: Iterable[Episode], without: Iterable[Episode]) -> None:
        """Count attempts at the same tasks in the same order."""
        for a, b in zip(with_it, without, strict=True):
            if not (a.outcome.valid and b.outcome.valid):
                self.invalid += 1
                self.reason = (b if a.outcome.valid else a).outcome.reason
                continue
            difference = int(a.outcome.success) - int(b.outcome.success)
            self.differences.append(difference)
            self._won[a.task.kind] += difference > 0
            self._lost[a.task.kind] += difference < 0

    @property
    def n(self) -> int:
        """The valid pairs."""
        return len(self.differences)

    @property
    def won(self) -> int:
        return self._won.total()

    @property
    def lost(self) -> int:
        return self._lost.total()

    @property
    def worse(self) -> Mapping[str, list[int]]:
        """The kinds of tasks of which more pairs were lost than won, worst first, each with pairs won and lost."""
        by = {kind: self._lost[kind] - self._won[kind] for kind in self._lost if kind}
        kinds = sorted((kind for kind, n in by.items() if n > 0), key=lambda kind: (-by[kind], kind))
        return {kind: [self._won[kind], self._lost[kind]] for kind in kinds}


async def compared(
    gate: str, tasks: Sequence[Task], sides: tuple[Side, Side], wanted: float, alpha: float
) -> tuple[Pairs, Stop]:
    """The pairs at `tasks` of both `sides` (with the change, and without it), played until they show that it helps, for which
    their E value has to reach `wanted`, that it harms, or that neither will be shown. Raises `WorldError` where the first of
    them cannot be played."""
    pairs, (with_it, without) = Pairs(), sides
    for at in range(0, len(tasks), CHUNK):
        chunk = tasks[at : at + CHUNK]
        pairs.add(await with_it(chunk), await without(chunk))
        if not pairs.n:
            raise WorldError(f"gate {gate}: none of {pairs.invalid} pairs could be played: {pairs.reason}")
        stop = stopped(pairs.won, pairs.lost, max(0, len(tasks) - at - CHUNK), wanted, alpha)
        if stop is not None:
            return pairs, stop
    return pairs, Stop.FUTILITY
