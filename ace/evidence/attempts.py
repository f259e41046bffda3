"""The attempts of a batch and those before it, read once: what a curator is shown, and what code counts in.

What is made of them (cases, their vocabulary, masks) is made once, when it is first asked for, and at most of the newest
`COUNTED`, so that a batch after thousands of attempts takes what one after a thousand takes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from ace.evidence import observed
from ace.evidence.cases import PastCase, cases_of
from ace.evidence.fit import Grounds
from ace.types import Episode, Past, Reflection

COUNTED = 1000
"""Attempts in which code counts, the newest."""
_FEEDBACK = 200
"""Characters kept of what the environment said."""


@dataclass(frozen=True)
class Attempts:
    """The stored attempts (`past`) and those of the batch that is learned from (`new`), each once, oldest first."""

    past: Sequence[Past] = ()
    new: Sequence[Past] = ()

    @classmethod
    def of(cls, episodes: Iterable[Episode], reflections: Iterable[Reflection], stored: Sequence[Past] = ()) -> Self:
        """`stored` attempts, and the valid ones of `episodes`, which the store may have already. One that no reflection
        describes is told as another attempt of `episodes` at its case is, or as it was observed."""
        told = {r.episode: r for r in reflections}
        new = {e.id: e for e in episodes if e.outcome.valid}
        cases = {_case(e): told[e.id].situation for e in new.values() if e.id in told}
        past = [p for p in stored if p.episode not in new]
        return cls(past, [_past(e, told.get(e.id), cases) for e in new.values()])

    def without(self, ids: Collection[str]) -> Attempts:
        """These without the attempts `ids`."""
        if not ids:
            return self
        return Attempts(*([p for p in of if p.episode not in ids] for of in (self.past, self.new)))

    @property
    def all(self) -> Sequence[Past]:
        return [*self.past, *self.new]

    @cached_property
    def cases(self) -> Sequence[PastCase]:
        """The newest `COUNTED` as cases."""
        return cases_of(self.all[-COUNTED:])

    @cached_property
    def grounds(self) -> Grounds:
        """Those cases, prepared for fits."""
        return Grounds(self.cases)


def _case(e: Episode) -> tuple[int, str]:
    return e.epoch, e.task.key


def _past(e: Episode, r: Reflection | None, cases: dict[tuple[int, str], str]) -> Past:
    situation = r.situation if r else cases.get(_case(e)) or observed.situation(e)
    choice = r.choice if r else observed.choice(e)
    said = e.outcome.feedback[:_FEEDBACK]
    return Past(e.id, situation, choice, e.outcome.success, said, e.cited, e.task.key, e.attempt, e.task.kind)
