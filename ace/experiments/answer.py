"""What an experiment says: a row for each arm, and what may be concluded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ace.experiments.arms import Arm
from ace.experiments.demonstrations.figures import StaticDemonstrations
from ace.experiments.gated import ArmGate
from ace.types import JSON, Usage

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Contrast:
    """How far an arm is from another one on the `tasks` tasks and `seeds` seeds that are valid for both; `left_out` tasks were
    invalid for one of them. `difference` is a share in [-1, 1], with its 95 % `interval`, its `p` value against 0, and
    `adjusted` for the number of arms (Holm 1979); `detectable` is the smallest difference that this design finds 8 times
    in 10. What cannot be told is `None`. `method` names the statistic: `crossed` over seeds and tasks, `paired` within one
    seed."""

    difference: float
    interval: Interval | None
    p: float | None
    adjusted: float | None
    detectable: float | None
    seeds: int
    tasks: int
    left_out: int
    method: str = "crossed"

    def as_json(self) -> dict[str, JSON]:
        return {
            "difference": _rounded(self.difference),
            "interval": _pair(self.interval),
            "p": _rounded(self.p, 8),
            "adjusted_p": _rounded(self.adjusted, 8),
            "detectable": _rounded(self.detectable),
            "seeds": self.seeds,
            "tasks": self.tasks,
            "left_out": self.left_out,
            "method": self.method,
        }


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Success of first attempts in one batch of training cases, averaged over the seeds, behind how many training `episodes`
    had begun, and how many `calls` and `tokens` (of prompts and replies) an average seed had spent, when the batch ended."""

    episodes: int
    calls: float
    tokens: float
    success: float

    def as_json(self) -> dict[str, JSON]:
        return {
            "episodes": self.episodes,
            "calls": round(self.calls, 2),
            "tokens": round(self.tokens, 2),
            "success": round(self.success, 6),
        }


@dataclass(frozen=True, slots=True)
class ArmRow:
    """One arm in the table. `success` on held-out tasks is the mean over seeds and tasks with its 95 % `interval`; `outcomes`
    by seed and task id are true, false, or `None` where the attempt was invalid; `invalid` counts those. `change` is against
    the baseline, `None` for the baseline itself. `runs` are the runs by seed; `usage` and `seconds` (of wall time) are those
    of all of them. `curve` is success while it learned, `curves` the same for each seed. `note` says why an arm has no
    figures, or not all; `gates` say what the gates of its finished runs concluded."""

    arm: Arm
    success: float | None = None
    interval: Interval | None = None
    change: Contrast | None = None
    invalid: int = 0
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    note: str = ""
    runs: Mapping[int, str] = field(default_factory=dict)
    outcomes: Mapping[int, Mapping[str, bool | None]] = field(default_factory=dict)
    curve: tuple[CurvePoint, ...] = ()
    curves: Mapping[int, tuple[CurvePoint, ...]] = field(default_factory=dict)
    gates: tuple[ArmGate, ...] = ()

    def as_json(self) -> dict[str, JSON]:
        u = self.usage
        return {
            "arm": self.arm.name,
            "strategy": self.arm.strategy,
            "settings": dict(self.arm.settings),
            "own": dict(self.arm.own),
            "success": _rounded(self.success),
            "interval": _pair(self.interval),
            "change": None if self.change is None else self.change.as_json(),
            "invalid": self.invalid,
            "calls": u.calls,
            "prompt_tokens": u.prompt_tokens,
            "cached_tokens": u.cached_tokens,
            "completion_tokens": u.completion_tokens,
            "cost_usd": None if u.cost_usd is None else round(u.cost_usd, 6),
            "seconds": round(self.seconds, 3),
            "note": self.note,
            "runs": {str(seed): run for seed, run in self.runs.items()},
            "outcomes": {str(seed): dict(found) for seed, found in self.outcomes.items()},
            "curve": [point.as_json() for point in self.curve],
            "gates": [gate.as_json() for gate in self.gates],
        }


@dataclass(frozen=True, slots=True)
class Twins:
    """The same arm twice: `arm` and its copy `twin`, and how far apart they came (`band`), which chance alone did."""

    arm: str
    twin: str
    band: Contrast

    def as_json(self) -> dict[str, JSON]:
        return {"arm": self.arm, "twin": self.twin, "band": self.band.as_json()}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an experiment says as far as it has come: `done` of `cells` runs are over. `seeds` are those of the design and
    `tasks` the held-out tasks; `detectable` is the smallest difference to the baseline that the widest contrast could find;
    `conclusion` is one sentence; `cautions` are lines on what the design leaves out."""

    experiment: str
    environment: str
    model: str
    baseline: str
    seeds: tuple[int, ...]
    tasks: int
    episodes: int
    rows: tuple[ArmRow, ...]
    twins: tuple[Twins, ...]
    detectable: float | None
    conclusion: str
    cautions: tuple[str, ...]
    done: int
    cells: int
    demonstrations: StaticDemonstrations | None = None
    """What is said of arms that show static demonstrations; `None` where there are none."""

    @property
    def whole(self) -> bool:
        """Whether every run is over."""
        return self.done == self.cells

    def row(self, arm: str) -> ArmRow:
        """The row of the arm of this name."""
        return next(r for r in self.rows if r.arm.name == arm)

    def as_json(self) -> dict[str, JSON]:
        return {
            "experiment": self.experiment,
            "environment": self.environment,
            "model": self.model,
            "baseline": self.baseline,
            "seeds": list(self.seeds),
            "tasks": self.tasks,
            "episodes": self.episodes,
            "cells": self.cells,
            "done": self.done,
            "conclusion": self.conclusion,
            "cautions": list(self.cautions),
            "detectable": _rounded(self.detectable),
            "arms": [row.as_json() for row in self.rows],
            "twins": [pair.as_json() for pair in self.twins],
            "demonstrations": None if self.demonstrations is None else self.demonstrations.as_json(),
        }


def _rounded(value: float | None, digits: int = 6) -> float | None:
    return None if value is None else round(value, digits)


def _pair(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(interval[0], 6), round(interval[1], 6)]
