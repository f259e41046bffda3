"""The sentences that independent attempts allow to quote, and those that they forbid, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, log

from ace.experiments.ceiling.reach import FALSE_DISCOVERIES, Against, Ceiling, Reach
from ace.results.attempts import PassAt
from ace.statistics.ceiling import excluded_rate
from ace.statistics.significance import fisher
from ace.types import JSON

NARROW = 0.01
"""A rate of success that would have to be excluded before a reader takes "never" for an answer."""
_ATTEMPTS_FOR_NARROW = ceil(log(0.05) / log(1 - NARROW))


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on: the environment, its split, the model that acted, and how it sampled (`temperature`, `None` for
    the provider's default)."""

    environment: str
    split: str
    model: str
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A sentence that the data do not support, and why."""

    sentence: str
    why: str

    def as_json(self) -> dict[str, JSON]:
        return {"sentence": self.sentence, "why": self.why}


def quotable(found: Ceiling, on: Measured) -> list[str]:
    """The claims that the data support, together."""
    base, n = found.base, found.base.attempts
    won = f"wins {_rate(base.single)} of single attempts, and at least one of {n} at {_rate(base.most)} of the tasks"
    lines = [f"On {_tasks(base.tasks)} of {on.environment} ({on.split}), {on.model} with an empty playbook {won}."]
    if base.never:
        bound = f"for a single task that excludes rates of success above {_percent(excluded_rate(n))} (95 %)"
        more = f"; more attempts would win at least {base.unseen:.1f} of these (Chao's estimate)" if base.unseen else ""
        lines.append(f"It won none of {n} attempts at {_tasks(base.never)}; {bound}{more}.")
    return lines if found.against is None else [*lines, *_beside(found.against, n)]


def _beside(a: Against, n: int) -> Iterator[str]:
    with_it = a.adapted
    won = f"{_rate(with_it.single)} of single attempts, and at least one of {n} at {_rate(with_it.most)} of the tasks"
    yield f"With the playbook {with_it.playbook} it wins {won}."
    kept = f"Fisher's exact test, at most {_percent(FALSE_DISCOVERIES)} of these false on average"
    yield f"The rate of success rose at {_tasks(len(a.gained))} and fell at {len(a.lost):,} ({kept})."
    if a.excluded is not None:
        why = f"won in none of its {n} attempts, which excludes rates above {_percent(a.excluded)} (95 %)"
        were = "was" if len(a.unseen) == 1 else "were"
        yield f"Of these, {_tasks(len(a.unseen))} {were} not seen from the base: {why}."
    if a.elicited is not None:
        low, high = a.elicited.interval
        way = f"{_percent(a.elicited.ratio)} ({100 * low:.1f} to {100 * high:.1f})"
        yield f"A single attempt with the playbook goes {way} of the way from the base's pass@1 to its pass@{n}."


def forbidden(found: Ceiling, on: Measured) -> list[Forbidden]:
    """The claims that the data do not support."""
    lines = [Forbidden("The rest is beyond the base.", _never(found.base))] if found.base.never else []
    if found.against is not None:
        lines += _about_gains(found.against, found.base)
    if on.split == "train":
        why = "these are training tasks; a playbook may hold their answers"
        lines.append(Forbidden("This holds for tasks that were not learned from.", why))
    if found.base.alike == found.base.tasks and found.base.attempts > 1:
        why = "it acted the same in all attempts at every task, so pass@k is pass@1 and says nothing of sampling"
        lines.append(Forbidden("The base does not get further with more attempts.", why))
    return lines


def _never(base: Reach) -> str:
    n = base.attempts
    more = f"; more attempts would win at least {base.unseen:.1f} of the tasks never won" if base.unseen else ""
    narrow = (
        f"; to exclude {_percent(NARROW)} takes {_ATTEMPTS_FOR_NARROW} attempts at each task"
        if n < _ATTEMPTS_FOR_NARROW
        else ""
    )
    return f"0 of {n} attempts only exclude rates of success above {_percent(excluded_rate(n))}{narrow}{more}"


def _about_gains(a: Against, base: Reach) -> Iterator[Forbidden]:
    rest = "the base won every task that was gained, only less often" if a.gained else "no task is known to be gained"
    why = _never(base) if a.unseen else rest
    yield Forbidden("The playbook gives the agent a new ability.", why)
    yield Forbidden("What was gained is absent from the base.", why)
    yield Forbidden("The agent reasons better.", "a playbook adds information to the prompt, and the two were not told apart")
    seeds = "this is one playbook, from one course of learning; ace compare tells a method over seeds"
    yield Forbidden("The method that made the playbook helps.", seeds)
    low, high = a.widened.interval
    if low <= 0 <= high:
        change = f"{100 * a.widened.difference:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"
        told = f"the change of pass@{base.attempts} is {change}, which does not exclude 0"
        yield Forbidden("With the playbook the agent wins tasks that many attempts without it do not win.", told)
    if not a.gained:
        few = f"; {_least_rise(base)}" if base.never else ""
        yield Forbidden("The playbook changes nothing.", f"smaller changes than these attempts can find are possible{few}")


def _least_rise(base: Reach) -> str:
    """The smallest rise from 0 at a single task that the attempts could find."""
    n, level = base.attempts, FALSE_DISCOVERIES / base.tasks
    found = next((won for won in range(1, n + 1) if fisher(won, n, 0, n) <= level), None)
    if found is None:
        return f"with {n} attempts not even a rise from 0 to {n} at a single task would be found"
    return f"a single task has to rise from 0 to {found} of {n} attempts to be found"


def warnings(found: Ceiling, on: Measured) -> list[str]:
    """What a reader has to know of how it was measured."""
    lines = []
    agents = [found.base] if found.against is None else [found.base, found.against.adapted]
    for agent in agents:
        if agent.attempts > 1 and agent.alike == agent.tasks:
            zero = " at temperature 0" if on.temperature == 0 else ""
            same = f"all {agent.attempts} attempts at each task were the same{zero}"
            lines.append(f"With {agent.playbook} {same}: its rates are 0 or 1, and pass@k is pass@1")
        if agent.invalid:
            were = "1 attempt was" if agent.invalid == 1 else f"{agent.invalid:,} attempts were"
            lines.append(f"With {agent.playbook} {were} invalid and count{'s' if agent.invalid == 1 else ''} for nothing")
    if found.left_out:
        lines.append(f"{_tasks(found.left_out)} left out: fewer than half of the attempts were valid")
    if found.against is not None and found.against.elicited is None:
        lines.append("The elicitation share is refused: the base's pass@k may be no higher than its pass@1")
    return lines


def _tasks(n: int) -> str:
    return "1 task" if n == 1 else f"{n:,} tasks"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %".replace(".0 %", " %")


def _rate(p: PassAt) -> str:
    if p.interval is None:
        return _percent(p.success)
    return f"{100 * p.success:.1f} % ({100 * p.interval[0]:.1f} to {100 * p.interval[1]:.1f})"
