"""The rows of a query, and when two sets of rows are the same answer.

Execution match (Zhong et al. 2020, arXiv:2010.02840): what counts is what a query gives, not how it is written. Rows are
compared as a multiset, with types, columns in their order and by any name; as a list where the question asks for an order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_EXACT = 2**53
_DIGITS = 10
"""Digits that two floating-point numbers share to be the same: sums differ with the order in which rows are read."""
_CELL = 80


class QueryFault(Exception):
    """A query that is not run, or that failed; the message is for the agent."""


@dataclass(frozen=True, slots=True)
class QueryRows:
    """What a query gave: names of columns, and rows. `more`: there were more than were read."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool = False

    def shown(self, most: int) -> str:
        """A table of at most `most` rows, cells cut."""
        lines = [" | ".join(self.columns)] + [" | ".join(map(_cell, row)) for row in self.rows[:most]]
        count = f"more than {len(self.rows)}" if self.more else str(len(self.rows))
        left = "" if len(self.rows) <= most and not self.more else f", the first {min(most, len(self.rows))} shown"
        return "\n".join([*lines, f"({count} {'row' if count == '1' else 'rows'}{left})"])


def same(one: QueryRows, other: QueryRows, ordered: bool) -> bool:
    """Whether both hold the same rows, `ordered` in the same order."""
    if len(one.columns) != len(other.columns) or len(one.rows) != len(other.rows) or one.more or other.more:
        return False
    left, right = _comparable(one.rows), _comparable(other.rows)
    return left == right if ordered else Counter(left) == Counter(right)


def unlike(one: QueryRows, others: Sequence[QueryRows]) -> str:
    """How `one`, which is the same as none of `others`, differs from the nearest of them: in its order alone, in values, in the
    number of rows, or in the number of columns. Nothing else of what they hold is said."""
    return _UNLIKE[min(_gap(one, other) for other in others)]


_UNLIKE = (
    "the rows are right and their order is not",
    "there are as many rows and columns as there should be, with other values",
    "there are too many rows",
    "there are too few rows",
    "there are too many columns",
    "there are too few columns",
)


def _gap(one: QueryRows, other: QueryRows) -> int:
    """The place in `_UNLIKE` of what sets `one` apart from `other`."""
    columns, rows = len(one.columns) - len(other.columns), len(one.rows) - len(other.rows)
    if columns:
        return 4 if columns > 0 else 5
    if rows or one.more:
        return 2 if rows > 0 or one.more else 3
    return 0 if same(one, other, ordered=False) else 1


def _comparable(rows: Sequence[tuple[Any, ...]]) -> list[Hashable]:
    return [tuple(map(_plain, row)) for row in rows]


def _plain(value: Any) -> Hashable:
    """A value with its type: a whole number is the same as integer, decimal and floating-point number, and never as text."""
    if isinstance(value, bool) or value is None:
        return type(value).__name__, value
    if isinstance(value, int | float | Decimal):
        if isinstance(value, int) and abs(value) >= _EXACT:
            return "number", str(value)
        return "number", f"{float(value) + 0.0:.{_DIGITS}g}"
    if isinstance(value, bytes | bytearray | memoryview):
        return "bytes", bytes(value)
    if isinstance(value, str):
        return "text", value
    if isinstance(value, list | tuple):
        return "list", tuple(map(_plain, value))
    return type(value).__name__, str(value)


def _cell(value: Any) -> str:
    text = "NULL" if value is None else " ".join(str(value).split())
    return text if len(text) <= _CELL else text[: _CELL - 3] + "..."
