"""Success rates to compare an agent with on these tasks: of knowing the answers, of choosing blindly, and of doing nothing.

A success rate says little without the do-nothing baseline, so the floors are measured by the environment's own
policies in the very scenes that a run is measured in, same tasks and same seeds. No model takes part.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ace.environments.contract import Environment, Policy
from ace.environments.trace import Broken, ScriptedPlay, Trace, guarded, trace
from ace.environments.watch import Caller, CallSite, Overdue, directly, watched
from ace.statistics.intervals import wilson
from ace.types import Outcome, Task, derive_seed, invalid

T = TypeVar("T")
_PolicyOf = Callable[[Task], Policy | None]


@dataclass(frozen=True, slots=True)
class Floor:
    """`wins` of `n` valid attempts, `n` at least 1. `interval` is Wilson's at 95 %, as shares."""

    wins: int
    n: int

    @property
    def success(self) -> float:
        return self.wins / self.n

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.wins, self.n)


@dataclass(frozen=True, slots=True)
class Floors:
    """Success of each policy of the environment; `None` where it gives no such policy, or no attempt was valid. `unmeasured`
    says by the policy's name why no attempt was, with the commonest reason."""

    oracle: Floor | None = None
    random: Floor | None = None
    nothing: Floor | None = None
    unmeasured: Mapping[str, str] = field(default_factory=dict, compare=False)


def play(environment: Environment, task: Task, policy: Policy, seed: int) -> Outcome:
    """What comes of `policy` in a scene of `task`, within the environment's limits. Too many steps are a failure; a scene or
    policy that raises or does not return is invalid. Raises nothing; the scene is closed in any case."""
    return played(environment, task, lambda _: policy, seed).outcome


def played(environment: Environment, task: Task, policy_of: _PolicyOf, seed: int) -> Trace:
    """As `play`, with all that was seen and done. `policy_of` gives the policy; where it gives none, nothing is done and the
    outcome is invalid."""
    try:
        return _bounded(environment, lambda call: _traced(call, environment, (task, seed), policy_of))
    except Overdue as overdue:
        return Trace(task, (), (), invalid(str(overdue)), ended=False)


def _traced(call: Caller, environment: Environment, scene: tuple[Task, int], policy_of: _PolicyOf) -> Trace:
    task, seed = scene
    try:
        policy = guarded(call, CallSite("its policy", task.id), lambda: policy_of(task), "policy")
    except Broken as broken:
        return Trace(task, (), (), invalid(str(broken)), ended=False)
    if policy is None:
        return Trace(task, (), (), invalid("the environment has no such policy"), ended=False)
    return trace(call, environment, ScriptedPlay(task, policy, seed, environment.limits.steps))


def measure_floors(environment: Environment, tasks: Iterable[Task], seed: int) -> Floors:
    """Play the environment's own policies on `tasks`, once each, in the scenes that a run with `seed` evaluates on. The same
    arguments give the same floors. Cost: three plays a task; a policy that once does not return is played no further."""
    # The seed of a held-out attempt (`unit_of` in ace/attempt.py), so that floors pair with what is measured.
    scenes = [(task, derive_seed(seed, "eval", 0, task.key, 1)) for task in tasks]
    policies: dict[str, _PolicyOf] = {
        "oracle": environment.oracle,
        "random": lambda task: environment.random(task, random.Random(derive_seed(seed, "random", task.key))),
        "nothing": environment.nothing,
    }
    found = {name: _floor(environment, scenes, policy_of) for name, policy_of in policies.items()}
    floors = {name: floor for name, floor in found.items() if not isinstance(floor, str)}
    return Floors(**floors, unmeasured={name: reason for name, reason in found.items() if isinstance(reason, str)})


def _floor(environment: Environment, scenes: Sequence[tuple[Task, int]], policy_of: _PolicyOf) -> Floor | str | None:
    """The floor; why every attempt was invalid; or `None` where there is no such policy."""
    valid: list[bool] = []
    reasons: Counter[str] = Counter()

    def played(call: Caller) -> None:
        for task, seed in scenes:
            outcome = _played(call, environment, (task, seed), policy_of)
            if outcome is not None and outcome.valid:
                valid.append(outcome.success)
            elif outcome is not None:
                reasons[outcome.reason] += 1

    try:
        _bounded(environment, played)
    except Overdue as overdue:
        # One that hangs would hang again, each time for the whole limit; what was measured until then counts.
        reasons[str(overdue)] += 1
    if valid:
        return Floor(sum(valid), len(valid))
    return reasons.most_common(1)[0][0] if reasons else None


def _played(call: Caller, environment: Environment, scene: tuple[Task, int], policy_of: _PolicyOf) -> Outcome | None:
    task, seed = scene
    try:
        policy = guarded(call, CallSite("its policy", task.id), lambda: policy_of(task), "policy")
    except Broken as broken:
        return invalid(str(broken))
    return (
        None if policy is None else trace(call, environment, ScriptedPlay(task, policy, seed, environment.limits.steps)).outcome
    )


def _bounded(environment: Environment, work: Callable[[Caller], T]) -> T:
    return work(directly) if environment.instant else watched(environment.limits.seconds, work)
