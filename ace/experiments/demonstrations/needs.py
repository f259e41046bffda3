"""What tasks need and what demonstrations show, as far as the environment tells: written down when an experiment begins.

A task needs an operator: the listed answer that its oracle gives. Where the environment has no such oracle, or plays in its
own time, the kind of the task stands for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ace.environments.contract import Environment
from ace.environments.floors import played
from ace.experiments.arms import Arm
from ace.experiments.design import Cell
from ace.experiments.opened import OpenedDesign
from ace.models import layout
from ace.runs.surroundings import surroundings_of
from ace.types import JSON, Task, derive_seed

STRATEGY = "fewshot"
_SHOTS = 8
"""Demonstrations of the arm where it does not say how many."""


def shots_of(arm: Arm) -> int:
    """How many demonstrations an arm of the strategy shows."""
    return int(arm.settings.get("shots", _SHOTS))


def by_oracle(arm: Arm) -> bool:
    """Whether the demonstrations are training cases that the oracle solved; else the first wins in training."""
    return arm.settings.get("from_") == "oracle"


def demonstrating(arms: Sequence[Arm]) -> list[Arm]:
    """The arms that show static demonstrations, by how many; of an arm that is there twice, the first."""
    return sorted((a for a in arms if a.strategy == STRATEGY and a.twin == 1), key=shots_of)


def needs_note(opened: OpenedDesign) -> dict[str, JSON]:
    """What is written down of the held-out tasks and of demonstrations by the oracle: `required`, the operator of each task by
    its key, and `shown`, the kinds and operators of the demonstrations of an arm; nothing where no arm shows any."""
    arms = [a for a in demonstrating(opened.design.arms) if a.name in opened.arms]
    if not arms:
        return {}
    environment = opened.base.environment
    required = _required(environment, opened.base.tasks.held_out) if environment.instant else {}
    return {"demonstrations": {"required": required, "shown": {a.name: _by_oracle(opened, a) for a in arms if by_oracle(a)}}}


def _required(environment: Environment, tasks: Sequence[Task]) -> Mapping[str, str]:
    found = ((t.key, _operator(environment, t)) for t in tasks)
    return {key: operator for key, operator in found if operator}


def _operator(environment: Environment, task: Task) -> str:
    """The listed answer by which the oracle solves `task`; empty where there is none."""
    trace = played(environment, task, environment.oracle, derive_seed("demonstration", task.key))
    last = trace.actions[-1] if trace.outcome.success and trace.actions else ""
    return last if last and last in trace.seen[len(trace.actions) - 1].answers else ""


def _by_oracle(opened: OpenedDesign, arm: Arm) -> list[list[str]]:
    settings = opened.design.settings(Cell(arm, opened.design.seeds[0]))
    solved = surroundings_of(opened.base.environment, opened.base.tasks, settings).solved(shots_of(arm))
    return [[past.kind, past.choice.rpartition(layout.THEN)[2]] for past in solved]
