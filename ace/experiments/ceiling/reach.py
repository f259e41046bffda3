"""What independent attempts say of an agent, and of the same agent with a playbook: counts and tests, no words.

A gain at a task is told by Fisher's exact test on the wins of both, and the false discovery rate is held over all tasks.
A task that the base never won may still be in its reach: its attempts only exclude rates of success above a bound, which is
given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ace.results.attempts import PassAt, TaskAttempts, pass_at_each
from ace.statistics.ceiling import Counts, cover, excluded_rate, pass_each, still_unseen
from ace.statistics.intervals import paired
from ace.statistics.ratio import Ratio, ratio_of_means
from ace.statistics.significance import benjamini_hochberg, fisher
from ace.types import JSON

TAUS = (0.2, 0.5, 0.8)
"""The shares of attempts for which cover is told."""
FALSE_DISCOVERIES = 0.1
"""The share of false ones that is accepted among the tasks said to be gained."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one agent gets, on `tasks` tasks with at least `attempts` valid attempts each. `cover` is the share of tasks won
    in at least a share tau of the attempts; `never` counts tasks won in none, and `unseen` how many of these further attempts
    would win, at least (Chao 1987). At `alike` tasks the agent acted the same in every attempt. `invalid` attempts count for
    nothing."""

    playbook: str
    run: str
    tasks: int
    attempts: int
    invalid: int
    pass_at: tuple[PassAt, ...]
    cover: Mapping[float, float]
    never: int
    unseen: float
    alike: int

    @property
    def single(self) -> PassAt:
        """pass@1."""
        return self.pass_at[0]

    @property
    def most(self) -> PassAt:
        """pass@k for as many attempts as there are."""
        return self.pass_at[-1]

    def as_json(self) -> dict[str, JSON]:
        return {
            "playbook": self.playbook,
            "run": self.run,
            "tasks": self.tasks,
            "attempts": self.attempts,
            "invalid": self.invalid,
            "pass_at": [p.as_json() for p in self.pass_at],
            "cover": {f"{tau:g}": round(share, 4) for tau, share in self.cover.items()},
            "never_won": self.never,
            "still_unseen": round(self.unseen, 2),
            "alike": self.alike,
        }


@dataclass(frozen=True, slots=True)
class Changed:
    """A task at which success changed: `won` of `n` attempts with the playbook, `base_won` of `base_n` without, and the
    one-sided `p` value of Fisher's exact test."""

    task: str
    won: int
    n: int
    base_won: int
    base_n: int
    p: float

    def as_json(self) -> dict[str, JSON]:
        return {
            "task": self.task,
            "won": self.won,
            "attempts": self.n,
            "base_won": self.base_won,
            "base_attempts": self.base_n,
            "p": round(self.p, 8),
        }


@dataclass(frozen=True, slots=True)
class Widened:
    """By how much pass@k for all attempts changed, over the same tasks, with its 95 % interval (Newcombe 1998)."""

    difference: float
    interval: tuple[float, float]

    def as_json(self) -> dict[str, JSON]:
        return {"difference": round(self.difference, 4), "interval": [round(b, 4) for b in self.interval]}


@dataclass(frozen=True, slots=True)
class Against:
    """The agent with a playbook beside the base: the tasks `gained` and `lost`, at a false discovery rate of
    `FALSE_DISCOVERIES`; the change of pass@k; and the elicitation share: how much of the way from the base's pass@1 to its
    pass@k a single attempt with the playbook goes, `None` where that way may have no length."""

    adapted: Reach
    gained: tuple[Changed, ...]
    lost: tuple[Changed, ...]
    widened: Widened
    elicited: Ratio | None

    @property
    def unseen(self) -> tuple[Changed, ...]:
        """The gained tasks that the base won in no attempt."""
        return tuple(c for c in self.gained if c.base_won == 0)

    @property
    def excluded(self) -> float | None:
        """The rate of success that the base's attempts exclude at each task in `unseen`, at level 0.05."""
        return excluded_rate(min(c.base_n for c in self.unseen)) if self.unseen else None

    def as_json(self) -> dict[str, JSON]:
        share = self.elicited
        return {
            "adapted": self.adapted.as_json(),
            "gained": [c.as_json() for c in self.gained],
            "lost": [c.as_json() for c in self.lost],
            "false_discovery_rate": FALSE_DISCOVERIES,
            "not_seen_from_the_base": [c.task for c in self.unseen],
            "excluded_rate": None if self.excluded is None else round(self.excluded, 6),
            "pass_at_change": self.widened.as_json(),
            "elicitation": None if share is None else {"share": round(share.ratio, 4), "interval": _pair(share.interval)},
        }


