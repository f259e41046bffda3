"""One turn: the way of a batch into the playbook, the same for every door. Learn, judge, commit, offer again, tell.

A strategy proposes and the turn disposes. Every delta of every strategy passes the same gates, and what they decided is
written in the transaction that writes the delta. An edit is never applied to a text that its author has not seen: an edit that
came too late is offered again, once, at once, with the present playbook.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace

from ace.events import BatchCommitted, Listener, Reflected, Warned
from ace.memory.store import Store
from ace.memory.values import Batch, Committed
from ace.memory.view import View
from ace.playbooks.guesses import with_guesses_kept
from ace.playbooks.operations import Refusal, Status
from ace.roles.ask import PART
from ace.runs.apart import Material, as_stored, halves, resting_on
from ace.runs.gates.contract import Proposal, at_end_alone
from ace.runs.gates.judging import Decided, judge
from ace.runs.gates.registry import Opened, with_checks
from ace.runs.gates.returning import gone_back
from ace.runs.gates.ways import FIRST, EarlierProposal, Means
from ace.runs.presence import Presence
from ace.strategies.contract import Learned, Lesson, Strategy
from ace.strategies.jointly import ONE_BY_ONE
from ace.types import Episode, Reflection, Trust, derive_seed

LEARN = "learn"
WANTED = "every change of this run waits for a person's review"
"""Why a delta is held of which no gate asked for it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch, or of what was offered again (then without cases)."""

    cases: int
    learned: Learned
    committed: Committed

    @property
    def accepted(self) -> int:
        return self.committed.applied

    @property
    def refused(self) -> int:
        return len(self.committed.refusals)


@dataclass(frozen=True, slots=True)
class Turn:
    """What all turns of a run share: where they write (`store`, `playbook`, the `run`'s id), the strategy, the gates and what
    they ask with, the models whose presence is required, `hold`, which renews the right to work on the run, and who is told."""

    store: Store
    playbook: str
    run: str
    strategy: Strategy
    gates: Sequence[Opened]
    means: Means
    presence: Presence
    hold: Callable[[], None]
    listener: Listener
    review: bool = False
    """Whether every delta that the gates pass is held for a person."""
    hold_sensitive: bool = False
    """Whether a delta is held that seems to hold secrets or personal data."""
    said: set[str] = field(default_factory=set)
    """Notes that are told once in a run, and were."""

    async def take(self, material: Material, book: View) -> AsyncIterator[Taken]:
        """Learn from `material` as seen from `book`, commit it, and offer once more what came too late; gives what became of
        each, once it is durable. Untrusted attempts among others are learned from by themselves afterwards. Raises `ModelError`
        where a model has gone, limits, and `Conflict` where another process took the run over: nothing more is then
        committed."""
        first, *rest = halves(material)
        async for taken in self._offered(first, book):
            yield taken
        for other in rest:
            stored = replace(other, lesson=as_stored(other.lesson, self.store))
            async for taken in self._offered(stored, self.store.view(self.playbook)):
                yield taken

    async def _offered(self, material: Material, book: View) -> AsyncIterator[Taken]:
        first = await self._taken(material, book)
        yield first
        if first.committed.stale:
            yield await self._taken(_offered_again(material, first), self.store.view(self.playbook))

    async def _taken(self, material: Material, book: View) -> Taken:
        lesson = material.lesson
        book = book.at(lesson.trust)
        learned = await self.strategy.learn(lesson, book)
        material.require(learned)
        await self.presence.require(f"{material.unit}/learned")
        learned, judged = await self._judged(material, learned, book)
        # A model that went away while a gate had cases played would leave them all undone, and the delta refused.
        await self.presence.require(f"{material.unit}/judged")
        # What is offered again rests on reflections that are stored already.
        learned = replace(learned, reflections=()) if lesson.again else learned
        self._tell(learned, judged)
        self.hold()
        committed = self.store.commit(self._batch(material, learned, judged))
        self._committed(Taken(material.cases, learned, committed))
        return Taken(material.cases, learned, committed)

    async def _judged(self, material: Material, learned: Learned, book: View) -> tuple[Learned, Decided | None]:
        """What gates made of the delta of `learned`; where one asks once more, of the delta that the strategy then proposes."""
        judged = await self._ruled(material, learned, book)
        if judged is None or not judged.show:
            return learned, judged
        known = {r.episode: r for r in learned.reflections}
        seed = derive_seed(material.lesson.seed, "objection")
        lesson = replace(material.lesson, seed=seed, reflections=known, objection=judged.show)
        second = await self.strategy.learn(lesson, book)
        await self.presence.require(f"{material.unit}/objection")
        notes = (*learned.notes, *(n for n in second.notes if n not in learned.notes))
        answered = await self._ruled(material, second, book, before=EarlierProposal(judged.judgements, judged.played))
        if answered is None:
            # The judgement keeps all that was shown; the refusal says the first line of it.
            shown = judged.show.strip().partition("\n")[0].rstrip(".")
            said = f"{shown}. Asked once more, the strategy proposed nothing."
            why = f"gate {judged.judgements[-1].gate}: {said}"
            left = [Refusal(i, o, said) for i, o in enumerate(judged.delta.operations)]
            judged = replace(judged, delta=replace(judged.delta, operations=()), status=Status.REFUSED, why=why)
            judged.refusals = [*judged.refusals, *left]
            return replace(learned, notes=notes), judged
        answered.judgements = [*judged.judgements, *answered.judgements]
        answered.played = [*judged.played, *answered.played]
        return replace(learned, delta=second.delta, refused=second.refused, notes=notes), answered

    async def _ruled(
        self, material: Material, learned: Learned, book: View, before: EarlierProposal | None = None
    ) -> Decided | None:
        """What gates made of the delta of `learned`, `None` where it proposes nothing; `before` is what they made of the first
        one of the turn, where this is the second."""
        if learned.delta is None or not learned.delta.operations:
            return None
        # A strategy's delta is the curator's, on the playbook that it was shown: other values of author and base are replaced.
        operations = with_guesses_kept(learned.delta.operations, book.shelf(), book.guesses)
        delta = replace(learned.delta, base=book.revision.hash, author="curator", by="", operations=operations)
        lesson = material.lesson
        delta = resting_on(delta, lesson)
        seen = (lesson.episodes, learned.reflections, lesson.seed, before is not None, learned.attempts)
        gates = [g for g in with_checks(self.gates, learned.checks) if not at_end_alone(g.gate)]
        judged = await judge(gates, Proposal(delta, book, *seen), self.means, material.unit, before or FIRST)
        if self.review and judged.status is Status.ACCEPTED and judged.delta.operations:
            judged.status, judged.why = Status.QUARANTINED, WANTED
        if (
            self.hold_sensitive
            and judged.status is Status.ACCEPTED
            and (found := self.store.sensitive(judged.delta.operations))
        ):
            judged.status, judged.why = Status.QUARANTINED, "; ".join(found)
        return judged

    def _batch(self, material: Material, learned: Learned, judged: Decided | None) -> Batch:
        batch = Batch(
            episodes=(*material.episodes, *learned.played),
            reflections=(*learned.reflections, *material.reflections),
            playbook=self.playbook,
            delta=learned.delta and resting_on(learned.delta, material.lesson),
            refusals=learned.refused,
            run=self.run,
            units=material.units(material.lesson.episodes, learned),
        )
        if judged is None:
            return batch
        delta, status = judged.delta, judged.status
        if judged.back is not None and (back := gone_back(self.store, self.playbook, judged.back, judged.why)):
            delta, status = replace(back, episodes=delta.episodes), Status.ACCEPTED
        return replace(
            batch,
            episodes=(*batch.episodes, *judged.played),
            delta=delta,
            refusals=(*learned.refused, *judged.refusals),
            status=status,
            why=judged.why,
            judgements=tuple(judged.judgements),
        )

    def _tell(self, learned: Learned, judged: Decided | None) -> None:
        for reflection in learned.reflections:
            self.listener(Reflected(reflection))
        for note in learned.notes:
            if note not in self.said:
                self.listener(Warned(note))
            if PART in note or ONE_BY_ONE in note:
                self.said.add(note)
        # What a run as a whole waits for is told when it ends.
        if judged is not None and judged.status is not Status.ACCEPTED and judged.why != WANTED:
            became = "is held for review" if judged.status is Status.QUARANTINED else "was refused"
            self.listener(Warned(f"a delta {became}: {judged.why}"))

    def _committed(self, taken: Taken) -> None:
        head, usage = self.store.head(self.playbook), self.store.usage(self.run)
        counts = (taken.cases, taken.accepted, taken.refused)
        self.listener(BatchCommitted(LEARN, *counts, head.number, head.bullets, usage))


def _offered_again(material: Material, first: Taken) -> Material:
    """The material for what `first` was refused as stale: the same attempts and the reflections on them."""
    known: dict[str, Reflection] = {r.episode: r for r in first.learned.reflections}
    lesson = material.lesson
    reflected: Sequence[Episode] = [e for e in lesson.episodes if e.id in known]
    if not reflected and lesson.trust is Trust.UNTRUSTED:
        # Without attempts it would have the trust of none.
        reflected = lesson.episodes
    second = Lesson(reflected, derive_seed(lesson.seed, "again"), known, first.committed.stale, stored=True)
    return Material(f"{material.unit}/again", second, 0, lambda episodes, learned: ())
