"""The process that plays households with ALFWorld's own domain and grammar. Nothing else imports ALFWorld or TextWorld."""

from __future__ import annotations

import importlib.util
import json
import tempfile
from collections.abc import Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

import fast_downward
import textworld
from textworld.core import Wrapper

from ace.environments.alfworld.household import household
from ace.environments.alfworld.pddl import name_of, problem
from ace.types import Observation, Outcome, success

WELCOME = "-= Welcome to TextWorld, ALFRED! =-"
KEPT = 16
"""Translations that are kept, two for each household."""
# A household is translated for the planner when it is loaded, and again when it is begun, which is most of the time that it
# takes to open one. What comes of it is only read.
fast_downward.pddl2sas = lru_cache(KEPT)(fast_downward.pddl2sas)
# Each game would load a copy of the planner, about 2 MB that stay. A process plays one game at a time.
fast_downward.load_lib = cache(fast_downward.load_lib)


class Named(Wrapper):  # type: ignore[misc]
    """Gives entities the names that the player reads."""

    def load(self, *args: Any, **kwargs: Any) -> None:
        super().load(*args, **kwargs)
        for info in self._entity_infos.values():
            info.name = name_of(info.id)


class HouseholdPlayer:
    """Plays households of one world by number."""

    def __init__(self, world: int) -> None:
        self._world = world
        self._folder = tempfile.TemporaryDirectory(prefix="ace-alfworld-")

    @cached_property
    def _data(self) -> tuple[str, str]:
        found = importlib.util.find_spec("alfworld")
        assert found is not None, "alfworld is installed"
        assert found.submodule_search_locations, "alfworld is a package"
        folder = Path(next(iter(found.submodule_search_locations))) / "data"
        return (folder / "alfred.pddl").read_text(), (folder / "alfred.twl2").read_text()

    def open(self, data: Mapping[str, Any], seed: int) -> Playing:
        domain, grammar = self._data
        home = household(self._world, int(data["number"]))
        game = {"pddl_domain": domain, "grammar": grammar.replace("UNKNOWN GOAL", home.goal), "pddl_problem": problem(home)}
        file = Path(self._folder.name) / "game.tw-pddl"
        file.write_text(json.dumps(game))
        return Playing(str(file))


class Playing:
    """One household under way."""

    def __init__(self, file: str) -> None:
        infos = textworld.EnvInfos(won=True, admissible_commands=True, feedback=True)
        self._env = textworld.start(file, infos, wrappers=[Named])
        state = self._env.reset()
        self._over = False
        self.first = Observation(state["feedback"].replace(WELCOME, "").strip(), _commands(state))

    def act(self, action: str) -> Observation | Outcome:
        if self._over:
            return Observation("The task is done.")
        state, _score, _done = self._env.step(" ".join(action.split())[:300] or "look")
        if state["won"]:
            self._over = True
            return success(state["feedback"].strip())
        return Observation(state["feedback"].strip(), _commands(state))

    def close(self) -> None:
        self._env.close()


def _commands(state: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(c) for c in state["admissible_commands"] or () if c != "help"))
