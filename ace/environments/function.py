"""`@environment`: rows and a function that checks a reply, made into an environment.

Prompts and a function that checks a reply are enough. The result is an ordinary `Environment`, so everything that runs one
runs this too.

    @ace.environment(train=[("2 + 2", "4")], test=[("3 + 4", "7")])
    def sums(task, reply):
        return reply.strip() == task.data["answer"]
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ace.bounds import kind_fault
from ace.environments.contract import Environment, Limits, Policy, Scene
from ace.environments.question import Question
from ace.environments.scorers import judged
from ace.environments.usable import require_arguments
from ace.errors import BadInput, BadSetting
from ace.origins import origin_fault
from ace.types import SPLITS, Observation, Outcome, Split, Task

Row = Task | Mapping[str, Any] | tuple[str, Any] | str
"""One task: a `Task`, a mapping with `prompt` (and `id`, `kind`, `origin`, `choices`, `answer` and what else the check needs),
a pair of prompt and answer, or just a prompt."""
Rows = Iterable[Row] | Callable[[], Iterable[Row]]
"""Rows, or a function that gives them afresh; they may be endless."""
Check = Callable[[Task, str], bool | float | Outcome | None]
"""Given the task and the reply: right or wrong, how right in [0, 1], an outcome, or `None` where it cannot tell."""
Solve = Callable[[Task], str | None]


class FunctionEnvironment(Environment):
    """An environment of one-step tasks judged by a function; `environment` makes these. Calling it calls the function."""

    def __init__(
        self, check: Check, rows: Mapping[Split, Rows], choices: Sequence[str] = (), solve: Solve | None = None
    ) -> None:
        self.check, self.choices = check, tuple(choices)
        self._rows, self._solve = dict(rows), solve

    def __call__(self, task: Task, reply: str) -> bool | float | Outcome | None:
        return self.check(task, reply)

    def tasks(self, split: Split) -> Iterable[Task]:
        """The split's rows as tasks: a list where the rows are a list, else a stream. What a row holds besides `prompt`,
        `id` and `origin` is in `Task.data`; its `kind` is `Task.kind` too. Raises `BadInput` for a row that cannot be used."""
        rows = self._rows.get(split, ())
        if callable(rows):
            return self._stream(rows(), split)
        return list(self._stream(rows, split))

    def open(self, task: Task, seed: int) -> Scene:
        return Question(
            Observation(task.text, answers=self._choices(task)), lambda reply: judged(lambda: self.check(task, reply))
        )

    def oracle(self, task: Task) -> Policy | None:
        """Gives what `solve` says, or the row's `answer`; `None` where there is neither."""
        answer = self._solve(task) if self._solve else task.data.get("answer")
        return None if answer is None else lambda observation: str(answer)

    def random(self, task: Task, rng: random.Random) -> Policy | None:
        return super().random(task, rng) if self._choices(task) else None

    def _choices(self, task: Task) -> tuple[str, ...]:
        return tuple(task.data.get("choices") or self.choices)

    def _stream(self, rows: Iterable[Row], split: Split) -> Iterator[Task]:
        if not isinstance(rows, Iterable):
            raise BadInput(f"{self.name}: what gives the rows of {split} gave {rows!r:.80}; it must give a list of rows")
        seen: dict[str, int] = {}
        for number, row in enumerate(rows, 1):
            task = _task(row, f"{self.name}: {split} row {number}", f"{split}-{number}", split)
            times = seen[task.key] = seen.get(task.key, 0) + 1
            if times > 1:
                # A task is known by its content; without this, a row that stands twice would count as done the second time.
                task = replace(task, data={**task.data, "copy": times})
            yield task


