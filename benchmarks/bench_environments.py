"""Environments at work: reference solutions, junk, time beside the environment's own, many scenes at once, memory.

python benchmarks/bench_environments.py            all environments that can be opened here
python benchmarks/bench_environments.py code sql   these

An environment is added by one function that gives its `Subject`, named in `SUBJECTS`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import data, show

from ace.attempt import Agent, Briefing, attempt, unit_of
from ace.environments.contract import Environment, Scene
from ace.environments.floors import play
from ace.errors import AceError
from ace.models.clients.own import Own
from ace.types import SPLITS, Observation, Outcome, Split, Task, failure, success

_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Subject:
    """`junk` is a reply that never succeeds. `scenes` are played for memory; `waits`: its scenes wait more than they compute,
    so that sixteen at once should take little longer than one."""

    environment: Environment
    junk: str
    scenes: int = 500
    waits: bool = False
    answers: Callable[[Task], Sequence[str]] | None = None
    """All right answers of a task, where the oracle gives only one."""
    seconds: float | None = None
    """Within which all tasks are to be solved by their oracle."""
    other: str = ""
    """What makes the same answer another text, where an environment judges the same one once; `{}` is a number."""

    def policy(self, task: Task) -> Callable[[Observation], str]:
        """The oracle's, with other words each time."""
        said, number = self.environment.oracle(task) or self.environment.nothing(task), next(_NUMBERS)
        return lambda seen: said(seen) + self.other.format(number)


def desk() -> Subject | None:
    from ace.environments.desk import Desk

    return Subject(Desk(), "zzz")


def code() -> Subject | None:
    from ace.environments.code import Code

    found = data()
    if found is None:
        return None
    return Subject(Code(tasks=found / "humaneval" / "humaneval.jsonl"), "pass", seconds=30, other="\n# {}")


def sql() -> Subject | None:
    from ace.environments.sql import SqlQuestions

    found = data()
    if found is None:
        return None
    environment = SqlQuestions(questions=found / "sql" / "questions.jsonl", database=str(found / "sql"))
    return Subject(environment, "SELECT NULL", answers=lambda task: [f"answer: {query}" for query in task.data["gold"]])


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
        time.sleep(0.1)
        return success() if action == ("even", "odd")[self._task.data["n"] % 2] else failure()

    def close(self) -> None:
        """Holds nothing."""


def waiting() -> Subject | None:
    return Subject(Waiting(), "zzz", scenes=0, waits=True)


SUBJECTS: dict[str, Callable[[], Subject | None]] = {"desk": desk, "code": code, "sql": sql, "waiting": waiting}


class _Timed:
    """A scene whose own time is counted into `spent`: seconds of the clock, and of this process."""

    def __init__(self, scene: Scene, spent: list[tuple[float, float]]) -> None:
        self._scene, self._spent = scene, spent

    @property
    def first(self) -> Observation:
        return self._scene.first

    def act(self, action: str) -> Observation | Outcome:
        with counted(self._spent):
            return self._scene.act(action)

    def close(self) -> None:
        getattr(self._scene, "close", lambda: None)()


@contextmanager
def counted(spent: list[tuple[float, float]]) -> Iterator[None]:
    clock, own = time.perf_counter(), time.process_time()
    yield
    spent.append((time.perf_counter() - clock, time.process_time() - own))


class _Scripted:
    """Says what the policy says."""

    name = "scripted"

    def __init__(self, policy: Callable[[Observation], str]) -> None:
        self._policy = policy

    async def complete(self, request: Any) -> str:
        fields = request.response.model_json_schema()["properties"]
        reply = {name: [] if field.get("type") == "array" else "" for name, field in fields.items()}
        return json.dumps(reply | {"action": self._policy(Observation(""))})


async def attempts(subject: Subject, tasks: Sequence[Task], at_once: int) -> None:
    """Attempts with the oracle's actions as a model's replies, `at_once` of them side by side."""
    free = asyncio.Semaphore(at_once)

    async def one(task: Task) -> None:
        async with free:
            agent = Agent(Own("scripted", _Scripted(subject.policy(task))))
            await attempt(agent, subject.environment, unit_of("bench", 0, "learn", 0, task), Briefing())

    await asyncio.gather(*map(one, tasks))


