"""MiniGrid and BabyAI in words: the mission, what is carried, and what is in view by where it is from the agent.

BabyAI's bot is the oracle: it plays a copy of the game, and what it played is told again. It fails in some games, which then
have none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import gymnasium
import minigrid  # noqa: F401 (registers its games)
from minigrid.core import mission
from minigrid.core.constants import IDX_TO_COLOR, IDX_TO_OBJECT
from minigrid.envs.babyai.core import roomgrid_level
from minigrid.utils.baby_ai_bot import BabyAIBot

from ace.environments.gym.games import Play, Start

FAMILIES = ("MiniGrid-", "BabyAI-")
ACTIONS = ("turn left", "turn right", "go forward", "pick up", "drop", "toggle", "done")
"""In the order of MiniGrid's numbers."""
FACING = ("east", "south", "west", "north")
DOORS = ("open", "closed", "locked")
NOT_TOLD = ("unseen", "empty", "floor", "agent", "wall")
MANY = 20
"""Things in view that are told."""
VERBS = ("go to", "pick up", "open", "put", "get", "find", "use", "reach", "avoid", "traverse", "fetch")

for _telling in (roomgrid_level, mission):
    # They print what they drew and threw away. Standard output is the whole process's: to redirect it for a while, in two
    # threads at once, would lose it for good.
    setattr(_telling, "print", lambda *_, **__: None)  # noqa: B010


@cache
def names() -> dict[str, str]:
    """The games there are: their ids by the names they have here, `BabyAI-GoToRedBall-v0` by `babyai-go-to-red-ball`, and the
    latest version of each."""
    return {plain(id): id for id in sorted(gymnasium.registry) if id.startswith(FAMILIES)}


def found(text: str) -> tuple[str, str] | None:
    """The name and the id of the game that `text` means: a name here, or an id of the package with its version."""
    if text.startswith(FAMILIES) and text in gymnasium.registry:
        return plain(text), text
    return (text, names()[text]) if text in names() else None


def plain(id: str) -> str:
    """The name here of the game with that id."""
    bare = re.sub(r"-v\d+$", "", id).replace("BabyAI", "Babyai").replace("MiniGrid", "Minigrid")
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", bare)
    return re.sub("-+", "-", words).lower()


class GridGame:
    """One game by its id; a start position is what its seed draws."""

    actions = ACTIONS
    goal = "do what the mission says"
    rules = ()

    def __init__(self, name: str, id: str) -> None:
        self._name, self._id = name, id

    def start(self, number: int) -> Start | None:
        play = GridPlay(self._id, number)
        play.close()
        return Start(self._name, play.text(), _kind(play.mission))

    def play(self, number: int, seed: int) -> Play:
        return GridPlay(self._id, number)

    def way(self, number: int) -> Sequence[str] | None:
        """What the bot plays; `None` where there is no bot for the game, or where it fails."""
        if not self._id.startswith("BabyAI-"):
            return None
        play, actions, action = GridPlay(self._id, number), list[int](), None
        try:
            bot = BabyAIBot(play.env.unwrapped)
            while True:
                action = int(bot.replan(action))
                actions.append(action)
                won = play.step(action)
                if won is not None:
                    return [ACTIONS[a] for a in actions] if won else None
        # The bot does not know every game, and raises errors of many classes there.
        except Exception:  # noqa: BLE001
            return None
        finally:
            play.close()


class GridPlay:
    def __init__(self, id: str, number: int) -> None:
        self.env: Any = gymnasium.make(id)
        self._seen, _info = self.env.reset(seed=number)
        self.mission, self.told = str(self._seen["mission"]), ""

    def text(self) -> str:
        carried = self.env.unwrapped.carrying
        held = f"a {carried.color} {carried.type}" if carried else "nothing"
        lines = [f"mission: {self.mission}", f"you face: {FACING[int(self._seen['direction'])]}", f"you carry: {held}"]
        return "\n".join([*lines, *_view(self._seen["image"])])

    def step(self, action: int) -> bool | None:
        self._seen, reward, ended, truncated, _info = self.env.step(action)
        if not (ended or truncated):
            return None
        self.told = "The time is up." if truncated and reward <= 0 else ""
        return bool(reward > 0)

    def close(self) -> None:
        self.env.close()


def _view(image: Any) -> list[str]:
    """What is in view, the nearest first. The agent stands in the middle of the lower edge and looks up."""
    width, height = image.shape[0], image.shape[1]
    things = []
    for i in range(width):
        for j in range(height):
            kind, color, state = (int(v) for v in image[i, j])
            name, side, ahead = IDX_TO_OBJECT[kind], i - width // 2, height - 1 - j
            if name in NOT_TOLD or not (side or ahead):
                continue
            door = f"{DOORS[state]} " if name == "door" else ""
            things.append((abs(side) + ahead, f"a {door}{IDX_TO_COLOR[color]} {name}: {_where(side, ahead)}"))
    told = [text for _distance, text in sorted(things)[:MANY]]
    return [f"wall ahead: {_wall(image)}", *(told or ["nothing else is in view"])]


def _where(side: int, ahead: int) -> str:
    parts = [f"{ahead} ahead"] if ahead else []
    parts += [f"{abs(side)} {'right' if side > 0 else 'left'}"] if side else []
    return ", ".join(parts)


def _wall(image: Any) -> str:
    middle, height = image.shape[0] // 2, image.shape[1]
    for ahead in range(1, height):
        if IDX_TO_OBJECT[int(image[middle, height - 1 - ahead, 0])] == "wall":
            return f"after {ahead - 1} free cells" if ahead > 1 else "at once"
    return "none in view"


def _kind(mission: str) -> str:
    """The mission's verb, which is what sort of task it is."""
    return next(
        (v for v in VERBS if mission.lower().startswith(v)), mission.split(" ", maxsplit=1)[0].lower()[:40] or "mission"
    )
