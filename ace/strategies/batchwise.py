"""What `addonly` and `rewrite` have in common: they reflect on a batch, and ask a curator who is shown the playbook and that
batch alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar

from pydantic import BaseModel

from ace.attempt import Briefing
from ace.errors import ModelError, ModelRefused
from ace.evidence.attempts import Attempts
from ace.memory.view import View
from ace.models.contract import Request
from ace.playbooks.operations import Delta, Operation
from ace.roles.ask import ask_shorter, shortened
from ace.roles.curator.alarms import alarm_lines
from ace.roles.curator.plain import Alarms, plain_request
from ace.roles.curator.settings import require_drift
from ace.strategies.contract import Draw, Learned, Lesson, Roles
from ace.strategies.curating import measured_of, stored, unit_of
from ace.strategies.drifting import watch
from ace.strategies.reflecting import SOLVING, names_of, reflect_all
from ace.types import Episode, Reflection, derive_seed

T = TypeVar("T", bound=BaseModel)


Dictionary = Annotated[bool, "Show the reflector the names and commonest values of facts used so far, to be used again."]


@dataclass(frozen=True, slots=True)
class Solving:
    """How attempts are made while learning, and reflected on; all of it off is what the published methods do."""

    explore: bool
    chains: bool
    joint: bool
    dictionary: bool

    def shown(self, made: Briefing, draw: Draw) -> Briefing:
        """`made`, with what concerns an attempt while learning."""
        if not draw.learning:
            return made
        return replace(made, explore=self.explore, chain=SOLVING if self.chains else None, dictionary=self.dictionary)


class Batchwise:
    """Asks for a reply of `shape` in the stock `form` of the curator's prompt; with `counts` each bullet stands in it with how
    often it won and lost."""

    def __init__(self, roles: Roles, form: str, *, counts: bool, successes: bool, drift: float, solving: Solving) -> None:
        require_drift(drift)
        self._solving = solving
        self._roles, self._form, self._counts, self._successes, self._drift = roles, form, counts, successes, drift

    async def learn(
        self, lesson: Lesson, book: View, shape: type[T], edits: Callable[[T, dict[str, int]], tuple[Sequence[Operation], str]]
    ) -> Learned:
        """Reflect, ask, and propose what `edits` makes of the reply and of the numbers of episodes in the request: operations,
        and the reason for all of them."""
        reflections, notes = await reflect_all(
            self._roles,
            lesson,
            book,
            successes=self._successes,
            chains=self._solving.chains,
            joint=self._solving.joint,
            names=names_of(stored(book)) if self._solving.dictionary else (),
        )
        if not reflections:
            return Learned((), None, (), tuple(notes))
        attempts = Attempts.of(lesson.episodes, reflections, stored(book)) if self._drift else Attempts()
        watched = watch(book, lesson, attempts.all, self._drift)
        known = {p.episode: p for p in attempts.all}

        def alarms(numbers: Mapping[str, int]) -> str:
            return alarm_lines(watched.alarms, 0, known, numbers)

        asked = await self._asked(lesson, reflections, book, (shape, alarms), notes)
        if isinstance(asked, str):
            return Learned(tuple(reflections), None, (), (*notes, asked))
        edited, reason = edits(*asked)
        operations = (*watched.operations(), *edited)
        delta = Delta(book.revision.hash, operations, "curator", reason[:2000], tuple(r.episode for r in reflections))
        return Learned(tuple(reflections), delta, (), tuple(notes))

    async def _asked(
        self, lesson: Lesson, reflections: Sequence[Reflection], book: View, what: tuple[type[T], Alarms], notes: list[str]
    ) -> tuple[T, dict[str, int]] | str:
        shape, alarms = what
        episodes = {e.id: e for e in lesson.episodes}
        new: list[tuple[Episode, Reflection]] = [(episodes[r.episode], r) for r in reflections]
        bullets = book.bullets()
        records = book.records([b.id for b in bullets]) if self._counts else None
        numbers: dict[str, int] = {}
        measured = measured_of(lesson, book)

        def request_at(halvings: int) -> Request:
            messages, found = plain_request(
                self._form,
                bullets,
                new,
                self._roles.prompts,
                records=records,
                halvings=halvings,
                alarms=alarms,
                measured=measured,
            )
            numbers.update(found)
            seed = derive_seed(lesson.seed, "curate")
            return Request("curator", messages, sampling=self._roles.sampling, seed=seed, timeout=self._roles.timeout)

        try:
            answer = await ask_shorter(self._roles.curator(unit_of(lesson)), request_at, shape)
        except ModelRefused:
            raise
        except ModelError as error:
            return f"no curation: {error}"
        if answer.halvings:
            notes.append(shortened("curator"))
        return f"no curation: {answer.problem}" if answer.value is None else (answer.value, numbers)
