"""The process that makes and plays TextWorld's games. Nothing else imports TextWorld."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import textworld
import textworld.challenges
import textworld.gym
from textworld.generator import compile_game, make_game

from ace.environments.workers.errors import no_error
from ace.types import Observation, Outcome, failure, success

STATUS = re.compile(r"\n*>?[ \t]{8,}-=.*$", re.DOTALL)
"""The status line that the interpreter draws below what is told."""
ENDING = re.compile(r"\n*\s*Would you like to RESTART.*$", re.DOTALL)
PROMPT = re.compile(r"\s*>\s*$")
KEPT = 32
"""Games that are kept in memory."""
_TEMPLATES = re.compile(r"\[if [^\]]*\].*?\[end if\]|\[[^\]]*\]", re.DOTALL)
"""What a room's description has for the interpreter to fill in."""


class AdventurePlayer:
    """Plays games of one kind by number."""

    def __init__(self, game: str, level: int, rooms: int, objects: int, quest: int) -> None:
        self._game, self._level, self._sizes = game, level, (rooms, objects, quest)
        self._folder = tempfile.TemporaryDirectory(prefix="ace-textworld-")
        self._made = lru_cache(KEPT)(self._make)

    def told(self, number: int) -> dict[str, str] | None:
        """The task of a number: its text, and its kind, which is the verb of the quest's last step. `None` where a custom quest
        came out shorter than was asked for, so that chance would win it."""
        game = self._made(number)
        way = game.metadata.get("walkthrough") or []
        if not way or (self._game == "custom" and len(way) < self._sizes[2]):
            return None
        room = game.infos[game.world.player_room.id]
        kind = way[-1].split()[0] if self._game == "custom" else self._game
        begins = " ".join(_TEMPLATES.sub("", room.desc or "").split())
        return {"text": f"{game.objective.strip()}\n\n{begins}".strip(), "kind": kind}

    def way(self, number: int) -> list[str]:
        """The commands that win the game of a number."""
        return list(self._made(number).metadata["walkthrough"])

    def open(self, data: Mapping[str, Any], seed: int) -> Adventure:
        number = int(data["number"])
        file = Path(self._folder.name) / f"{number}.z8"
        if not file.exists():
            options = textworld.GameOptions()
            options.seeds, options.path, options.force_recompile = number, str(file), True
            compile_game(self._made(number), options)
        return Adventure(str(file))

    def _make(self, number: int) -> Any:
        options = textworld.GameOptions()
        options.seeds = number
        if self._game != "custom":
            _about, make, _options = textworld.challenges.CHALLENGES[f"tw-{self._game.replace('-', '_')}"]
            return make(self._challenge(number), options)
        options.nb_rooms, options.nb_objects, _quest = self._sizes
        options.quest_length = self._sizes[2]
        return make_game(options)

    def _challenge(self, number: int) -> dict[str, Any]:
        if self._game != "cooking":
            return {"level": self._level}
        cooking = {"recipe": self._level, "take": self._level, "go": 6, "open": True, "cook": True, "cut": True, "drop": False}
        return {**cooking, "recipe_seed": number, "split": None}


class Adventure:
    """One game under way."""

    def __init__(self, file: str) -> None:
        infos = textworld.EnvInfos(won=True, lost=True, admissible_commands=True, objective=True, description=True)
        self._env = textworld.start(file, infos)
        state = self._env.reset()
        self.first = Observation(f"{state['objective'].strip()}\n\n{_plain(state['description'])}", _commands(state))

    def act(self, action: str) -> Observation | Outcome:
        # The interpreter reads to the first null, and waits for ever where nothing is before it.
        command = " ".join("".join(c if c.isprintable() else " " for c in action).split()) or "wait"
        state, _score, _done = self._env.step(command[:500])
        text = _plain(state["feedback"])
        if state["won"]:
            return success(text)
        if state["lost"]:
            return failure(text)
        return Observation(text or "Nothing happens.", _commands(state))

    def close(self) -> None:
        self._env.close()


def _commands(state: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(c) for c in state["admissible_commands"] or ()))


def _plain(text: str) -> str:
    """What is told, without the greeting, the status line, and the question at the end."""
    for pattern in (STATUS, ENDING, PROMPT):
        text = pattern.sub("", text)
    return "\n".join(line.rstrip() for line in no_error(text).strip().splitlines())
