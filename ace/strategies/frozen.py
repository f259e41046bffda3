"""The strategy `frozen`: shows the playbook and learns nothing. What evaluation uses, and the control of every comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from ace.attempt import Briefing
from ace.errors import BadSetting
from ace.memory.view import View
from ace.options import require_once
from ace.playbooks.bullet import Bullet
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Roles
from ace.strategies.reflecting import kept, told
from ace.strategies.shown import BulletTokens, briefing
from ace.types import Episode, Reflection, Task, derive_seed

OFFERS = {"frozen": "Frozen"}


@dataclass(frozen=True, slots=True)
class PartDraw(Draw):
    """Shows a part of the playbook: none of the bullets `without`, and each other one with the chance `keep`, drawn from the
    attempt's seed; pinned ones always."""

    without: frozenset[str] = frozenset()
    keep: float = 1.0

    def chance(self, bullet: Bullet, masked: bool = False) -> float:
        if bullet.id in self.without or masked:
            return 0.0
        return 1.0 if bullet.pinned else self.keep

    def shows(self, bullet: Bullet, masked: bool = False) -> bool:
        return derive_seed("inclusion", self.seed, bullet.id) / 2**63 < self.chance(bullet, masked)


class Frozen:
    """Shows the playbook as it is, or a part of it, to find out what the rest does."""

    learns: ClassVar[bool] = False

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        tokens: BulletTokens = 1800,
        without: Annotated[str, "Ids of bullets that are not shown, with blanks or commas between."] = "",
        keep: Annotated[float, "Chance with which each bullet is shown, pinned ones always."] = 1.0,
    ) -> None:
        if not 0 <= keep <= 1:
            raise BadSetting(f"keep is {keep:g}; it must be a chance, from 0 to 1")
        self._tokens, self._keep = tokens, keep
        named = without.replace(",", " ").split()
        require_once(f"without={without!r}", named)
        self._without = frozenset(named)

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        if self._without or self._keep < 1:
            self._require_there(book)
            draw = PartDraw(draw.seed, draw.phase, mask=draw.mask, without=self._without, keep=self._keep)
        return briefing(task, book, self._tokens, told(earlier), draw)

    def _require_there(self, book: View) -> None:
        for id in self._without:
            if book.get(id) is None:
                raise BadSetting(f"bullet {id!r} is not in {book.revision.playbook}@{book.revision.number}; name one that is")

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return Learned(kept(lesson))
