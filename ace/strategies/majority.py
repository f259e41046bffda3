"""The strategy `majority`: every case gets the choice that won most often in training. No model is asked when measuring.

It measures how far the commonest answer alone gets: a method that does not beat it has learned nothing about single cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from ace.attempt import Briefing
from ace.memory.view import View
from ace.roles.exploring import Course, course_of
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles, Spends, require_choices
from ace.strategies.reflecting import CHAINS, EXPLORE, SOLVING, Chains, Explore, kept
from ace.strategies.remembering import Read
from ace.types import Episode, Past, Reflection, Task

OFFERS = {"majority": "Majority"}


class Majority:
    """Shows nothing; when measuring, takes the commonest winning choice that can be taken."""

    shows_bullets: ClassVar[bool] = False

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        explore: Explore = EXPLORE,
        chains: Chains = CHAINS,
    ) -> None:
        self._roles, self._explore, self._chain = roles, explore, SOLVING if chains else None
        self._commonest = Read(commonest)
        self.spends = Spends(votes=0, chains=chains)

    def require(self) -> None:
        require_choices(self._roles, "majority")

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        if draw.learning:
            return Briefing(explore=self._explore, chain=self._chain)
        return Briefing(fixed=self._commonest.of(book, draw))

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return Learned(kept(lesson))


def commonest(attempts: Sequence[Past]) -> tuple[Course, ...]:
    """The choices that won, the commonest first, of equals the one that won first."""
    return tuple(course_of(choice) for choice, _ in Counter(p.choice for p in attempts if p.won).most_common())
