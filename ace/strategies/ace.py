"""The strategy `ace`: reflect on every attempt, curate small edits, show the playbook (ACE, Zhang et al. 2025)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from ace.attempt import Briefing
from ace.errors import ModelError, ModelRefused
from ace.memory.view import View
from ace.models.contract import Request
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Delta
from ace.playbooks.similarity.pairs import pairs_among
from ace.roles import curator
from ace.roles.ask import ask_shorter, shortened
from ace.roles.replies import Curation
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles
from ace.strategies.reflecting import reflect_all, told
from ace.strategies.shown import briefing, pick
from ace.types import Episode, Reflection, Task, derive_seed, digest

OFFERS = {"ace": "Ace"}


class Ace:
    """Shows the playbook; learns by reflection and curation from successes and failures alike."""

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        tokens: Annotated[int, "Tokens of the prompt that bullets may take; a larger playbook is searched."] = 1800,
        curate: Annotated[bool, "Curate what was reflected; off, the playbook stays as it is (a control)."] = True,
        successes: Annotated[bool, "Reflect on successes too, not on failures alone."] = True,
        evidence: Annotated[int, "Past wins, and as many losses, shown to the curator for each bullet."] = 200,
        evidence_tokens: Annotated[int, "Tokens that past attempts may take in the curator's prompt."] = 20000,
    ) -> None:
        self._roles, self._tokens, self._curating, self._successes = roles, tokens, curate, successes
        self._evidence, self._evidence_tokens = evidence, evidence_tokens

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        return briefing(task, book, self._tokens, told(earlier))

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        reflections, notes = await reflect_all(self._roles, lesson, book, successes=self._successes)
        if not reflections or not self._curating:
            return Learned(tuple(reflections), None, (), tuple(notes))
        asked = await self._curate(lesson, reflections, book, notes)
        if isinstance(asked, str):
            return Learned(tuple(reflections), None, (), (*notes, asked))
        return Learned(tuple(reflections), asked, (), tuple(notes))

    async def _curate(self, lesson: Lesson, reflections: Sequence[Reflection], book: View, notes: list[str]) -> Delta | str:
        episodes = {e.id: e for e in lesson.episodes}
        new = [(episodes[r.episode], r) for r in reflections]
        bullets = self._concerned(new, book, [id for r in lesson.again for id in (r.operation.id, *r.operation.sources)])
        ids = [b.id for b in bullets]
        brief = curator.Brief(
            bullets,
            book.count,
            new,
            book.records(ids),
            book.records_now(ids),
            book.evidence(ids, self._evidence, self._evidence),
            book.uncited(2 * self._evidence, 2 * self._evidence),
            pairs_among(bullets),
            lesson.again,
            () if lesson.stored else [e for e in lesson.episodes if e.outcome.valid],
            lesson.objection,
        )
        question = curator.question(brief, self._evidence_tokens, self._roles.prompts)

        def request_at(halvings: int) -> Request:
            nonlocal question
            question = curator.question(brief, self._evidence_tokens, self._roles.prompts, halvings)
            seed = derive_seed(lesson.seed, "curate")
            return Request("curator", question.messages, sampling=self._roles.sampling, seed=seed, timeout=self._roles.timeout)

        unit = f"c-{digest([*episodes, *(['again'] if lesson.again else []), *filter(None, [lesson.objection])])[:12]}"
        try:
            answer = await ask_shorter(self._roles.curator(unit), request_at, Curation)
        except ModelRefused:
            raise
        except ModelError as error:
            return f"no curation: {error}"
        if answer.halvings:
            notes.append(shortened("curator"))
        if answer.value is None:
            return f"no curation: {answer.problem}"
        operations = curator.operations(answer.value, question)
        return Delta(
            book.revision.hash,
            tuple(operations),
            "curator",
            curator.named(answer.value.reasoning.strip(), question.numbers)[:2000],
            tuple(e.id for e, _ in new),
        )

    def _concerned(self, new: Iterable[tuple[Episode, Reflection]], book: View, besides: Iterable[str]) -> list[Bullet]:
        """All bullets of a playbook that is shown whole; else those that the new attempts were shown to be near to, or used,
        and those `besides`."""
        if book.tokens <= self._tokens:
            return book.bullets()
        found = {b.id: b for id in besides if (b := book.get(id)) is not None}
        for episode, reflection in new:
            near = pick(f"{episode.task.text} {reflection.lesson}", book, self._tokens // 4)
            cited = [b for b in (book.get(id) for id in episode.cited) if b is not None]
            found.update((b.id, b) for b in (*cited, *near))
        return sorted((b for b in found.values() if b.state is not State.RETIRED), key=lambda b: b.rank)
