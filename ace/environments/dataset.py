"""Questions with known answers, from files of JSON Lines, JSON arrays or CSV.

All files are checked whole at the first call of `tasks`, before anything is run or written, because a bad row or an overlap
found half-way would have been learned from already. After that, rows are streamed when asked for.
"""

from __future__ import annotations

import inspect
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from ace.environments.contract import Environment, Policy, Scene
from ace.environments.patterns import compile_safe
from ace.environments.question import Question
from ace.environments.rows import Columns, Row, read_choices, read_rows, refuse_unlisted
from ace.environments.scorers import Judge, built_in, custom, read_number
from ace.errors import BadInput, BadSetting, UnknownName
from ace.registry import load_object
from ace.types import SPLITS, Observation, Outcome, Split, Task, Verdict

OFFERS = {"dataset": "Dataset"}

SCORERS = ("exact", "choice", "numeric", "regex")
_SIGNATURE = "(reply: str, answer: str) -> bool or a score from 0 to 1"
_SCORER = f"exact, choice, numeric, regex, or a function {_SIGNATURE}, as package.module:name or path.py:name"


class Dataset(Environment):
    """Questions with known answers, from files of JSON Lines, JSON arrays or CSV, gzip or not, told apart by content.

    A row has a `prompt` and an `answer` (or the fields or columns that the settings name), and may have an `id` and `choices`
    of its own. The rows of `eval` are the split `test`. Nothing is read before `tasks` or `open` is called; the
    first of these checks every row and raises `BadInput` with file and line."""

    instant = True

    def __init__(
        self,
        *,
        train: Annotated[Path, "the rows to learn from, in JSON Lines, a JSON array or CSV"],
        eval: Annotated[Path, "the held-out rows, in JSON Lines, a JSON array or CSV; never learned from"],
        val: Annotated[Path | None, "rows for judging changes while learning, in JSON Lines, a JSON array or CSV"] = None,
        choices: Annotated[Path | None, "the answers to choose from: a file with a JSON list of texts"] = None,
        scorer: Annotated[str, _SCORER] = "exact",
        reveal: Annotated[bool, "show the right answer after each attempt at a training row; never at any other row"] = False,
        tolerance: Annotated[float, "scorer=numeric: how far off a reply may be, as a share of the answer, 0 to 1"] = 0.0,
        prompt: Annotated[str, "the field or column with the question"] = "prompt",
        answer: Annotated[str, "the field or column of the right answer"] = "answer",
        kind: Annotated[str, "the field or column of a task's type, such as a topic; empty: tasks have none"] = "",
        origin: Annotated[str, "the field or column with the sender of the question, where authenticated"] = "",
        system: Annotated[str, "a text of your own that begins the system message; @FILE reads it from a file"] = "",
    ) -> None:
        if scorer not in SCORERS and ":" not in scorer:
            raise UnknownName("scorer", scorer, SCORERS, "or package.module:function, or path.py:function")
        if not 0 <= tolerance <= 1:
            raise BadSetting(f"tolerance={tolerance:g} is out of range; it must be from 0 to 1")
        if tolerance and scorer != "numeric":
            raise BadSetting(f"tolerance is for scorer=numeric, and the scorer is {scorer}")
        if choices is not None and scorer == "regex":
            raise BadSetting("scorer=regex takes no choices: its answers are patterns")
        if kind and kind == answer:
            raise BadSetting(
                f"kind={kind} is the column of the answers; a kind must not give the answer away: name another one"
            )
        if origin and origin in (prompt, answer):
            raise BadSetting(f"origin={origin} is a column that is asked or answered; an origin is never read from the text")
        files = {"train": train, "val": val, "test": eval}
        self.files: Mapping[Split, Path] = {s: Path(path) for s in SPLITS if (path := files[s]) is not None}
        self.choices_file = None if choices is None else Path(choices)
        self.scorer, self.reveal, self.tolerance = scorer, reveal, tolerance
        self.columns, self.instructions = Columns(prompt, answer, kind, origin), _system(system)
        self._checked: _Checked | None = None
        if scorer not in SCORERS:
            # The user's own function may take its time.
            self.instant = False  # type: ignore[misc]

    def tasks(self, split: Split) -> Iterable[Task]:
        """The rows of the split's file in order, as something that has a length and can be gone through again. Rows of one
        file that ask the same are kept. Raises `BadInput`."""
        return _Tasks(self.files[split], split, self._ready(), self.columns) if split in self.files else ()

    def open(self, task: Task, seed: int) -> Scene:
        return Question(Observation(task.text, answers=self._choices(task)), lambda reply: self._outcome(task, reply))

    def oracle(self, task: Task) -> Policy | None:
        """Gives the row's answer. `None` where that is not right by the scorer, as a pattern seldom matches itself."""
        answer = str(task.data["answer"])
        right = self.scorer != "regex" or self._judged(task, answer).success
        return (lambda observation: answer) if right else None

    def random(self, task: Task, rng: random.Random) -> Policy | None:
        return super().random(task, rng) if self._choices(task) else None

    def describe(self) -> dict[str, object]:
        """Rows by split, the scorer, and how often the commonest answer of the held-out rows is right."""
        checked = self._ready()
        rows = {f"{split} rows": checked.rows[split] for split in self.files}
        return rows | {"choices": len(checked.choices), "scorer": self.scorer, "commonest answer": checked.commonest}

    def _choices(self, task: Task) -> tuple[str, ...]:
        return tuple(task.data.get("choices", ())) or self._ready().choices

    def _judged(self, task: Task, reply: str) -> Outcome:
        return self._ready().judge(reply, str(task.data["answer"]), self._choices(task))

    def _outcome(self, task: Task, reply: str) -> Outcome:
        outcome = self._judged(task, reply)
        told = outcome.feedback if task.split == "train" else ""
        if self.reveal and task.split == "train" and outcome.verdict is not Verdict.INVALID:
            told = "\n".join(filter(None, (told, f"The right answer: {task.data['answer']}")))
        return Outcome(outcome.verdict, outcome.score, told, outcome.reason)

    def _ready(self) -> _Checked:
        if self._checked is None:
            self._checked = _check(self)
        return self._checked


