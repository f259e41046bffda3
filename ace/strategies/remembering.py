"""What the strategies that show past attempts have in common: when they are read, and how they explore while learning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from ace.attempt import Briefing
from ace.memory.view import View
from ace.strategies.contract import Draw
from ace.strategies.reflecting import SOLVING
from ace.types import Past, Render, Trust

T = TypeVar("T")

ALL = 1_000_000
"""Attempts that are read at most: all there are."""
NOTHING_YET = "before"
"""The phase that measures the agent with nothing learned, also where the playbook has seen more in earlier runs."""


class Read(Generic[T]):
    """What `make` gives for the attempts at a playbook, made once for each view: all tasks of a batch of the same trust see the
    same."""

    def __init__(self, make: Callable[[Sequence[Past]], T]) -> None:
        self._make = make
        self._made: dict[Trust, tuple[View, T]] = {}
        self._nothing = make(())

    def of(self, book: View, draw: Draw) -> T:
        if draw.phase == NOTHING_YET:
            return self._nothing
        made = self._made.get(book.trust)
        if made is None or made[0] is not book:
            made = self._made[book.trust] = (book, self._make(book.attempts(ALL)))
        return made[1]


def shown(text: str, book: View, draw: Draw, *, stable: bool, explore: bool, chains: bool) -> Briefing:
    """The briefing that shows `text`, in the stable part of the prompt or just before the task."""
    render = Render(text, (book.revision.hash,))
    chain = SOLVING if chains and draw.learning else None
    return Briefing(text if stable else "", "" if stable else text, (), render, explore and draw.learning, chain)
