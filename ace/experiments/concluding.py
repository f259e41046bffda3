"""From verdicts to the table, and to the one sentence that says what can be concluded from it."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from ace.experiments.answer import ArmRow, Comparison, Contrast, Interval, Twins
from ace.experiments.arms import Arm
from ace.experiments.demonstrations.static import static_demonstrations
from ace.experiments.design import Design
from ace.experiments.outcomes import ArmOutcomes, Outcomes, Verdicts, outcomes_of
from ace.memory.store import Store
from ace.memory.values import Experiment
from ace.results.cautions import few
from ace.statistics.crossed import estimate
from ace.statistics.intervals import paired, wilson
from ace.statistics.power import smallest
from ace.statistics.significance import holm, mcnemar

LEVEL = 0.05
"""The level of the tests, and of the error over all of them."""
CROSSED, PAIRED = "crossed", "paired"


def comparison_of(store: Store, experiment: Experiment, baseline: str = "") -> Comparison:
    """What `experiment` says as far as it has come, from the store alone; against the arm `baseline` where one is named.
    Raises `BadSetting` where it is none of the arms."""
    design = Design.from_json(experiment.design).against(baseline)
    unusable: Mapping[str, str] = experiment.result.get("unusable", {})
    found = outcomes_of(store, experiment, design)
    told = concluded(experiment.id, design, found, unusable)
    return replace(told, demonstrations=static_demonstrations(store, experiment, design, found))


def concluded(id: str, design: Design, found: Outcomes, unusable: Mapping[str, str]) -> Comparison:
    """What the verdicts `found` say of `design`. `unusable` says of arms what the environment or the model lacks."""
    base = found.arms[design.baseline]
    against = {a.name: contrast(base, found.arms[a.name]) for a in design.arms if a.name != design.baseline}
    told = adjusted({name: c for name, c in against.items() if c is not None and design.arm(name).twin == 1})
    changes = {name: told.get(name, c) for name, c in against.items()}
    rows = tuple(_row(a, found, changes.get(a.name), unusable.get(a.name, ""), len(design.seeds)) for a in design.arms)
    reach = [c.detectable for c in told.values() if c.detectable is not None]
    cells = sum(len(design.seeds) for a in design.arms if a.name not in unusable)
    done = sum(len(found.arms[a.name].verdicts) for a in design.arms if a.name not in unusable)
    return Comparison(
        experiment=id,
        environment=design.base.environment,
        model=design.base.model,
        baseline=design.baseline,
        seeds=design.seeds,
        tasks=len(found.tasks),
        episodes=max((r.curve[-1].episodes for r in rows if r.curve), default=0),
        rows=rows,
        twins=tuple(_twins(design, found)),
        detectable=max(reach, default=None),
        conclusion=sentence(
            design,
            told,
            len(found.tasks),
            whole=done == cells,
            unusable=set(unusable),
            tries={name: o.attempts for name, o in found.arms.items()},
        ),
        cautions=_cautions(design, found, rows),
        done=done,
        cells=cells,
    )


def contrast(base: ArmOutcomes, arm: ArmOutcomes) -> Contrast | None:
    """How far `arm` is from `base` on the seeds and tasks that both have; `None` where there are none. A task that was invalid
    for one of them in any of the seeds is left out and counted."""
    seeds = [s for s in base.verdicts if s in arm.verdicts]
    pairs = [(base.verdicts[s], arm.verdicts[s]) for s in seeds]
    tasks = [t for t in (pairs[0][0] if pairs else ()) if all(t in a and t in b for a, b in pairs)]
    kept = [t for t in tasks if all(a[t] is not None and b[t] is not None for a, b in pairs)]
    if not kept:
        return None
    left_out = len(tasks) - len(kept)
    if len(seeds) == 1:
        return _within(pairs[0], kept, left_out)
    e = estimate([[float(bool(b[t])) - float(bool(a[t])) for t in kept] for a, b in pairs])
    if e.mean and e.interval == (e.mean, e.mean):
        # The same change at every seed and task shows no spread, which is not certainty: tasks alone limit what it tells.
        return replace(_within(pairs[0], kept, left_out), detectable=e.detectable(), seeds=len(seeds), method=CROSSED)
    interval = None if e.interval is None else _cut(e.interval, -1.0)
    return Contrast(e.mean, interval, e.p, None, e.detectable(), len(seeds), len(kept), left_out)


def _within(pair: tuple[Verdicts, Verdicts], kept: Sequence[str], left_out: int) -> Contrast:
    """The contrast within one seed: Newcombe's interval, and McNemar's exact test."""
    before, after = ([bool(found[t]) for t in kept] for found in pair)
    difference, low, high = paired(before, after)
    gained = sum(a and not b for a, b in zip(after, before, strict=True))
    lost = sum(b and not a for a, b in zip(after, before, strict=True))
    n = len(kept)
    reach = smallest(n, (gained + lost) / n) if gained + lost else None
    return Contrast(difference, (low, high), mcnemar(gained, lost), None, reach, 1, n, left_out, PAIRED)


def adjusted(contrasts: Mapping[str, Contrast]) -> dict[str, Contrast]:
    """`contrasts` with p values adjusted for how many there are."""
    tested = {name: c.p for name, c in contrasts.items() if c.p is not None}
    holms = dict(zip(tested, holm(list(tested.values())), strict=True))
    return {name: replace(c, adjusted=holms.get(name)) for name, c in contrasts.items()}


def _row(arm: Arm, found: Outcomes, change: Contrast | None, unusable: str, seeds: int) -> ArmRow:
    o = found.arms[arm.name]
    success, interval = level(o)
    note = f"not usable here: {unusable}" if unusable else "; ".join(filter(None, [_unfinished(o, seeds), _tries(o)]))
    outcomes = {s: {found.tasks.get(key, key): v for key, v in verdicts.items()} for s, verdicts in o.verdicts.items()}
    gates = o.gates if arm.learns else ()
    row = ArmRow(arm, success, interval, change, o.invalid, o.usage, o.seconds, note, o.runs, outcomes, o.curve, o.curves)
    return replace(row, gates=gates)


def _unfinished(o: ArmOutcomes, seeds: int) -> str:
    done = len(o.verdicts)
    if done == seeds:
        return ""
    why = next(iter(o.stopped.values()), "")
    return f"{done} of {seeds} seeds done" + (f"; {why}" if why else "")


def _tries(o: ArmOutcomes) -> str:
    """That a case was won where any of several attempts was."""
    return f"success within {o.attempts} attempts, each told right or wrong" if o.attempts > 1 else ""


def level(o: ArmOutcomes) -> tuple[float | None, Interval | None]:
    """The success of an arm and its 95 % interval, on the tasks that were valid in all its seeds."""
    rows = list(o.verdicts.values())
    kept = [t for t in (rows[0] if rows else ()) if all(row.get(t) is not None for row in rows)]
    if not kept:
        return None, None
    if len(rows) == 1:
        wins = sum(bool(rows[0][t]) for t in kept)
        return wins / len(kept), wilson(wins, len(kept))
    e = estimate([[float(bool(row[t])) for t in kept] for row in rows])
    if e.interval == (e.mean, e.mean):
        # All won or all lost: no spread was seen, which is not certainty.
        return e.mean, wilson(round(e.mean * len(kept)), len(kept))
    return e.mean, None if e.interval is None else _cut(e.interval, 0.0)


def _cut(interval: Interval, low: float) -> Interval:
    return max(low, interval[0]), min(1.0, interval[1])


def _twins(design: Design, found: Outcomes) -> list[Twins]:
    made = []
    for arm in design.arms:
        band = contrast(found.arms[arm.of], found.arms[arm.name]) if arm.twin > 1 else None
        if band is not None:
            made.append(Twins(arm.of, arm.name, band))
    return made


def _cautions(design: Design, found: Outcomes, rows: Sequence[ArmRow]) -> tuple[str, ...]:
    lines = [line.removeprefix("Warning: ") for line in few(len(found.tasks))]
    if len(design.seeds) == 1:
        lines.append("one seed tells no spread over seeds: intervals and p values are within this seed (Newcombe, McNemar)")
    left = {r.arm.name: r.change.left_out for r in rows if r.change is not None and r.change.left_out}
    if left:
        lines.append("tasks left out because an attempt was invalid: " + ", ".join(f"{arm} {n}" for arm, n in left.items()))
    return tuple(lines)


def sentence(
    design: Design,
    told: Mapping[str, Contrast],
    tasks: int,
    *,
    whole: bool,
    unusable: Container[str] = (),
    tries: Mapping[str, int] | None = None,
) -> str:
    """What can be concluded and what cannot, in one sentence. `tries` are the attempts at a held-out case by arm."""
    if len({arm.of for arm in design.arms}) == 1:
        return f"Nothing is compared: {design.baseline} is the only arm."
    if not told:
        return _nothing(design, whole, unusable)
    told = {f"{n} within {tries[n]} attempts" if tries and tries.get(n, 1) > 1 else n: c for n, c in told.items()}
    better = [_points(n, c) for n, c in told.items() if is_told(c) and c.difference > 0]
    worse = [_points(n, c) for n, c in told.items() if is_told(c) and c.difference < 0]
    same = [n for n, c in told.items() if is_same(c)]
    open_ones = {n: c for n, c in told.items() if not is_told(c) and n not in same}
    parts = [f"{_listed(better)} {_is(better)} better than {design.baseline}"] if better else []
    parts += [f"{_listed(worse)} {_is(worse)} worse than {design.baseline}"] if worse else []
    parts += [f"{_listed(same)} gave the same outcomes as {design.baseline}"] if same else []
    if open_ones:
        parts.append(_undecided(design.baseline, open_ones))
    seeds = {c.seeds for c in told.values()}
    over = f"within seed {design.seeds[0]} alone" if seeds == {1} else f"over {_range(seeds)} seeds"
    so_far = "" if whole else "So far, "
    begin = f"{so_far}{over}" if so_far else over[0].upper() + over[1:]
    return f"{begin} and {tasks:,} held-out task{'' if tasks == 1 else 's'}, {'; '.join(parts)}."


def _nothing(design: Design, whole: bool, unusable: Container[str]) -> str:
    """Why nothing can be concluded."""
    if design.baseline in unusable:
        return f"Nothing can be concluded: the baseline, {design.baseline}, is not usable here."
    others = [a for a in design.arms if a.name != design.baseline]
    if all(a.name in unusable for a in others):
        return f"Nothing can be concluded: beside the baseline, {design.baseline}, no arm is usable here."
    if whole:
        return "Nothing can be concluded: no task has a valid attempt of the baseline and of another arm in every seed."
    return "Nothing can be concluded yet: no arm has a seed in common with the baseline."


def _undecided(baseline: str, contrasts: Mapping[str, Contrast]) -> str:
    named = _listed([_points(n, c) for n, c in contrasts.items()])
    reach = max((c.detectable for c in contrasts.values() if c.detectable is not None), default=None)
    if reach is None:
        missed = ""
    elif reach >= 1:
        missed = ", because this design is too small to find a difference of any size reliably"
    else:
        missed = f", and a difference of less than about {100 * reach:.0f} points would mostly be missed"
    return f"{named} cannot be told from {baseline}{missed}"


def is_same(c: Contrast) -> bool:
    """Whether every outcome was the same on both sides."""
    return c.difference == 0 and not c.detectable and c.p in (None, 1.0)


def is_told(c: Contrast) -> bool:
    """Whether a change is told from chance, with all arms taken into account."""
    return c.adjusted is not None and c.adjusted < LEVEL


def _points(name: str, c: Contrast) -> str:
    return f"{name} ({100 * c.difference:+.1f} points)"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _range(seeds: set[int]) -> str:
    return str(min(seeds)) if len(seeds) == 1 else f"{min(seeds)} to {max(seeds)}"
