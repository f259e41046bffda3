"""What a game is here: start positions by number, plays of them, and the way to win where it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Start:
    """A start position: its text, the game's `name`, and its kind."""

    name: str
    text: str
    kind: str


class Play(Protocol):
    """A game under way. `told` says, when it is over, what happened."""

    told: str

    def text(self) -> str: ...

    def step(self, action: int) -> bool | None:
        """Take the action of that number: whether the game is won, or `None` while it goes on."""
        ...

    def close(self) -> None: ...


class GymGame(Protocol):
    """A game: the words for its actions, what winning it is, and `rules` to play it by where they can be stated."""

    @property
    def actions(self) -> tuple[str, ...]: ...

    @property
    def goal(self) -> str: ...

    @property
    def rules(self) -> Sequence[str]: ...

    def start(self, number: int) -> Start | None: ...

    def play(self, number: int, seed: int) -> Play: ...

    def way(self, number: int) -> Sequence[str] | None: ...
