"""Sets of programming tasks: JSON Lines in the form of HumanEval, or a folder with a folder for each task.

A set is read whole when its tasks are first asked for; what is not a task is refused by file and line, and so is a task that
stands there twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ace.environments.splitting import kind_field, records, require_both, split_by_content, split_field, text_field
from ace.errors import BadInput, no_file
from ace.types import SPLITS, Split, Task

ROW = 'a task is {"task_id": ..., "prompt": ..., "entry_point": ..., "canonical_solution": ..., "test": ...}'
FOLDER = "the folder of a task holds task.md (what is asked), files of pytest (test_*.py or *_test.py) and may hold solution.py"
MODULE = "solution"
_TEXTS = ("task.md", "README.md", "instructions.md")
_ANNOTATED = r"\bdef[ ]+{}\b.*?\)[ ]*->[ ]*[\"']?(?:typing\.)?(\w+)"
_LONGEST_TEST = 200_000


@dataclass(frozen=True, slots=True)
class CodeSet:
    """Tasks by split. A task's `data` has `entry` and `test`, or `folder`; `reference` where there is one."""

    tasks: dict[Split, list[Task]]

    @classmethod
    def read(cls, path: Path, shares: tuple[int, int, int]) -> CodeSet:
        """The tasks at `path`, told apart by `shares`. Raises `BadInput`."""
        try:
            folder, file = path.is_dir(), path.is_file()
        except (OSError, ValueError) as error:
            raise BadInput(f"{path} cannot be read: {error}") from error
        if not folder and not file:
            raise BadInput(f"{path} {no_file(path)}; tasks are a file of JSON Lines or a folder")
        found: dict[Split, list[Task]] = {split: [] for split in SPLITS}
        places: dict[str, str] = {}
        for where, task, stated in _folders(path) if folder else _rows(path):
            content = " ".join(task.text.split())
            if content in places:
                raise BadInput(f"{where}: the same is asked at {places[content]} already")
            places[content] = where
            split = stated or split_by_content(task.text, shares)
            found[split].append(Task(task.id, task.text, split, task.data, task.kind))
        hint = (
            "give more tasks, other shares, or folders train and test"
            if folder
            else "give more tasks, other shares, or a split in each row"
        )
        require_both({split: len(tasks) for split, tasks in found.items()}, path, hint)
        return cls(found)


def _rows(path: Path) -> Iterator[tuple[str, Task, Split | None]]:
    ids: dict[str, str] = {}
    for where, row in records(path):
        task = _row(row, where)
        if task.id in ids:
            raise BadInput(f"{where}: the id {task.id!r} stands at {ids[task.id]} already")
        ids[task.id] = where
        yield where, task, split_field(row, where)


def _row(row: dict[str, Any], where: str) -> Task:
    prompt, entry, test = (text_field(row, name, where, ROW) for name in ("prompt", "entry_point", "test"))
    name, reference = row.get("task_id", where.rpartition(" ")[2]), row.get("canonical_solution")
    if not entry.isidentifier():
        raise BadInput(f"{where}: 'entry_point' must be the name of a function, not {entry[:60]!r}")
    if len(test) > _LONGEST_TEST or not re.search(r"\bassert|\braise\b|\bcheck\b", test):
        raise BadInput(f"{where}: 'test' asserts nothing; it must define check(candidate), or assert something of {entry}")
    if reference is not None and not isinstance(reference, str):
        raise BadInput(f"{where}: 'canonical_solution' must be a text, or left out")
    kind = kind_field(row, where) or _kind(prompt, entry)
    data = {"entry": entry, "test": test, "prompt": prompt, **({"reference": reference} if reference else {})}
    return Task(str(name), prompt, data=data, kind=kind)


def _kind(prompt: str, entry: str) -> str:
    """What the function returns, as its prompt states it."""
    found = re.search(_ANNOTATED.format(re.escape(entry)), prompt, re.DOTALL)
    return f"returns {found[1].lower()}" if found else "returns what is not stated"


def _folders(path: Path) -> Iterator[tuple[str, Task, Split | None]]:
    splits = [split for split in SPLITS if (path / split).is_dir() and not _tests(path / split)]
    places: list[tuple[Path, Split | None]] = [(path / split, split) for split in splits] or [(path, None)]
    count = 0
    for place, split in places:
        for folder in sorted(p for p in place.rglob("*") if p.is_dir() and _text_file(p)):
            count += 1
            yield str(folder), _folder(folder, place), split
    if not count:
        raise BadInput(f"{path} holds no task; {FOLDER}")


def _folder(folder: Path, place: Path) -> Task:
    tests, text = _tests(folder), _text_file(folder)
    if not tests or text is None:
        raise BadInput(f"{folder} has no tests; {FOLDER}")
    if not any(re.search(r"^\s*(?:async )?def test|^class Test", _read(test), re.MULTILINE) for test in tests):
        raise BadInput(f"{folder} has no tests in {', '.join(t.name for t in tests)}: pytest finds functions called test_...")
    reference = folder / f"{MODULE}.py"
    above = folder.relative_to(place).parent
    data: dict[str, Any] = {"folder": str(folder.resolve()), "tests": {t.name: _read(t) for t in tests}}
    if reference.is_file():
        data["reference"] = _read(reference)
    return Task(
        folder.relative_to(place).as_posix(),
        _read(text).strip(),
        data=data,
        kind=above.as_posix() if above.parts else "tests of pytest",
    )


def _text_file(folder: Path) -> Path | None:
    return next((folder / name for name in _TEXTS if (folder / name).is_file()), None)


def _tests(folder: Path) -> list[Path]:
    return sorted({*folder.glob("test_*.py"), *folder.glob("*_test.py")})


def _read(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read as UTF-8 text: {error}") from error
    if not text.strip():
        raise BadInput(f"{path} is empty")
    return text
