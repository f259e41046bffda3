"""The strategy `empty`: the agent as it is, shown nothing and learning nothing. The baseline of every comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ace.attempt import Briefing
from ace.memory.view import View
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles, Spends
from ace.strategies.reflecting import kept
from ace.types import Episode, Reflection, Task

OFFERS = {"empty": "Empty"}


class Empty:
    """Shows nothing, not even a playbook that is there, and learns nothing."""

    shows_bullets: ClassVar[bool] = False
    learns: ClassVar[bool] = False

    def __init__(self, roles: Roles, /) -> None:
        """The roles are never asked."""
        self.spends = Spends()

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        return Briefing()

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return Learned(kept(lesson))
