"""The evaluations of a counterfactual: without the playbook, with it, without each bullet, and with bullets drawn by chance.

All derive their seeds from the same run seed, so that an attempt differs from the one beside it by what it is shown alone. The
attempts with bullets drawn by chance are the independent attempts of one evaluation, each with a seed of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ace.errors import BadInput, BadSetting, UnknownName
from ace.memory.store import Store
from ace.playbooks.bullet import Bullet
from ace.settings import RunSettings
from ace.types import Trust

FROZEN = "frozen"
CHANCE = 0.5
"""With which a bullet is shown where bullets are drawn by chance."""


class ByBullet(StrEnum):
    """How what a bullet does is found out: not at all, by leaving it out alone, by chance, or both."""

    NONE = "none"
    LEAVE_ONE_OUT = "leave-one-out"
    INCLUSION = "inclusion"
    BOTH = "both"

    @property
    def one_out(self) -> bool:
        return self in (ByBullet.LEAVE_ONE_OUT, ByBullet.BOTH)

    @property
    def drawn(self) -> bool:
        return self in (ByBullet.INCLUSION, ByBullet.BOTH)


def by_bullet(text: str) -> ByBullet:
    """The way that `text` names. Raises `UnknownName`."""
    known = [way.value for way in ByBullet]
    if text not in known:
        raise UnknownName("way to tell bullets apart", text, known)
    return ByBullet(text)


@dataclass(frozen=True, slots=True)
class Sides:
    """What is played: `without` the playbook, `whole`, without each of `bullets` (`one_out`, in their order; empty where that
    was not asked for), and with bullets `drawn` by chance (`None` where not)."""

    bullets: tuple[Bullet, ...]
    without: RunSettings
    whole: RunSettings
    one_out: tuple[RunSettings, ...]
    drawn: RunSettings | None

    @property
    def all(self) -> list[RunSettings]:
        return [self.without, self.whole, *self.one_out, *([self.drawn] if self.drawn else [])]


def sides(store: Store, settings: RunSettings, by: ByBullet, plays: int) -> Sides:
    """What is played for the playbook that `settings` name, at the revision that it has now. Raises `BadSetting` for another
    strategy and too few plays, `BadInput` for a playbook of which nothing is shown, and `NotFound`."""
    if settings.strategy != FROZEN:
        raise BadSetting(f"a counterfactual plays the strategy {FROZEN}, and not {settings.strategy}")
    if by.drawn and plays < 2:
        raise BadSetting(f"plays is {plays}; bullets drawn by chance need 2 or more at each task, and 8 tell something")
    if own := sorted({"without", "keep"} & settings.strategy_settings.keys()):
        raise BadSetting(f"{own[0]} is what a counterfactual sets; leave it out")
    revision = store.resolve(settings.playbook)
    bullets = tuple(store.view(settings.playbook).at(Trust.TRUSTED).bullets())
    if not bullets:
        raise BadInput(f"playbook {settings.playbook} shows no bullet, so there is nothing to leave out")
    whole = replace(settings, playbook=f"{revision.playbook}@{revision.number}", attempts=1)
    one_out = [_with(whole, without=b.id) for b in bullets] if by.one_out else []
    drawn = replace(_with(whole, keep=str(CHANCE)), attempts=plays) if by.drawn else None
    return Sides(bullets, replace(whole, playbook=f"{revision.playbook}@0"), whole, tuple(one_out), drawn)


def _with(settings: RunSettings, **strategy: str) -> RunSettings:
    return replace(settings, strategy_settings={**settings.strategy_settings, **strategy})


def in_words(found: Sides, number: int) -> str:
    """What the evaluation with this number, from 0, is of."""
    if number < 2:
        return ("without the playbook", "with the playbook")[number]
    rest: Sequence[Bullet] = found.bullets if found.one_out else ()
    return f"without {rest[number - 2].id}" if number - 2 < len(rest) else "with bullets drawn by chance"
