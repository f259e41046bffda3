"""What the runs of an experiment gave, read from the store: for each arm a matrix of verdicts, a row a seed and a column a
task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ace.errors import NotFound
from ace.experiments.answer import CurvePoint
from ace.experiments.arms import Arm
from ace.experiments.design import Cell, Design
from ace.experiments.gated import ArmGate, over_runs
from ace.memory.journal.experiments import Played
from ace.memory.store import Store
from ace.memory.values import CURATIONS, Experiment, Run, RunStatus, episodes_in
from ace.results.gated import gates_of
from ace.types import Usage, Verdict

_AFTER, _LEARN = "after", "learn"
Verdicts = Mapping[str, bool | None]
"""By the key of a task: whether it was won, `None` where the attempt was invalid."""


@dataclass(frozen=True, slots=True)
class ArmOutcomes:
    """What the runs of one arm gave. `verdicts` and `curves` are those of finished runs, by seed, and `curve` the mean of the
    curves; `runs` are all that were begun, `usage` and `seconds` what they took; `stopped` says of runs that are not done
    why."""

    verdicts: Mapping[int, Verdicts] = field(default_factory=dict)
    runs: Mapping[int, str] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    curve: tuple[CurvePoint, ...] = ()
    curves: Mapping[int, tuple[CurvePoint, ...]] = field(default_factory=dict)
    stopped: Mapping[int, str] = field(default_factory=dict)
    attempts: int = 1
    """The most attempts that a held-out case got, each told right or wrong; it is won where one of them is."""
    gates: tuple[ArmGate, ...] = ()
    """What the gates of its finished runs concluded."""

    @property
    def invalid(self) -> int:
        return sum(v is None for found in self.verdicts.values() for v in found.values())


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What the runs of an experiment gave, by arm, and the ids and the kinds of the held-out tasks by their keys, in their
    order."""

    arms: Mapping[str, ArmOutcomes]
    tasks: Mapping[str, str]
    done: int
    kinds: Mapping[str, str] = field(default_factory=dict)


def outcomes_of_strategy(store: Store, experiment: Experiment, strategy: str) -> tuple[list[Arm], Mapping[str, ArmOutcomes]]:
    """The arms of `experiment` with `strategy`, and what has come out of all arms so far, by name. Raises `NotFound` where none
    of them has it."""
    design = Design.from_json(experiment.design)
    arms = [a for a in design.arms if a.strategy == strategy]
    if not arms:
        told = f"experiment {experiment.id} has no arm with the strategy {strategy}"
        raise NotFound(f"{told}; docs/{strategy}.md has an example")
    return arms, outcomes_of(store, experiment, design).arms


def outcomes_of(store: Store, experiment: Experiment, design: Design) -> Outcomes:
    """What has come out so far."""
    begun = {cell: store.run(id) for (arm, seed), id in store.experiments.runs(experiment.id).items() for cell in [(arm, seed)]}
    found = {}
    for arm in design.arms:
        mine = {cell.seed: begun[arm.name, cell.seed] for cell in design.cells if cell.arm == arm and _is_in(cell, begun)}
        found[arm.name] = _of_arm(store, mine, int(design.base.batch))
    done = [run for run in begun.values() if run.status is RunStatus.DONE]
    first = store.episodes(run=done[0].id, phase=_AFTER, limit=None)[::-1] if done else []
    ids, kinds = {e.task.key: e.task.id for e in first}, {e.task.key: e.task.kind for e in first}
    return Outcomes(found, ids, len(done), kinds)


def _is_in(cell: Cell, begun: Mapping[tuple[str, int], Run]) -> bool:
    return (cell.arm.name, cell.seed) in begun


