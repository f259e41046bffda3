"""What is told of a bullet's past, as frozen values.

A change is told as a reader asks about it: the bullet before and after, the operations that did it, the delta with its author
and reason, and the episode it was learned from. What happened with a bullet and without it is kept as plain counts, because
counts can be checked and judgements cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ace.memory.values import Followed, StoredDelta
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Judgement, Operation
from ace.types import Record


@dataclass(frozen=True, slots=True)
class Cause:
    """The delta behind a change: `revision` is the number it made (`None`: none), `episodes` those it was learned from,
    `by` the name of the person who made it, `judgements` what gates decided on it, `at_end` what they decided at the end of
    its run on all that the run had learned."""

    revision: int | None
    at: str
    author: str
    run: str | None
    reason: str
    episodes: tuple[str, ...] = ()
    by: str = ""
    judgements: tuple[Judgement, ...] = ()
    at_end: tuple[Judgement, ...] = ()

    @property
    def who(self) -> str:
        """The person's name, else the kind of author."""
        return self.by or self.author


@dataclass(frozen=True, slots=True)
class Witness:
    """An episode in a few words: what the case was, what was done, how it ended, and the `lesson` of its reflection (empty
    where there is none). `named`: an operation names it, not the delta as a whole; `followed`: it used the bullet."""

    episode: str
    verdict: str
    situation: str = ""
    choice: str = ""
    lesson: str = ""
    purged: str = ""
    named: bool = True
    followed: bool = False


@dataclass(frozen=True, slots=True)
class BulletChange:
    """What one delta did to one bullet. `before` is `None` where it made the bullet; `operations` are those of the delta that
    did it; `witness` is the episode that tells best why."""

    cause: Cause
    before: Bullet | None
    after: Bullet
    operations: tuple[Operation, ...]
    witness: Witness | None = None

    @property
    def reworded(self) -> bool:
        """Whether the text is another one than before."""
        return self.before is None or self.before.text != self.after.text

    @property
    def retired(self) -> bool:
        return self.after.state is State.RETIRED and (self.before is None or self.before.state is not State.RETIRED)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why: in the words of the operations, else of the delta."""
        told = tuple(dict.fromkeys(o.reason for o in self.operations if o.reason))
        return told or ((self.cause.reason,) if self.cause.reason else ())


@dataclass(frozen=True, slots=True)
class BlamedBullet:
    """A bullet with all that made it what it is: what was done to it, oldest first; the deltas that were to teach the same
    `again`, which changed nothing; and the bullets it was merged from, near and far, each once."""

    bullet: Bullet
    touches: tuple[BulletChange, ...] = ()
    again: tuple[BulletChange, ...] = ()
    sources: tuple[BlamedBullet, ...] = ()


@dataclass(frozen=True, slots=True)
class WinsAndLosses:
    """How many valid training episodes were won and lost."""

    won: int = 0
    lost: int = 0

    @property
    def n(self) -> int:
        return self.won + self.lost

    def __add__(self, other: WinsAndLosses) -> WinsAndLosses:
        return WinsAndLosses(self.won + other.won, self.lost + other.lost)

    def __sub__(self, other: WinsAndLosses) -> WinsAndLosses:
        return WinsAndLosses(self.won - other.won, self.lost - other.lost)


@dataclass(frozen=True, slots=True)
class BulletOutcomes:
    """Training episodes that were shown a bullet and used it (`followed`), were shown it and did not (`ignored`), or were not
    shown it (`absent`), of which it was drawn out on purpose in `withheld`. `last` are the last ones that were shown it, newest
    first; `evaluated` counts the evaluation episodes that were."""

    followed: WinsAndLosses
    ignored: WinsAndLosses
    absent: WinsAndLosses
    withheld: int
    evaluated: int
    last: tuple[Witness, ...]


@dataclass(frozen=True, slots=True)
class BulletHistory:
    """A bullet's whole life as of now. `behind` are the episodes that its making rests on, failures first; `live` the stretches
    of revisions it was live at: the first, and the first it no longer was (`None`: it still is)."""

    playbook: str
    head: int
    blamed: BlamedBullet
    behind: tuple[Witness, ...]
    live: tuple[tuple[int, int | None], ...]
    observed: BulletOutcomes
    record: Record
    followed: Followed

    @property
    def bullet(self) -> Bullet:
        return self.blamed.bullet


@dataclass(frozen=True, slots=True)
class LoggedDelta:
    """A delta as a log tells it: with the bullets that its operations change, as they stood before it, by id."""

    delta: StoredDelta
    before: Mapping[str, Bullet] = field(default_factory=dict)
