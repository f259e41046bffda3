"""Experts on three desks: how well a first pass dispatches, what that costs, and what one book of all experts loses.

For each world, the novice learns a playbook at each of three desks of `desk --set desks=3` (300 cases each, level normal), and
then answers held-out cases of all three, dispatched by past tasks, by a request of its own, by a search over shares, and by the
controls. Dispatch is right where the expert of the case's desk was chosen; cases of two further desks, which no expert learned,
are right with the fallback. Regret is oracle dispatch less the arm, in the same cases; interference an expert on its own cases
less one book of all.

python benchmarks/bench_experts.py              4 worlds, 200 held-out cases each, about four minutes
python benchmarks/bench_experts.py --worlds 1   fewer
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import fmean

from common import show, timed

from ace.experiments.dispatch import dispatched
from ace.memory.store import Store
from ace.memory.values import Run
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import prepare
from ace.settings import RunSettings
from ace.statistics.intervals import paired, wilson
from ace.strategies.dispatching import experts_of
from ace.types import Episode

DESKS = ("web", "market", "catalogue")
EXPERTS = ",".join(DESKS)
ARMS = ("classifier", "prompt", "shares", "oracle", "random", "merged")
Cases = dict[str, tuple[str, str, bool]]
"""By task: its desk, the expert that it was dispatched to, and whether it was won."""


def done(store: Store, desk: dict[str, str], **settings: object) -> Run:
    """A run on desks of these settings, carried out."""
    made = prepare(RunSettings(settings=desk, **settings))  # type: ignore[arg-type]
    return asyncio.run(work(made, store, begin(made, store)))


def world(number: int, cases: int) -> tuple[dict[str, Cases], Cases, float, float]:
    """By arm what became of held-out cases; of the classifier also those of five desks; calls and tokens of a first pass."""
    desk = {"world": str(number), "desks": "3"}
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "ace.db") as store:
        for name in DESKS:
            done(store, {**desk, "only": name}, playbook=name, episodes=300, learn_only=True)
        found, costs = {}, (0.0, 0.0)
        for arm in ARMS:
            told = {"experts": EXPERTS, "fallback": "empty", "dispatch": arm}
            run = done(store, desk, strategy="experts", strategy_settings=told, measured="only", eval=cases)
            found[arm] = _cases(dispatched(store, run, experts_of(EXPERTS)))
            if arm == "prompt":
                (used,) = [share.usage for _, share in store.usage_by_role(run.id) if share.role == "dispatcher"]
                costs = used.calls / cases, (used.prompt_tokens + used.completion_tokens) / cases
        told = {"experts": EXPERTS, "fallback": "empty"}
        run = done(store, {**desk, "desks": "5"}, strategy="experts", strategy_settings=told, measured="only", eval=cases)
        return found, _cases(dispatched(store, run, experts_of(EXPERTS))), *costs


def _cases(attempts: list[tuple[Episode, str]]) -> Cases:
    return {e.task.id: (e.task.kind, label, e.outcome.success) for e, label in attempts}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=4)
    parser.add_argument("--cases", type=int, default=200)
    asked = parser.parse_args()
    with timed() as seconds, ProcessPoolExecutor(2) as pool:
        numbers = range(500, 500 + asked.worlds)
        worlds = list(pool.map(world, numbers, [asked.cases] * asked.worlds))
        print(f"{asked.worlds} worlds x {asked.cases} held-out cases of three desks, {seconds():.0f} s\n")
    met = _report(worlds)
    return 0 if met else 1


def _report(worlds: list[tuple[dict[str, Cases], Cases, float, float]]) -> bool:
    all_of = {arm: [row for found, *_ in worlds for row in found[arm].values()] for arm in ARMS}
    oracle = [won for *_, won in all_of["oracle"]]
    met = True
    for arm, rows in all_of.items():
        won = [w for *_, w in rows]
        low, high = wilson(sum(won), len(won))
        print(f"{arm}: success {fmean(won):.3f} ({low:.3f} to {high:.3f})")
        if arm in ("classifier", "prompt", "shares"):
            right = [desk == label for desk, label, _ in rows]
            met &= show("  dispatch right", fmean(right), 0.95, least=True, digits=3)
        if arm != "oracle":
            lost, low, high = paired(won, oracle)
            target = 0.02 if arm in ("classifier", "prompt", "shares") else None
            met &= show(f"  regret ({low:+.3f} to {high:+.3f})", lost, target, digits=3)
    own, merged = ([(d, w) for d, _, w in all_of[arm]] for arm in ("oracle", "merged"))
    for desk in (*DESKS, "all"):
        sides = [[w for d, w in side if desk in (d, "all")] for side in (merged, own)]
        lost, low, high = paired(sides[0], sides[1])
        show(f"interference at {desk} ({low:+.3f} to {high:+.3f})", lost, digits=3)
    further = [row for _, five, *_ in worlds for row in five.values()]
    foreign = [label == "" for desk, label, _ in further if desk not in DESKS]
    mine = [label == desk for desk, label, _ in further if desk in DESKS]
    show("of cases of two further desks, to the fallback", fmean(foreign), digits=3)
    show("of cases of the three, right, among those of five", fmean(mine), 0.95, least=True, digits=3)
    show("first pass by a request: calls a case", fmean(w[2] for w in worlds), digits=2)
    show("first pass by a request: tokens a case", fmean(w[3] for w in worlds), digits=0)
    return met


if __name__ == "__main__":
    sys.exit(main())
