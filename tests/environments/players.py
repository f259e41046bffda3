"""A game for the pool of processes, which can be told to misbehave."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Mapping
from typing import Any

from ace.types import Observation, Outcome, failure, success


class Player:
    def __init__(self, *, broken: bool = False) -> None:
        if broken:
            raise ValueError("cannot be made")
        self._opened = 0

    def number(self, of: int) -> int:
        return of + 1

    def process(self) -> int:
        return os.getpid()

    def kept(self) -> str:
        """A temporary file beside one where the process works, neither of which the game removes."""
        handle, name = tempfile.mkstemp(prefix="kept-")
        os.close(handle)
        with open("saved", "x", encoding="utf-8") as file:
            file.write(name)
        return os.path.abspath("saved") if os.path.dirname(name) == os.getcwd() else ""

    def open(self, data: Mapping[str, Any], seed: int) -> Counting:
        self._opened += 1
        time.sleep(float(data.get("opens", 0)))
        return Counting(data, seed)


class Counting:
    """Wins at the third action; other actions misbehave."""

    def __init__(self, data: Mapping[str, Any], seed: int) -> None:
        self._said = 0
        self.first = Observation(f"{data['name']} {seed}", actions=("on",))

    def act(self, action: str) -> Observation | Outcome:
        if action == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if action == "leave":
            os._exit(3)
        if action == "stall":
            time.sleep(60)
        if action == "raise":
            raise RuntimeError("a fault of the game\nwith a second line")
        if action == "print":
            print("noise\n" * 10_000)  # noqa: T201
        if action == "long":
            return Observation("x" * 300_000)
        if action == "lose":
            return failure("lost", 0.25)
        self._said += 1
        return success() if self._said == 3 else Observation(f"{self._said}", actions=("on",))

    def close(self) -> None:
        pass
