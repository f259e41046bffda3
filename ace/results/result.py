"""What a run gave, computed from the store alone: when it ends, and whenever it is asked for again.

One computation for the command line and the library. Nothing that is in the episodes is kept twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ace.memory.store import Store
from ace.memory.values import RoleUsage, Run, RunStatus
from ace.memory.view import View
from ace.playbooks.operations import Status
from ace.results.diversity import diversity
from ace.results.gated import GateResult, gates_of
from ace.results.score import Score, cases_of, score
from ace.results.spending import by_role
from ace.statistics.intervals import paired
from ace.types import Episode, Usage

_PHASES = ("before", "start", "learn", "after")


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much success grew on the `n` cases that were valid both times, as a share in [-1, 1], with its 95 % interval for
    paired cases (Newcombe 1998, method 10)."""

    difference: float
    n: int
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Result:
    """What a learning run gave, as far as it has come.

    `before`, `after` and `start` are success on the same held-out cases: with the empty playbook, with the one learned, and
    with the one the run began with (`None` where it began with an empty one); `gain` is the change (after - before),
    `None` without cases. `playbook` at `revision` has `bullets` of them. `cases` are training cases and `episodes` the attempts
    at them; `first` is success of first attempts at these cases, `within` that of any of up to `most` attempts at each.
    `attempted` are all attempts, `invalid` those that count for nothing; `accepted` and `refused` count the operations;
    `waiting` the deltas of this run that wait for review;
    `batches` are the first attempts in each training batch, and `curve` their success where it is known; `alarms` are lines on
    revisions at which the agent narrowed and did worse (`diversity`); `usage` is what all model calls cost, `roles` what those
    of each role did; `seconds` is wall time; `gates` say what those that ask or play concluded."""

    run: str
    status: RunStatus
    environment: str
    model: str
    strategy: str
    seed: int
    playbook: str
    revision: int
    before: Score
    after: Score
    start: Score | None
    gain: Gain | None
    cases: int
    episodes: int
    first: Score
    within: Score
    most: int
    attempted: int
    invalid: int
    reflections: int
    bullets: int
    accepted: int
    refused: int
    waiting: int
    batches: tuple[Score, ...]
    curve: tuple[float, ...]
    alarms: tuple[str, ...]
    usage: Usage
    roles: Mapping[str, RoleUsage]
    seconds: float
    gates: tuple[GateResult, ...] = ()


def result_of(store: Store, run: Run) -> Result:
    """The result of a stored learning run."""
    phases = {p: store.episodes(run=run.id, phase=p, limit=None)[::-1] for p in _PHASES}
    everything = [e for found in phases.values() for e in found]
    view = view_of(store, run)
    deltas = store.log(view.revision.playbook, run=run.id)
    scores = {p: score(cases_of(phases[p])) for p in ("before", "start", "after")}
    cases = cases_of(phases["learn"])
    batches = _batches(cases, int(run.config["batch"]))
    return Result(
        run=run.id,
        status=run.status,
        environment=str(run.config["environment"]),
        model=str(run.config["model"]),
        strategy=str(run.config["strategy"]),
        seed=int(run.config["seed"]),
        playbook=view.revision.playbook,
        revision=view.revision.number,
        before=scores["before"],
        after=scores["after"],
        start=scores["start"] if run.result["start"] else None,
        gain=_gain(phases["before"], phases["after"]),
        # A run that learned from attempts made elsewhere has counted them.
        cases=int(run.result.get("episodes", len(cases))),
        first=score([attempts[:1] for attempts in cases]),
        within=score(cases),
        most=max(map(len, cases), default=0),
        episodes=int(run.result.get("episodes", len(phases["learn"]))),
        attempted=len(everything),
        invalid=sum(not e.outcome.valid for e in everything),
        reflections=int(run.result.get("reflections", sum(len(store.reflections(e.id)) for e in phases["learn"]))),
        bullets=view.count,
        accepted=sum(len(d.operations) for d in deltas if d.status is Status.ACCEPTED),
        refused=sum(len(d.refusals) for d in deltas),
        waiting=sum(d.review is not None and d.review.decided is None for d in deltas),
        batches=batches,
        curve=tuple(b.success for b in batches if b.success is not None),
        alarms=tuple(diversity(everything, _numbers(store, view), every_p=False).alarms),
        usage=store.usage(run.id),
        roles=by_role(store, run),
        seconds=float(run.result.get("seconds", 0.0)),
        gates=gates_of(run, deltas),
    )


def _numbers(store: Store, view: View) -> dict[str, int]:
    return {r.hash: r.number for r in store.revisions(view.revision.playbook)}


def view_of(store: Store, run: Run) -> View:
    """The playbook of a run, as the run left it; as it stands, where the run has not got so far."""
    return store.view(f"{run.result['playbook']}@{run.result.get('revision', 'head')}")


def _gain(before: Sequence[Episode], after: Sequence[Episode]) -> Gain | None:
    first, second = _wins(before), _wins(after)
    both = [key for key in first if key in second]
    if not both:
        return None
    difference, low, high = paired([first[k] for k in both], [second[k] for k in both])
    return Gain(difference, len(both), (low, high))


def _wins(episodes: Sequence[Episode]) -> dict[str, bool]:
    valid = [[e for e in attempts if e.outcome.valid] for attempts in cases_of(episodes)]
    return {attempts[0].task.key: any(e.outcome.success for e in attempts) for attempts in valid if attempts}


def _batches(cases: Sequence[Sequence[Episode]], batch: int) -> tuple[Score, ...]:
    epochs: dict[int, list[Sequence[Episode]]] = {}
    for case in cases:
        epochs.setdefault(case[0].epoch, []).append(case)
    # A batch never reaches into the next epoch.
    return tuple(score([case[:1] for case in e[i : i + batch]]) for e in epochs.values() for i in range(0, len(e), batch))
