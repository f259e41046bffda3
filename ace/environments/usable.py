"""Whether an environment can be used at all: what its author left out or gave in the wrong shape, told in one line.

Running, measuring and checking ask here, so that the same mistake is refused in the same words by each. What an environment
does wrong in the middle of an attempt is not judged here: it makes that attempt invalid.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sized
from contextlib import AbstractContextManager, suppress
from itertools import islice
from typing import TypeVar

from ace.bounds import kind_fault
from ace.environments.contract import Environment, Limits, Scene
from ace.environments.watch import CLOSE, OPEN, Caller, CallSite, Overdue, watched
from ace.errors import BadInput, UserError
from ace.origins import origin_fault
from ace.registry import fault_line
from ace.types import Observation, Split, Task

T = TypeVar("T")
LONGEST_TASK = 1_000_000
"""Characters of a task's text. A longer one fits the prompt of no model and is refused."""
LONGEST_INSTRUCTIONS = 100_000
"""Characters of what an environment tells the agent before every case."""
_ORDER: tuple[Split, ...] = ("train", "test", "val")
_SCENE = "an object with first (an ace.types.Observation) and act(action), which returns an Observation or an Outcome"
_TASK = "it must give ace.Task(id, text, split, data)"
_LIST = "it must be a method that gives a list or an iterator of ace.Task"


def listed(environment: Environment, split: Split, most: int | None, default: int) -> list[Task]:
    """The first `most` tasks of `split`; where it is `None`, all of a split that has a length, else `default`. Raises
    `BadInput` for a list that cannot be used and for what is not a task of that split."""
    name = f"tasks({split!r}) of {type(environment).__name__}"
    given = _given(environment, split, name)
    taken = _raising(name, lambda: _first(given, most, default))
    ids: dict[str, str] = {}
    unlike: dict[str, Task] = {}
    for task in taken:
        _require_task(task, split, name)
        # Reckoned once: it takes longer than listing does, where cases are many and generated.
        key = task.key
        if ids.setdefault(task.id, key) != key:
            raise BadInput(f"{name} gave two tasks with the id {task.id!r}; every task needs an id of its own")
        # A task is known by its content: played again it would be the same attempt, with another outcome.
        unlike.setdefault(key, task)
    return list(unlike.values())


def _given(environment: Environment, split: Split, name: str) -> Iterable[Task]:
    method: object = environment.tasks
    if not callable(method):
        raise BadInput(f"tasks of {type(environment).__name__} is {_a(method)}; {_LIST}, as in: def tasks(self, split)")
    given: object = _raising(name, lambda: method(split))
    if isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping):
        return given
    _dispose(given)
    hint = "; write def, not async def" if inspect.isawaitable(given) or isinstance(given, AsyncIterable) else ""
    raise BadInput(f"{name} gave {_a(given)}; {_LIST}{hint}")


def _first(given: Iterable[Task], most: int | None, default: int) -> list[Task]:
    whole = most is None and isinstance(given, Sized)
    return list(given) if whole else list(islice(given, default if most is None else most))


def _require_task(task: object, split: Split, name: str) -> None:
    if not isinstance(task, Task):
        raise BadInput(f"{name} gave {_a(task)} where a task was due; {_TASK}")
    if not isinstance(task.id, str) or not task.id.strip():
        raise BadInput(f"{name} gave a task whose id is {task.id!r}; it must be a text that is not empty")
    if not isinstance(task.text, str) or not isinstance(task.data, Mapping):
        raise BadInput(f"{name} gave task {task.id!r} with {_a(task.text)} as text and {_a(task.data)} as data; {_TASK}")
    if len(task.text) > LONGEST_TASK:
        raise BadInput(f"task {task.id!r} has a text of {len(task.text):,} characters; at most {LONGEST_TASK:,} are taken")
    if fault := kind_fault(task.kind):
        raise BadInput(f"{name} gave task {task.id!r} with a kind that cannot be used: {fault}")
    if fault := origin_fault(task.origin):
        raise BadInput(f"{name} gave task {task.id!r} with an origin that cannot be used: {fault}")
    if task.split != split:
        told = f"{name} gave task {task.id!r} of the split {task.split!r}"
        raise BadInput(f"{told}; write ace.Task(id, text, split) with the split that was asked for")


def opened(environment: Environment, task: Task, seed: int) -> Scene:
    """A scene that can be played. Raises `BadInput` where `open` gave something else."""
    scene = environment.open(task, seed)
    require_scene(environment, scene)
    return scene


def closing(scene: Scene) -> Callable[[], None]:
    """The scene's `close`, or a function that does nothing where it has none."""
    close: Callable[[], None] = getattr(scene, "close", _nothing_held)
    return close


def _nothing_held() -> None:
    return None


