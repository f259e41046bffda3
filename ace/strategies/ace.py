"""The strategy `ace`: reflect on every attempt, curate small edits, show the playbook (ACE, Zhang et al. 2025)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from ace.attempt import Briefing
from ace.evidence.attempts import Attempts
from ace.memory.view import View
from ace.roles.curator.settings import STOCK_CHECKED, STOCK_SHOWN, Checked, Shown, changed
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles, without_effect
from ace.strategies.curating import Curating, stored
from ace.strategies.reflecting import (
    CHAINS,
    EXPLORE,
    JOINT,
    SOLVING,
    Chains,
    Explore,
    Joint,
    Successes,
    names_of,
    near_in,
    reflect_all,
    told,
)
from ace.strategies.shown import BulletTokens, briefing
from ace.types import Episode, Reflection, Task

OFFERS = {"ace": "Ace"}


class Ace:
    """Shows the playbook; learns by reflection and curation from successes and failures alike."""

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        tokens: BulletTokens = 1800,
        curate: Annotated[bool, "Curate what was reflected; off, the playbook stays as it is (a control)."] = True,
        successes: Successes = True,
        explore: Explore = EXPLORE,
        chains: Chains = CHAINS,
        joint: Joint = JOINT,
        shown: Shown = STOCK_SHOWN,
        checked: Checked = STOCK_CHECKED,
    ) -> None:
        self._roles, self._tokens = roles, tokens
        self._successes, self._explore, self._chains, self._joint = successes, explore, chains, joint
        self._near = shown.near if curate else 0
        self._dictionary = curate and shown.dictionary
        self._curating = Curating(roles, tokens, shown, checked) if curate else None
        self.checks = ("fit",) if checked.check and curate else ()
        self._idle = without_effect({n: (stock, curate) for n, stock in changed(shown, checked).items()}, "curate=false")

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        made = briefing(task, book, self._tokens, told(earlier), draw)
        if not draw.learning:
            return made
        chain = SOLVING if self._chains else None
        return replace(made, explore=self._explore, chain=chain, dictionary=self._dictionary, near=self._near)

    def cautions(self) -> Sequence[str]:
        return self._idle

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        past = stored(book) if self._curating else ()
        names = names_of(past) if self._dictionary else ()
        reflections, notes = await reflect_all(
            self._roles,
            lesson,
            book,
            successes=self._successes,
            chains=self._chains,
            joint=self._joint,
            names=names,
            near=near_in(past, self._near),
        )
        if not reflections or self._curating is None:
            return Learned(tuple(reflections), None, (), tuple(notes))
        attempts = Attempts.of(lesson.episodes, reflections, past)
        asked = await self._curating.propose(lesson, reflections, book, attempts, notes)
        if isinstance(asked, str):
            return Learned(tuple(reflections), None, (), (*notes, asked))
        delta, attempts = asked
        return Learned(tuple(reflections), delta, (), tuple(notes), self.checks, attempts)
