"""What an experiment says of routing: who took the steps, and how much of the gap between two models that recovered.

The gap recovered is (route - cheap) / (strong - cheap) in success on the same cases, with Fieller's interval; there is none
where the stronger model is not better than the cheap one by more than chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ace.experiments.answer import Interval
from ace.experiments.arms import Arm
from ace.experiments.concluding import level
from ace.experiments.outcomes import ArmOutcomes, outcomes_of_strategy
from ace.memory.store import Store
from ace.memory.values import Experiment, RunStatus
from ace.roles.routing import steps_taken
from ace.statistics.ratio import Ratio, ratio_of_means
from ace.types import JSON, Usage

STRATEGY = "route"
_AFTER, _STRONG = "after", "strong"


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One arm of `route`: who takes steps (`when`), its `success` on held-out cases with a 95 % interval, how many of the
    `steps` in them the stronger model took (`strong`), the gap that it `recovered` (`None` for the two models alone, and where
    there is no gap), and what the calls of the stronger model cost (`usage`)."""

    arm: str
    when: str
    success: float | None
    interval: Interval | None
    strong: int
    steps: int
    recovered: Ratio | None
    usage: Usage

    @property
    def share(self) -> float | None:
        return self.strong / self.steps if self.steps else None

    def as_json(self) -> dict[str, JSON]:
        gap = self.recovered
        return {
            "arm": self.arm,
            "when": self.when,
            "success": self.success,
            "interval": self.interval and list(self.interval),
            "strong_steps": self.strong,
            "steps": self.steps,
            "share": self.share,
            "recovered": None if gap is None else {"share": gap.ratio, "interval": list(gap.interval)},
            "strong_usage": self.usage.as_json(),
        }


@dataclass(frozen=True, slots=True)
class RoutesReport:
    """The arms of `route` in an experiment, and lines on what cannot be told."""

    experiment: str
    rows: tuple[RouteRow, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, JSON]:
        rows = [row.as_json() for row in self.rows]
        return {"experiment": self.experiment, "arms": rows, "notes": list(self.notes)}


def routes_report(store: Store, experiment: Experiment) -> RoutesReport:
    """What `experiment` says of routing as far as it has come. Raises `NotFound` where none of its arms routes."""
    arms, found = outcomes_of_strategy(store, experiment, STRATEGY)
    ends = {(_pair(a), _when(a)): a for a in arms if _when(a) in ("never", "always")}
    rows, notes = [], []
    for arm in arms:
        cheap, strong = ends.get((_pair(arm), "never")), ends.get((_pair(arm), "always"))
        gap = None
        if _when(arm) in ("routed", "random") and (cheap is None or strong is None):
            missing = " and ".join(f"when={w}" for w, a in (("never", cheap), ("always", strong)) if a is None)
            notes.append(f"{arm.name}: the gap needs arms of the same models and playbook with {missing}")
        elif _when(arm) in ("routed", "random") and cheap is not None and strong is not None:
            gap = recovered(*(found[a.name] for a in (arm, cheap, strong)))
            if gap is None:
                notes.append(f"{arm.name}: {strong.name} is not better than {cheap.name} by more than chance: there is no gap")
        rows.append(_row(store, arm, found[arm.name], gap))
    return RoutesReport(experiment.id, tuple(rows), tuple(notes))


def recovered(route: ArmOutcomes, cheap: ArmOutcomes, strong: ArmOutcomes) -> Ratio | None:
    """The share of the gap between `cheap` and `strong` that `route` recovered; `None` where there is no gap. Each held-out
    case counts once, with its mean over the seeds that all three have."""
    seeds = [s for s in route.verdicts if s in cheap.verdicts and s in strong.verdicts]
    sides = [[side.verdicts[s] for s in seeds] for side in (route, cheap, strong)]
    tasks = [t for t in (sides[0][0] if seeds else ()) if all(row.get(t) is not None for side in sides for row in side)]
    means = [[sum(bool(row[t]) for row in side) / len(seeds) for t in tasks] for side in sides]
    above, below = ([a - c for a, c in zip(side, means[1], strict=True)] for side in (means[0], means[2]))
    gap = ratio_of_means(above, below)
    return gap if gap is not None and sum(below) > 0 else None


def _when(arm: Arm) -> str:
    return arm.settings.get("when", "routed").strip()


def _pair(arm: Arm) -> tuple[str, ...]:
    """What arms have in common that show the same to the same models."""
    stock: Mapping[str, str] = {"strong": "", "of": "frozen", "playbook": ""}
    return tuple(arm.settings.get(name, default).strip() for name, default in stock.items())


def _row(store: Store, arm: Arm, found: ArmOutcomes, gap: Ratio | None) -> RouteRow:
    runs = [run for id in found.runs.values() if (run := store.run(id)).status is RunStatus.DONE]
    taken = [steps_taken(e) for run in runs for e in store.episodes(run=run.id, phase=_AFTER, limit=None) if e.outcome.valid]
    used = [share.usage for run in runs for _, share in store.usage_by_role(run.id) if share.role == _STRONG]
    success, interval = level(found)
    return RouteRow(
        arm.name, _when(arm), success, interval, sum(s for s, _ in taken), sum(n for _, n in taken), gap, sum(used, Usage())
    )
