"""The strategy `frozen`: shows the playbook and learns nothing. What evaluation uses, and the control of every comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ace.attempt import Briefing
from ace.memory.view import View
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles
from ace.strategies.reflecting import kept, told
from ace.strategies.shown import BulletTokens, briefing
from ace.types import Episode, Reflection, Task

OFFERS = {"frozen": "Frozen"}


class Frozen:
    """Shows the playbook as it is."""

    learns: ClassVar[bool] = False

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        tokens: BulletTokens = 1800,
    ) -> None:
        self._tokens = tokens

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        return briefing(task, book, self._tokens, told(earlier), draw)

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return Learned(kept(lesson))
