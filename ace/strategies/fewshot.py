"""The strategy `fewshot`: a few solved cases stand in every prompt, always the same ones (static demonstrations)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, ClassVar, Literal

from ace.attempt import Briefing
from ace.errors import NotUsable
from ace.memory.view import View
from ace.options import Least
from ace.roles.remembered import part
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles, Spends
from ace.strategies.reflecting import CHAINS, EXPLORE, Chains, Explore, kept
from ace.strategies.remembering import NOTHING_YET, Read, shown
from ace.types import Episode, Past, Reflection, Task

SHOT_TOKENS = 100
"""Tokens that a demonstration is expected to take."""

OFFERS = {"fewshot": "Fewshot"}


class Fewshot:
    """Shows solved cases in the stable part of the prompt. Once there are enough they never change."""

    shows_bullets: ClassVar[bool] = False

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        shots: Annotated[int, Least(1), "Demonstrations in every prompt."] = 8,
        from_: Annotated[
            Literal["wins", "oracle"], "The first wins in training, or training cases solved by the oracle."
        ] = "wins",
        explore: Explore = EXPLORE,
        chains: Chains = CHAINS,
    ) -> None:
        self._told, self._shots, self._oracle = roles.surroundings, shots, from_ == "oracle"
        self._explore, self._chains = explore, chains
        self.spends = Spends(shots * SHOT_TOKENS, chains=chains)
        self._text = Read(lambda attempts: part(list(islice((p for p in attempts if p.won), shots))))

    def require(self) -> None:
        if self._oracle and not self._solved():
            name = self._told.name if self._told else "nothing"
            raise NotUsable(f"fewshot from_=oracle is not usable: {name} has no oracle that solves its training cases")

    def _solved(self) -> Sequence[Past]:
        return self._told.solved(self._shots) if self._told else ()

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        text = self._text.of(book, draw)
        if self._oracle:
            text = part(self._solved()) if draw.phase != NOTHING_YET else ""
        return shown(text, book, draw, stable=True, explore=self._explore, chains=self._chains)

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return Learned(kept(lesson))
