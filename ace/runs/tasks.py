"""The tasks of a run: what is learned from and what is measured on, listed once.

An environment may take its time to list its tasks, and all parts of a run must see the same ones. So they are listed when the
settings are checked, and handed on.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from ace.environments.contract import Environment
from ace.environments.usable import listed, no_tasks_of
from ace.errors import BadInput
from ace.settings import RunSettings
from ace.types import Split, Task, derive_seed

DEFAULT_EPISODES = 300
DEFAULT_EVAL = 200
HELD_OUT: Split = "test"
AFTER, ONLY = "after", "only"
"""What `measured` says of a run that is measured once it has learned, and of one that learns nothing."""


@dataclass(frozen=True, slots=True)
class Tasks:
    """The tasks of a run: those it learns from (`train`) and those it is measured on (`held_out`)."""

    train: Sequence[Task]
    held_out: Sequence[Task]

    @property
    def all(self) -> list[Task]:
        return [*self.train, *self.held_out]


def train_tasks(environment: Environment, settings: RunSettings) -> list[Task]:
    """The training tasks of a run: as many as asked for; all of a finite split, else 300, where nothing is asked."""
    return listed(environment, "train", settings.episodes, DEFAULT_EPISODES)


def ordered(train: Sequence[Task], settings: RunSettings) -> Sequence[Task]:
    """The training tasks in the order in which they are played: as listed, or as the seed draws it where that is set."""
    if not settings.shuffled:
        return train
    return random.Random(derive_seed(settings.seed, "order")).sample(train, len(train))


def held_out_tasks(environment: Environment, settings: RunSettings) -> list[Task]:
    """The tasks a run is measured on; by default all of a finite split, else 200."""
    return listed(environment, cast(Split, settings.split or HELD_OUT), settings.eval, DEFAULT_EVAL)


def require_disjoint(train: Sequence[Task], held_out: Sequence[Task]) -> None:
    """Raise `BadInput` where a held-out task has the content of a training task."""
    keys = {t.key: t.id for t in train}
    for task in held_out:
        if task.key in keys:
            same = f"held-out task {task.id} has the same content as training task {keys[task.key]}"
            raise BadInput(f"{same}; what is measured on must not be learned from")


def tasks_of(environment: Environment, settings: RunSettings) -> Tasks:
    """The tasks of a run; an evaluation learns from none. Raises `BadInput` where there are none, or a held-out task is a
    training task too."""
    train = [] if settings.split or settings.measured == ONLY else train_tasks(environment, settings)
    held_out = held_out_tasks(environment, settings)
    require_disjoint(train, held_out)
    if not settings.split and not train and (settings.learn_only or not held_out):
        raise BadInput(no_tasks_of(type(environment).__name__, learn_only=settings.learn_only))
    if settings.split and not held_out:
        raise BadInput(f"environment {settings.environment} has no tasks in the split {settings.split}")
    return Tasks(ordered(train, settings), held_out)
