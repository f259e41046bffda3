"""What a strategy is: what an attempt is shown, and what is learned from attempts. Two methods, no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ace.attempt import Briefing
from ace.errors import NotUsable
from ace.evidence.attempts import Attempts
from ace.memory.view import View
from ace.models.contract import Model, Sampling
from ace.playbooks.bullet import Bullet
from ace.playbooks.operations import Delta, Operation, Refusal
from ace.roles.instructions import STOCK, Prompts
from ace.types import JSON, Episode, Past, Reflection, Task, Trust, derive_seed

ModelFor = Callable[[str], Model]
"""The model that answers for a unit of work: what it is asked for is journaled under that unit's id."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the environment of a run, known as `name`, can tell besides its cases: whether what can be done is listed (`lists`),
    the `rules` it states of itself (none where it cannot), and at most so many training cases `solved` by its oracle, as
    attempts are told (none where there is no oracle). Each is found out when it is first asked for. `curator` is the name of
    the model that curates, `model` that of the one that acts; `kinds` are those that the run's cases have."""

    name: str
    lists: Callable[[], bool]
    rules: Callable[[], Sequence[str]]
    solved: Callable[[int], Sequence[Past]]
    curator: str = ""
    model: str = ""
    kinds: Callable[[], Sequence[str]] = tuple


@dataclass(frozen=True, slots=True)
class Roles:
    """The models behind the learning roles, how they sample, the bound on one request in seconds, and the prompts; what the
    environment can tell, `None` where attempts come from elsewhere; and the playbooks that the strategy `reads`, each at the
    revision that the run has recorded, `None` where no run reads for it."""

    reflector: ModelFor
    curator: ModelFor
    sampling: Sampling = Sampling()
    timeout: float = 120.0
    prompts: Prompts = STOCK
    surroundings: Surroundings | None = None
    playbooks: Callable[[str], View] | None = None


class Rehearsing(Protocol):
    """Further attempts at the training cases of a run, for a strategy that measures what it proposes. They are stored where the
    strategy gives them back in `Learned.played`."""

    @property
    def tasks(self) -> Sequence[Task]:
        """The cases that the run learns from."""
        ...

    def attempts(self) -> Sequence[Episode]:
        """All attempts of the run from which it learned or learns now."""
        ...

    def calls(self) -> int:
        """The model calls that these attempts took, with the reflections between them."""
        ...

    async def play(
        self, operations: Sequence[Operation], tasks: Sequence[Task], label: str, bounded: Callable[[Model], Model], /
    ) -> Sequence[Episode]:
        """One attempt at each of `tasks` with the playbook as `operations` would make it."""
        ...


