"""The strategy `retry`: several attempts at each measured case, told only that the last one was wrong.

The control that reflection between attempts has to beat at the same number of attempts. Its success is success within k
attempts that know of each other, so it is not pass@k, which takes independent ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from ace.attempt import Briefing
from ace.memory.view import View
from ace.options import Least
from ace.roles.generator import Earlier
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles, Spends
from ace.strategies.reflecting import kept
from ace.types import Episode, Reflection, Task

OFFERS = {"retry": "Retry"}


class Retry:
    """Shows what was done in the lost attempts at the same case; learns nothing."""

    shows_bullets: ClassVar[bool] = False
    learns: ClassVar[bool] = False

    def __init__(
        self, roles: Roles, /, *, attempts: Annotated[int, Least(1), "Attempts at each measured case, until one wins."] = 4
    ) -> None:
        self._attempts = attempts
        self.spends = Spends(attempts * 60, attempts)

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        done = [Earlier(e.outcome.success, "", r.choice, "", "") for e, r in earlier]
        return Briefing(earlier=done, attempts=1 if draw.learning else self._attempts)

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return Learned(kept(lesson))