@dataclass(slots=True)
class _Checked:
    """What is known once every file has been gone through. `copies` says of a line that asks what an earlier one of its file
    asked, which copy of it this is; `stamps` tell whether a file has changed since."""

    judge: Judge
    choices: tuple[str, ...]
    rows: dict[Split, int] = field(default_factory=dict)
    copies: dict[Split, dict[int, int]] = field(default_factory=dict)
    stamps: dict[Split, tuple[int, int]] = field(default_factory=dict)
    commonest: float | None = None


class _Tasks:
    """The tasks of one file: a length, and a fresh pass over the file each time it is gone through."""

    def __init__(self, path: Path, split: Split, checked: _Checked, columns: Columns) -> None:
        self._path, self._split, self._checked, self._columns = path, split, checked, columns

    def __len__(self) -> int:
        return self._checked.rows[self._split]

    def __iter__(self) -> Iterator[Task]:
        if _stamp(self._path) != self._checked.stamps[self._split]:
            raise BadInput(f"{self._path} has changed since it was checked; start again")
        copies = self._checked.copies[self._split]
        for row in read_rows(self._path, self._columns):
            data: dict[str, object] = {"answer": row.answer}
            if row.choices:
                data["choices"] = list(row.choices)
            if row.number in copies:
                # A task is known by its content; without this, a row that stands twice would count as done the second time.
                data["copy"] = copies[row.number]
            yield Task(_id(row, self._split), row.prompt, self._split, data, row.kind, row.origin)


def _system(text: str) -> str:
    if not text.startswith("@"):
        return text.strip()
    path = Path(text[1:])
    try:
        return path.read_bytes().decode("utf-8-sig").strip()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise BadInput(f"system={text}: the file cannot be read: {why}; give the text itself, or @FILE") from None


def _id(row: Row, split: Split) -> str:
    return row.id or f"{split}-{row.number}"


