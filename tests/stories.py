"""A playbook with a known past: what was played, shown, followed, learned and changed, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ace.memory.store import Store
from ace.memory.values import Batch, Committed
from ace.playbooks.operations import Delta, Judgement, Op, Operation, Refusal, Status
from ace.types import (
    Episode,
    Exposure,
    Observation,
    Outcome,
    Reflection,
    Render,
    Step,
    Task,
    Verdict,
    Vote,
    failure,
    invalid,
    success,
)

NAME = "support"


def add(text: str, section: str = "Refunds", *, reason: str = "", episodes: Sequence[str] = (), after: str = "") -> Operation:
    return Operation(Op.ADD, section=section, text=text, reason=reason, episodes=tuple(episodes), after=after)


def revise(id: str, text: str, *, reason: str = "", episodes: Sequence[str] = ()) -> Operation:
    return Operation(Op.REVISE, id=id, text=text, reason=reason, episodes=tuple(episodes))


def merge(text: str, *sources: str, reason: str = "") -> Operation:
    return Operation(Op.MERGE, text=text, sources=sources, reason=reason)


def retire(id: str, *, reason: str = "") -> Operation:
    return Operation(Op.RETIRE, id=id, reason=reason)


def move(id: str, after: str = "", section: str = "") -> Operation:
    return Operation(Op.MOVE, id=id, after=after, section=section)


@dataclass
class Story:
    """Tells the store what happened, one commit at a time."""

    store: Store
    name: str = NAME
    _played: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.store.ensure_playbook(self.name)

    def change(
        self,
        *operations: Operation,
        author: str = "curator",
        reason: str = "",
        episodes: Sequence[str] = (),
        refusals: Sequence[Refusal] = (),
        run: str | None = None,
        judgements: Sequence[Judgement] = (),
    ) -> Committed:
        delta = Delta(self.store.head(self.name).hash, operations, author, reason, tuple(episodes))
        batch = Batch(playbook=self.name, delta=delta, refusals=tuple(refusals), run=run, judgements=tuple(judgements))
        return self.store.commit(batch)

    def held(self, *operations: Operation, reason: str = "", episodes: Sequence[str] = (), author: str = "curator") -> int:
        """The number of a delta that is held for review, made on the head."""
        delta = Delta(self.store.head(self.name).hash, operations, author, reason, tuple(episodes))
        self.store.commit(Batch(playbook=self.name, delta=delta, status=Status.QUARANTINED, why="a gate waits"))
        return len(self.store.log(self.name))

    def added(
        self, *operations: Operation, reason: str = "", episodes: Sequence[str] = (), run: str | None = None
    ) -> list[str]:
        """The ids of the bullets that a change made."""
        done = self.change(*operations, reason=reason, episodes=episodes, run=run)
        return [c.after.id for c in done.changes if c.before is None]

    def play(
        self,
        won: bool | None,
        shown: Sequence[str] = (),
        followed: Sequence[str] = (),
        withheld: Sequence[str] = (),
        *,
        phase: str = "learn",
        lesson: str = "",
        votes: Sequence[tuple[str, Vote]] = (),
    ) -> str:
        """One episode, played with the present revision; its id. `won` is `None` for an invalid one."""
        self._played += 1
        n = self._played
        revision = self.store.head(self.name)
        exposures = [Exposure(b, self._version(b), i) for i, b in enumerate(shown)]
        exposures += [Exposure(b, 1, len(shown) + i, shown=False, probability=0.5) for i, b in enumerate(withheld)]
        outcome: Outcome = invalid("a timeout") if won is None else success() if won else failure("wrong")
        task = Task(f"t-{self.name}-{n}", f"Case {n}: a customer of {self.name} wants money back.")
        e = Episode(
            f"e-{self.name}-{n}",
            task,
            0,
            phase,
            0,
            n,
            Observation(task.text),
            (Step(f"answer {n}", None, "", tuple(followed)),),
            outcome,
            Render(" ".join(shown), (revision.hash,), tuple(exposures)),
        )
        told = [Reflection(e.id, f"situation {n}", f"choice {n}", f"diagnosis {n}", lesson, tuple(votes))]
        learns = phase == "learn" and outcome.verdict is not Verdict.INVALID and (lesson or votes)
        batch = Batch((e,), tuple(told) if learns else (), self.name if phase == "learn" else "")
        self.store.commit(batch)
        return e.id

    def _version(self, id: str) -> int:
        bullet = self.store.view(self.name).get(id)
        return bullet.version if bullet else 1
