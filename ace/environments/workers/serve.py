"""The process that plays: `python -m ace.environments.workers.serve MODULE:CLASS PIPE FOLDER`, driven by `pool.py`.

The first line is the settings, each further one a request. It ends with its input, and then removes `FOLDER`, where its
temporary files are, because the process that started it is gone. The class is made with the settings, opens scenes and may
answer questions.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol

from ace.environments.contract import Scene
from ace.errors import AceError
from ace.redaction import redact_all
from ace.registry import fault_line
from ace.types import Observation, Outcome


class ScenePlayer(Protocol):
    """What plays: made with its settings. Its other public methods can be asked by name."""

    def open(self, data: Mapping[str, Any], seed: int) -> Scene: ...


class Serving:
    """One player, and the scene that is open."""

    def __init__(self, player: str, settings: Mapping[str, Any]) -> None:
        module, _, name = player.partition(":")
        self._player: ScenePlayer = getattr(import_module(module), name)(**settings)
        self._scene: Scene | None = None

    def answer(self, request: Mapping[str, Any]) -> Any:
        match request["do"]:
            case "open":
                self._close()
                self._scene = self._player.open(request["data"], request["seed"])
                return _told(self._scene.first)
            case "act":
                assert self._scene is not None, "no scene is open"
                return _told(self._scene.act(request["action"]))
            case "ask":
                return getattr(self._player, request["name"])(**request["data"])
            case _:
                return self._close()

    def _close(self) -> None:
        scene, self._scene = self._scene, None
        if scene is not None:
            scene.close()


def _told(seen: Observation | Outcome) -> dict[str, Any]:
    if isinstance(seen, Outcome):
        return {"verdict": seen.verdict.value, "score": seen.score, "feedback": seen.feedback, "reason": seen.reason}
    return {"text": seen.text, "actions": list(seen.actions), "answers": list(seen.answers)}


def main(player: str, pipe: int) -> None:
    """Answer requests until the input ends."""
    lines = iter(sys.stdin.readline, "")
    settings = json.loads(next(lines))
    serving: Serving | None = None
    for line in lines:
        try:
            serving = serving or Serving(player, settings)
            answer = {"value": serving.answer(json.loads(line))}
        # An error of the game is told to the asker; the process goes on.
        except Exception as error:  # noqa: BLE001
            answer = {"fault": redact_all(str(error)) if isinstance(error, AceError) else fault_line(error)}
        data = json.dumps(answer).encode() + b"\n"
        while data:
            data = data[os.write(pipe, data) :]


def _end_with(parent: int, folder: str) -> None:
    """End this process once `parent` is gone, in the middle of a game too."""
    while os.getppid() == parent:
        time.sleep(1)
    shutil.rmtree(folder, ignore_errors=True)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(os.getppid(), sys.argv[3]), daemon=True).start()
    try:
        main(sys.argv[1], int(sys.argv[2]))
    finally:
        shutil.rmtree(sys.argv[3], ignore_errors=True)
