"""`alfworld`: households in ALFWorld's words, drawn by ace, because the published games cannot be had without a download.

What is hidden is where each kind of thing is kept, drawn by `world`, and it is the same in all households of a world: a
playbook can hold it. Games are played by ALFWorld's own domain and grammar in processes of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Annotated, ClassVar

from ace.environments.accepted import MOST_STEPS, require_within
from ace.environments.alfworld.household import habits, household
from ace.environments.contract import Environment, Limits, Policy, Scene
from ace.environments.generated import numbered
from ace.environments.workers.pool import WorkerPool, longest
from ace.types import Split, Task

OFFERS = {"alfworld": "Alfworld"}
HELP = {
    "alfworld": "Households in ALFWorld's words, with its six types of tasks; where each kind of thing is kept must be learned."
}
NEEDS = {"extra": "alfworld", "modules": "alfworld textworld", "compiler": "yes"}

PLAYER = "ace.environments.alfworld.player:HouseholdPlayer"
SECONDS = 60.0


class Alfworld(Environment):
    """Households in ALFWorld's words: find a thing, do something with it, put it where it is wanted."""

    name: ClassVar[str] = "alfworld"

    def __init__(
        self,
        *,
        world: Annotated[int, "the seed that draws where each kind of thing is kept"] = 0,
        steps: Annotated[int, "commands after which an attempt is lost"] = 20,
    ) -> None:
        require_within(1, MOST_STEPS, steps=steps)
        self.world = world
        self.limits = Limits(steps=steps, seconds=longest(SECONDS) + 10)
        self.instructions = self.limits.told()

    @cached_property
    def _pool(self) -> WorkerPool:
        return WorkerPool(PLAYER, {"world": self.world}, SECONDS)

    def tasks(self, split: Split) -> Iterable[Task]:
        """Households by number, each text once; endless."""
        return numbered(self._task, split)

    def open(self, task: Task, seed: int) -> Scene:
        return self._pool.scene({"number": int(task.data["number"])}, seed)

    def oracle(self, task: Task) -> Policy | None:
        """Knows where things are."""
        left = iter(household(self.world, int(task.data["number"])).way)
        return lambda observation: next(left, "look")

    def stated_rules(self) -> Sequence[str]:
        """Where each kind of thing is kept."""
        return tuple(f"Look for {thing} in a {place} first." for thing, place in habits(self.world).items())

    def _task(self, number: int, split: Split) -> Task:
        home = household(self.world, number)
        return Task(f"household-{number}", home.text, split, {"number": number}, kind=home.kind)
