"""Small sets of programming tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ADD = {
    "task_id": "add",
    "prompt": 'def add(a: int, b: int) -> int:\n    """Give the sum of `a` and `b`."""\n',
    "entry_point": "add",
    "canonical_solution": "    return a + b\n",
    "test": "def check(candidate):\n    assert candidate(1, 2) == 3\n    assert candidate(-1, 1) == 0\n",
    "split": "train",
}
TWICE = ADD | {
    "task_id": "twice",
    "prompt": 'from typing import List\n\n\ndef twice(items: List[int]) -> List[int]:\n    """Each of `items` doubled."""\n',
    "entry_point": "twice",
    "canonical_solution": "    return [2 * i for i in items]\n",
    "test": "def check(candidate):\n    assert candidate([1, 2]) == [2, 4]\n",
    "split": "test",
}
STACK = """
from collections import namedtuple
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from math import inf

class Empty(LookupError):
    pass


class Stack:
    def __init__(self, items=()):
        self.items = list(items)

    def push(self, item):
        self.items.append(item)
        return self

    def pop(self):
        if not self.items:
            raise Empty("nothing is left", 0)
        return self.items.pop()

    def __len__(self):
        return len(self.items)

    def __iter__(self):
        return iter(self.items)

    def __contains__(self, item):
        return item in self.items

    def __eq__(self, other):
        return isinstance(other, Stack) and self.items == other.items

    def __add__(self, other):
        return Stack(self.items + other.items)


def sort(items, key=None):
    items.sort(key=key)


def largest(items, default=None):
    return max(items, default=default)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


Point = namedtuple("Point", "x y")


def values():
    tomorrow = date(2024, 2, 29) + timedelta(days=1)
    at = datetime(2024, 1, 1, 12, 30)
    return {"day": tomorrow, "at": at, "half": Fraction(1, 2), "cent": Decimal("0.01"), "far": inf, "big": 2**200}


def favourite():
    return Colour.RED
"""
STACK_TESTS = """
import pytest
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import inf
from solution import Colour, Empty, Point, Stack, favourite, largest, sort, values


def test_push_and_pop():
    stack = Stack()
    assert stack.push(1).push("b").pop() == "b"
    assert len(stack) == 1 and list(stack) == [1] and 1 in stack and 2 not in stack


def test_empty():
    with pytest.raises(Empty, match="nothing is left") as found:
        Stack().pop()
    assert found.value.args == ("nothing is left", 0)
    assert isinstance(found.value, LookupError)


def test_equal():
    assert Stack([1]) == Stack([1]) and Stack([1]) != Stack([2]) and Stack([1]) + Stack([2]) == Stack([1, 2])
    assert isinstance(Stack(), Stack) and not isinstance(3, Stack)


@pytest.mark.parametrize(("items", "expected"), [([3, 1, 2], [1, 2, 3]), ([], [])])
def test_sort_in_place(items, expected):
    assert sort(items) is None
    assert items == expected


def test_key():
    words = ["ccc", "a", "bb"]
    sort(words, key=len)
    assert words == ["a", "bb", "ccc"]
    sort(words, key=lambda word: -len(word))
    assert words == ["ccc", "bb", "a"]


def test_values():
    at, day = datetime(2024, 1, 1, 12, 30), date(2024, 3, 1)
    expected = {"day": day, "at": at, "half": Fraction(1, 2), "cent": Decimal("0.01"), "far": inf, "big": 2**200}
    assert values() == expected


def test_enumerations_and_named_tuples():
    assert favourite() is Colour.RED and favourite() == Colour.RED and favourite() != Colour.BLUE
    assert favourite().value == "red" and Colour("blue") is Colour.BLUE and [c.name for c in Colour] == ["RED", "BLUE"]
    point = Point(1, y=2)
    assert point == (1, 2) and point.x == 1 and len(point) == 2 and point[1] == 2 and list(point) == [1, 2]
    assert point + (3,) == (1, 2, 3)


def test_files(tmp_path):
    (tmp_path / "numbers").write_text("1 2")
    assert largest(map(int, (tmp_path / "numbers").read_text().split())) == 2
    assert largest([], default=(0,)) == (0,)
"""


def written(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def folder(place: Path, name: str, asked: str = "Write a stack.", tests: str = STACK_TESTS, solution: str = STACK) -> Path:
    """The folder of a task of pytest."""
    made = place / name
    made.mkdir(parents=True)
    for file, text in (("task.md", asked), ("test_it.py", tests), ("solution.py", solution)):
        if text:
            (made / file).write_text(text, encoding="utf-8")
    return made
