"""The strategy `oracle-book`: the rules that the environment itself states, as a playbook: the most that reading can give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from ace.attempt import Briefing
from ace.errors import NotUsable
from ace.memory.view import View
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles, Spends
from ace.strategies.reflecting import kept
from ace.strategies.remembering import NOTHING_YET
from ace.types import Episode, Reflection, Render, Task

OFFERS = {"oracle-book": "OracleBook"}


class OracleBook:
    """Shows the environment's own rules; learns nothing."""

    shows_bullets: ClassVar[bool] = False

    def __init__(self, roles: Roles, /) -> None:
        self._told = roles.surroundings
        self.spends = Spends(900)

    def require(self) -> None:
        if not (self._told and self._told.rules()):
            name = self._told.name if self._told else "nothing"
            how = f"an environment does with stated_rules(), some by a setting (ace env show {name})"
            raise NotUsable(f"oracle-book is not usable: {name} states no rules; {how}")

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        if draw.phase == NOTHING_YET:
            return Briefing()
        rules = self._told.rules() if self._told else ()
        text = "\n".join(["## Rules", *(f"- [rul-{n:04}] {rule}" for n, rule in enumerate(rules, 1))])
        return Briefing(text, render=Render(text))

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return Learned(kept(lesson))
