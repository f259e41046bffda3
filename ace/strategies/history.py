"""The strategy `history`: all past attempts stand in the prompt, as they were, up to a budget of tokens.

Attempts are only ever added at the end, so that a provider's cache of the prompt's beginning holds. Where the budget is
full the oldest are dropped until half of it is used, all at once: dropping one for each that comes would change the beginning
every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from ace.attempt import Briefing
from ace.memory.view import View
from ace.options import Least
from ace.playbooks.render import estimate_tokens
from ace.roles.remembered import HEAD, cost, part
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles, Spends
from ace.strategies.reflecting import CHAINS, EXPLORE, Chains, Explore, kept
from ace.strategies.remembering import Read, shown
from ace.types import Episode, Past, Reflection, Task

OFFERS = {"history": "WholeHistory"}


class WholeHistory:
    """Shows all past attempts in the stable part of the prompt; keeps the playbook empty."""

    shows_bullets: ClassVar[bool] = False

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        tokens: Annotated[int, Least(0), "Tokens of the prompt that past attempts may take."] = 8000,
        explore: Explore = EXPLORE,
        chains: Chains = CHAINS,
    ) -> None:
        self._explore, self._chains = explore, chains
        self.spends = Spends(tokens, chains=chains)
        self._text = Read(lambda attempts: part(fitting(attempts, tokens)))

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        text = self._text.of(book, draw)
        return shown(text, book, draw, stable=True, explore=self._explore, chains=self._chains)

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return Learned(kept(lesson))


def fitting(attempts: Sequence[Past], tokens: int) -> Sequence[Past]:
    """Those of `attempts` (oldest first) that are shown within `tokens`: all, until they no longer fit; then the oldest are
    dropped until half of the tokens are free, and so on. A longer list of attempts that begins alike begins alike here too."""
    room = tokens - estimate_tokens(HEAD + "\n")
    costs = [cost(p) for p in attempts]
    start, used = 0, 0
    for end, added in enumerate(costs, 1):
        used += added
        if used > room:
            while start < end and used > room // 2:
                used -= costs[start]
                start += 1
    return attempts[start:]
