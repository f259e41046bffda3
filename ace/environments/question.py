"""The one-step scene: something is asked, the first reply is judged.

Most tasks have this form, so it is written once; it takes the observation and a check of the reply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ace.types import Observation, Outcome


@dataclass(frozen=True, slots=True)
class Question:
    """A scene that ends with the first action; `check` says how."""

    first: Observation
    check: Callable[[str], Outcome]

    def act(self, action: str) -> Outcome:
        return self.check(action)

    def close(self) -> None:
        """Holds nothing."""
