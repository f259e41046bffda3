"""Two models, each with the playbook as it began and as it became: what weights did, what the playbook did, and both.

The four cells are ordinary evaluations on the same held-out tasks from the same seeds, so every difference is paired by task.
The design is that of Learning, Fast and Slow (Tiwari et al. 2026, arXiv:2605.12484): weights are the slow channel, texts the
fast one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import sqrt

from ace.errors import BadInput, BadSetting
from ace.memory.store import Store
from ace.settings import RunSettings
from ace.statistics.distributions import t_cdf, t_quantile
from ace.statistics.intervals import mean_share, paired
from ace.statistics.significance import mcnemar
from ace.types import JSON, Episode

Interval = tuple[float, float]


class CellName(StrEnum):
    """A model with a playbook. `START` is the playbook as it began, `EVOLVED` as it became."""

    BASE_START = "base, start"
    BASE_EVOLVED = "base, evolved"
    TUNED_START = "tuned, start"
    TUNED_EVOLVED = "tuned, evolved"


_B0, _B1, _T0, _T1 = CellName
CONTRASTS: Mapping[str, tuple[CellName, CellName]] = {
    "weights": (_B0, _T0),
    "playbook": (_B0, _B1),
    "weights, with the playbook": (_B1, _T1),
    "playbook, on the tuned model": (_T0, _T1),
    "both": (_B0, _T1),
}
"""Each effect as the second cell less the first."""
INTERACTION = "interaction"


@dataclass(frozen=True, slots=True)
class ModelPair:
    """The two models, with the address of the server of each; empty for the one that the settings have."""

    base: str
    tuned: str
    base_at: str = ""
    tuned_at: str = ""


def cells(store: Store, settings: RunSettings, models: ModelPair, start: int) -> dict[CellName, RunSettings]:
    """The settings of the four cells: the playbook that `settings` name, and the same playbook at revision `start`. Raises
    `BadSetting` where the models are one, `BadInput` where the two revisions hold the same, and `NotFound`."""
    for name, given in (("--base", models.base), ("--tuned", models.tuned)):
        if not given.strip():
            raise BadSetting(f"{name} is empty; name a model")
    base_at, tuned_at = models.base_at or settings.api_base, models.tuned_at or settings.api_base
    if (models.base, base_at) == (models.tuned, tuned_at):
        raise BadSetting(f"--tuned is {models.tuned}, which is the base itself; name the model that was made from it")
    evolved = store.resolve(settings.playbook)
    began = store.resolve(f"{evolved.playbook}@{start}")
    if began.digest == evolved.digest:
        same = f"{evolved.playbook}@{evolved.number} holds the same as {evolved.playbook}@{start}"
        raise BadInput(f"{same}, so there is nothing to attribute to the playbook; name another revision, or --start")
    found = {}
    for name, model, at, revision in (
        (_B0, models.base, base_at, began),
        (_B1, models.base, base_at, evolved),
        (_T0, models.tuned, tuned_at, began),
        (_T1, models.tuned, tuned_at, evolved),
    ):
        found[name] = replace(settings, model=model, api_base=at, playbook=f"{revision.playbook}@{revision.number}")
    return found


@dataclass(frozen=True, slots=True)
class CellSuccess:
    """The success of one cell on the tasks that are valid in all four, with its 95 % interval."""

    success: float
    interval: Interval | None

    def as_json(self) -> dict[str, JSON]:
        return {"success": round(self.success, 4), "interval": _pair(self.interval)}


@dataclass(frozen=True, slots=True)
class AttributedEffect:
    """A difference of success in [-2, 2], paired by task: its 95 % `interval` and its `p` value. With one attempt a task they
    are Newcombe's (1998) and McNemar's, exact; else, and for the interaction, Student's over tasks. Neither where it is the
    same at every task."""

    difference: float
    interval: Interval | None
    p: float | None = None

    def as_json(self) -> dict[str, JSON]:
        p = None if self.p is None else round(self.p, 8)
        return {"difference": round(self.difference, 4), "interval": _pair(self.interval), "p": p}


@dataclass(frozen=True, slots=True)
class Attribution:
    """What the four cells say, on `tasks` tasks; `left_out` tasks had no valid attempt in one of them."""

    tasks: int
    left_out: int
    cells: Mapping[CellName, CellSuccess]
    effects: Mapping[str, AttributedEffect]

    def as_json(self) -> dict[str, JSON]:
        return {
            "tasks": self.tasks,
            "left_out": self.left_out,
            "cells": {key_of(name): c.as_json() for name, c in self.cells.items()},
            "effects": {key_of(name): e.as_json() for name, e in self.effects.items()},
        }


def key_of(name: str) -> str:
    """The name of a cell or an effect as a key of JSON."""
    return name.replace(",", "").replace(" ", "_")


def attribution(played: Mapping[CellName, Sequence[Episode]], attempts: int) -> Attribution | None:
    """What the attempts of the four cells say; `None` where no task is valid in all of them."""
    shares = {name: _shares(episodes) for name, episodes in played.items()}
    every = {key for found in shares.values() for key in found}
    keys = [key for key in shares[_B0] if all(shares[name].get(key) is not None for name in CellName)]
    if not keys:
        return None
    values = {name: [shares[name][key] or 0.0 for key in keys] for name in CellName}
    cells = {name: CellSuccess(sum(v) / len(v), mean_share(v, attempts)) for name, v in values.items()}
    effects = {name: _effect(values[a], values[b], attempts) for name, (a, b) in CONTRASTS.items()}
    joint = [t1 - t0 - b1 + b0 for b0, b1, t0, t1 in zip(*(values[n] for n in CellName), strict=True)]
    return Attribution(len(keys), len(every) - len(keys), cells, {**effects, INTERACTION: _of_tasks(joint)})


def _shares(episodes: Sequence[Episode]) -> dict[str, float | None]:
    """By task the share of its valid attempts that were won; `None` where none was valid."""
    found: defaultdict[str, list[bool]] = defaultdict(list)
    for e in episodes:
        found[e.task.key] += [e.outcome.success] if e.outcome.valid else []
    return {key: sum(won) / len(won) if won else None for key, won in found.items()}


def _effect(before: Sequence[float], after: Sequence[float], attempts: int) -> AttributedEffect:
    if attempts > 1:
        return _of_tasks([a - b for b, a in zip(before, after, strict=True)])
    first, second = [bool(v) for v in before], [bool(v) for v in after]
    difference, low, high = paired(first, second)
    gained = sum(a and not b for b, a in zip(first, second, strict=True))
    lost = sum(b and not a for b, a in zip(first, second, strict=True))
    return AttributedEffect(difference, (low, high), mcnemar(gained, lost))


def _of_tasks(values: Sequence[float]) -> AttributedEffect:
    n = len(values)
    mean = sum(values) / n
    squares = sum((v - mean) ** 2 for v in values)
    if n < 2 or not squares:
        return AttributedEffect(mean, None)
    error = sqrt(squares / (n - 1) / n)
    half = t_quantile(0.975, n - 1) * error
    return AttributedEffect(mean, (mean - half, mean + half), 2 * (1 - t_cdf(abs(mean) / error, n - 1)))


def _pair(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(b, 4) for b in interval]
