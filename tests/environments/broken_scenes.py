"""Environments whose scenes do not repeat, do not stay apart, raise, give the wrong thing, or never answer."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from typing import Any

from ace.environments.contract import Limits, Policy, Scene
from ace.types import Observation, Outcome, Split, Task, failure, invalid, success
from tests.environments.sound import COLOURS, FOR_EVER, Box, Sound


class Chance(Sound):
    """What is seen is drawn from a source that no seed fixes."""

    def __init__(self) -> None:
        self.rng = random.Random(0)

    class scene(Box):
        def looked(self) -> Any:
            return Observation(f"It is {self.right}. The lid weighs {self.environment.rng.random():.3f}.", (), COLOURS)


class ChanceVerdict(Sound):
    def __init__(self) -> None:
        self.rng = random.Random(0)

    class scene(Box):
        def judge(self, action: str) -> Outcome:
            return success() if action == self.right and self.environment.rng.random() < 0.9 else failure()


class Remembers(Sound):
    """A task that was opened before looks different."""

    def __init__(self) -> None:
        self.opened: set[str] = set()

    def open(self, task: Task, seed: int) -> Scene:
        scene = Marked(self, task, seed)
        scene.mark = "again" if task.id in self.opened else "new"
        self.opened.add(task.id)
        return scene


class Marked(Box):
    mark = ""

    def looked(self) -> Any:
        return Observation(f"It is {self.right}. ({self.mark})", (), COLOURS)


class LeftBehind(Sound):
    """A scene shows what the last scene of another task left."""

    last = ("", "")

    def open(self, task: Task, seed: int) -> Scene:
        scene = Marked(self, task, seed)
        if self.last[0] != task.id:
            self.last = (task.id, self.last[0])
        scene.mark = f"after {self.last[1]}"
        return scene


class LastOpened(Sound):
    """A scene shows whether the one before it was of another task."""

    last = ""

    def open(self, task: Task, seed: int) -> Scene:
        scene = Marked(self, task, seed)
        scene.mark = "same" if self.last == task.id else "other"
        self.last = task.id
        return scene


class OneLid(Sound):
    """Boxes of one number share a lid, which one split leaves open for the next scene of another."""

    last = ""

    def open(self, task: Task, seed: int) -> Scene:
        scene = Marked(self, task, seed)
        scene.mark = "open" if task.split == "train" and self.last == task.id.replace("train", "val") else "shut"
        self.last = task.id
        return scene


class OneAtATime(Sound):
    """The task that is judged is the one that was opened last."""

    def open(self, task: Task, seed: int) -> Scene:
        self.task = task
        return super().open(task, seed)

    class scene(Box):
        def judge(self, action: str) -> Outcome:
            return success() if action == self.environment.task.data["colour"] else failure()


class OneState(Sound):
    """Two scenes of one task share what was done in either."""

    def __init__(self) -> None:
        self.looks: dict[str, int] = {}

    def open(self, task: Task, seed: int) -> Scene:
        self.looks[task.id] = 0
        return super().open(task, seed)

    class scene(Box):
        def looked(self) -> Any:
            self.environment.looks[self.task.id] += 1
            return Observation(f"Look {self.environment.looks[self.task.id]}: it is {self.right}.", (), COLOURS)


class OneThread(Sound):
    """A scene is bound to the thread that opened it, as a connection to SQLite is."""

    instant = False

    class scene(Box):
        def __init__(self, environment: Any, task: Task, seed: int) -> None:
            super().__init__(environment, task, seed)
            self.thread = threading.get_ident()

        def act(self, action: str) -> Any:
            if threading.get_ident() != self.thread:
                raise RuntimeError("used in another thread than the one it was made in")
            return super().act(action)


class CloseRaises(Sound):
    class scene(Box):
        def close(self) -> None:
            raise OSError("already gone")


class CloseNeedsAnAction(Sound):
    class scene(Box):
        acted = False

        def act(self, action: str) -> Any:
            self.acted = True
            return super().act(action)

        def close(self) -> None:
            if not self.acted:
                raise RuntimeError("nothing to close")


class WinsAfterTheEnd(Sound):
    """Once lost, anything wins."""

    class scene(Box):
        def act(self, action: str) -> Any:
            if self.over:
                return success()
            came = super().act(action)
            self.over = isinstance(came, Outcome)
            return came


class ListedRaises(Sound):
    class scene(Box):
        def judge(self, action: str) -> Outcome:
            if action == "blue":
                raise ZeroDivisionError("division by zero")
            return super().judge(action)  # type: ignore[no-any-return]


class OpenRaises(Sound):
    def open(self, task: Task, seed: int) -> Scene:
        raise ConnectionError("the server is down")


class ListedIsInvalid(Sound):
    class scene(Box):
        def judge(self, action: str) -> Outcome:
            return invalid("the judge crashed")


class BareVerdict(Sound):
    class scene(Box):
        def judge(self, action: str) -> Any:
            return action == self.right


class BareText(Sound):
    class scene(Box):
        @property
        def first(self) -> Any:
            return self.task.text


class ListOfAnswers(Sound):
    class scene(Box):
        def looked(self) -> Any:
            return Observation("It is open.", (), list(COLOURS))  # type: ignore[arg-type]


class ScoreInPercent(Sound):
    class scene(Box):
        def judge(self, action: str) -> Any:
            return success(score=100.0) if action == self.right else failure(score=0.0)


def wait(seconds: float = FOR_EVER) -> None:
    threading.Event().wait(seconds)


class Hurried(Sound):
    limits = Limits(steps=20, seconds=0.2)


class ActHangs(Hurried):
    class scene(Box):
        def looked(self) -> Any:
            wait()


class OneTaskHangs(Hurried):
    def open(self, task: Task, seed: int) -> Scene:
        if task.id == "train-4":
            wait()
        return super().open(task, seed)


class JunkHangs(Hurried):
    class scene(Box):
        def other(self, action: str) -> Outcome:
            if len(action) > 1000:
                wait()
            return failure()


class ListingHangs(Hurried):
    def tasks(self, split: Split) -> Iterator[Task]:
        yield from super().tasks(split)
        wait()


class OracleHangs(Hurried):
    def oracle(self, task: Task) -> Policy | None:
        wait()
        return None


class ClosingHangs(Hurried):
    class scene(Box):
        def close(self) -> None:
            wait()
