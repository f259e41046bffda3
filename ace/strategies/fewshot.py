"""The strategy `fewshot`: a few solved cases stand in every prompt, always the same ones (static demonstrations)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Annotated

from ace.attempt import Briefing
from ace.memory.view import View
from ace.options import Least
from ace.roles.remembered import part
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles
from ace.strategies.reflecting import CHAINS, EXPLORE, kept
from ace.strategies.remembering import Read, shown
from ace.types import Episode, Reflection, Task

OFFERS = {"fewshot": "Fewshot"}


class Fewshot:
    """Shows the first wins in the stable part of the prompt; once there are enough, they never change."""

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        shots: Annotated[int, Least(1), "Demonstrations in every prompt."] = 8,
        explore: Annotated[bool, "While learning, name an untried answer to take where no lesson decides."] = EXPLORE,
        chains: Annotated[bool, "Where answers are listed, try a lost case again without a reflection in between."] = CHAINS,
    ) -> None:
        self._explore, self._chains = explore, chains
        self._text = Read(lambda attempts: part(list(islice((p for p in attempts if p.won), shots))))

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        return shown(self._text.of(book, draw), book, draw, stable=True, explore=self._explore, chains=self._chains)

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return Learned(kept(lesson))
