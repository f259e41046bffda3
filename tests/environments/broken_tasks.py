"""Environments whose tasks, limits or policies are at fault."""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ace.environments.contract import Limits, Policy
from ace.types import Observation, Outcome, Split, Task, failure, success
from tests.environments.sound import COLOURS, LOOK, Box, Sound, box


class SharedTask(Sound):
    def tasks(self, split: Split) -> Iterable[Task]:
        shared = box("train", 5)
        return (
            [*super().tasks(split), Task(f"{split}-5b", shared.text, split, shared.data)]
            if split != "train"
            else super().tasks(split)
        )


class SeedArithmetic(Sound):
    """Test tasks are drawn by the seeds of training tasks, from the 1,000th on."""

    def tasks(self, split: Split) -> Iterator[Task]:
        for number in itertools.count({"train": 0, "val": 1_000_000, "test": 1_000}[split]):
            drawn = box("train", number)
            yield Task(f"{split}-{number}", drawn.text, split, drawn.data)


class SameIds(Sound):
    def tasks(self, split: Split) -> Iterable[Task]:
        return [Task(task.id.split("-")[1], task.text, split, task.data) for task in super().tasks(split)]


class SameTaskTwice(Sound):
    def tasks(self, split: Split) -> Iterable[Task]:
        first = box(split, 0)
        return [*super().tasks(split), Task(f"{split}-again", first.text, split, first.data)]


class NothingHeldOut(Sound):
    def tasks(self, split: Split) -> Iterable[Task]:
        return super().tasks(split) if split != "test" else ()


class OtherOrder(Sound):
    """Shuffled by chance that is drawn anew."""

    def __init__(self) -> None:
        self.rng = random.Random(0)

    def tasks(self, split: Split) -> Iterable[Task]:
        tasks = list(super().tasks(split))
        self.rng.shuffle(tasks)
        return tasks


class OnePass(Sound):
    def __init__(self) -> None:
        self.streams = {split: iter([box(split, number) for number in range(12)]) for split in ("train", "val", "test")}

    def tasks(self, split: Split) -> Iterable[Task]:
        return self.streams[split]


class OtherContent(Sound):
    """The same ids, with data that changes from call to call."""

    def __init__(self) -> None:
        self.calls = itertools.count()

    def tasks(self, split: Split) -> Iterable[Task]:
        call = next(self.calls)
        return [box(split, number, call=call) for number in range(12)]


class BlankText(Sound):
    def tasks(self, split: Split) -> Iterable[Task]:
        return [Task(t.id, " " if t.id == "val-3" else t.text, split, t.data) for t in super().tasks(split)]


class KindOfTwoLines(Sound):
    def tasks(self, split: Split) -> Iterable[Task]:
        return [replace(t, kind="one\ntwo" if t.id == "val-3" else "one") for t in super().tasks(split)]


class KindThatIsAnEssay(Sound):
    def tasks(self, split: Split) -> Iterable[Task]:
        return [replace(t, kind="k" * (101 if t.id == "val-3" else 100)) for t in super().tasks(split)]


class KindThatIsANumber(Sound):
    def tasks(self, split: Split) -> Iterable[Any]:
        return [replace(t, kind=3 if t.id == "val-3" else "") for t in super().tasks(split)]


class OriginOfAPerson(Sound):
    def tasks(self, split: Split) -> Iterable[Task]:
        return [replace(t, origin="Person" if t.id == "val-3" else "alice") for t in super().tasks(split)]


class OriginOfTwoLines(Sound):
    def tasks(self, split: Split) -> Iterable[Task]:
        return [replace(t, origin="a\nb" if t.id == "val-3" else "") for t in super().tasks(split)]


class OtherSplit(Sound):
    def tasks(self, split: Split) -> Iterable[Task]:
        return [*super().tasks(split), box("train", 99)] if split == "test" else super().tasks(split)


class DictsForTasks(Sound):
    def tasks(self, split: Split) -> Iterable[Any]:
        return [{"prompt": "Box 1"}] if split == "val" else super().tasks(split)


class ListingRaises(Sound):
    def tasks(self, split: Split) -> Iterable[Task]:
        if split == "val":
            raise FileNotFoundError("val.jsonl")
        return super().tasks(split)


class NoStepLimit(Sound):
    limits = Limits(steps=sys.maxsize)


class NoClock(Sound):
    limits = Limits(seconds=float("inf"))


class TooFewSteps(Sound):
    limits = Limits(steps=1)


class OracleFails(Sound):
    """The gold answer of one task is wrong."""

    def oracle(self, task: Task) -> Policy | None:
        right = super().oracle(task)
        return right if task.id != "test-2" else lambda seen: next(c for c in COLOURS if c != task.data["colour"])


class OracleRaises(Sound):
    def oracle(self, task: Task) -> Policy | None:
        raise KeyError(task.id)


class OracleSaysNothing(Sound):
    def oracle(self, task: Task) -> Any:
        return lambda seen: None


class OracleWithoutEnd(Sound):
    class scene(Box):
        def looked(self) -> Any:
            return Observation(f"It is {self.right}.", (LOOK,), COLOURS)

    def oracle(self, task: Task) -> Policy | None:
        return lambda seen: LOOK


class NoisyBySeed(Sound):
    class scene(Box):
        def judge(self, action: str) -> Outcome:
            return failure() if self.seed % 4 == 0 else success() if action == self.right else failure()


class EveryAnswerWins(Sound):
    class scene(Box):
        def judge(self, action: str) -> Outcome:
            return success()


class NothingWins(Sound):
    class scene(Box):
        def other(self, action: str) -> Outcome:
            return success() if action == "" else failure()


class NothingWinsAtTheEnd(Sound):
    """A vigil: whoever does nothing long enough has won."""

    def nothing(self, task: Task) -> Policy:
        return lambda seen: "wait"

    class scene(Box):
        waited = 0

        def other(self, action: str) -> Observation | Outcome:
            self.waited += action == "wait"
            if self.waited == 15:
                return success()
            return self.first if action == "wait" else failure()


class SpacesWin(Sound):
    """The usual slip: what is left of spaces is part of every answer."""

    class scene(Box):
        def other(self, action: str) -> Outcome:
            return success() if action and action.strip() == "" else failure()


class NothingRaises(Sound):
    def nothing(self, task: Task) -> Policy:
        raise NotImplementedError
