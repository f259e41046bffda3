"""`textworld-express`: eight text games that are drawn by number, played in processes of their own, each with its Java.

A task is a game and a seed of its fold (train, dev, test are train, val, test), and stands in its split only where its text
belongs there, so that no text stands in two. Games whose way is longer than an attempt may be are not asked.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from ace.environments.accepted import MOST_STEPS, names_among, require_within
from ace.environments.contract import Environment, Limits, Policy, Scene
from ace.environments.generated import numbered
from ace.environments.splitting import split_by_content
from ace.environments.workers.errors import no_error
from ace.environments.workers.java import JavaLibrary
from ace.environments.workers.pool import WorkerFault, WorkerPool, longest
from ace.errors import BadSetting
from ace.options import require_once
from ace.types import Observation, Outcome, Split, Task, failure, success

OFFERS = {"textworld-express": "TextWorldExpress"}
HELP = {
    "textworld-express": "Eight text games generated from a number: cooking, tidying, coins, maps, sums, sorting, and others."
}
NEEDS = {"extra": "textworld-express", "modules": "textworld_express py4j", "java": "17"}

GAMES = ("cookingworld", "twc", "coin", "mapreader", "arithmetic", "sorting", "simonsays", "peckingorder")
FOLDS: Mapping[Split, tuple[str, int]] = {"train": ("train", 0), "val": ("dev", 10_000), "test": ("test", 20_000)}
"""The fold of a split, and the first of its seeds."""
SEEDS = 1_000
SHARES = (40, 30, 30)
"""Percent of the texts. Each split has seeds of its own, so what is left out is left out to keep texts apart alone."""
SURE_STEPS = 40
"""No way is longer in the games as they are, but for cookingworld's."""
TRIES = 5
"""How often a way is asked for that is short enough: those of coin and twc are drawn anew each time."""
SECONDS = 60.0
JAVA = "-Xmx256m -XX:TieredStopAtLevel=1"
"""Enough memory for any of the games; quick to start."""
_FORM = "numLocations=5,includeDoors=0"
_NUMBER = re.compile(r"\s*-?[0-9]{1,9}\s*")
NOT_AN_ACTION = "That is none of the actions."


class TextWorldExpress(Environment):
    """Text games of TextWorldExpress: read what is around, name one of the listed actions, until the game is won or lost."""

    name: ClassVar[str] = "textworld-express"

    def __init__(
        self,
        *,
        game: Annotated[str, "all, a game or several with commas: " + ", ".join(GAMES)] = "all",
        params: Annotated[str, "settings of the one game that is named, such as numLocations=5,includeDoors=0"] = "",
        steps: Annotated[int, "actions after which an attempt is lost"] = 50,
    ) -> None:
        self.games = names_among(GAMES, game=game)
        if params and len(self.games) > 1:
            raise BadSetting("params are for one game; name it with game, such as game=coin")
        _require_numbers(params)
        require_within(1, MOST_STEPS, steps=steps)
        self.params, self.limits = params, Limits(steps=steps, seconds=longest(SECONDS) + 30)
        self.instructions = self.limits.told()
        if steps < SURE_STEPS and {"coin", "twc"} & set(self.games):
            self.cautions = (f"some games of coin and twc take up to {SURE_STEPS} actions, and steps={steps}",)
        self._pool = WorkerPool("ace.environments.textworld_express:ExpressPlayer", {"params": params}, SECONDS)

    def tasks(self, split: Split) -> Iterable[Task]:
        """The games by turns, each text once. Raises `BadSetting` where the game does not take `params`."""
        if self.params:
            self._require_params()
        return numbered(self._task, split, SHARES)

    def open(self, task: Task, seed: int) -> Scene:
        return self._pool.scene(task.data, seed)

    def oracle(self, task: Task) -> Policy | None:
        """Plays the game's own way to win."""
        way: list[str] = []
        for _ in range(TRIES):
            way = self._pool.ask("way", **task.data)
            if len(way) <= self.limits.steps:
                break
        left = iter(way)
        # Some ways hold an action too many that the game does not list at that time, and that changes nothing.
        return lambda observation: next((action for action in left if action in observation.actions), "")

    def random(self, task: Task, rng: random.Random) -> Policy | None:
        return lambda observation: rng.choice(observation.actions)

    def describe(self) -> dict[str, object]:
        """The games, and what ends an attempt."""
        return {"games": ", ".join(self.games), "won": "the game says that its task is done"}

    def _task(self, number: int, split: Split) -> Task | None:
        turn, which = divmod(number, len(self.games))
        if turn >= SEEDS:
            return None
        game, (fold, first) = self.games[which], FOLDS[split]
        data = {"game": game, "fold": fold, "number": first + turn}
        text = self._pool.ask("told", **data)
        # Looked at here before the way is, which is the long part.
        if split_by_content(text, SHARES) != split:
            return None
        if game == "cookingworld" and len(self._pool.ask("way", **data)) > self.limits.steps:
            return None
        return Task(f"{game}-{first + turn}", text, split, data, kind=game)

    def _require_params(self) -> None:
        try:
            self._pool.ask("told", game=self.games[0], fold="train", number=0)
        except WorkerFault as fault:
            raise BadSetting(f"params={self.params} is not taken by {self.games[0]}: {fault}") from None


