"""The environments that `bench_environments.py` measures, each with how it is opened and what may be expected of it.

One that takes what is not installed here is refused when it is opened, in a line that names the command; `make test-env
NAME=x` installs it beside the locked environment, and `.venv-x/bin/python benchmarks/bench_environments.py x` measures it.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from common import ROOT, data

from ace.environments.contract import Environment, Policy, Scene
from ace.environments.needs import require_needs
from ace.environments.registry import open_environment
from ace.types import SPLITS, Observation, Outcome, Split, Task, failure, success

_NUMBERS = itertools.count()
WAIT = 0.1
"""Seconds that a step takes where scenes wait."""


@dataclass(frozen=True)
class Subject:
    """`opens` gives the environment. `junk` is a reply that never succeeds. `tasks` of each split are asked, as many as
    `floors` in all with junk and with nothing. `scenes` are played for memory, by the `shortest` ways. `waits`: its scenes
    wait more than they compute, so that sixteen at once should take little longer than one. `apart`: it is played in other
    processes, so that all the time of this one is ace's."""

    opens: Callable[[], Environment]
    junk: str
    label: str = ""
    """What it is called, where one name has several."""
    tasks: int = 67
    floors: int = 200
    scenes: int = 500
    shortest: int = 200
    waits: bool = False
    apart: bool = False
    policies: Callable[[Task], Sequence[Policy]] | None = None
    """All right ways to play a task, where there is no oracle, or it gives only one."""
    seconds: float | None = None
    """Within which all tasks are to be solved by their oracle."""
    other: str = ""
    """What makes the same answer another text, where an environment judges the same one once; `{}` is a number."""

    @cached_property
    def environment(self) -> Environment:
        return self.opens()

    def anew(self) -> Subject:
        """The same with an environment of its own, which has started nothing."""
        return replace(self)

    def replay(self, way: Sequence[str]) -> Callable[[Observation], str]:
        """Says the actions of `way`, with other words each time."""
        left, number = iter(way), next(_NUMBERS)
        return lambda seen: next(left, "") + self.other.format(number)


def _opens(name: str, **settings: str) -> Callable[[], Environment]:
    """Opens an environment; refused here, and not when it is measured, where something is missing."""
    require_needs(name)
    return partial(open_environment, name, settings)


def desk() -> Iterator[Subject]:
    yield Subject(_opens("desk"), "zzz")


def dataset() -> Iterator[Subject]:
    """Sums, in files that are written for it."""
    with tempfile.TemporaryDirectory(prefix="ace-bench-") as folder:
        files = {"train": range(300), "eval": range(500, 800)}
        for name, numbers in files.items():
            rows = ({"prompt": f"What is {n} + {n * n}?", "answer": str(n + n * n)} for n in numbers)
            Path(folder, name).write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        yield Subject(_opens("dataset", **{name: f"{folder}/{name}" for name in files}), "zzz")


def code() -> Iterator[Subject]:
    if found := data():
        tasks = found / "humaneval" / "humaneval.jsonl"
        yield Subject(_opens("code", tasks=str(tasks)), "pass", seconds=30, other="\n# {}")


def sql() -> Iterator[Subject]:
    """All accepted queries."""
    if found := data():
        opens = _opens("sql", questions=str(found / "sql" / "questions.jsonl"), database=str(found / "sql"))
        yield Subject(opens, "SELECT NULL", policies=lambda task: [_says(f"answer: {query}") for query in task.data["gold"]])


def _says(text: str) -> Policy:
    return lambda seen: text


def gymnasium() -> Iterator[Subject]:
    for game in ("frozen-lake", "babyai-go-to-red-ball"):
        yield Subject(_opens("gymnasium", game=game), "zzz", f"gymnasium {game}", tasks=30)


def reasoning_gym() -> Iterator[Subject]:
    yield Subject(_opens("reasoning-gym"), "zzz")


def bfcl() -> Iterator[Subject]:
    yield Subject(_opens("bfcl"), "zzz", tasks=40, floors=60, apart=True)


def textworld() -> Iterator[Subject]:
    yield Subject(_opens("textworld"), "zzz", tasks=10, floors=10, shortest=10, apart=True)


def alfworld() -> Iterator[Subject]:
    yield Subject(_opens("alfworld"), "zzz", tasks=6, floors=9, shortest=18, apart=True)


def textworld_express() -> Iterator[Subject]:
    yield Subject(_opens("textworld-express"), "zzz", tasks=16, floors=16, shortest=24, apart=True)


def scienceworld() -> Iterator[Subject]:
    yield Subject(_opens("scienceworld"), "zzz", tasks=12, floors=6, shortest=12, apart=True)


def openenv() -> Iterator[Subject]:
    """The server of the tests, in a process of its own: once as it is, once with a tenth of a second for each step."""
    require_needs("openenv")
    for wait, scenes in ((0.0, 500), (WAIT, 0)):
        server, label = _Server(wait), f"openenv, {wait:g} s a step" if wait else ""
        opens = _opens("openenv", url=server.url)
        try:
            yield Subject(opens, "zzz", label, 16, scenes=scenes, waits=bool(wait), apart=True, policies=_by_halves)
        finally:
            server.end()


def _by_halves(task: Task) -> list[Policy]:
    """The number from 0 to 9 that the tests' server draws is guessed in halves."""
    low, high = 0, 10

    def guess(seen: Observation) -> str:
        nonlocal low, high
        middle = (low + high) // 2
        if seen.text == "too low":
            low = middle + 1
        elif seen.text == "too high":
            high = middle
        return str((low + high) // 2)

    return [guess]


class _Server:
    """The tests' OpenEnv server; it ends with its input."""

    def __init__(self, wait: float) -> None:
        words = f"import sys; from tests.environments.openenv_server import running\nwith running(wait={wait}) as url:\n"
        words += " print(url, flush=True); sys.stdin.read()"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen([sys.executable, "-c", words], cwd=ROOT, text=True, **pipes)  # type: ignore[call-overload]
        self.url = self._process.stdout.readline().strip()

    def end(self) -> None:
        self._process.communicate()


class Waiting(Environment):
    """Says whether a number is even, after a tenth of a second: the same for all, to show that scenes wait side by side."""

    name = "waiting"

    def tasks(self, split: Split) -> list[Task]:
        return [Task(f"{split}-{n}", f"{n}", split, {"n": n}) for n in range(SPLITS.index(split), 300, 3)]

    def open(self, task: Task, seed: int) -> Scene:
        return _Slow(task)

    def oracle(self, task: Task) -> Callable[[Observation], str]:
        return lambda seen: ("even", "odd")[task.data["n"] % 2]


class _Slow:
    def __init__(self, task: Task) -> None:
        self._task = task
        self.first = Observation(task.text, answers=("even", "odd"))

    def act(self, action: str) -> Outcome:
        time.sleep(WAIT)
        return success() if action == ("even", "odd")[self._task.data["n"] % 2] else failure()

    def close(self) -> None:
        """Holds nothing."""


def waiting() -> Iterator[Subject]:
    yield Subject(Waiting, "zzz", scenes=0, waits=True)


SUBJECTS: dict[str, Callable[[], Iterator[Subject]]] = {
    "desk": desk,
    "dataset": dataset,
    "code": code,
    "sql": sql,
    "gymnasium": gymnasium,
    "reasoning-gym": reasoning_gym,
    "bfcl": bfcl,
    "textworld": textworld,
    "alfworld": alfworld,
    "textworld-express": textworld_express,
    "scienceworld": scienceworld,
    "openenv": openenv,
    "waiting": waiting,
}
