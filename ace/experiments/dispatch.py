"""What an experiment says of its experts: who was dispatched where, what that cost, and what one book of all of them loses.

The expert that a case was dispatched to is read off the revision that its attempt was shown, which is stored with it. It was
right where the expert's label is the kind of the case; a case of a kind without an expert belongs to the fallback.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ace.experiments.answer import Contrast, Interval
from ace.experiments.arms import Arm
from ace.experiments.concluding import contrast, level
from ace.experiments.outcomes import ArmOutcomes, outcomes_of_strategy
from ace.memory.store import Store
from ace.memory.values import Experiment, Run, RunStatus
from ace.runs.reading import READS
from ace.runs.tuning import FOUND, PHASE
from ace.strategies.dispatching import Expert, experts_of, folded
from ace.strategies.experts import KINDS
from ace.types import JSON, Episode, Usage

STRATEGY = "experts"
_AFTER, _DISPATCHER = "after", "dispatcher"
_UNDISPATCHED = ("merged",)
"""Ways to dispatch that send no case to one expert."""


@dataclass(frozen=True, slots=True)
class ExpertsRow:
    """One arm of experts: how it dispatches, its `success` on held-out cases with a 95 % interval, how many of `cases` valid
    attempts were dispatched `right` (`None` where the arm sends no case to one expert, or no kind of a case is an expert's) and
    how many to the `fallback`; its `regret` against oracle dispatch (`None` where there is no such arm); what the first pass
    took (`first`), and what was played on validation cases `before`, in attempts."""

    arm: str
    dispatch: str
    success: float | None
    interval: Interval | None
    cases: int
    right: int | None
    fallback: int
    regret: Contrast | None
    first: Usage
    before: int

    @property
    def accuracy(self) -> float | None:
        return None if self.right is None or not self.cases else self.right / self.cases

    def as_json(self) -> dict[str, JSON]:
        return {
            "arm": self.arm,
            "dispatch": self.dispatch,
            "success": self.success,
            "interval": self.interval and list(self.interval),
            "cases": self.cases,
            "right": self.right,
            "accuracy": self.accuracy,
            "fallback": self.fallback,
            "regret": _negative(self.regret),
            "first_pass": self.first.as_json(),
            "tried_before": self.before,
        }


@dataclass(frozen=True, slots=True)
class Interference:
    """What one book of all experts does to the cases of one `kind`: the success of the `expert` alone and of the `merged` book,
    and the `change` from the first to the second."""

    kind: str
    expert: float | None
    merged: float | None
    change: Contrast

    def as_json(self) -> dict[str, JSON]:
        return {"kind": self.kind, "expert": self.expert, "merged": self.merged, "interference": _negative(self.change)}


@dataclass(frozen=True, slots=True)
class ExpertsReport:
    """The arms of experts in an experiment, and the interference by kind, all kinds together last; none where the experiment
    has no arms of oracle and merged dispatch. `notes` say of which experts, or kinds of cases, nothing can be told."""

    experiment: str
    rows: tuple[ExpertsRow, ...]
    interference: tuple[Interference, ...]
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, JSON]:
        return {
            "experiment": self.experiment,
            "arms": [row.as_json() for row in self.rows],
            "interference": [row.as_json() for row in self.interference],
            "notes": list(self.notes),
        }


def experts_report(store: Store, experiment: Experiment) -> ExpertsReport:
    """What `experiment` says of its experts as far as it has come. Raises `NotFound` where none of its arms has any."""
    arms, found = outcomes_of_strategy(store, experiment, STRATEGY)
    runs = {a.name: _done(store, found[a.name]) for a in arms}
    oracle = {_which(a): a for a in arms if _dispatch(a) == "oracle"}
    merged = {_which(a): a for a in arms if _dispatch(a) == "merged"}
    rows = [_row(store, a, runs[a.name], found, oracle.get(_which(a))) for a in arms]
    inside = [
        row
        for which, arm in oracle.items()
        if which in merged
        for row in _interference(store, arm, runs[arm.name], (found[arm.name], found[merged[which].name]))
    ]
    notes = [note for a in arms for note in _notes(store, a, runs[a.name])]
    return ExpertsReport(experiment.id, tuple(rows), tuple(inside), tuple(dict.fromkeys(notes)))


def _notes(store: Store, arm: Arm, runs: Sequence[Run]) -> list[str]:
    """What an arm can tell nothing of: experts for kinds that no measured case had, and kinds that a search never saw."""
    counted = Counter(e.task.kind for run in runs for e in store.episodes(run=run.id, phase=_AFTER, limit=None))
    if not counted:
        return []
    kinds = {folded(kind) for kind in counted}
    meant = [e for e in experts_of(arm.settings["experts"]) if _dispatch(arm) == "oracle" or e.label != e.name]
    notes = [f"{arm.name}: no case that was measured had the kind {e.label}" for e in meant if folded(e.label) not in kinds]
    searched = [of[KINDS] for run in runs if KINDS in (of := run.result.get(FOUND) or {})]
    unseen = [kind for kind in sorted(counted) if any(kind not in found for found in searched)]
    told = "no validation case had the kind"
    return notes + [f"{arm.name}: {told} {k}; its {counted[k]:,} measured cases went to the fallback" for k in unseen]


def _done(store: Store, found: ArmOutcomes) -> list[Run]:
    return [run for id in found.runs.values() if (run := store.run(id)).status is RunStatus.DONE]


def _dispatch(arm: Arm) -> str:
    return arm.settings.get("dispatch", "classifier").strip()


def _which(arm: Arm) -> str:
    """The experts of an arm: arms with the same are compared with each other."""
    return ",".join(f"{e.label}:{e.ref}" for e in experts_of(arm.settings["experts"]))


def _row(store: Store, arm: Arm, runs: Sequence[Run], found: Mapping[str, ArmOutcomes], oracle: Arm | None) -> ExpertsRow:
    experts = experts_of(arm.settings["experts"])
    success, interval = level(found[arm.name])
    counted = [(e, label) for run in runs for e, label in dispatched(store, run, experts)]
    kinds = {folded(e.label) for e in experts}
    told = _dispatch(arm) not in _UNDISPATCHED and any(folded(e.task.kind) in kinds for e, _ in counted)
    right = sum(folded(label) == (folded(e.task.kind) if folded(e.task.kind) in kinds else "") for e, label in counted)
    first = [share.usage for run in runs for _, share in store.usage_by_role(run.id) if share.role == _DISPATCHER]
    return ExpertsRow(
        arm.name,
        _dispatch(arm),
        success,
        interval,
        len(counted),
        right if told else None,
        0 if _dispatch(arm) in _UNDISPATCHED else sum(not label for _, label in counted),
        None if oracle is None or oracle == arm else contrast(found[oracle.name], found[arm.name]),
        sum(first, Usage()),
        sum(store.count_episodes(run=run.id, phase=PHASE) for run in runs),
    )


def dispatched(store: Store, run: Run, experts: Sequence[Expert]) -> list[tuple[Episode, str]]:
    """The valid measured attempts of `run`, each with the label of the expert that it was shown, of several the one with the
    largest share; empty for the fallback."""
    numbers = run.config.get(READS, {})
    labels = {store.resolve(f"{e.name}@{numbers[e.ref]}").hash: e.label for e in experts}
    episodes = [e for e in store.episodes(run=run.id, phase=_AFTER, limit=None) if e.outcome.valid]
    return [(e, labels.get(next(iter(e.render.revisions), ""), "")) for e in episodes]


def _interference(store: Store, arm: Arm, runs: Sequence[Run], both: tuple[ArmOutcomes, ArmOutcomes]) -> list[Interference]:
    kinds: dict[str, set[str]] = {e.label: set() for e in experts_of(arm.settings["experts"])}
    by_kind = {folded(label): keys for label, keys in kinds.items()}
    for run in runs[:1]:
        for e in store.episodes(run=run.id, phase=_AFTER, limit=None):
            by_kind.get(folded(e.task.kind), set()).add(e.task.key)
    rows = []
    for kind, keys in {**kinds, "all": set().union(*kinds.values())}.items():
        expert, merged = (_only(o, keys) for o in both)
        if (change := contrast(expert, merged)) is not None:
            rows.append(Interference(kind, level(expert)[0], level(merged)[0], change))
    return rows


def _only(found: ArmOutcomes, keys: set[str]) -> ArmOutcomes:
    """What an arm gave on the tasks of `keys` alone."""
    verdicts = {seed: {k: v for k, v in of.items() if k in keys} for seed, of in found.verdicts.items()}
    return replace(found, verdicts=verdicts)


def _negative(change: Contrast | None) -> JSON:
    """What is lost, where `change` is gained, with its interval."""
    if change is None:
        return None
    low, high = change.interval or (None, None)
    # Adding 0.0 takes the sign off a zero.
    interval = None if low is None or high is None else [0.0 - high + 0.0, 0.0 - low + 0.0]
    return {"difference": 0.0 - change.difference + 0.0, "interval": interval}