def _stamp(path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    return state.st_mtime_ns, state.st_size


def _check(dataset: Dataset) -> _Checked:
    """Go through every row of every file. Memory: a few hundred bytes a row while it lasts, none after."""
    judge = built_in(dataset.scorer, dataset.tolerance) if dataset.scorer in SCORERS else _own(dataset.scorer)
    choices = () if dataset.choices_file is None else read_choices(dataset.choices_file)
    checked = _Checked(judge, choices)
    ids: dict[int, tuple[Path, int]] = {}
    contents: dict[Split, dict[int, int]] = {}
    for split, path in dataset.files.items():
        checked.stamps[split] = _stamp(path) if path.is_file() else (0, 0)
        contents[split], answers = _check_file(dataset, checked, (split, path), ids)
        if split == "test":
            checked.commonest = max(answers.values()) / checked.rows[split]
    for at, split in enumerate(contents):
        for earlier in list(contents)[:at]:
            _refuse_overlap(dataset.files, contents, earlier, split)
    return checked


def _own(spec: str) -> Judge:
    found = load_object(spec, "scorer", "", {}, fits=callable)
    if not callable(found):
        raise BadInput(
            f"scorer {spec} is not a function; it must take the reply and the answer and give true, false or a score"
        )
    _require_signature(spec, found)
    return custom(found)


def _require_signature(spec: str, scorer: Callable[..., object]) -> None:
    if inspect.isclass(scorer) or inspect.iscoroutinefunction(scorer) or inspect.isasyncgenfunction(scorer):
        what = "a class" if inspect.isclass(scorer) else "async"
        raise BadInput(f"scorer {spec} is {what}; it must be a function {_SIGNATURE}")
    try:
        signature = inspect.signature(scorer)
    except (TypeError, ValueError):
        # What is written in C may not say what it takes.
        return
    try:
        signature.bind("", "")
    except TypeError:
        raise BadInput(f"scorer {spec} takes {signature}; it must take {_SIGNATURE}") from None


def _check_file(
    dataset: Dataset, checked: _Checked, file: tuple[Split, Path], ids: dict[int, tuple[Path, int]]
) -> tuple[dict[int, int], Counter[int]]:
    split, path = file
    first: dict[int, int] = {}
    times: Counter[int] = Counter()
    answers: Counter[int] = Counter()
    copies = checked.copies[split] = {}
    rows = 0
    for row in read_rows(path, dataset.columns):
        rows += 1
        _refuse_unusable(dataset.scorer, path, row, row.choices or checked.choices)
        key = hash(_id(row, split))
        if key in ids:
            before, line = ids[key]
            raise BadInput(f"{path}, line {row.line}: the id {_id(row, split)!r} stands at {before}, line {line} already")
        ids[key] = (path, row.line)
        content = row.content
        if first.setdefault(content, row.number) != row.number:
            times[content] += 1
            copies[row.number] = times[content] + 1
        answers[hash(row.answer)] += 1
    checked.rows[split] = rows
    return first, answers


def _refuse_unusable(scorer: str, path: Path, row: Row, choices: tuple[str, ...]) -> None:
    if choices:
        refuse_unlisted(path, row, choices)
    elif scorer == "choice":
        raise BadInput(f"{path}, line {row.line}: scorer=choice needs choices, in the row or in a file given as choices=PATH")
    if scorer == "numeric" and read_number(row.answer) is None:
        raise BadInput(f"{path}, line {row.line}: the answer {row.answer[:60]!r} is not a number, which scorer=numeric needs")
    if scorer == "regex":
        try:
            compile_safe(row.answer)
        except ValueError as error:
            raise BadInput(f"{path}, line {row.line}: the pattern {row.answer[:60]!r} cannot be used: {error}") from error


def _refuse_overlap(files: Mapping[Split, Path], contents: Mapping[Split, dict[int, int]], one: Split, other: Split) -> None:
    shared = contents[one].keys() & contents[other].keys()
    if not shared:
        return
    line, content = min((contents[other][c], c) for c in shared)
    rows = "1 row" if len(shared) == 1 else f"{len(shared)} rows"
    pair = f"{files[other]}, line {line} and {files[one]}, line {contents[one][content]}"
    raise BadInput(
        f"{files[other]} shares {rows} with {files[one]}, the first at {pair}; held-out rows must not be learned from"
    )
