"""Processes that play: started when one is needed, used again, replaced when they die, grow old or do not answer.

Messages are JSON, one a line. The answers come on a pipe of their own, so what a game prints goes nowhere. A process works in a
folder of its own, for temporary files and what a game saves; it is removed with it, because what is killed cannot tidy up.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ace.redaction import VARIABLE
from ace.types import Observation, Outcome, Verdict

LIVES = 100
"""Scenes that a process plays before it is replaced, so that what a game leaks is bounded."""
IDLE = 16
"""Processes that are kept for the next scene."""
OPENING = 240.0
"""Seconds more than an action that a process has to start and to open a scene: on a busy machine many do at once."""
LONGEST = 64 * 2**20
"""Bytes of one answer."""
_CHUNK = 1 << 16


def longest(seconds: float) -> float:
    """The most that a process takes for any answer, where one to an action takes at most `seconds`."""
    return seconds + OPENING


class WorkerFault(RuntimeError):
    """The process died, stalled, or says that the game failed: nothing that the agent did."""


class Worker:
    """One process that plays `player` (`module:Class`) with `settings`."""

    def __init__(self, player: str, settings: Mapping[str, Any]) -> None:
        reading, writing = os.pipe()
        folder = tempfile.mkdtemp(prefix="ace-game-")
        words = [sys.executable, "-P", "-m", "ace.environments.workers.serve", player, str(writing), folder]
        try:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(writing,),
                cwd=folder,
                env=_environment(folder),
                # A terminal's interrupt is for this process, which lets attempts under way come to their end.
                process_group=0,
            )
        except BaseException:
            os.close(reading)
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            os.close(writing)
        self._answers, self._rest, self.lives = reading, b"", LIVES
        self._end = weakref.finalize(self, _ended, self._process, reading, folder)
        self._settings = json.dumps(dict(settings))
        self._begun = False

    def ask(self, message: Mapping[str, Any], seconds: float) -> Any:
        """What it answers to `message`, within `seconds`. Raises `WorkerFault`, after which the process is gone where it was at
        fault itself."""
        deadline = time.monotonic() + seconds
        if not self._begun:
            self._write(self._settings)
            self._begun = True
        self._write(json.dumps(dict(message)))
        answer = json.loads(self._line(deadline, seconds))
        if "fault" in answer:
            raise WorkerFault(answer["fault"])
        return answer["value"]

    @property
    def alive(self) -> bool:
        return self._end.alive and self._process.poll() is None

    def end(self) -> None:
        """Kill it."""
        self._end()

    def _write(self, text: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(text.encode() + b"\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            raise self._died() from None

    def _line(self, deadline: float, seconds: float) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    self.end()
                    raise WorkerFault(f"the game's process did not answer within {seconds:g} seconds and was ended")
                more = os.read(self._answers, _CHUNK)
                if not more:
                    raise self._died()
                self._rest += more
                if len(self._rest) > LONGEST:
                    self.end()
                    raise WorkerFault(f"the game's process answered more than {LONGEST >> 20} MiB and was ended")
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _died(self) -> WorkerFault:
        try:
            status = self._process.wait(2)
        except subprocess.TimeoutExpired:
            status = 0
        self.end()
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        return WorkerFault(f"the game's process ended {how}")


def _environment(folder: str) -> dict[str, str]:
    """This process's variables without keys, since a game needs none, and `folder` for temporary files."""
    return {
        **{k: v for k, v in os.environ.items() if not VARIABLE.search(k)},
        "TMPDIR": folder,
        "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in sys.path if path),
    }


def _ended(process: subprocess.Popen[bytes], answers: int, folder: str) -> None:
    # Once it was waited for, its number may stand for another process.
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
    os.close(answers)
    shutil.rmtree(folder, ignore_errors=True)


class WorkerPool:
    """Processes that play `player` with `settings`. The answer to an action takes at most `seconds`, any other `longest` of it.
    Any number of threads may use it."""

    def __init__(self, player: str, settings: Mapping[str, Any], seconds: float) -> None:
        self._player, self._settings, self._seconds, self._longest = player, dict(settings), seconds, longest(seconds)
        self._guard, self._idle = threading.Lock(), list[Worker]()

    def ask(self, name: str, **data: Any) -> Any:
        """What the player's method `name` gives for `data`. Raises `WorkerFault`."""
        worker = self._taken()
        try:
            return worker.ask({"do": "ask", "name": name, "data": data}, self._longest)
        finally:
            self.give_back(worker)

    def scene(self, data: Mapping[str, Any], seed: int) -> WorkerScene:
        """A scene in a process of its own. Raises `WorkerFault`."""
        worker = self._taken()
        worker.lives -= 1
        try:
            first = worker.ask({"do": "open", "data": dict(data), "seed": seed}, self._longest)
        except BaseException:
            self.give_back(worker)
            raise
        return WorkerScene(self, worker, seen(first), self._seconds)

    def give_back(self, worker: Worker) -> None:
        """Keep a process for the next scene, or end it where it is old, gone, or one too many."""
        with self._guard:
            if worker.alive and worker.lives > 0 and len(self._idle) < IDLE:
                self._idle.append(worker)
                return
        worker.end()

    def _taken(self) -> Worker:
        with self._guard:
            while self._idle:
                worker = self._idle.pop()
                if worker.alive:
                    return worker
                worker.end()
        return Worker(self._player, self._settings)


class WorkerScene:
    """A scene that is played in a process."""

    def __init__(self, pool: WorkerPool, worker: Worker, first: Observation | Outcome, seconds: float) -> None:
        if isinstance(first, Outcome):
            pool.give_back(worker)
            raise WorkerFault("the game was over before any action")
        self._pool, self._worker, self._seconds, self.first = pool, worker, seconds, first

    def act(self, action: str) -> Observation | Outcome:
        return seen(self._worker.ask({"do": "act", "action": action}, self._seconds))

    def close(self) -> None:
        try:
            if self._worker.alive:
                self._worker.ask({"do": "close"}, self._seconds)
        except WorkerFault:
            self._worker.end()
        self._pool.give_back(self._worker)


def seen(answer: Mapping[str, Any]) -> Observation | Outcome:
    """The observation or the outcome that an answer stands for."""
    if "verdict" in answer:
        return Outcome(Verdict(answer["verdict"]), answer["score"], answer["feedback"], answer["reason"])
    return Observation(answer["text"], tuple(answer["actions"]), tuple(answer["answers"]))
