"""Environments at work: reference solutions, junk, time beside the environment's own, many scenes at once, memory.

python benchmarks/bench_environments.py            all environments that can be opened here
python benchmarks/bench_environments.py code sql   these

What they take that ace does not bring is installed by `make test-env NAME=x`, and `.venv-x/bin/python` then runs this for x. An
environment is added by one function that gives its subjects, in `environment_subjects.py`.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import islice
from statistics import median
from typing import Any

from common import show
from environment_subjects import SUBJECTS, Subject
from process_memory import whole_memory
from pydantic import BaseModel

from ace.attempt import Agent, Briefing, attempt, unit_of
from ace.environments.contract import Scene
from ace.environments.floors import play, played
from ace.errors import AceError
from ace.models.clients.own import Own
from ace.types import SPLITS, Episode, Observation, Outcome, Task

Ways = Mapping[str, Sequence[str]]
"""By a task's id, the actions that win it."""
BLOCK, SAMPLED = 100, 10
"""Scenes of a block whose highest memory counts, as many as a process of a pool plays; after so many it is looked at."""
TRIES = 2
"""Of which the faster counts where scenes are side by side, because other work on the machine makes the rest slower."""
THINKS = 0.1
"""Seconds that a model takes for a reply, where attempts side by side wait for it."""


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
    """Says what the policy says, after `seconds`."""

    name = "scripted"

    def __init__(self, policy: Callable[[Observation], str], seconds: float) -> None:
        self._policy, self._seconds = policy, seconds

    async def complete(self, request: Any) -> str:
        if self._seconds:
            await asyncio.sleep(self._seconds)
        return json.dumps(_blank(request.response) | {"action": self._policy(Observation(""))})


@cache
def _blank(response: type[BaseModel]) -> dict[str, Any]:
    """A reply with nothing in its fields; made once, since it is the model's work and not ace's."""
    fields = response.model_json_schema()["properties"]
    return {name: [] if field.get("type") == "array" else "" for name, field in fields.items()}


async def attempts(
    subject: Subject, work: Sequence[tuple[Task, Sequence[str]]], at_once: int, seconds: float = 0.0
) -> list[Episode]:
    """Attempts with the actions of a way as a model's replies, `at_once` of them side by side."""
    free = asyncio.Semaphore(at_once)

    async def one(task: Task, way: Sequence[str]) -> Episode:
        async with free:
            agent = Agent(Own("scripted", _Scripted(subject.replay(way), seconds)))
            return await attempt(agent, subject.environment, unit_of("bench", 0, "learn", 0, task), Briefing())

    return await asyncio.gather(*(one(*part) for part in work))


def beside(subject: Subject, work: Sequence[tuple[Task, Sequence[str]]]) -> tuple[float, float]:
    """Milliseconds of a step of a whole attempt: by the clock in the environment's own code, and of this process's time beside
    it (by the clock it would be the time of all that runs on this machine). Where a game is played in another process, all of
    this one's time is beside it, with the way there and back."""
    environment = subject.environment
    acted: list[tuple[float, float]] = []
    opening: list[tuple[float, float]] = []
    opened = environment.open

    def timed(task: Task, seed: int) -> Scene:
        with counted(opening):
            return _Timed(opened(task, seed), acted)

    setattr(environment, "open", timed)  # noqa: B010
    asyncio.run(attempts(subject, work[:5], 1))
    acted.clear()
    opening.clear()
    began = time.process_time()
    asyncio.run(attempts(subject, work, 1))
    whole = time.process_time() - began
    delattr(environment, "open")
    clock, own = (sum(part[n] for part in (*acted, *opening)) for n in (0, 1))
    return 1000 * clock / len(acted), 1000 * (whole - (0 if subject.apart else own)) / len(acted)


def solved(subject: Subject, tasks: Sequence[Task]) -> tuple[Ways, int, int, float]:
    """A way that wins for each task; right answers that pass, all right answers, and seconds, two tasks side by side."""
    env = subject.environment
    if subject.policies is None:
        pairs = [(task, env.oracle) for task in tasks]
    else:
        pairs = [(task, lambda _, policy=policy: policy) for task in tasks for policy in subject.policies(task)]  # type: ignore[misc]
    began = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        traces = list(pool.map(lambda pair: played(env, pair[0], pair[1], 0), pairs))
    seconds = time.perf_counter() - began
    won = [trace for trace in traces if trace.outcome.success]
    return {trace.task.id: trace.actions for trace in won}, len(won), len(pairs), seconds


def measure(name: str, subject: Subject) -> bool:
    """Each part opens the environment anew, so that no process of the part before is left."""
    met, work = played_once(name, subject.anew())
    gc.collect()
    met &= memory(name, subject.anew(), work[: subject.shortest])
    gc.collect()
    return met & side_by_side(name, subject.anew(), work[:8])


