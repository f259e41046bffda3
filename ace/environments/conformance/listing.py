"""The tasks as they are listed: usable, named once, in one order, and in one split only.

Splits are compared by content and further than what is tried, because splits made by arithmetic on seeds overlap from some
task on: a finite split whole, up to a bound, and of an endless one what comes in a second.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass, field
from itertools import combinations

from ace.bounds import kind_fault
from ace.environments.conformance.stage import CheckedCase, CheckStage
from ace.environments.trace import Broken, guarded
from ace.environments.watch import Caller, CallSite
from ace.origins import origin_fault
from ace.types import SPLITS, Split, Task

MOST = 10_000
"""Tasks of a finite split that are compared."""
AHEAD = 2_000
"""Tasks of a stream that are compared, or those that come in a second."""
SECONDS = 1.0
_END = object()


@dataclass(slots=True)
class _Listed:
    """What a split listed: the tasks to try, and of all that were looked at how many, their ids by content, and texts."""

    tried: list[Task] = field(default_factory=list)
    count: int = 0
    whole: bool = False
    keys: dict[str, str] = field(default_factory=dict)
    texts: set[int] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    origins: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return f"{self.count:,}{'' if self.whole or not self.count else ' or more'}"


def listing(stage: CheckStage) -> None:
    """List the tasks, check the lists, and choose the cases to try: the first `n` of each split."""
    lists: dict[Split, _Listed] = {split: _Listed() for split in SPLITS}
    ids: dict[str, str] = {}
    for split, listed in lists.items():
        _list_twice(stage, split, listed, ids)
    stage.cases = [CheckedCase(task, stage.seed_of(task, 0)) for listed in lists.values() for task in listed.tried]
    for needed in ("train", "test"):
        if not lists[needed].count and not stage.findings.failed("tasks", "time"):
            problem = f"the split {needed} has no tasks; train is learned from and test is measured on"
            stage.findings.fault("splits", problem, needed)
    _compare(stage, lists)
    if any(listed.count for listed in lists.values()):
        _remark(stage, lists)


def _list_twice(stage: CheckStage, split: Split, listed: _Listed, ids: dict[str, str]) -> None:
    if stage.run(lambda call: _list(stage, call, (split, listed), ids)):
        stage.run(lambda call: _list_again(stage, call, split, listed))


def _list(stage: CheckStage, call: Caller, into: tuple[Split, _Listed], ids: dict[str, str]) -> None:
    split, listed = into
    try:
        for task in _tasks(stage, call, into):
            listed.count += 1
            problem = _problem(task, split)
            if problem is not None:
                stage.findings.fault("tasks", problem)
            elif isinstance(task, Task):
                _take(stage, call, (task, listed), ids)
    except Broken as broken:
        stage.findings.fault("tasks", str(broken), split)


def _tasks(stage: CheckStage, call: Caller, into: tuple[Split, _Listed]) -> Iterator[object]:
    """The tasks to look at, and whether these are all."""
    split, listed = into
    place, began = CallSite("tasks", split), time.monotonic()
    tasks = guarded(call, place, lambda: stage.environment.tasks(split), "open")
    following = guarded(call, place, lambda: iter(tasks), "open")
    finite = isinstance(tasks, Sized)
    while listed.count < max(stage.n, MOST if finite else AHEAD):
        late = not finite and time.monotonic() - began > SECONDS
        if listed.count >= stage.n and late:
            return
        task: object = guarded(call, place, lambda: next(following, _END), "open")
        if task is _END:
            listed.whole = True
            return
        yield task


def _problem(task: object, split: Split) -> str | None:
    if not isinstance(task, Task):
        return f"tasks ({split}) gave a {type(task).__name__}; it must give Tasks"
    if not isinstance(task.id, str) or not task.id.strip():
        return f"tasks ({split}) gave a task whose id is {task.id!r}; it must be a text that is not empty"
    if not isinstance(task.text, str) or not isinstance(task.data, Mapping):
        return f"task {task.id}: its text must be a text and its data a mapping"
    if task.split != split:
        return f"task {task.id} says that its split is {task.split!r}, and is listed in {split}"
    return None


def _take(stage: CheckStage, call: Caller, into: tuple[Task, _Listed], ids: dict[str, str]) -> None:
    """Look at a usable task, and keep it to be tried if it is one of the first."""
    task, listed = into
    key = guarded(call, CallSite("the key", task.id), lambda: task.key, "open")
    if not task.text.strip():
        stage.findings.fault("text", f"task {task.id} has no text")
    if fault := kind_fault(task.kind):
        stage.findings.fault("kinds", f"task {task.id}: {fault}")
    elif task.kind:
        listed.kinds.add(task.kind)
    if fault := origin_fault(task.origin):
        stage.findings.fault("origins", f"task {task.id}: {fault}")
    elif task.origin:
        listed.origins.add(task.origin)
    if task.id in ids:
        stage.findings.fault("ids", f"the id {task.id!r} names a task of {ids[task.id]} and another of {task.split}")
    if key in listed.keys:
        same = f"tasks {listed.keys[key]} and {task.id} of {task.split} have the same text and data"
        stage.findings.fault("keys", f"{same}; the second would count as done already")
    ids.setdefault(task.id, task.split)
    listed.keys.setdefault(key, task.id)
    listed.texts.add(hash(task.text))
    if len(listed.tried) < stage.n:
        listed.tried.append(task)


def _list_again(stage: CheckStage, call: Caller, split: Split, listed: _Listed) -> None:
    """Whether the tasks to try come again, in the same order."""
    again = _Listed()
    tasks = _tasks(stage, call, (split, again))
    try:
        for number, task in enumerate(listed.tried, 1):
            came = next(tasks, None)
            again.count += 1
            if not isinstance(came, Task) or came.id != task.id:
                second = f"task {came.id}" if isinstance(came, Task) else "none"
            elif guarded(call, CallSite("the key", task.id), lambda came=came: came.key, "open") != task.key:  # type: ignore[misc]
                second = "the same id with another content"
            else:
                continue
            stage.findings.fault(
                "order", f"{split} lists task {task.id} as number {number}, and the second time {second}", split
            )
            return
    except Broken as broken:
        stage.findings.fault("tasks", f"the second time, {broken}", split)


def _compare(stage: CheckStage, lists: dict[Split, _Listed]) -> None:
    for one, other in combinations(SPLITS, 2):
        ours, theirs = lists[one].keys, lists[other].keys
        shared = [key for key in theirs if key in ours]
        if shared:
            example = f"task {ours[shared[0]]} of {one} is task {theirs[shared[0]]} of {other}"
            tasks = "1 task" if len(shared) == 1 else f"{len(shared):,} tasks"
            stage.findings.fault("disjoint", f"{one} and {other} share {tasks} by text and data: {example}", f"{one}/{other}")


def _remark(stage: CheckStage, lists: dict[Split, _Listed]) -> None:
    sizes = ", ".join(f"{split} {listed}" for split, listed in lists.items())
    same = len(lists["train"].texts & (lists["val"].texts | lists["test"].texts))
    alike = f"; {same:,} texts of train stand in another split with other data" if same else ""
    for name, text in (
        ("tasks", sizes),
        ("splits", "train and test have tasks"),
        ("order", f"the first {stage.n} of each split come in the same order twice"),
        ("ids", "each names one task"),
        ("text", "every task has one"),
        ("kinds", _named(set().union(*(listed.kinds for listed in lists.values())), "kind")),
        ("origins", _named(set().union(*(listed.origins for listed in lists.values())), "origin")),
        ("keys", "no two tasks of a split have the same text and data"),
        ("disjoint", f"no task of one split is a task of another, in {sizes}{alike}"),
    ):
        stage.remark(name, text)


def _named(found: set[str], what: str) -> str:
    if not found:
        return "tasks have none"
    most = 8
    named = ", ".join(sorted(found)[:most]) + (", ..." if len(found) > most else "")
    return f"{len(found):,} {what if len(found) == 1 else what + 's'}: {named}"