def _pair(interval: tuple[float, float]) -> list[float]:
    return [round(bound, 4) for bound in interval]


@dataclass(frozen=True, slots=True)
class AgentAttempts:
    """The attempts of one agent: its playbook as a reference, the run they are of, and what they came to by task."""

    playbook: str
    run: str
    tasks: Sequence[TaskAttempts]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How far the base gets, and the agent with a playbook where there is one. `left_out` tasks had fewer than half of their
    attempts valid with one of the two."""

    base: Reach
    against: Against | None
    left_out: int

    def as_json(self) -> dict[str, JSON]:
        beside = {} if self.against is None else self.against.as_json()
        return {"base": self.base.as_json(), **beside, "left_out": self.left_out}


def ceiling(attempts: int, base: AgentAttempts, adapted: AgentAttempts | None = None) -> Ceiling | None:
    """What `attempts` attempts at each task say; `None` where no task has enough that are valid."""
    agents = [base] if adapted is None else [base, adapted]
    found = [{t.key: t for t in agent.tasks if 2 * t.n >= max(attempts, 2)} for agent in agents]
    keys = [t.key for t in base.tasks if all(t.key in f for f in found)]
    if not keys:
        return None
    sides = [[f[key] for key in keys] for f in found]
    least = min(t.n for side in sides for t in side)
    reached = [_reach(agent, side, least) for agent, side in zip(agents, sides, strict=True)]
    against = _against(reached[1], *sides) if adapted is not None else None
    return Ceiling(reached[0], against, len(base.tasks) - len(keys))


def _counts(tried: Sequence[TaskAttempts]) -> Counts:
    return [(t.won, t.n) for t in tried]


def _reach(agent: AgentAttempts, tried: Sequence[TaskAttempts], least: int) -> Reach:
    counts = _counts(tried)
    return Reach(
        agent.playbook,
        agent.run,
        len(tried),
        least,
        sum(t.invalid for t in agent.tasks),
        tuple(pass_at_each(tried, least)),
        {tau: cover(tau, counts) for tau in TAUS},
        sum(not t.won for t in tried),
        still_unseen(counts),
        sum(t.ways == 1 for t in tried),
    )


def _against(adapted: Reach, base: Sequence[TaskAttempts], with_it: Sequence[TaskAttempts]) -> Against:
    pairs = list(zip(base, with_it, strict=True))
    difference, low, high = paired([bool(b.won) for b, _ in pairs], [bool(a.won) for _, a in pairs])
    gained = _changed([Changed(a.task, a.won, a.n, b.won, b.n, fisher(a.won, a.n, b.won, b.n)) for b, a in pairs])
    lost = _changed([Changed(a.task, a.won, a.n, b.won, b.n, fisher(b.won, b.n, a.won, a.n)) for b, a in pairs])
    return Against(adapted, gained, lost, Widened(difference, (low, high)), _elicited(_counts(base), _counts(with_it)))


def _changed(tests: Sequence[Changed]) -> tuple[Changed, ...]:
    found = benjamini_hochberg([t.p for t in tests], FALSE_DISCOVERIES)
    return tuple(sorted((t for t, yes in zip(tests, found, strict=True) if yes), key=lambda t: t.p))


def _elicited(base: Counts, adapted: Counts) -> Ratio | None:
    single, most = pass_each(1, base), pass_each(min(n for _, n in base), base)
    risen = [a - b for a, b in zip(pass_each(1, adapted), single, strict=True)]
    return ratio_of_means(risen, [m - s for m, s in zip(most, single, strict=True)])
