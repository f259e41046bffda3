"""A house rule changes: how soon success is back on the cases that the rule decides, with the drift alarm and without it.

Runs of the novice, of 600 cases on `desk`, normal level; after case 300 one rule chooses another resolution. Success is of
first attempts at training cases that the changed rule decides: what it was are those of cases 151 to 300; it is back when ten
such cases in a row reach 0.8 of that. Runs without a change, of the same worlds, say what the alarm costs and how often it is
false: their alarms all are. Last, the test itself on records of 200 trials that never change.

python benchmarks/bench_drift.py             8 worlds, both ways
python benchmarks/bench_drift.py --worlds 3  fewer
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from common import show, timed

from ace.environments.desk.world import drifted
from ace.memory.store import Store
from ace.playbooks.operations import Op
from ace.results.score import cases_of, score
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import prepare
from ace.settings import RunSettings
from ace.statistics.drift import change

CASES, CHANGE, FROM, WINDOW, SHARE, WITHIN = 600, 300, 150, 10, 0.8, 100
ALPHA = 0.05


@dataclass(frozen=True)
class Trial:
    world: int
    drift: bool
    alpha: float


@dataclass(frozen=True)
class Gave:
    """First attempts at the cases that the rule decides, `before` the change and `after` it; held-out success; alarms."""

    before: tuple[bool, ...]
    after: tuple[bool, ...]
    held_out: float
    alarms: int
    texts: int

    @property
    def was(self) -> float:
        return fmean(self.before)

    @property
    def back(self) -> int | None:
        """After how many cases success was back; `None` where it never was."""
        ends = range(WINDOW, len(self.after) + 1)
        return next((n for n in ends if fmean(self.after[n - WINDOW : n]) >= SHARE * self.was), None)


def play(t: Trial) -> Gave:
    settings = {"world": str(t.world), **({"drift": str(CHANGE)} if t.drift else {})}
    s = RunSettings(
        "desk", settings, episodes=CASES, eval=100, strategy_settings={"drift": str(t.alpha)}, measured="after", seed=t.world
    )
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "drift.db") as store:
        ready = prepare(s)
        run = asyncio.run(work(ready, store, begin(ready, store)))
        first = [e for e in store.episodes(run=run.id, phase="learn", limit=None) if e.attempt == 1]
        won = {int(e.task.id.rpartition("-")[2]): (e.outcome.success, e.task) for e in first}
        rule = drifted(t.world, "normal")
        decides = rule.before.rules[rule.index]
        mine = {n: w for n, (w, task) in won.items() if rule.before.deciding(task.data) == decides}
        after = score(cases_of(store.episodes(run=run.id, phase="after", limit=None))).success or 0.0
        [name] = [b.name for b in store.playbooks()]
        ops = [o.op for d in store.log(name) for o in d.operations]
        return Gave(
            tuple(w for n, w in sorted(mine.items()) if FROM < n <= CHANGE),
            tuple(w for n, w in sorted(mine.items()) if n > CHANGE),
            after,
            ops.count(Op.DEMOTE),
            sum(ops.count(op) for op in (Op.ADD, Op.REVISE, Op.MERGE)),
        )


def false_alarms(p: float, records: int, n: int = 200) -> float:
    """The share of records of one chance `p` that are ever in alarm."""
    rng = random.Random(f"drift {p}")
    alarms = 0
    for _ in range(records):
        won = [rng.random() < p for _ in range(n)]
        alarms += any(change(won[:k]).alarms(ALPHA) for k in range(2, n + 1, 4))
    return alarms / records


def told(what: str, gave: list[Gave], target: bool) -> bool:
    backs = [g.back for g in gave]
    found = [b for b in backs if b is not None]
    counted = [b if b is not None else len(g.after) + 1 for b, g in zip(backs, gave, strict=True)]
    show(f"{what}: success before the change", fmean(g.was for g in gave))
    show("  success in the last ten such cases", fmean(fmean(g.after[-WINDOW:]) for g in gave))
    share = sum(b <= WITHIN for b in found) / len(gave)
    met = show(f"  worlds that are back within {WITHIN} such cases, share", share, 1.0 if target else None, least=True)
    show("  such cases until it is back, median (never: all there were)", median(counted))
    show("  held-out success, after the change", fmean(g.held_out for g in gave))
    return met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    worlds = range(options.worlds)
    trials = [Trial(w, drift, alpha) for drift in (True, False) for alpha in (ALPHA, 0.0) for w in worlds]
    with timed() as seconds, ProcessPoolExecutor(options.workers) as pool:
        gave = {}
        for t, g in zip(trials, pool.map(play, trials), strict=True):
            gave[t] = g
            print(
                f"  {t}: was {g.was:.2f}, back after {g.back} of {len(g.after)}, {g.alarms} alarms", file=sys.stderr, flush=True
            )
        print(f"{len(worlds)} worlds, {CASES} cases, the rule changes after {CHANGE} ({seconds():.0f} s)")
    of = {(d, a): [gave[Trial(w, d, a)] for w in worlds] for d in (True, False) for a in (ALPHA, 0.0)}
    met = [told("with the alarm", of[True, ALPHA], True)]
    told("without", of[True, 0.0], False)
    print("where nothing changes")
    show("held-out success with the alarm", fmean(g.held_out for g in of[False, ALPHA]))
    show("  without", fmean(g.held_out for g in of[False, 0.0]))
    still = of[False, ALPHA]
    show("  alarms a run", fmean(g.alarms for g in still))
    met.append(show("  alarms a text", sum(g.alarms for g in still) / sum(g.texts for g in still), ALPHA, digits=3))
    worst = max(false_alarms(p, 200) for p in (0.5, 0.8, 0.95, 0.99))
    met.append(show("records of 200 trials of one chance that are ever in alarm, share", worst, ALPHA, digits=3))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