def require_scene(environment: Environment, scene: object) -> None:
    """Raise `BadInput` where `open` of `environment` gave something that cannot be played: without `first` or `act`, or with an
    `act` that takes no action or is a coroutine function."""
    gave = f"open() of {type(environment).__name__} gave {_a(scene)}"
    if inspect.isawaitable(scene):
        _dispose(scene)
        raise BadInput(f"{gave}; open, first and act are called directly: write def, not async def")
    missing = [name for name in ("first", "act") if not _has(scene, name)]
    if missing:
        yields = isinstance(scene, AbstractContextManager) or inspect.isgenerator(scene)
        hint = "; return the scene, and end it in its close()" if yields else ""
        raise BadInput(f"{gave}, which has no {' and no '.join(missing)}; it must give a scene: {_SCENE}{hint}")
    act: object = getattr(scene, "act", None)
    if not callable(act):
        raise BadInput(f"{gave}, whose act is {_a(act)}; it must give a scene: {_SCENE}")
    for called, method in (("act", act), ("close", getattr(scene, "close", None))):
        if inspect.iscoroutinefunction(method):
            raise BadInput(f"{gave}, whose {called} is async; it is called directly: write def, not async def")
    require_arguments(act, ("action",), f"act of {type(scene).__name__}")


def require_first(first: object) -> None:
    """Raise `BadInput` where what a scene shows first is something else than an observation."""
    if isinstance(first, Observation):
        return
    hint = ": put @property above def first(self)" if callable(first) else ""
    raise BadInput(f"first of the scene is {_a(first)}; it must be an ace.types.Observation{hint}")


def require_usable(environment: Environment, n: int) -> None:
    """Raise `BadInput` for what no run of `environment` could go on with: its methods, the first `n` tasks of each split, and
    the scene of the first task of each. What raises or hangs while a scene is made is not judged here."""
    require_methods(environment)
    with suppress(Overdue):
        watched(environment.limits.seconds, lambda call: _try(call, environment, n))


def require_methods(environment: Environment) -> None:
    """Raise `BadInput` where `limits` or `instructions` are none, or `tasks` or `open` cannot be called as they are called."""
    name = type(environment).__name__
    limits: object = environment.limits
    if not isinstance(limits, Limits):
        raise BadInput(f"limits of {name} is {_a(limits)}; it must be ace.environments.contract.Limits(steps, seconds)")
    _require_instructions(environment)
    if callable(environment.tasks):
        require_arguments(environment.tasks, ("split",), f"tasks of {name}")
    if not callable(environment.open):
        raise BadInput(f"open of {name} is {_a(environment.open)}; it must be a method: def open(self, task, seed)")
    require_arguments(environment.open, ("task", "seed"), f"open of {name}")


def _require_instructions(environment: Environment) -> None:
    told: object = environment.instructions
    name = f"instructions of {type(environment).__name__}"
    if not isinstance(told, str):
        raise BadInput(f"{name} is {_a(told)}; it must be a text for the agent's system message, or left out")
    if len(told) > LONGEST_INSTRUCTIONS:
        raise BadInput(f"{name} has {len(told):,} characters; at most {LONGEST_INSTRUCTIONS:,} are accepted")


def no_tasks_of(name: str, *, learn_only: bool = False) -> str:
    """That an environment has no tasks that could be played."""
    kinds = "training tasks" if learn_only else "training tasks and no held-out tasks"
    return f"environment {name} has no {kinds}; tasks(split) must give some for the splits train and test"


def _try(call: Caller, environment: Environment, n: int) -> None:
    found: list[str] = []
    for split in _ORDER:
        tasks = call(CallSite("tasks", split), lambda split=split: listed(environment, split, n, n))  # type: ignore[misc]
        found += [split] if tasks else []
        for task in tasks[:1]:
            _try_scene(call, environment, task)
    if not {"train", "test"}.intersection(found):
        raise BadInput(no_tasks_of(type(environment).__name__))


def _try_scene(call: Caller, environment: Environment, task: Task) -> None:
    try:
        scene = call(CallSite(OPEN, task.id), lambda: opened(environment, task, 0))
        try:
            require_first(call(CallSite("first", task.id), lambda: scene.first))
        finally:
            call(CallSite(CLOSE, task.id), closing(scene))
    except BadInput:
        raise
    # The environment's own code runs here; the checks that play it say what it raises.
    except (Exception, SystemExit):  # noqa: BLE001
        return


def require_arguments(method: Callable[..., object], arguments: tuple[str, ...], name: str) -> None:
    """Raise `BadInput` where `method`, called `name` in the message, does not take `arguments` by place."""
    try:
        signature = inspect.signature(method)
    except (TypeError, ValueError):  # Some callables that are not written in Python have none.
        return
    try:
        signature.bind(*arguments)
    except TypeError as error:
        raise BadInput(f"{name} is called with ({', '.join(arguments)}), but takes {signature}: {error}") from None


def _raising(name: str, work: Callable[[], T]) -> T:
    try:
        return work()
    except UserError:
        raise
    # The environment's own code runs here: what it raises is told as one line.
    except (Exception, SystemExit) as error:
        raise BadInput(f"{name} raised {fault_line(error)}; {_LIST}") from error


def _dispose(given: object) -> None:
    if inspect.iscoroutine(given):
        given.close()


def _has(scene: object, name: str) -> bool:
    # Looking at the class first calls no property, which may raise.
    return hasattr(type(scene), name) or name in getattr(scene, "__dict__", ()) or hasattr(scene, name)


def _a(value: object) -> str:
    return "None" if value is None else type(value).__name__
