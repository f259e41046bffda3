"""Reading the flat table of attempts, by its heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ace.models import layout

_ROW = re.compile(r"([+-]) #(\d+)( new)?")

_LAST = (layout.CHOICE, layout.LESSONS, layout.MORE)
"""The columns behind those of the facts; what the environment said may follow."""


class ReadRow(NamedTuple):
    """One attempt of the table; `groups` are the lessons it followed."""

    number: int
    won: bool
    situation: str
    choice: str
    said: str
    lesson: str
    new: bool
    groups: list[str]


def read_rows(lines: Sequence[str]) -> Iterator[ReadRow]:
    """The rows below the heading, which names their columns; above it may stand facts of them all. A row may take over the
    facts of an earlier one."""
    heads = next((line.split(layout.FIELD) for line in lines if line.startswith("row" + layout.FIELD)), None)
    if heads is None:
        return
    every = next((line.split(layout.FIELD)[1:] for line in lines if line.startswith(layout.EVERY_ROW + layout.FIELD)), [])
    names = heads[1 : -len(_LAST) - (heads[-1] == layout.SAID)]
    situations: dict[str, str] = {}
    for line in lines:
        cells = line.split(layout.FIELD)
        head = _ROW.fullmatch(cells[0])
        if head is None:
            continue
        if len(cells) > 1 and cells[1].startswith(layout.SAME_CASE):
            situation, rest = situations.get(cells[1].removeprefix(layout.SAME_CASE), ""), cells[2:]
            choice, ids, more, said = _padded(rest)
        else:
            rest = cells[1 + len(names) :]
            choice, ids, more, said = _padded(rest)
            facts = [f"{n}: {v}" for n, v in zip(names, cells[1:], strict=False) if v not in ("", layout.UNSEEN)]
            situation = "; ".join([*every, *facts, *([more] if more else [])])
        situations[head[2]] = situation
        yield ReadRow(int(head[2]), head[1] == "+", situation, choice, said, "", bool(head[3]), ids.split())


def _padded(rest: Sequence[str]) -> tuple[str, str, str, str]:
    choice, ids, more, said, *_ = [*rest, "", "", "", ""]
    return choice, ids, more, said
