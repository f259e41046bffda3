"""What an experiment does: one run for each arm and seed, all with the same settings but the arm's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ace.errors import BadSetting
from ace.experiments.arms import EMPTY, Arm
from ace.experiments.own import ANY, with_own
from ace.runs.tasks import AFTER, ONLY
from ace.settings import RunSettings
from ace.types import JSON

_WHOLE = re.compile("-?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Cell:
    """One run of an experiment: an arm and a seed."""

    arm: Arm
    seed: int


@dataclass(frozen=True, slots=True)
class Design:
    """An experiment: the settings that all its runs share (`base`), its arms, its seeds, and the name of the arm that
    the others are compared with."""

    base: RunSettings
    arms: tuple[Arm, ...]
    seeds: tuple[int, ...]
    baseline: str

    @property
    def cells(self) -> list[Cell]:
        """A run for each arm and seed, one seed after the other, so that a stopped experiment has whole seeds."""
        return [Cell(arm, seed) for seed in self.seeds for arm in self.arms]

    def settings(self, cell: Cell) -> RunSettings:
        """What the run of `cell` is begun with."""
        arm = cell.arm
        return replace(
            with_own(self.base, arm.own, arm.name),
            strategy=arm.strategy,
            strategy_settings=dict(arm.settings),
            seed=cell.seed,
            measured=AFTER if arm.learns else ONLY,
            shuffled=True,
        )

    def gates(self, arm: Arm) -> Sequence[str]:
        """The gates that `arm` has for itself."""
        return with_own(ANY, arm.own, arm.name).gates

    def arm(self, name: str) -> Arm:
        """The arm of this name."""
        return next(a for a in self.arms if a.name == name)

    def against(self, baseline: str) -> Design:
        """This design with the other arms compared with `baseline`; as it is where none is named. Raises `BadSetting`."""
        if not baseline:
            return self
        _require_among(baseline, [a.name for a in self.arms])
        return replace(self, baseline=baseline)

    def extended(self, arms: Sequence[Arm], seeds: Sequence[int]) -> Design:
        """This design with `arms` and `seeds` that it does not have yet. Raises `BadSetting` where an arm of the same name is
        another one."""
        known = {a.name: a for a in self.arms}
        for arm in arms:
            if known.get(arm.name, arm) != arm:
                raise BadSetting(f"arm {arm.name} is there with other settings; describe the new one under another name")
        added = tuple(a for a in arms if a.name not in known)
        return replace(self, arms=(*self.arms, *added), seeds=(*self.seeds, *(s for s in seeds if s not in self.seeds)))

    def as_json(self) -> dict[str, JSON]:
        return {
            "settings": self.base.as_json(),
            "arms": [a.as_json() for a in self.arms],
            "seeds": list(self.seeds),
            "baseline": self.baseline,
        }

    @classmethod
    def from_json(cls, row: Mapping[str, JSON]) -> Design:
        base, arms = RunSettings.from_json(row["settings"]), tuple(map(Arm.from_json, row["arms"]))
        return cls(base, arms, tuple(row["seeds"]), row["baseline"])


def designed(base: RunSettings, arms: Sequence[Arm], seeds: Sequence[int], baseline: str = "") -> Design:
    """The design of `arms` over `seeds`. The baseline is the arm `empty` where there is one and none is named, else the first.
    Raises `BadSetting` for a baseline that is not among the arms, no arm or no seed."""
    names = [a.name for a in arms]
    if not names:
        raise BadSetting("no arm is named; name two or more with --arms, as in --arms empty,reflexion,ace")
    if baseline:
        _require_among(baseline, names)
    if not seeds:
        raise BadSetting("no seed is named; name two or more with --seed, or how many with --seeds")
    _require_single(seeds)
    return Design(base, tuple(arms), tuple(seeds), baseline or (EMPTY if EMPTY in names else names[0]))


def _require_among(baseline: str, names: Sequence[str]) -> None:
    if baseline not in names:
        raise BadSetting(
            f"baseline {baseline!r} is not among the arms ({', '.join(names)}); name one of them or add it to --arms"
        )


def seeds_of(how_many: int | None, listed: str) -> tuple[int, ...]:
    """The seeds that are asked for: 0 to N-1, or those listed, separated by commas; none where nothing is said. Raises
    `BadSetting`."""
    if how_many is not None and listed.strip():
        raise BadSetting("--seeds says how many seeds and --seed lists them; give one of the two")
    if how_many is not None:
        return tuple(range(how_many))
    seeds = []
    for text in filter(None, (t.strip() for t in listed.split(","))):
        if not _WHOLE.fullmatch(text):
            accepted = "whole numbers of at most 18 digits, separated by commas"
            raise BadSetting(f"seed {text!r} is not accepted; give {accepted}, as in --seed 3,7,11")
        seeds.append(int(text))
    if listed.strip() and not seeds:
        raise BadSetting(f"--seed {listed!r} lists no seed; give whole numbers separated by commas, as in --seed 3,7,11")
    _require_single(seeds)
    return tuple(seeds)


def _require_single(seeds: Sequence[int]) -> None:
    twice = next((s for s in seeds if list(seeds).count(s) > 1), None)
    if twice is not None:
        raise BadSetting(f"seed {twice} is there twice; each seed is one repetition of the experiment")
