"""Tasks from one file or folder, told apart into splits by what they ask.

Which split a task belongs to follows from its text alone: the same text never stands in two splits, and a task keeps its split
when others come or go.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ace.bounds import kind_fault
from ace.environments.tables import read_objects
from ace.errors import BadInput, BadSetting
from ace.types import SPLITS, Split, digest

SHARES = "50/20/30"
SHARES_HELP = "percent of tasks in train/val/test, by a hash of what is asked, where rows have no split of their own"
_SHARES = re.compile(r"(\d{1,3})/(\d{1,3})/(\d{1,3})")


def shares_of(text: str) -> tuple[int, int, int]:
    """The percentages in `text`, such as `50/20/30`. Raises `BadSetting`."""
    found = _SHARES.fullmatch(text.strip())
    shares = tuple(map(int, found.groups())) if found else ()
    if len(shares) != 3 or sum(shares) != 100:
        raise BadSetting(
            f"shares={text} cannot be used; write the percentages of train/val/test, which make 100, as in {SHARES}"
        )
    return shares[0], shares[1], shares[2]


def split_by_content(asked: str, shares: tuple[int, int, int]) -> Split:
    """The split of a task that asks `asked`, without regard to spacing."""
    at = int(digest(" ".join(asked.split()))[:12], 16) % 10_000 / 100
    return "train" if at < shares[0] else "val" if at < shares[0] + shares[1] else "test"


def records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The JSON objects of a file of JSON Lines, each with the place of its line for messages. Raises `BadInput`."""
    rows = 0
    for line, row in read_objects(path, _parsed, json.JSONDecoder(), ()):
        where = f"{path}, line {line}"
        if not isinstance(row, dict):
            raise BadInput(f"{where}: this is not a JSON object; each line must be one")
        rows += 1
        yield where, row
    if not rows:
        raise BadInput(f"{path} is empty; it must hold one JSON object a line")


def text_field(row: Mapping[str, Any], name: str, where: str, wanted: str) -> str:
    """The text in field `name`; `wanted` says what a row must have. Raises `BadInput`."""
    value = row.get(name)
    if isinstance(value, str) and value.strip():
        return value
    if name in row:
        raise BadInput(f"{where}: {name!r} must be a text that is not empty; {wanted}")
    near = difflib.get_close_matches(name, [key for key in row if isinstance(key, str)], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise BadInput(f"{where}: this is not a task: it has no {name!r}{hint}; {wanted}")


def kind_field(row: Mapping[str, Any], where: str, name: str = "kind") -> str:
    """The task's kind in field `name`, or empty. Raises `BadInput`."""
    kind = row.get(name) or ""
    if not isinstance(kind, str) or kind_fault(kind):
        raise BadInput(
            f"{where}: {name!r} cannot be a kind: {kind_fault(kind) if isinstance(kind, str) else 'it is not a text'}"
        )
    return kind


def split_field(row: Mapping[str, Any], where: str) -> Split | None:
    """The split that the row states itself. Raises `BadInput` where it is none."""
    said = row.get("split")
    if said is None:
        return None
    for split in SPLITS:
        if said == split:
            return split
    raise BadInput(f"{where}: 'split' is {said!r}; it must be one of {', '.join(SPLITS)}")


def require_both(counts: Mapping[Split, int], path: Path, hint: str) -> None:
    """Raise `BadInput` where there is nothing to learn from or nothing to measure on."""
    for split in ("train", "test"):
        if not counts[split]:
            total = sum(counts.values())
            tasks = "1 task" if total == 1 else f"{total} tasks"
            raise BadInput(f"{path}: none of its {tasks} came into the split {split}; {hint}")


def _parsed(text: str) -> Any:
    value = json.loads(text)
    if "\\u" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("it holds half a surrogate pair, which is not a character") from None
    return value
