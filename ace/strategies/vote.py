"""The strategy `vote`: the model is asked several times for each move, and the commonest is taken (self-consistency,
Wang et al. 2023). Each sample is a call, and is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from ace.attempt import Briefing
from ace.memory.view import View
from ace.options import Least
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles, Spends, require_choices
from ace.strategies.reflecting import kept
from ace.types import Episode, Reflection, Task

OFFERS = {"vote": "Voting"}


class Voting:
    """Shows nothing and learns nothing; votes when measuring."""

    shows_bullets: ClassVar[bool] = False
    learns: ClassVar[bool] = False

    def __init__(
        self, roles: Roles, /, *, samples: Annotated[int, Least(2), "Samples of each move when measuring."] = 5
    ) -> None:
        self._roles, self._samples = roles, samples
        self.spends = Spends(votes=samples)

    def require(self) -> None:
        require_choices(self._roles, "vote")

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        return Briefing(votes=1 if draw.learning else self._samples)

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return Learned(kept(lesson))