@dataclass(frozen=True, slots=True)
class Lesson:
    """What there is to learn from: `episodes` in task order, the `reflections` that were already made on some of them (by
    episode id), and the `seed` from which chance is drawn. `again` are operations of the last delta that
    were refused because their bullets had been changed meanwhile: offered again, on the bullets as they are now.
    `stored`: the store has the episodes already, and what it says of bullets counts them. `objection` is what a gate showed of
    the delta that was proposed from this lesson just before: asked once more, the strategy may propose another one. `left` is
    how many batches are learned from after this one, where that is known. With `rehearsal` the strategy can play training
    cases; `None` where there is no environment to play in."""

    episodes: Sequence[Episode]
    seed: int
    reflections: Mapping[str, Reflection] = field(default_factory=dict)
    again: Sequence[Refusal] = ()
    stored: bool = False
    objection: str = ""
    left: int | None = None
    rehearsal: Rehearsing | None = field(default=None, compare=False, repr=False)

    @property
    def trust(self) -> Trust:
        """The least trust of its attempts; a turn's lesson holds attempts of one trust alone."""
        return Trust.UNTRUSTED if any(e.trust is Trust.UNTRUSTED for e in self.episodes) else Trust.TRUSTED


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of a batch: reflections (in task order), the delta that is proposed or none, what the strategy itself turned
    down of it (gates judge the rest), and notes on what went wrong (a reflector or curator that could not be understood).
    `checks` names shipped gates that are to judge the delta after those of the run. `attempts` are those that the strategy
    proposes from, where it read them, so that a gate need not read them again. `played` are attempts that it had made besides:
    they are stored, and not learned from."""

    reflections: tuple[Reflection, ...] = ()
    delta: Delta | None = None
    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    attempts: Attempts | None = None
    played: tuple[Episode, ...] = ()


LEARNING = "learn"
"""The phase whose attempts are learned from; in the others (`before`, `start`, `after`, `eval`) the playbook is measured."""


@dataclass(frozen=True, slots=True)
class Draw:
    """What an attempt draws by chance from: its `seed`, in [0, 2**63), and the `phase` of the run. An attempt that
    is played again has the same seed, and `before` and `after` share one for each task. `holdout` is the chance, in [0, 1),
    that a bullet is left out while learning. With `mask`, a bullet that is masked for the kind of the task (`View.masks`) is
    not shown; while learning it is, with a small chance, so that its mask can be lifted."""

    seed: int = 0
    phase: str = "eval"
    holdout: float = 0.0
    mask: bool = False

    @property
    def learning(self) -> bool:
        """True where the attempt is learned from, so that bullets may be left out of it by chance; False where it measures."""
        return self.phase == LEARNING

    def chance(self, bullet: Bullet, masked: bool = False) -> float:
        """The chance that `bullet` is shown, of an attempt that would show it: 1 where nothing is left out by chance. One that
        is `masked` is shown to so many attempts that are learned from as others are left out of, at most half, and to no
        others."""
        left_out = 0.0 if bullet.pinned or not self.learning else self.holdout
        return min(left_out, 1 - left_out) if masked else 1 - left_out

    def shows(self, bullet: Bullet, masked: bool = False) -> bool:
        """Whether `bullet` is shown: drawn for each bullet by itself, so that it does not depend on the others."""
        chance = self.chance(bullet, masked)
        return chance >= 1 or derive_seed("holdout", self.seed, bullet.id) / 2**63 < chance


MEASURED = Draw()
"""The draw of an attempt outside a run: nothing is left out by chance."""


@runtime_checkable
class Checking(Protocol):
    """What a strategy may have besides: the names of the shipped gates that its `Learned.checks` will hold, for what is said of
    a run before it begins."""

    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spends:
    """What a strategy asks of models that neither reflects by itself nor curates, for what is said of a run before it begins:
    the `tokens` that it shows in a prompt at most; when measuring, how many `attempts` a case gets, and how many `votes` are
    cast on a move (0: no model is asked); whether a lost training case is tried again without a reflection (`chains`); the
    `calls` of learning at most, given those of the training attempts, where the strategy has more attempts made; the calls
    `besides` the moves of each attempt; and the attempts at validation cases that are made `before` all else, given how many
    kinds the cases have."""

    tokens: int = 0
    attempts: int = 1
    votes: int = 1
    chains: bool = False
    calls: Callable[[int], int] | None = None
    besides: int = 0
    before: Callable[[int], int] | None = None


@runtime_checkable
class Spending(Protocol):
    """What a strategy may have besides: what it asks of models."""

    spends: Spends


@runtime_checkable
class Replaying(Protocol):
    """What a strategy that curates may have besides: how many further attempts at training cases it has made after each batch,
    at most (`replayed`)."""

    replayed: int


@runtime_checkable
class Requiring(Protocol):
    """What a strategy may have besides: `require`, called before a run begins, raises `NotUsable` where `Roles.surroundings`
    lacks what it needs."""

    def require(self) -> None: ...


@runtime_checkable
class Cautioning(Protocol):
    """What a strategy may have besides: `cautions`, what is to be said before a run begins, a sentence each, by what
    `Roles.surroundings` tells."""

    def cautions(self) -> Sequence[str]: ...


def without_effect(used: Mapping[str, tuple[bool, bool]], beside: str) -> list[str]:
    """What `Cautioning` says of settings that have no effect `beside` others: of each whether it has its default, and whether
    it is used."""
    names = [name for name, (stock, is_used) in used.items() if not stock and not is_used]
    has = "has" if len(names) == 1 else "have"
    return [f"{', '.join(names)} {has} no effect with {beside}"] if names else []


@runtime_checkable
class ReadsPlaybooks(Protocol):
    """What a strategy may have besides: the playbooks that it `reads` besides the run's own, as NAME or NAME@REVISION. The run
    records at which revisions, and `Roles.playbooks` gives them."""

    reads: tuple[str, ...]


@runtime_checkable
class AsksModels(Protocol):
    """What a strategy may have besides: names of further `models` by role, which the run opens. `strong` takes the steps that
    a briefing's `routing` gives it."""

    models: Mapping[str, str]


TRIED = 1000
"""Validation cases that are looked at before anything is learned or measured, at most."""


class Trying(Protocol):
    """Attempts at validation cases, before anything is learned or measured."""

    def tasks(self, most: int) -> Sequence[Task]:
        """The first `most` validation cases that the run neither learns from nor measures."""
        ...

    async def play(
        self, tasks: Sequence[Task], label: str, context: Callable[[Task, View, Draw], Briefing], /
    ) -> Sequence[Episode]:
        """One attempt at each of `tasks`, shown what `context` gives. `label` tells them from others at the same cases, with
        which they share their seeds."""
        ...


@runtime_checkable
class Tuning(Protocol):
    """What a strategy may have besides: `tune`, which a run calls once, before anything is learned or measured. What it gives
    is stored with the run, and given to `tuned`, also where the run is resumed. Raises `NotUsable`."""

    async def tune(self, trying: Trying, /) -> JSON: ...

    def tuned(self, found: JSON, /) -> None: ...


def require_choices(roles: Roles, name: str) -> None:
    """Raise `NotUsable` where the environment lists nothing to choose from, which the strategy `name` needs."""
    if roles.surroundings is not None and not roles.surroundings.lists():
        raise NotUsable(f"{name} is not usable: {roles.surroundings.name} lists no answers to choose from")


class Strategy(Protocol):
    """What context an attempt gets, and what is learned from it."""

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw, /) -> Briefing:
        """What is shown for `task`: from `book`, one revision of the playbook, and from `earlier` attempts at the task. What is
        decided by chance derives from `draw` alone."""
        ...

    async def learn(self, lesson: Lesson, book: View, /) -> Learned:
        """Reflections and the delta they lead to. Deterministic for deterministic models and seed."""
        ...