def environment(
    *bare: object,
    train: Rows | None = None,
    test: Rows | None = None,
    val: Rows = (),
    choices: Sequence[str] = (),
    solve: Solve | None = None,
    name: str = "",
    limits: Limits | None = None,
) -> Callable[[Check], FunctionEnvironment]:
    """Make an environment of the function below it, which is given the task and the reply and says what came of it: true or
    false, a score in [0, 1], an `Outcome`, or `None` where it cannot tell. An exception that it raises is an invalid outcome.

    `train` is learned from, `test` is held out, `val` judges changes while learning: rows as `Row` describes. `choices` are
    what can be answered, where a row does not list its own; `solve` gives the right answer to a task, where rows hold none;
    `name` is the function's own where empty. Raises `BadSetting`."""
    if bare or train is None or test is None:
        raise BadSetting("@ace.environment needs rows: write @ace.environment(train=[...], test=[...]) above the function")
    rows: dict[Split, Rows] = dict(zip(SPLITS, (train, val, test), strict=True))
    for split, given in rows.items():
        _refuse_no_rows(given, split)
    _refuse_other_types(choices, solve, name, limits)

    def decorate(check: Check) -> FunctionEnvironment:
        called = name or getattr(check, "__name__", "")
        if isinstance(check, type) or not callable(check):
            raise BadSetting("@environment goes above a function of task and reply; a class is an environment by subclassing")
        if inspect.iscoroutinefunction(check):
            raise BadSetting(f"{called} is async; @environment goes above a function that gives its verdict at once: write def")
        require_arguments(check, ("task", "reply"), called)
        kind = type(called, (FunctionEnvironment,), {"name": called, "__doc__": check.__doc__, "__module__": check.__module__})
        made: FunctionEnvironment = kind(check, rows, choices or (), solve)
        made.limits = limits or made.limits
        return made

    return decorate


def _refuse_other_types(choices: object, solve: object, name: object, limits: object) -> None:
    if isinstance(choices, str):
        raise BadSetting("choices must be a list of texts, not one text")
    accepted = (
        ("choices", choices, isinstance(choices, Iterable) and not isinstance(choices, bytes), "a list of texts"),
        ("solve", solve, callable(solve), "a function of a task"),
        ("name", name, isinstance(name, str), "a text"),
        ("limits", limits, isinstance(limits, Limits), "ace.Limits(...)"),
    )
    for what, value, fits, wanted in accepted:
        if value is not None and not fits:
            raise BadSetting(f"{what} is {value!r:.80}; it must be {wanted}")


def _refuse_no_rows(rows: object, split: Split) -> None:
    one_pass = isinstance(rows, Iterator)
    if isinstance(rows, str | bytes | Mapping) or one_pass or not (callable(rows) or isinstance(rows, Iterable)):
        hint = "; give the function that makes the iterator, so that it can be gone through again" if one_pass else ""
        raise BadSetting(f"{split} must be a list of rows or a function that gives one, not a {type(rows).__name__}{hint}")


def _task(row: object, where: str, default_id: str, split: Split) -> Task:
    if isinstance(row, Task):
        return replace(row, split=split)
    if isinstance(row, str):
        row = {"prompt": row}
    elif isinstance(row, Sequence) and len(row) == 2:
        row = {"prompt": row[0], "answer": row[1]}
    if not isinstance(row, Mapping):
        raise BadInput(
            f"{where} is a {type(row).__name__}; a row is a mapping with 'prompt', a pair of prompt and answer, or a text"
        )
    prompt = row.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise BadInput(f"{where} has no 'prompt' that is text; it has {', '.join(map(repr, row)) or 'nothing'}")
    data = {str(key): value for key, value in row.items() if key not in ("prompt", "id", "origin")}
    if isinstance(data.get("choices", ()), str):
        raise BadInput(f"{where}: 'choices' must be a list of texts, not one text")
    kind = row.get("kind") or ""
    if fault := kind_fault(kind):
        raise BadInput(f"{where}: 'kind' cannot be used: {fault}")
    origin = row.get("origin") or ""
    if fault := origin_fault(origin):
        raise BadInput(f"{where}: 'origin' cannot be used: {fault}")
    return Task(str(row.get("id", default_id)), prompt, split, data, kind, origin)
