"""Levels of trust are kept apart: what was learned from untrusted attempts is made by requests of its own.

A batch of both is two turns. The trusted half comes first and sees nothing untrusted (`View.at`); it stores the attempts of the
whole batch, so that the other half begins with what is stored, also in a run that was stopped in between. What comes of the
untrusted half rests on untrusted attempts, also where it names trusted ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import accumulate, count

from ace.attempt import unit_of
from ace.errors import NotFound
from ace.memory.store import Store
from ace.playbooks.operations import Delta, Operation
from ace.strategies.contract import LEARNING, Learned, Lesson
from ace.types import UNVERIFIED, Episode, Reflection, Task, Trust, derive_seed

Units = Callable[[Sequence[Episode], Learned], tuple[str, ...]]


def anything(learned: Learned) -> None:
    """Accept what was learned, also where it is nothing."""


@dataclass(frozen=True, slots=True)
class Material:
    """What one turn is made from: the `unit` of work that it is, the `lesson`, how many `cases` it had, and the `units` that
    its commit ends, which may depend on what was learned from which attempts. `require` raises where what was learned may not
    be committed. `halfway` is the unit that the commit of the trusted half ends, in place of `units`, where that of the other
    half ends the whole; `whole` is the lesson that this one is the trusted half of."""

    unit: str
    lesson: Lesson
    cases: int
    units: Units
    require: Callable[[Learned], None] = anything
    halfway: str = ""
    whole: Lesson | None = None

    @property
    def episodes(self) -> Sequence[Episode]:
        """The attempts that its commit stores."""
        return () if self.lesson.stored else (self.whole or self.lesson).episodes

    @property
    def reflections(self) -> tuple[Reflection, ...]:
        """The reflections that its commit stores with attempts of the other half: those made between attempts."""
        if self.whole is None or self.lesson.stored:
            return ()
        other = [e.id for e in self.whole.episodes if e.trust is not self.lesson.trust]
        return tuple(self.whole.reflections[id] for id in other if id in self.whole.reflections)


def trust_of(task: Task, phase: str) -> Trust:
    """The trust of an attempt at `task`, which is the most that it may be shown. What is measured is shown what is served."""
    return Trust.UNTRUSTED if task.origin == UNVERIFIED and phase == LEARNING else Trust.TRUSTED


def of_trust(trust: Trust, tasks: Sequence[Task]) -> list[Task]:
    """Those of the training `tasks` whose attempts have `trust`."""
    return [t for t in tasks if trust_of(t, LEARNING) is trust]


def trusted_left(train: Sequence[Task], size: int) -> list[int]:
    """Of each batch of `size` how many batches with trusted cases come from it on, itself included, in one epoch; last, that
    none come after them."""
    having = [int(bool(of_trust(Trust.TRUSTED, train[n : n + size]))) for n in range(0, len(train), size)]
    return [*reversed(list(accumulate(reversed(having)))), 0]


def turns_of(train: Sequence[Task], size: int) -> tuple[int, int]:
    """How many turns of trusted attempts, and how many of all, the training tasks make in batches of `size`."""
    batches = [train[n : n + size] for n in range(0, len(train), size)]
    trusted, untrusted = (sum(bool(of_trust(trust, b)) for b in batches) for trust in (Trust.TRUSTED, Trust.UNTRUSTED))
    return trusted, trusted + untrusted


def stored_attempts(store: Store, run: str, epoch: int, tasks: Sequence[Task]) -> list[Episode]:
    """The stored attempts of `run` at its training `tasks` in an epoch, case by case."""
    found = []
    for task in tasks:
        with suppress(NotFound):
            for number in count(1):
                found.append(store.episode(unit_of(run, 0, LEARNING, epoch, task, attempt=number).id))
    return found


def halves(material: Material) -> list[Material]:
    """`material` by the trust of its attempts, the trusted ones first; itself where all have the same."""
    lesson = material.lesson
    trusted = [e for e in lesson.episodes if e.trust is Trust.TRUSTED]
    if len(trusted) == len(lesson.episodes):
        return [material]
    if not trusted:
        return [replace(material, lesson=_unrehearsed(lesson))]
    untrusted = [e for e in lesson.episodes if e.trust is Trust.UNTRUSTED]
    cases = sum(e.attempt == 1 for e in trusted)
    halfway = material.halfway
    units: Units = (lambda episodes, learned: (halfway,)) if halfway else material.units
    first = replace(material, lesson=_part(lesson, trusted), cases=cases, units=units, whole=lesson)
    rest = replace(_unrehearsed(_part(lesson, untrusted)), seed=rest_seed(lesson.seed))
    return [first, replace(material, unit=rest_of(material.unit), lesson=rest, cases=material.cases - cases)]


def rest_of(unit: str) -> str:
    """The unit of work that the untrusted half of the batch `unit` is."""
    return f"{unit}/untrusted"


def rest_seed(seed: int) -> int:
    """The seed of the untrusted half of a batch with `seed`."""
    return derive_seed(seed, "untrusted")


def as_stored(lesson: Lesson, store: Store) -> Lesson:
    """`lesson` with its attempts, and the reflections on them, as the store has them: a resumed run finds them there."""
    if lesson.stored:
        return lesson
    found = [store.episode(e.id) for e in lesson.episodes]
    known = {r.episode: r for e in found for r in store.reflections(e.id)[:1]}
    return replace(lesson, episodes=found, reflections=known, stored=True)


def resting_on(delta: Delta, lesson: Lesson) -> Delta:
    """`delta`, resting on attempts of `lesson`. What was written by a request with untrusted ones rests on them alone, also
    where it names trusted ones; where it names none, on all."""
    ids = tuple(e.id for e in lesson.episodes)
    if lesson.trust is Trust.TRUSTED:
        return replace(delta, episodes=ids) if not delta.episodes and any(e.origin for e in lesson.episodes) else delta

    def only(named: Sequence[str]) -> tuple[str, ...]:
        return tuple(id for id in named if id in ids)

    def resting(o: Operation) -> Operation:
        return replace(o, episodes=only(o.episodes))

    return replace(delta, operations=tuple(map(resting, delta.operations)), episodes=only(delta.episodes) or ids)


def _part(lesson: Lesson, episodes: Sequence[Episode]) -> Lesson:
    ids = {e.id for e in episodes}
    return replace(lesson, episodes=episodes, reflections={id: r for id, r in lesson.reflections.items() if id in ids})


def _unrehearsed(lesson: Lesson) -> Lesson:
    """`lesson` as untrusted attempts are learned from: with nothing to play, and no word of what comes after it."""
    return replace(lesson, rehearsal=None, left=None)