def _require_numbers(params: str) -> None:
    """Raise `BadSetting` for what is not settings of a game with whole numbers: the library reads it as no game at all."""
    parts = params.split(",") if params else []
    for part in parts:
        name, given, value = part.partition("=")
        if not given or not name.strip().isidentifier():
            raise BadSetting(f"params={params} cannot be read; write {_FORM}")
        if not _NUMBER.fullmatch(value):
            said = f"is {value!r}" if value.strip() else "has no value"
            raise BadSetting(f"params={params}: {name.strip()} {said}; it must be a whole number, as in {_FORM}")
    require_once(f"params={params}", [part.partition("=")[0].strip() for part in parts])


class ExpressPlayer:
    """Plays in the pool's process."""

    def __init__(self, *, params: str) -> None:
        self._params, self._java = params, JavaLibrary(_started, JAVA)

    def told(self, game: str, fold: str, number: int) -> str:
        """What is told of a game when it begins."""
        return _text(self._begun(game, fold, number)[1])

    def way(self, game: str, fold: str, number: int) -> list[str]:
        """Actions that win it."""
        library, _told = self._begun(game, fold, number, way=True)
        return [no_error(str(action)) for action in library.getGoldActionSequence()]

    def open(self, data: Mapping[str, Any], seed: int) -> Scene:
        return ExpressScene(*self._begun(**data))

    def _begun(self, game: str, fold: str, number: int, *, way: bool = False) -> tuple[Any, Mapping[str, Any]]:
        library = self._java.library
        try:
            seen = library.reset(seed=number, gameFold=fold, gameName=game, gameParams=self._params, generateGoldPath=way)
        # Raised for `params` alone.
        except ValueError as error:
            raise BadSetting(" ".join(str(error).split())) from None
        return library, seen[1]


class ExpressScene:
    """One game under way. What is not an action is answered and changes nothing."""

    def __init__(self, library: Any, told: Mapping[str, Any]) -> None:
        self._library, self._last = library, _text(told)
        self._actions = _actions(told)
        self.first = Observation(self._last, actions=self._actions)

    def act(self, action: str) -> Observation | Outcome:
        meant = " ".join(action.split()).lower()
        name = next((a for a in self._actions if a.lower() == meant), None)
        if name is None:
            return Observation(f"{NOT_AN_ACTION}\n\n{self._last}", actions=self._actions)
        _text, _reward, _done, told = self._library.step(name)
        text = _lines(told["observation"])
        if told["tasksuccess"]:
            return success(text, 1.0)
        if told["taskfailure"]:
            return failure(text, min(1.0, max(0.0, float(told["score"]))))
        self._last, self._actions = text, _actions(told)
        return Observation(text, actions=self._actions)

    def close(self) -> None:
        """The next reset takes its place."""


def _started() -> Any:
    from textworld_express import TextWorldExpressEnv

    # Its own bound on steps is put out of the way; ace has one.
    found = TextWorldExpressEnv(envStepLimit=10_000)
    # A file for something that is not asked here, and would be left behind where the process is killed.
    vars(found)["_obj_tree_tempfile"].close()
    return found


def _text(told: Mapping[str, Any]) -> str:
    return f"{_lines(told['taskDescription'])}\n\n{_lines(told['observation'])}"


def _lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in no_error(str(text)).strip().splitlines())


def _actions(told: Mapping[str, Any]) -> tuple[str, ...]:
    """In an order of their own: the library's is by chance."""
    return tuple(sorted(set(told["validActions"])))
