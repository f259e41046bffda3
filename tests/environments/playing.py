"""Playing a task to its end by a policy, for the tests of games."""

from __future__ import annotations

from ace.environments.contract import Environment, Policy
from ace.types import Observation, Outcome, Task


def played(environment: Environment, task: Task, policy: Policy, seed: int = 0) -> tuple[list[Observation], Outcome | None]:
    """What was seen, and what came of it; `None` where the steps ran out."""
    scene = environment.open(task, seed)
    seen: Observation | Outcome = scene.first
    told: list[Observation] = []
    for _ in range(environment.limits.steps):
        assert isinstance(seen, Observation)
        told.append(seen)
        seen = scene.act(policy(seen))
        if isinstance(seen, Outcome):
            break
    scene.close()
    return told, seen if isinstance(seen, Outcome) else None