def _of_arm(store: Store, runs: Mapping[int, Run], batch: int) -> ArmOutcomes:
    played = {seed: store.experiments.played(run.id) for seed, run in runs.items()}
    done = {seed: run for seed, run in runs.items() if run.status is RunStatus.DONE}
    curves = {seed: tuple(_curve(store, run, played[seed], batch)) for seed, run in done.items()}
    return ArmOutcomes(
        verdicts={seed: _verdicts(played[seed]) for seed in done},
        runs={seed: run.id for seed, run in runs.items()},
        usage=sum((store.usage(run.id) for run in runs.values()), Usage()),
        seconds=sum(float(run.result.get("seconds", 0.0)) for run in runs.values()),
        curve=_mean_curve(list(curves.values())),
        curves=curves,
        attempts=max((p.attempt for found in played.values() for p in found if p.phase == _AFTER), default=1),
        gates=over_runs(
            [gates_of(run, store.log(str(run.result["playbook"]), run=run.id)) for run in done.values() if _gated(run)]
        ),
        stopped={seed: str(run.result.get("stopped") or "it is not done") for seed, run in runs.items() if seed not in done},
    )


def _gated(run: Run) -> bool:
    return bool(run.config.get("gates")) and "playbook" in run.result


def _verdicts(played: Sequence[Played]) -> Verdicts:
    """Whether each held-out case was won. A case with several attempts is won where one of them is."""
    found: dict[str, bool | None] = {}
    for p in played:
        if p.phase == _AFTER:
            valid = None if p.verdict == Verdict.INVALID else p.verdict == Verdict.SUCCESS
            before = found.get(p.task)
            found[p.task] = valid if before is None else before if valid is None else before or valid
    return found


def _curve(store: Store, run: Run, played: Sequence[Played], batch: int) -> list[CurvePoint]:
    """A point for each batch of training cases: success of first attempts, and what the run had spent on learning by its
    end."""
    batches: dict[tuple[int, int], list[Played]] = {}
    place: dict[str, tuple[int, int]] = {}
    seen: dict[int, dict[str, int]] = {}
    for p in played:
        if p.phase == _LEARN:
            epoch = seen.setdefault(p.epoch, {})
            number = epoch.setdefault(p.task, len(epoch))
            key = p.epoch, number // batch
            place[p.unit] = key
            batches.setdefault(key, []).append(p)
    calls, tokens = dict.fromkeys(batches, 0), dict.fromkeys(batches, 0)
    last: tuple[int, int] | None = None
    for unit, n, used in store.experiments.spent(run.id):
        # What the curator is asked comes after all else that its batch needs.
        last = place.get(episodes_in(unit)[0], last)
        spot = last if unit.startswith(CURATIONS) else place.get(episodes_in(unit)[0]) or _turn(unit)
        if spot in calls:
            calls[spot] += n
            tokens[spot] += used
    points, so_far = [], (0, 0, 0)
    for key in sorted(batches):
        firsts = [p for p in batches[key] if p.attempt == 1]
        valid = [p for p in firsts if p.verdict != Verdict.INVALID]
        so_far = so_far[0] + len(firsts), so_far[1] + calls[key], so_far[2] + tokens[key]
        success = sum(p.verdict == Verdict.SUCCESS for p in valid) / len(valid) if valid else 0.0
        points.append(CurvePoint(so_far[0], so_far[1], so_far[2], success))
    return points


def _turn(unit: str) -> tuple[int, int] | None:
    """The batch that a unit of a turn belongs to: `learn/EPOCH/NUMBER`, and what stands behind it."""
    words = unit.split("/")
    if words[0] != _LEARN or len(words) < 3 or not (words[1].isdecimal() and words[2].isdecimal()):
        return None
    return int(words[1]), int(words[2])


def _mean_curve(curves: Sequence[Sequence[CurvePoint]]) -> tuple[CurvePoint, ...]:
    """The curves averaged point by point, as far as all of them go."""
    points = []
    for at in zip(*curves, strict=False):
        n = len(at)
        points.append(
            CurvePoint(
                at[0].episodes, sum(p.calls for p in at) / n, sum(p.tokens for p in at) / n, sum(p.success for p in at) / n
            )
        )
    return tuple(points)
