"""What goes into the store and comes out of it, as frozen values.

Rows never leave this room. A batch is committed as one value, in one transaction: its episodes with renders and exposures, its
reflections and votes, its delta and the revision that the delta makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ace.origins import EpisodeOrigin
from ace.playbooks.apply import Change
from ace.playbooks.bullet import Bullet, clean
from ace.playbooks.operations import REFUSALS, Delta, Judgement, Operation, Refusal, Status
from ace.types import JSON, Episode, Reflection, Usage


class RunStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    """Interrupted, or out of budget: can be resumed."""
    FAILED = "failed"
    """The world failed (a server died): can be resumed."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A state of a playbook. `number` counts from 0, the empty playbook; `hash` covers its parents and operations; `digest`
    is of its content alone; `bullets` counts those not retired; `at` is UTC, ISO 8601."""

    playbook: str
    number: int
    hash: str
    digest: str
    parents: tuple[str, ...] = ()
    bullets: int = 0
    at: str = ""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a person decided on a delta that was held: whether they `accepted` it, their name, when, why, and the number of the
    revision it made."""

    accepted: bool
    by: str
    at: str
    reason: str
    revision: int | None

    @property
    def told(self) -> str:
        """The decision in words, to stand after the delta's name."""
        made = f" as revision {self.revision}" if self.revision is not None else ""
        who, why = clean(self.by) or "a person", f": {clean(self.reason)}" if self.reason else ""
        done = f"was {'accepted' if self.accepted else 'refused'}{made}"
        return f"{done} by {who} at {self.at[:16].replace('T', ' ')} UTC{why}"


@dataclass(frozen=True, slots=True)
class Review:
    """Of a delta that was held: its `number`, which is its place in the playbook's log from 1, and what was `decided`; `None`
    while it waits."""

    number: int
    decided: Reviewed | None = None

    @property
    def told(self) -> str:
        """What became of it in words, to stand after the delta's name."""
        return "waits for review" if self.decided is None else self.decided.told