def beside(subject: Subject, tasks: Sequence[Task]) -> tuple[float, float]:
    """Milliseconds of a step of a whole attempt: by the clock in the environment's own code, and of this process's time beside
    it (by the clock it would be the time of all that runs on this machine)."""
    environment = subject.environment
    acted: list[tuple[float, float]] = []
    opening: list[tuple[float, float]] = []
    opened = environment.open

    def timed(task: Task, seed: int) -> Scene:
        with counted(opening):
            return _Timed(opened(task, seed), acted)

    setattr(environment, "open", timed)  # noqa: B010
    asyncio.run(attempts(subject, tasks[:5], 1))
    acted.clear()
    opening.clear()
    began = time.process_time()
    asyncio.run(attempts(subject, tasks, 1))
    whole = time.process_time() - began
    delattr(environment, "open")
    clock, own = (sum(part[n] for part in (*acted, *opening)) for n in (0, 1))
    return 1000 * clock / len(acted), 1000 * (whole - own) / len(acted)


def resident_mb() -> float:
    """Memory of this process that is in use now, in MB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def solved(subject: Subject, tasks: Sequence[Task]) -> tuple[int, int, float]:
    """Right answers that pass, all right answers, and seconds, two tasks side by side."""
    env = subject.environment
    if subject.answers is None:
        pairs = [(task, oracle) for task in tasks if (oracle := env.oracle(task)) is not None]
    else:
        pairs = [(t, lambda seen, answer=answer: answer) for t in tasks for answer in subject.answers(t)]  # type: ignore[misc]
    began = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        passed = sum(pool.map(lambda pair: play(env, pair[0], pair[1], 0).success, pairs))
    return passed, len(pairs), time.perf_counter() - began


def measure(name: str, subject: Subject) -> bool:
    env = subject.environment
    tasks = [task for split in SPLITS for _, task in zip(range(200), env.tasks(split), strict=False)]
    tasks = tasks[:200]
    passed, count, seconds = solved(subject, tasks)
    met = show(f"{name}: right answers that pass, of {count}", passed, count, least=True, digits=0)
    met &= show(f"{name}: all of them", seconds, subject.seconds, unit=" s")
    with ThreadPoolExecutor(2) as pool:
        junk = sum(pool.map(lambda task: play(env, task, lambda seen: subject.junk, 0).success, tasks))
        idle = sum(pool.map(lambda task: play(env, task, env.nothing(task), 0).success, tasks))
    met &= show(f"{name}: tasks that junk solves", junk, 0, digits=0)
    show(f"{name}: tasks that doing nothing solves", idle, digits=0)
    own, other = beside(subject, tasks[:30])
    show(f"{name}: a step in its own code", own, unit=" ms")
    met &= show(f"{name}: processor time of a step beside it", other, 2, unit=" ms")
    return met & at_once(name, subject, tasks) & memory(name, subject, tasks)


def at_once(name: str, subject: Subject, tasks: Sequence[Task]) -> bool:
    some = [tasks[n % len(tasks)] for n in range(48)]
    seconds = []
    for count in (1, 16):
        began = time.perf_counter()
        asyncio.run(attempts(subject, some, count))
        seconds.append(time.perf_counter() - began)
    times = seconds[0] / seconds[1]
    return show(f"{name}: 16 scenes at once, times faster than one", times, 10 if subject.waits else None, least=True)


def memory(name: str, subject: Subject, tasks: Sequence[Task]) -> bool:
    """Growth between a fifth of the scenes and all of them: what is kept once is kept by then."""
    env, before = subject.environment, 0.0
    if not subject.scenes:
        return True
    for number in range(subject.scenes):
        if number == subject.scenes // 5:
            before = resident_mb()
        task = tasks[number % len(tasks)]
        play(env, task, subject.policy(task), number)
    growth = 100 * (resident_mb() / before - 1)
    return show(f"{name}: memory after {subject.scenes} scenes, growth", growth, 5, unit=" %")


def main() -> int:
    names = sys.argv[1:] or list(SUBJECTS)
    met = True
    for name in names:
        if name not in SUBJECTS:
            print(f"there is no {name!r} here; known: {', '.join(SUBJECTS)}", file=sys.stderr)
            return 2
        try:
            subject = SUBJECTS[name]()
        except AceError as error:
            print(f"skipped: {error}", file=sys.stderr)
            continue
        if subject is not None:
            met &= measure(name, subject)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
