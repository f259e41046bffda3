"""What an experiment says of static demonstrations, from the store alone.

Success over the number k of demonstrations is summed up by its slope: points for each doubling of k, by least squares over
log2 k within each seed and task, which is then averaged as every other outcome is. Beyond k*, the smallest k from which on no
rise is told, more demonstrations add nothing that this design could find.

Demonstrations cover what they show. On tasks that need something else, they are compared with the other arms: the same seeds
and tasks, paired. Which tasks these are differs by seed, because the first wins do; so the standard error is the larger one of
two, by task and by seed (each of a ratio of sums over clusters; Cochran, Sampling techniques, 1977, 6.5).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import log2, sqrt

from ace.experiments.arms import Arm
from ace.experiments.demonstrations.figures import BesideArm, DemonstrationCurve, Interval, StaticDemonstrations, UncoveredTasks
from ace.experiments.demonstrations.needs import STRATEGY, by_oracle, demonstrating, shots_of
from ace.experiments.design import Design
from ace.experiments.outcomes import ArmOutcomes, Outcomes, Verdicts
from ace.memory.store import Store
from ace.memory.values import Experiment
from ace.statistics.crossed import estimate
from ace.statistics.distributions import t_quantile
from ace.types import Trust

_ALL = 1_000_000
KIND, OPERATOR = "kind", "operator"
Cell = tuple[int, str]
"""A seed, and the key of a task."""


def static_demonstrations(store: Store, experiment: Experiment, design: Design, found: Outcomes) -> StaticDemonstrations | None:
    """What `experiment` says of them as far as it has come; `None` where no arm that shows any is measured."""
    arms = [a for a in demonstrating(design.arms) if found.arms[a.name].verdicts]
    if not arms:
        return None
    note = experiment.result.get("demonstrations", {})
    required: Mapping[str, str] = note.get("required", {})
    need = OPERATOR if found.tasks and found.tasks.keys() <= required.keys() else KIND if any(found.kinds.values()) else ""
    needs = required if need == OPERATOR else found.kinds
    curve = slopes([(a.name, shots_of(a), found.arms[a.name]) for a in arms])
    plateau = next((c.shots for c in curve if c.slope is not None and not c.rises), None)
    covered = {a.name: _covered(store, found.arms[a.name], a, note.get("shown", {}), need) for a in arms} if need else {}
    others = {a.name: found.arms[a.name] for a in design.arms if a.strategy != STRATEGY and a.twin == 1}
    told = [uncovered(a, found.arms[a.name], covered[a.name], needs, others) for a in arms] if need else []
    return StaticDemonstrations(tuple(curve), plateau, need, tuple(told))


def slopes(arms: Sequence[tuple[str, int, ArmOutcomes]]) -> list[DemonstrationCurve]:
    """How success goes on from each of `arms`, given with its number of demonstrations, in ascending order."""
    made = []
    for at, (name, shots, outcomes) in enumerate(arms):
        slope, interval = _slope([k for _, k, _ in arms[at:]], [o.verdicts for _, _, o in arms[at:]])
        made.append(DemonstrationCurve(name, shots, _success(list(_cells(outcomes.verdicts).values())), slope, interval))
    return made


def _slope(shots: Sequence[int], arms: Sequence[Mapping[int, Verdicts]]) -> tuple[float | None, Interval | None]:
    seeds = [s for s in arms[0] if all(s in a for a in arms)]
    shared = [t for t in (arms[0][seeds[0]] if seeds else ()) if all(a[s].get(t) is not None for a in arms for s in seeds)]
    if not shared or len(set(shots)) < 2:
        return None, None
    x = [log2(k) for k in shots]
    mean = sum(x) / len(x)
    weights = [(v - mean) / sum((u - mean) ** 2 for u in x) for v in x]
    rows = [[sum(w * bool(a[s][t]) for w, a in zip(weights, arms, strict=True)) for t in shared] for s in seeds]
    if len(rows) == 1:
        return _of_tasks(rows[0])
    e = estimate(rows)
    # The same everywhere shows no spread, which is not certainty.
    return e.mean, None if e.interval == (e.mean, e.mean) else e.interval


def _of_tasks(values: Sequence[float]) -> tuple[float, Interval | None]:
    """The mean of one seed's `values`, and Student's interval over its tasks."""
    n = len(values)
    mean = sum(values) / n
    if n < 2:
        return mean, None
    half = t_quantile(0.975, n - 1) * sqrt(sum((v - mean) ** 2 for v in values) / (n - 1) / n)
    return mean, (mean - half, mean + half) if half else None


def uncovered(
    arm: Arm,
    outcomes: ArmOutcomes,
    covered: Mapping[int, set[str]],
    needs: Mapping[str, str],
    others: Mapping[str, ArmOutcomes],
) -> UncoveredTasks:
    """What `arm`, with its `outcomes`, and the `others` came to on the tasks that need (`needs`, by task) what is not in
    `covered`, which is what its demonstrations show by seed."""
    mine = _cells(outcomes.verdicts)
    cells = {(s, t): v for (s, t), v in mine.items() if s in covered and needs.get(t) and needs[t] not in covered[s]}
    shown = tuple(sorted(set().union(*covered.values()))) if covered else ()
    beside = tuple(b for name, o in others.items() if (b := _beside(name, cells, _cells(o.verdicts))) is not None)
    success = _success(list(cells.values())) if cells else None
    return UncoveredTasks(arm.name, shots_of(arm), shown, len(cells), len({t for _, t in cells}), success, beside)


def _beside(name: str, mine: Mapping[Cell, bool], theirs: Mapping[Cell, bool]) -> BesideArm | None:
    shared = [cell for cell in mine if cell in theirs]
    if not shared:
        return None
    differences = {cell: float(theirs[cell]) - float(mine[cell]) for cell in shared}
    mean = sum(differences.values()) / len(shared)
    return BesideArm(name, _success([theirs[c] for c in shared]), mean, _interval(differences, mean))


def _interval(differences: Mapping[Cell, float], mean: float) -> Interval | None:
    """The wider one of the intervals by task and by seed; by task alone where there is one seed."""
    halves = [h for by in (1, 0) if (h := _half(differences, mean, by))]
    return (max(-1.0, mean - max(halves)), min(1.0, mean + max(halves))) if halves else None


def _half(differences: Mapping[Cell, float], mean: float, by: int) -> float | None:
    sums: defaultdict[int | str, float] = defaultdict(float)
    for cell, d in differences.items():
        sums[cell[by]] += d - mean
    groups, n = len(sums), len(differences)
    if groups < 2:
        return None
    return t_quantile(0.975, groups - 1) * sqrt(groups / (groups - 1) * sum(v * v for v in sums.values())) / n


Shown = Mapping[str, Sequence[Sequence[str]]]
"""By arm the kinds and operators of its demonstrations."""


def _covered(store: Store, o: ArmOutcomes, arm: Arm, shown: Shown, need: str) -> dict[int, set[str]]:
    """By seed what the demonstrations of `arm` show."""
    if by_oracle(arm):
        told = {row[need == OPERATOR] for row in shown.get(arm.name, ())}
        return dict.fromkeys(o.verdicts, told)
    return {seed: set(_of_wins(store, o.runs[seed], shots_of(arm), need)) for seed in o.verdicts}


def _of_wins(store: Store, run: str, shots: int, need: str) -> Iterator[str]:
    """What the first `shots` wins in training show."""
    attempts = store.view(str(store.run(run).result["playbook"])).at(Trust.TRUSTED).attempts(_ALL)
    for past in [p for p in attempts if p.won][:shots]:
        yield past.kind if need == KIND else store.episode(past.episode).steps[-1].action


def _cells(verdicts: Mapping[int, Verdicts]) -> dict[Cell, bool]:
    return {(s, t): v for s, found in verdicts.items() for t, v in found.items() if v is not None}


def _success(won: Sequence[bool]) -> float:
    return sum(won) / len(won) if won else 0.0
