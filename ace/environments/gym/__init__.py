"""`gymnasium`: games on grids, told in words: toy text (lakes, cliffs, a taxi, blackjack) and MiniGrid with BabyAI.

The package gives numbers and pictures; here a position is a text, an action a word, and an attempt has an end of its own, as
some of these games have none. Tasks are start positions, split by what they hold.
"""

from __future__ import annotations

import difflib
import random
from collections.abc import Iterable, Sequence
from typing import Annotated, ClassVar

from ace.environments.accepted import MOST_STEPS, parts_of, require_within
from ace.environments.contract import Environment, Limits, Policy, Scene
from ace.environments.generated import numbered
from ace.environments.gym.games import GymGame, Play, Start
from ace.errors import BadSetting
from ace.options import require_once
from ace.types import Observation, Outcome, Split, Task, derive_seed, failure, success

OFFERS = {"gymnasium": "Gymnasium"}
HELP = {"gymnasium": "Games described in words: FrozenLake, CliffWalking, Taxi, Blackjack; MiniGrid and BabyAI with their bot."}
NEEDS = {"extra": "gymnasium", "modules": "gymnasium minigrid"}

TOYS = ("frozen-lake", "cliff-walking", "taxi", "blackjack")
IDS = {"FrozenLake": "frozen-lake", "CliffWalking": "cliff-walking", "Taxi": "taxi", "Blackjack": "blackjack"}
"""The package's names of them, before the version."""
SIZE = 4
NOT_AN_ACTION = "That is none of the actions."


class Gymnasium(Environment):
    """Games of gymnasium and MiniGrid in words: see a position, name an action, until the game is won or lost."""

    name: ClassVar[str] = "gymnasium"
    instant: ClassVar[bool] = True

    def __init__(
        self,
        *,
        game: Annotated[
            str, "frozen-lake, cliff-walking, taxi, blackjack, or a game of MiniGrid or BabyAI, such as babyai-go-to-red-ball"
        ] = "frozen-lake",
        size: Annotated[int, "frozen-lake: cells on a side, 3 to 12"] = SIZE,
        slippery: Annotated[
            bool, "frozen-lake, cliff-walking: moves may go astray, so that no attempt is sure to be won"
        ] = False,
        steps: Annotated[int, "actions after which an attempt is lost"] = 50,
    ) -> None:
        game = _one_game(game)
        require_within(3, 12, size=size)
        require_within(1, MOST_STEPS, steps=steps)
        if size != SIZE and game != TOYS[0]:
            raise BadSetting(f"size is for {TOYS[0]}, and the game is {game}")
        if slippery and game not in TOYS[:2]:
            raise BadSetting(f"slippery is for {' and '.join(TOYS[:2])}, and the game is {game}")
        self.game, self.size, self.slippery = game, size, slippery
        self.limits = Limits(steps=steps)
        self.instructions = self.limits.told()
        self._opened: GymGame | None = None

    def tasks(self, split: Split) -> Iterable[Task]:
        """Start positions, each once. Raises `UnknownName` for a game that there is not."""
        game = self._game()
        return numbered(lambda number, split: _task(game.start(number), number, split), split)

    def open(self, task: Task, seed: int) -> Scene:
        game, number = self._game(), int(task.data["number"])
        return GridScene(game, game.play(number, derive_seed(seed, number) % 2**31))

    def oracle(self, task: Task) -> Policy | None:
        """Plays the shortest way, or what BabyAI's bot plays; `None` where moves may go astray, or where there is no bot."""
        way = self._game().way(int(task.data["number"]))
        if way is None:
            return None
        left = iter(way)
        return lambda observation: next(left, "")

    def random(self, task: Task, rng: random.Random) -> Policy | None:
        return lambda observation: rng.choice(observation.actions)

    def stated_rules(self) -> Sequence[str]:
        """The best play of blackjack; none of the games that take a plan."""
        return self._game().rules

    def describe(self) -> dict[str, object]:
        """What can be done, and what ends the game."""
        game = self._game()
        return {"actions": ", ".join(game.actions), "won": game.goal}

    def _game(self) -> GymGame:
        if self._opened is None:
            from ace.environments.gym import grids, toys

            if self.game in TOYS:
                self._opened = toys.opened(self.game, self.size, slippery=self.slippery)
            elif found := grids.found(self.game):
                self._opened = grids.GridGame(*found)
            else:
                near = difflib.get_close_matches(grids.plain(self.game), (*TOYS, *grids.names()), n=1)
                wanted = f"it must be {', '.join(TOYS)}, or a game of MiniGrid or BabyAI, such as babyai-go-to-red-ball"
                raise BadSetting(f"game={self.game} is not known; {f'did you mean {near[0]}?' if near else wanted}")
        return self._opened


def _one_game(text: str) -> str:
    """The game that `text` names, a toy by its name here also where it has the package's. Raises `BadSetting` for several."""
    listed = parts_of(text)
    require_once(f"game={text}", listed)
    if len(listed) > 1:
        raise BadSetting(f"game={text} names {len(listed)} games; one game is played at a time, such as game={listed[0]}")
    name = listed[0] if listed else text
    toy, version, number = name.partition("-v")
    return IDS[toy] if version and number.isdecimal() and toy in IDS else name


def _task(start: Start | None, number: int, split: Split) -> Task | None:
    return Task(f"{start.name}-{number}", start.text, split, {"number": number}, kind=start.kind) if start else None


class GridScene:
    """One game under way. What is not an action is answered and changes nothing."""

    def __init__(self, game: GymGame, play: Play) -> None:
        self._game, self._play = game, play
        self.first = self._seen("")

    def act(self, action: str) -> Observation | Outcome:
        name = " ".join(action.split()).lower()
        if name not in self._game.actions:
            return self._seen(f"{NOT_AN_ACTION}\n\n")
        over = self._play.step(self._game.actions.index(name))
        if over is None:
            return self._seen("")
        return success(self._play.told) if over else failure(self._play.told)

    def close(self) -> None:
        self._play.close()

    def _seen(self, before: str) -> Observation:
        return Observation(before + self._play.text(), actions=self._game.actions)
