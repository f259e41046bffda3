"""What a gate is: it judges a delta that a strategy proposes, before the store sees it. One method, async.

A gate answers with a value and changes nothing itself. The turn acts on the answer and writes it down with the delta, so what
a gate measured can be read for as long as the delta is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from pydantic import BaseModel

from ace.evidence.attempts import Attempts
from ace.memory.view import View
from ace.playbooks.operations import Delta
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
    empty where the whole delta is."""

    decision: Decision
    reason: str = ""
    figures: Figures = field(default_factory=dict)
    operations: Mapping[int, str] = field(default_factory=dict)


def passed(figures: Figures | None = None) -> Ruling:
    """The delta may go on to the next gate, and after the last one into the playbook."""
    return Ruling(Decision.PASS, "", figures or {})


def refused(reason: str, figures: Figures | None = None, *, operations: Mapping[int, str] | None = None) -> Ruling:
    """The delta does not go into the playbook; where `operations` are named (by their places from 0, each with its reason),
    they alone do not."""
    return Ruling(Decision.REFUSE, reason, figures or {}, operations or {})


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


class Ways(Protocol):
    """How a gate asks and plays: within the run's budget, and written to its journal, so a turn that was cut off is judged
    again from the journal and nothing is paid for twice."""

    async def ask(self, question: str, shape: type[T], *, system: str = "") -> T | None:
        """The curator's model's reply to `question`, in the given `shape`; `None` where two replies in a row could not be read.
        Raises `ModelError` and limits."""
        ...

    def tasks(self, split: Split = "val", limit: int | None = None) -> Sequence[Task]:
        """The environment's tasks of a split, at most `limit`. Raises `BadInput` for `test`, which the run is measured on, and
        where there is no environment, as in `playbook.learn`."""
        ...

    async def play(self, tasks: Sequence[Task], operations: bool = True) -> Sequence[Episode]:
        """One attempt at each task, in their order, shown the playbook as it stands, or with the delta's `operations` applied.
        Both have the same seed for a task, so they pair. The attempts are stored with the delta and never learned from. Raises
        as `tasks`, and limits."""
        ...


class Gate(Protocol):
    """Judges one proposal. It keeps nothing between two, because a run that is resumed makes it anew."""

    async def judge(self, proposal: Proposal, ways: Ways, /) -> Ruling:
        """The answer. Deterministic for deterministic models and seed. What it raises stops the run, which can be resumed."""
        ...
