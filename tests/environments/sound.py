"""A sound environment: what the broken ones differ from in one fault each."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from ace.environments.contract import Environment, Policy, Scene
from ace.types import Observation, Split, Task, failure, success

LOOK = "look inside"
COLOURS = ("red", "green", "blue")
FOR_EVER = 20.0
"""Seconds: longer than any test waits, so that the threads left behind end before long."""


def box(split: Split, number: int, **data: Any) -> Task:
    colour = random.Random(f"{split} {number}").choice(COLOURS)
    return Task(f"{split}-{number}", f"Box {number} for {split}.", split, {"colour": colour, **data})


class Box:
    """Look inside, then say the colour. What is wrong with a scene is wrong in a subclass of this."""

    def __init__(self, environment: Any, task: Task, seed: int) -> None:
        self.environment, self.task, self.seed = environment, task, seed
        self.right: str = task.data["colour"]
        self.over = False

    @property
    def first(self) -> Any:
        return Observation(self.task.text, (LOOK,), self.answers)

    @property
    def answers(self) -> tuple[str, ...]:
        return COLOURS

    def act(self, action: str) -> Any:
        if action == LOOK:
            return self.looked()
        return self.judge(action) if action in self.answers else self.other(action)

    def looked(self) -> Any:
        return Observation(f"It is {self.right}.", (), self.answers)

    def judge(self, action: str) -> Any:
        return success() if action == self.right else failure()

    def other(self, action: str) -> Any:
        return failure()

    def close(self) -> None:
        return None


class Sound(Environment):
    """Keeps the contract."""

    instant = True
    scene: type[Box] = Box

    def tasks(self, split: Split) -> Iterable[Any]:
        return [box(split, number) for number in range(12)]

    def open(self, task: Task, seed: int) -> Scene:
        return self.scene(self, task, seed)

    def oracle(self, task: Task) -> Policy | None:
        return lambda seen: LOOK if LOOK in seen.actions else task.data["colour"]
