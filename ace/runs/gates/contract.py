"""What a gate is: it judges a delta that a strategy proposes, before the store sees it. One method, async.

A gate answers with a value and changes nothing itself. The turn acts on the answer and writes it down with the delta, so what
a gate measured can be read for as long as the delta is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel

from ace.evidence.attempts import Attempts
from ace.memory.view import View
from ace.playbooks.operations import Delta, Judgement
from ace.types import JSON, Episode, Reflection, Split, Task, Trust

T = TypeVar("T", bound=BaseModel)
Figures = Mapping[str, JSON]
"""What a gate measured, by name."""


class Decision(StrEnum):
    """What a gate can answer (`ace.playbooks.operations.ANSWERS`)."""

    PASS = "pass"
    REFUSE = "refuse"
    HOLD = "hold"
    """Stored as quarantined, for a person to review."""
    AGAIN = "again"
    """The strategy is asked once more, shown the reason."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A gate's answer: the `decision`, its `reason` (for `again`: the text that the strategy is shown), and the `figures` that
    were measured, as JSON. `operations`, of a refusal: the places of the operations that are refused, each with its own reason;
    empty where the whole delta is. `back`, of a refusal of the whole delta: the revision as which the playbook is to read
    again, but for what persons changed since; `None` where it stays as it is."""

    decision: Decision
    reason: str = ""
    figures: Figures = field(default_factory=dict)
    operations: Mapping[int, str] = field(default_factory=dict)
    back: int | None = None


def passed(figures: Figures | None = None) -> Ruling:
    """The delta may go on to the next gate, and after the last one into the playbook."""
    return Ruling(Decision.PASS, "", figures or {})


def refused(
    reason: str,
    figures: Figures | None = None,
    *,
    operations: Mapping[int, str] | None = None,
    back: int | None = None,
) -> Ruling:
    """The delta does not go into the playbook; where `operations` are named (by their places from 0, each with its reason),
    they alone do not. With `back`, the playbook is also made to read as it did at that revision, but for what persons changed
    since."""
    return Ruling(Decision.REFUSE, reason, figures or {}, operations or {}, back)


def held(reason: str, figures: Figures | None = None) -> Ruling:
    """The delta is stored as quarantined, for a person to review, unless a later gate refuses it."""
    return Ruling(Decision.HOLD, reason, figures or {})


def again(show: str, figures: Figures | None = None) -> Ruling:
    """The strategy is asked once more, with the text `show`. What it then proposes goes through all gates anew. A turn asks
    once more only once: after that this answer refuses the delta."""
    return Ruling(Decision.AGAIN, show, figures or {})


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is judged: the `delta`, the view it was made on (`book`), and what it was learned from (`episodes`, in task order,
    and the `reflections` on them). `seed` is for what the gate draws by chance; `second`: the strategy was asked once more.
    `attempts` are those that the strategy read for this proposal, `None` where it read none."""

    delta: Delta
    book: View
    episodes: Sequence[Episode]
    reflections: Sequence[Reflection]
    seed: int
    second: bool = False
    attempts: Attempts | None = None

    @property
    def trust(self) -> Trust:
        """The trust of what it was learned from. What comes of untrusted attempts is not shown where work is measured, so it
        changes no case that a gate can play."""
        return Trust.UNTRUSTED if any(e.trust is Trust.UNTRUSTED for e in self.episodes) else Trust.TRUSTED


@dataclass(frozen=True, slots=True)
class GateTerms:
    """What a run states for its gates: the share `alpha` of accepted changes that may be false, how many `pairs` of attempts
    one judgement may take, how many deltas are judged together (`every`), and the loss `eps` that is reported as tolerable
    (0: nothing is reported)."""

    alpha: float = 0.05
    pairs: int = 300
    every: int = 1
    eps: float = 0.0


@dataclass(frozen=True, slots=True)
class Fresh:
    """Validation `tasks` that neither the run nor a gate has played. Of the split, `left_out` have the content of a task that
    the playbook learned from or that the run learns from or is measured on, `used` were played by gates of the run before,
    `kept_back` are for the gate that judges the run as a whole, and `alike` have the same prompt with the change and without
    it, so that they need not be played."""

    tasks: Sequence[Task]
    left_out: int = 0
    used: int = 0
    kept_back: int = 0
    alike: int = 0


class Ways(Protocol):
    """How a gate asks and plays: within the run's budget, and written to its journal, so a turn that was cut off is judged
    again from the journal and nothing is paid for twice."""

    @property
    def terms(self) -> GateTerms:
        """What the run states for its gates."""
        ...

    def earlier(self) -> Sequence[Judgement]:
        """The judgements that this gate made earlier in this run, oldest first."""
        ...

    def fresh(self, most: int, revision: int | None = None) -> Fresh:
        """At most `most` tasks that nothing of the run has seen, in an order drawn by the run's seed, whose prompt differs with
        the delta and without it: as the playbook stands, or as it was at `revision`. Raises as `tasks`."""
        ...

    async def ask(self, question: str, shape: type[T], *, system: str = "") -> T | None:
        """The curator's model's reply to `question`, in the given `shape`; `None` where two replies in a row could not be read.
        Raises `ModelError` and limits."""
        ...

    def tasks(self, split: Split = "val", limit: int | None = None) -> Sequence[Task]:
        """The environment's tasks of a split, at most `limit`. Raises `BadInput` for `test`, which the run is measured on, and
        where there is no environment, as in `playbook.learn`."""
        ...

    async def play(self, tasks: Sequence[Task], operations: bool = True, revision: int | None = None) -> Sequence[Episode]:
        """One attempt at each task, in their order, shown the playbook as it stands, or with the delta's `operations` applied,
        or as it was at `revision`. All have the same seed for a task, so they pair. The attempts are stored with the delta and
        never learned from. Raises as `tasks`, and limits."""
        ...


@runtime_checkable
class PlaysPairs(Protocol):
    """What a gate may have besides: `draws`, true where it plays fresh validation tasks, so that a run without any is refused
    before it begins; `only_at_end`: it judges no delta, but what the run has made of the playbook."""

    draws: bool
    only_at_end: bool


def draws(gate: object) -> bool:
    """Whether `gate` plays fresh validation tasks."""
    return isinstance(gate, PlaysPairs) and gate.draws


def at_end_alone(gate: object) -> bool:
    """Whether `gate` judges no delta, but the whole of what a run made."""
    return isinstance(gate, PlaysPairs) and gate.only_at_end


@runtime_checkable
class Ending(Protocol):
    """What a gate may have besides: it judges when the run has learned from its last batch."""

    async def end(self, proposal: Proposal, ways: Ways, revisions: Sequence[int], /) -> Ruling | None:
        """The answer, `None` where there is nothing to judge. `proposal` has no operations; its book is the playbook as the
        run leaves it. `revisions` are the revision that the run began with and those that it made, oldest first. A refusal
        names the revision to go `back` to."""
        ...


class Gate(Protocol):
    """Judges one proposal. It keeps nothing between two, because a run that is resumed makes it anew."""

    async def judge(self, proposal: Proposal, ways: Ways, /) -> Ruling:
        """The answer. Deterministic for deterministic models and seed. What it raises stops the run, which can be resumed."""
        ...
