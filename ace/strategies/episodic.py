"""The strategy `episodic`: for each task the past attempts that are nearest to it, as they were, within a budget of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from ace.attempt import Briefing
from ace.evidence.nearest import Nearness
from ace.memory.view import View
from ace.options import Least
from ace.playbooks.render import estimate_tokens
from ace.roles.remembered import HEAD, cost, part
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles, Spends
from ace.strategies.reflecting import CHAINS, EXPLORE, Chains, Explore, kept
from ace.strategies.remembering import Read, shown
from ace.types import Episode, Past, Reflection, Task

OFFERS = {"episodic": "Episodic"}


class Episodic:
    """Shows the nearest past attempts just before the task; keeps the playbook empty."""

    shows_bullets: ClassVar[bool] = False

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        nearest: Annotated[int, Least(1), "The most past attempts that are shown."] = 30,
        tokens: Annotated[int, Least(0), "Tokens of the prompt that they may take."] = 3000,
        explore: Explore = EXPLORE,
        chains: Chains = CHAINS,
    ) -> None:
        self._most, self._tokens, self._explore, self._chains = nearest, tokens, explore, chains
        self._attempts = Read(Nearness)
        self.spends = Spends(tokens, chains=chains)

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        left = self._tokens - estimate_tokens(HEAD + "\n")
        chosen: list[Past] = []
        for past in self._attempts.of(book, draw).to(task.text, task.kind, self._most):
            left -= cost(past)
            if left < 0:
                break
            chosen.append(past)
        # The nearest stands last, next to the task.
        text = part(chosen[::-1])
        return shown(text, book, draw, stable=False, explore=self._explore, chains=self._chains)

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return Learned(kept(lesson))