@dataclass(frozen=True, slots=True)
class StoredDelta:
    """A delta as it was judged. `revision` is the one it made, or `None`. `operations` are those applied, as applied (with the
    ids of new bullets filled in); `refusals` those that were not, each with its reason; `judgements` what each gate decided, in
    the order of asking, and at last a person, where a delta is the outcome of a review; `review`, where it was held, what
    became of it."""

    id: int
    playbook: str
    status: Status
    author: str
    reason: str
    base: str
    at: str
    run: str | None
    revision: Revision | None
    operations: tuple[Operation, ...]
    refusals: tuple[Refusal, ...]
    episodes: tuple[str, ...]
    why: str = ""
    by: str = ""
    judgements: tuple[Judgement, ...] = ()
    review: Review | None = None
    file: str = ""
    """Of an import, the file's name."""
    at_end: tuple[Judgement, ...] = ()
    """Of the last change of a run, what gates decided at its end on all that it had learned, where no delta came of it."""
    origins: Mapping[str, EpisodeOrigin] = field(default_factory=dict)
    """Of the episodes that others than the environment wrote, or that are untrusted, whose they are."""

    @property
    def who(self) -> str:
        """The name of the person who made it, else the kind of author."""
        return self.by or self.author

    @property
    def refusal(self) -> Judgement | None:
        """The judgement by which a gate refused all of it; where it made a revision all the same, the playbook went back to an
        earlier one because of that."""
        found = [j for j in self.judgements if j.answer in REFUSALS and self.why.startswith(f"gate {j.gate}: ")]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one turn of the loop commits. `playbook` may be empty for evaluation (nothing but episodes is then accepted).
    `refusals` are operations that gates turned down before the store saw the delta. `status` is the gates' word; `why` its
    reason; `judgements` what each of them decided. `units` become done with this commit."""

    episodes: tuple[Episode, ...] = ()
    reflections: tuple[Reflection, ...] = ()
    playbook: str = ""
    delta: Delta | None = None
    refusals: tuple[Refusal, ...] = ()
    status: Status = Status.ACCEPTED
    why: str = ""
    run: str | None = None
    units: tuple[str, ...] = ()
    judgements: tuple[Judgement, ...] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit did. `revision` is the head afterwards (unchanged where nothing applied). `stale` are those of the
    `refusals` whose bullets were changed meanwhile: seen as they are now, the operation may be offered again."""

    revision: Revision | None
    status: Status
    changes: tuple[Change, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    stale: tuple[Refusal, ...] = ()

    @property
    def applied(self) -> int:
        """How many operations were applied."""
        return len({c.index for c in self.changes})


@dataclass(frozen=True, slots=True)
class Call:
    """A journaled model call: `unit` and `role` say what it was for, `ordinal` counts within them. `reply` is the text, or
    `None` while it is in flight, and `form` how it came; `error` what the transport said if it failed; `usage` what it cost."""

    unit: str
    role: str
    ordinal: int
    request: str
    reply: str | None = None
    error: str = ""
    usage: Usage = Usage()
    form: str = ""


_ALL = "+"
OF_SEVERAL = f"%{_ALL}%"
"""What the units are like, in SQL, in which several episodes are asked about."""


def unit_of_all(ids: Iterable[str]) -> str:
    """The unit of what is asked about several episodes in one request: it names them all, so that what was said of one of them
    is found by its id."""
    return _ALL.join(ids)


def episodes_in(unit: str) -> list[str]:
    """The episodes that `unit` names: itself, or those that it was made of."""
    return unit.split(_ALL)


CURATIONS = "c-"
"""How the units begin in which the curator is asked."""
PRESENT = "present/"
"""How the units begin in which a model is asked whether it is there at all. They end with the model's name."""


@dataclass(frozen=True, slots=True)
class RoleUsage:
    """What the calls of one role cost in a run: `generator`, `reflector`, `curator`, or `presence` (the short question whether
    a model is there). `usage` is of the calls that have ended; `unended` counts those that have not: they are in flight, or
    their process was killed, and what they cost is not known. `model` is the name of the model that was asked; several are
    separated by commas."""

    role: str
    usage: Usage
    unended: int = 0
    model: str = ""

    def as_json(self) -> dict[str, JSON]:
        return {"model": self.model, **self.usage.as_json(), "seconds": round(self.usage.seconds, 3), "unended": self.unended}


@dataclass(frozen=True, slots=True)
class Run:
    """One configured piece of work. `config` is all that is needed to do it again; `result` what came out so far; `mark` binds
    it to the person who began it (`ace.binding`), and is empty where nothing does."""

    id: str
    status: RunStatus
    config: dict[str, JSON] = field(default_factory=dict)
    result: dict[str, JSON] = field(default_factory=dict)
    started: str = ""
    ended: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Experiment:
    """Runs that belong together. `design` is all that is needed to do them again, `result` what was written down beside them;
    `mark` binds the design to the person who began it (`ace.binding`)."""

    id: str
    design: dict[str, JSON]
    result: dict[str, JSON] = field(default_factory=dict)
    mark: str = ""
    started: str = ""


@dataclass(frozen=True, slots=True)
class PlaybookInfo:
    """A playbook at its head."""

    name: str
    head: Revision
    created: str
    bullets: int
    retired: int
    deltas: int


@dataclass(frozen=True, slots=True)
class Followed:
    """How many valid training episodes followed a bullet: `won` and `lost` with the text that was asked about, `other_won` and
    `other_lost` with other texts it has had."""

    won: int = 0
    lost: int = 0
    other_won: int = 0
    other_lost: int = 0

    @property
    def others(self) -> int:
        return self.other_won + self.other_lost

    @property
    def n(self) -> int:
        """Of all texts."""
        return self.won + self.lost + self.others


@dataclass(frozen=True, slots=True)
class Hit:
    """A bullet that search found, with its score (higher is nearer)."""

    bullet: Bullet
    score: float