def played_once(name: str, subject: Subject) -> tuple[bool, list[tuple[Task, Sequence[str]]]]:
    """Right answers, junk, nothing, and time; and the tasks with ways that win, the shortest first."""
    env = subject.environment
    tasks = [task for split in SPLITS for task in islice(env.tasks(split), subject.tasks)]
    ways, passed, count, seconds = solved(subject, tasks)
    met = show(f"{name}: right answers that pass, of {count}", passed, count, least=True, digits=0)
    met &= show(f"{name}: all of them", seconds, subject.seconds, unit=" s")
    some = tasks[:: -(-len(tasks) // subject.floors)]
    with ThreadPoolExecutor(2) as pool:
        junk = sum(pool.map(lambda task: play(env, task, lambda seen: subject.junk, 0).success, some))
        idle = sum(pool.map(lambda task: play(env, task, env.nothing(task), 0).success, some))
    met &= show(f"{name}: tasks that junk solves, of {len(some)}", junk, 0, digits=0)
    show(f"{name}: tasks that doing nothing solves, of {len(some)}", idle, digits=0)
    work = [(task, ways[task.id]) for task in tasks if task.id in ways]
    own, other = beside(subject, work[:30])
    show(f"{name}: a step in its own code", own, unit=" ms")
    met &= show(f"{name}: processor time of a step beside it", other, 2, unit=" ms")
    return met, sorted(work, key=lambda part: len(part[1]))


def side_by_side(name: str, subject: Subject, work: Sequence[tuple[Task, Sequence[str]]]) -> bool:
    """Sixteen attempts at once to one after the other, with processes that run already: as they are, and with a model that
    thinks."""
    met = True
    for seconds, words in ((0.0, "16 scenes at once"), (THINKS, f"the same with a model that takes {THINKS:g} s")):
        asyncio.run(attempts(subject, [*work, *work], 16))
        rates = []
        for part, count in ((work, 1), ([*work] * 6, 16)):
            taken = []
            for _ in range(TRIES):
                began = time.perf_counter()
                asyncio.run(attempts(subject, part, count, seconds))
                taken.append(time.perf_counter() - began)
            rates.append(len(part) / min(taken))
        least = 10 if subject.waits and not seconds else None
        met &= show(f"{name}: {words}, times faster than one", rates[1] / rates[0], least, least=True)
    return met


def memory(name: str, subject: Subject, work: Sequence[tuple[Task, Sequence[str]]]) -> bool:
    """Growth of this process and of all that it started, from the highest of the second hundred of attempts to the highest of
    the last: what is kept once is kept by then. A process of a pool plays a hundred and is replaced, so each of these hundreds
    is the life of one."""
    if not subject.scenes:
        return True
    seen: list[tuple[float, float]] = []
    spoilt = 0
    for number in range(0, subject.scenes, SAMPLED):
        part = [work[n % len(work)] for n in range(number, number + SAMPLED)]
        spoilt += sum(not episode.outcome.valid for episode in asyncio.run(attempts(subject, part, 1)))
        seen.append(whole_memory())
    met = show(f"{name}: of {subject.scenes} attempts, invalid", spoilt, 0, digits=0)
    size = BLOCK // SAMPLED
    own, whole = ([figures[n] for figures in seen] for n in (0, 1))
    parts = {"this process": own}
    # The last process of a pool has just been replaced.
    if max(whole) > max(own):
        parts["this process and those it started"] = whole
    for what, figures in parts.items():
        lives = [figures[n : n + size] for n in range(0, len(figures), size)]
        show(f"{name}: memory of {what}", max(lives[-1]), unit=" MB", digits=0)
        growth = 100 * (max(lives[-1]) / max(lives[1]) - 1)
        met &= show(f"{name}: its growth from the second hundred to the last", growth, 5, unit=" %")
        if figures is whole:
            within = median(max(life) / life[0] for life in lives[1:])
            show(f"{name}: its growth within a hundred, in the middle", 100 * (within - 1), unit=" %")
    return met


def main() -> int:
    names = sys.argv[1:] or list(SUBJECTS)
    if unknown := [name for name in names if name not in SUBJECTS]:
        print(f"there is no {unknown[0]!r} here; known: {', '.join(SUBJECTS)}", file=sys.stderr)
        return 2
    met = True
    for name in names:
        try:
            for subject in SUBJECTS[name]():
                met &= measure(subject.label or name, subject)
                del subject
                gc.collect()
        except AceError as error:
            print(f"skipped: {error}", file=sys.stderr)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
