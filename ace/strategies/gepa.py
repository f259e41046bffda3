"""The strategy `gepa`: the playbook as a text that GEPA optimises (Agrawal et al. 2025, arXiv:2507.19457).

The training cases are played with the playbook as it stands. After the last batch the package `gepa` begins with these
attempts, has texts written and played within a number of calls, and the best text is proposed as one delta.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Annotated

from ace.attempt import Briefing
from ace.errors import NotUsable
from ace.installing import pip_install
from ace.memory.view import View
from ace.options import Least
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles, Spends
from ace.strategies.optimizing import Effort, optimised
from ace.strategies.reflecting import kept, told
from ace.strategies.shown import BulletTokens, briefing
from ace.types import Episode, Reflection, Task, Trust

OFFERS = {"gepa": "Gepa"}
_TIMES = 3
"""Calls of learning to those of the training cases, where the number of calls is not said."""
_NOVICE = "novice"


class Gepa:
    """Shows the playbook; has GEPA optimise it after the last batch."""

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        calls: Annotated[
            int,
            Least(0),
            "Model calls in learning, training cases and texts together; 0: three times what the training cases take.",
        ] = 0,
        cases: Annotated[int, Least(1), "Training cases on which each accepted text is measured; at most half of them."] = 20,
        minibatch: Annotated[int, Least(1), "Training cases from which one text is proposed."] = 3,
        tokens: BulletTokens = 20000,
    ) -> None:
        self._roles, self._calls, self._cases, self._minibatch, self._tokens = roles, calls, cases, minibatch, tokens
        self.spends = Spends(900, calls=self._most)

    def _most(self, taken: int) -> int:
        """The calls that learning may take where the training cases take so many."""
        return self._calls or _TIMES * taken

    def require(self) -> None:
        if importlib.util.find_spec("gepa") is None:
            install = pip_install("'evolving-playbook[gepa]'")
            raise NotUsable(f"gepa is not usable: its package is not installed: {install}")
        told = self._roles.surroundings
        if told is not None and told.curator == _NOVICE:
            why = "the novice writes no texts; name a language model with --model or --curator-model"
            raise NotUsable(f"gepa is not usable by this model: {why}")

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        return briefing(task, book, self._tokens, told(earlier), draw)

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        if lesson.again or lesson.objection:
            return Learned(kept(lesson), notes=("gepa proposes one text in a run, and no second one",))
        if lesson.trust is Trust.UNTRUSTED:
            return Learned(kept(lesson))
        if lesson.left is None or lesson.rehearsal is None:
            return Learned(kept(lesson), notes=("gepa learns in a run of an environment alone, whose cases it can play",))
        if lesson.left:
            return Learned(kept(lesson))
        self.require()
        effort = Effort(self._most, self._cases, self._minibatch)
        found = await optimised(self._roles, lesson.rehearsal, book, lesson.seed, effort)
        return Learned(kept(lesson), found.delta, notes=found.notes, played=found.played)
