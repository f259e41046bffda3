"""What the attempts of a counterfactual say: four counts, their exact test, and the credit of each bullet.

Leaving one bullet out does not see that another one says the same: both then seem to do nothing. Chance leaves out both at
times, so random inclusion does; it needs more attempts. Sources: RLAG (Nie et al. 2025, arXiv:2509.20162) for counting what an
addition gains and harms; ContextCite (Cohen-Wang et al. 2024, arXiv:2409.00729) for inclusion at random.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ace.playbooks.bullet import Bullet
from ace.statistics.effects import Drawn, Effect, effects
from ace.statistics.intervals import paired
from ace.statistics.significance import holm, mcnemar
from ace.types import JSON, Episode


@dataclass(frozen=True, slots=True)
class TaskPair:
    """A task with whether it was won with something (`with_it`) and without it."""

    key: str
    task: str
    kind: str
    with_it: bool
    without: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """Tasks by what came of them with something and without: won in `both`, `gained` (won only with it), `harmed` (won only
    without it), won in `neither`. `difference` is what it adds to success, with its 95 % `interval` (Newcombe 1998); `p` is
    McNemar's, exact and two-sided."""

    both: int
    gained: int
    harmed: int
    neither: int
    difference: float
    interval: tuple[float, float]
    p: float

    @property
    def n(self) -> int:
        return self.both + self.gained + self.harmed + self.neither

    def as_json(self) -> dict[str, JSON]:
        return {
            "both": self.both,
            "gained": self.gained,
            "harmed": self.harmed,
            "neither": self.neither,
            "difference": round(self.difference, 4),
            "interval": [round(b, 4) for b in self.interval],
            "p": round(self.p, 8),
        }


@dataclass(frozen=True, slots=True)
class Credit:
    """What one bullet does: the counts of tasks with the whole playbook and with all but this bullet (`one_out`), and its p
    value `adjusted` for the number of bullets (Holm 1979); its effect where bullets are drawn by chance (`inclusion`). What was
    not asked for is `None`."""

    bullet: Bullet
    one_out: Counts | None = None
    adjusted: float | None = None
    inclusion: Effect | None = None

    def as_json(self) -> dict[str, JSON]:
        row: dict[str, JSON] = {"bullet": self.bullet.id, "section": self.bullet.section, "text": self.bullet.text}
        if self.one_out is not None and self.adjusted is not None:
            row["leave_one_out"] = {**self.one_out.as_json(), "adjusted_p": round(self.adjusted, 8)}
        if (e := self.inclusion) is not None:
            known = e.raw is not None
            row["inclusion"] = {
                "effect": round(e.mean, 4) if known else None,
                "interval": [round(b, 4) for b in e.interval] if known else None,
                "harm": round(e.harm, 4) if known else None,
                "shown": e.shown,
                "left_out": e.left_out,
            }
        return row


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What a playbook does: the `counts`, the tasks in the order of playing, those `left_out` because an attempt was invalid,
    and the credit of each bullet, where it was asked for."""

    counts: Counts
    tasks: tuple[TaskPair, ...]
    left_out: int
    credits: tuple[Credit, ...] = ()

    @property
    def gained(self) -> list[TaskPair]:
        return [t for t in self.tasks if t.with_it and not t.without]

    @property
    def harmed(self) -> list[TaskPair]:
        return [t for t in self.tasks if t.without and not t.with_it]

    def as_json(self) -> dict[str, JSON]:
        return {
            "tasks": self.counts.n,
            "left_out": self.left_out,
            **self.counts.as_json(),
            "gained_tasks": [{"task": t.task, "kind": t.kind} for t in self.gained],
            "harmed_tasks": [{"task": t.task, "kind": t.kind} for t in self.harmed],
            "bullets": [c.as_json() for c in self.credits],
        }


def counterfactual(without: Sequence[Episode], whole: Sequence[Episode]) -> Counterfactual | None:
    """What the attempts `without` a playbook and with the `whole` of it say; `None` where no task is valid in both."""
    pairs, left_out = pairs_of(without, whole)
    return Counterfactual(counts_of(pairs), tuple(pairs), left_out) if pairs else None


def pairs_of(without: Sequence[Episode], with_it: Sequence[Episode]) -> tuple[list[TaskPair], int]:
    """The tasks that are valid in both, and how many are not."""
    first = {e.task.key: e for e in without}
    second = {e.task.key: e for e in with_it}
    shared = [key for key in first if key in second]
    valid = [key for key in shared if first[key].outcome.valid and second[key].outcome.valid]
    return [_pair(first[key], second[key]) for key in valid], len(first.keys() | second.keys()) - len(valid)


def counts_of(pairs: Sequence[TaskPair]) -> Counts:
    """The four counts of `pairs`, with what they say."""
    told = [(p.with_it, p.without) for p in pairs]
    difference, low, high = paired([b for _, b in told], [a for a, _ in told])
    gained, harmed = told.count((True, False)), told.count((False, True))
    both, neither = told.count((True, True)), told.count((False, False))
    return Counts(both, gained, harmed, neither, difference, (low, high), mcnemar(gained, harmed))


def one_out(bullets: Sequence[Bullet], whole: Sequence[Episode], without: Sequence[Sequence[Episode]]) -> list[Credit]:
    """The credit of `bullets` by attempts `without` each of them, beside the `whole`."""
    found = [Credit(b, counts_of(pairs_of(each, whole)[0])) for b, each in zip(bullets, without, strict=True)]
    tested = holm([c.one_out.p for c in found if c.one_out is not None])
    return [replace(c, adjusted=p) for c, p in zip(found, tested, strict=True)]


def inclusion(drawn: Sequence[Episode]) -> dict[str, Effect]:
    """By bullet what showing it does, from attempts for which bullets were drawn by chance. What an attempt came to is taken
    less the mean of the other attempts at its task, which knows nothing of its draws."""
    by_task: defaultdict[str, list[Episode]] = defaultdict(list)
    for e in drawn:
        if e.outcome.valid:
            by_task[e.task.key].append(e)
    rests = [(e, rest) for played in by_task.values() if len(played) > 1 for e, rest in _rests(played)]
    found: defaultdict[str, list[Drawn]] = defaultdict(list)
    for e, rest in rests:
        for x in e.render.exposures:
            if 0 < x.probability < 1:
                found[x.bullet].append(Drawn("", rest, x.shown, x.probability, e.outcome.success))
    return effects(found)


def _rests(played: Sequence[Episode]) -> list[tuple[Episode, float]]:
    won = sum(e.outcome.success for e in played)
    return [(e, e.outcome.success - (won - e.outcome.success) / (len(played) - 1)) for e in played]


def with_inclusion(credits: Sequence[Credit], found: Mapping[str, Effect]) -> list[Credit]:
    """`credits` with the effects that draws tell."""
    return [replace(c, inclusion=found.get(c.bullet.id)) for c in credits]


def _pair(without: Episode, with_it: Episode) -> TaskPair:
    task = with_it.task
    return TaskPair(task.key, task.id, task.kind, with_it.outcome.success, without.outcome.success)
