"""Names and values as they stand in JSON and in tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_RULE = re.compile(r"\|?(?:\s*:?-{2,}:?\s*\|)+\s*(?::?-{2,}:?\s*)?\|?")
_HEADS = frozenset(
    {"field", "name", "fact", "attribute", "property", "key", "item", "parameter", "variable", "feature", "column"}
)
_NAME = ("name", "key", "field", "attribute")
_MAX_DEPTH = 4
_MAX_MEMBERS = 500
Pair = tuple[str, str]


def members(found: object) -> list[Pair]:
    """The plain members of a JSON value as names and texts: of an object inside an object under both names; of a list where it
    has one object, or says names and values."""
    return [pair for pair, _ in zip(_members("", found, _MAX_DEPTH), range(_MAX_MEMBERS), strict=False)]


def _members(name: str, found: object, depth: int) -> Iterator[Pair]:
    if isinstance(found, str | int | float):
        if name and str(found).strip():
            yield name, str(found)
    elif isinstance(found, dict) and depth:
        label = next((str(found[k]) for k in _NAME if k in found and "value" in found), "")
        if label and len(found) <= 3:
            yield from _members(label, found["value"], depth - 1)
            return
        for key, value in found.items():
            yield from _members(f"{name} {key}".strip(), value, depth - 1)
    elif isinstance(found, list) and depth:
        objects = [f for f in found if isinstance(f, dict)]
        if len(objects) == 1 or (objects and all("value" in f for f in objects)):
            for each in objects:
                yield from _members(name, each, depth - 1)


def tables_of(lines: Sequence[str]) -> tuple[list[str], list[Pair]]:
    """The lines outside tables, and the names and values of tables with a head: one row under it, or a name and a value a row.
    A table of several cases names none."""
    outside: list[str] = []
    rows: list[Pair] = []
    at = 0
    while at < len(lines):
        if at + 1 < len(lines) and "|" in lines[at] and _RULE.fullmatch(lines[at + 1].strip()):
            end = at + 2
            while end < len(lines) and "|" in lines[end]:
                end += 1
            found = list(_table(_cells(lines[at]), [_cells(line) for line in lines[at + 2 : end]]))
            rows += found
            outside += [] if found else lines[at:end]
            at = end
        else:
            outside.append(lines[at].replace("\t", ": ", 1) if lines[at].strip().count("\t") == 1 else lines[at])
            at += 1
    return outside, rows


def _cells(line: str) -> list[str]:
    return [cell.strip().strip("*`") for cell in line.strip().strip("|").split("|")]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[Pair]:
    filled = [row for row in rows if any(row)]
    if len(head) == 2 and (head[0].lower() in _HEADS or head[1].lower() == "value" or len(filled) > 1):
        yield from ((row[0], row[1]) for row in filled if len(row) == 2)
    elif len(filled) == 1 and len(filled[0]) == len(head):
        yield from zip(head, filled[0], strict=True)
