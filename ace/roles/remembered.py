"""Attempts at other cases as an agent is shown them: one a line, with no judgement of ours between."""

from __future__ import annotations

from collections.abc import Sequence

from ace.models import layout
from ace.playbooks.render import estimate_tokens
from ace.types import Past

HEAD = f"{layout.OTHERS}\n{layout.OTHERS_LEGEND}"
_CELL = 600
"""Characters kept of what was seen in an attempt, and of what was done in it."""


def line(past: Past) -> str:
    """One attempt on one line."""
    cells = (layout.item(text, _CELL) or layout.UNSEEN for text in (past.situation, past.choice))
    return layout.row(["+" if past.won else "-", *cells, *([layout.item(past.revealed, _CELL)] if past.revealed else [])])


def cost(past: Past) -> int:
    """Tokens that the line of an attempt takes, estimated at four characters each."""
    return estimate_tokens(line(past) + "\n")


def part(shown: Sequence[Past]) -> str:
    """The part of a request that shows these attempts; empty where there are none."""
    return "\n".join([HEAD, *map(line, shown)]) if shown else ""
