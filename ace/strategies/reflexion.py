"""The strategy `reflexion`: an attempt is shown the last three reflections on the same task (Shinn et al. 2023, section 3);
what was reflected may be curated into the playbook afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from ace.attempt import Briefing
from ace.memory.view import View
from ace.roles.curator.settings import STOCK_CHECKED, STOCK_SHOWN, Checked, Shown, changed
from ace.strategies.ace import Ace
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles, without_effect
from ace.strategies.reflecting import CHAINS, EXPLORE, JOINT, SOLVING, Successes, reflect_all, told
from ace.strategies.shown import BulletTokens, briefing
from ace.types import Episode, Reflection, Task

OFFERS = {"reflexion": "Reflexion"}


class Reflexion:
    """Remembers per task; with `curate`, for all tasks too."""

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        curate: Annotated[bool, "Curate the reflections into the playbook as well."] = False,
        successes: Successes = False,
        tokens: BulletTokens = 1800,
        explore: Annotated[bool, "With curate, while learning: suggest an untried answer where no lesson decides."] = EXPLORE,
        chains: Annotated[bool, "With curate, where answers are listed: try again without a reflection in between."] = CHAINS,
        joint: Annotated[
            bool, "With curate, where answers are listed: reflect on the cases of a batch in one request."
        ] = JOINT,
        shown: Shown = STOCK_SHOWN,
        checked: Checked = STOCK_CHECKED,
    ) -> None:
        self._roles, self._tokens, self._successes = roles, tokens, successes
        self._explore, self._chains = explore and curate, chains and curate
        self._dictionary, self._near = curate and shown.dictionary, shown.near if curate else 0
        self._curating = (
            Ace(roles, tokens=tokens, successes=successes, chains=chains, joint=joint, shown=shown, checked=checked)
            if curate
            else None
        )
        self.checks = self._curating.checks if self._curating else ()
        said = {"explore": explore == EXPLORE, "chains": chains == CHAINS, "joint": joint == JOINT, **changed(shown, checked)}
        self._idle = without_effect({name: (stock, curate) for name, stock in said.items()}, "curate=false")

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        known = {r.episode for _, r in earlier}
        before = [(won, r) for won, r in book.recent_reflections(task.key) if r.episode not in known]
        made = briefing(task, book, self._tokens, told(earlier, before), draw)
        if not draw.learning:
            return made
        chain = SOLVING if self._chains else None
        return replace(made, explore=self._explore, chain=chain, dictionary=self._dictionary, near=self._near)

    def cautions(self) -> Sequence[str]:
        return self._idle

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        if self._curating:
            return await self._curating.learn(lesson, book)
        reflections, notes = await reflect_all(self._roles, lesson, book, successes=self._successes)
        return Learned(tuple(reflections), None, (), tuple(notes))
