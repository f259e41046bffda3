"""`textworld`: text adventures that TextWorld makes by number, compiles and plays, in processes of their own.

A task is a game: its objective and the first room. Games are made when they are listed and compiled when they are opened; the
walkthrough that TextWorld makes with a game is the oracle.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, ClassVar, Literal

from ace.environments.accepted import MOST_STEPS, require_within
from ace.environments.contract import Environment, Limits, Policy, Scene
from ace.environments.generated import numbered
from ace.environments.workers.pool import WorkerFault, WorkerPool, longest
from ace.errors import BadInput, BadSetting
from ace.types import Split, Task

OFFERS = {"textworld": "TextWorldGames"}
HELP = {
    "textworld": "Text adventures generated from a number: quests, coins, treasures, cooking; the walkthrough is the oracle."
}
NEEDS = {"extra": "textworld", "modules": "textworld", "compiler": "yes"}

PLAYER = "ace.environments.textworld.player:AdventurePlayer"
SECONDS = 60.0
CUSTOM = (4, 8, 3)
"""Rooms, objects and quest, where they are not given."""
MOST_LEVEL = {"custom": 0, "coin-collector": 300, "treasure-hunter": 30, "cooking": 5}
"""By game: the highest level; cooking's is the number of ingredients."""


class TextWorldGames(Environment):
    """Text adventures by TextWorld: read where you are, name a command, until the quest is done or lost."""

    name: ClassVar[str] = "textworld"

    def __init__(
        self,
        *,
        game: Annotated[
            Literal["custom", "coin-collector", "treasure-hunter", "cooking"],
            "what is played: custom quests, or one of TextWorld's challenges",
        ] = "custom",
        level: Annotated[
            int, "how hard a challenge is: coin-collector to 300, treasure-hunter to 30, cooking to 5 ingredients"
        ] = 1,
        rooms: Annotated[int, "custom: rooms of the house, 1 to 20"] = CUSTOM[0],
        objects: Annotated[int, "custom: things in it, 2 to 30"] = CUSTOM[1],
        quest: Annotated[int, "custom: the fewest steps that a quest takes, 1 to 8"] = CUSTOM[2],
        steps: Annotated[int, "commands after which an attempt is lost"] = 50,
    ) -> None:
        require_within(1, 20, rooms=rooms)
        require_within(2, 30, objects=objects)
        require_within(1, 8, quest=quest)
        require_within(1, MOST_STEPS, steps=steps)
        if game != "custom":
            require_within(1, MOST_LEVEL[game], level=level)
            if (rooms, objects, quest) != CUSTOM:
                raise BadSetting(f"rooms, objects and quest are for custom, and the game is {game}; level says how hard it is")
        elif level != 1:
            raise BadSetting("level is for challenges, and the game is custom; rooms, objects and quest say how hard it is")
        self.limits = Limits(steps=steps, seconds=longest(SECONDS) + 10)
        self.instructions = self.limits.told()
        self._settings = {"game": game, "level": level, "rooms": rooms, "objects": objects, "quest": quest}

    @cached_property
    def _pool(self) -> WorkerPool:
        return WorkerPool(PLAYER, self._settings, SECONDS)

    def tasks(self, split: Split) -> Iterable[Task]:
        """Games by number, each text once; endless. Raises `BadInput` where no game can be made."""
        return numbered(self._task, split)

    def open(self, task: Task, seed: int) -> Scene:
        return self._pool.scene({"number": int(task.data["number"])}, seed)

    def oracle(self, task: Task) -> Policy | None:
        """Gives the commands of the game's walkthrough."""
        left = iter(self._pool.ask("way", number=int(task.data["number"])))
        return lambda observation: next(left, "look")

    def describe(self) -> dict[str, object]:
        """What is played."""
        return {name: value for name, value in self._settings.items() if name in ("game", "level")}

    def _task(self, number: int, split: Split) -> Task | None:
        try:
            made = self._pool.ask("told", number=number)
        except WorkerFault as fault:
            raise BadInput(f"TextWorld made no game of number {number}: {fault}") from None
        return made and Task(f"game-{number}", made["text"], split, {"number": number}, kind=made["kind"])
