"""A population of playbooks on a per-task front (`pareto`) against a single one (`ace`) at equal calls, in worlds of the desk.

The novice learns with `pareto` from so many training cases; the calls of learning are counted, and `ace` gets as many training
cases as it takes to spend about as many. Both end with one playbook, which is measured on the same held-out cases. The
difference is paired by world; its interval is Student's over worlds.

python benchmarks/bench_pareto.py                       twenty worlds, about 15 s of a processor each
python benchmarks/bench_pareto.py --worlds 3 --eval 60   a small size of it
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from common import show

from ace.memory.store import Store
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import prepare
from ace.settings import RunSettings
from ace.statistics.distributions import t_quantile

MODEL, BATCH = "novice", 10


@dataclass(frozen=True)
class Learned:
    """What one run came to: success on held-out cases, the calls of learning, training cases, revisions, and how many of them
    are merges."""

    success: float
    calls: int
    cases: int
    revisions: int
    merged: int


def learned(strategy: str, world: int, cases: int, held_out: int) -> Learned:
    """A run of `strategy` in `world` on `cases` training cases, in a store in memory."""
    s = RunSettings(
        environment="desk",
        settings={"world": str(world)},
        model=MODEL,
        strategy=strategy,
        episodes=cases,
        batch=BATCH,
        eval=held_out,
        measured="after",
        store=":memory:",
    )
    prepared = prepare(s)
    with Store.open(":memory:") as store:
        run = asyncio.run(work(prepared, store, begin(prepared, store)))
        after = store.episodes(run=run.id, phase="after", limit=None)
        calls = store.usage(run.id).calls - sum(e.usage.calls for e in after)
        name = str(run.result["playbook"])
        merged = sum("merged" in d.reason for d in store.log(name))
        return Learned(fmean(e.outcome.success for e in after), calls, cases, store.head(name).number, merged)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--cases", type=int, default=80)
    parser.add_argument("--eval", type=int, default=200)
    asked = parser.parse_args()
    pairs: list[tuple[Learned, Learned]] = []
    for world in range(1, asked.worlds + 1):
        many = learned("pareto", world, asked.cases, asked.eval)
        first = learned("ace", world, asked.cases, asked.eval)
        cases = max(BATCH, round(asked.cases * many.calls / first.calls / BATCH) * BATCH)
        one = first if cases == asked.cases else learned("ace", world, cases, asked.eval)
        pairs.append((many, one))
        told = f"pareto {many.success:.3f} ({many.calls} calls, {many.cases} cases, {many.merged} merges kept)"
        print(f"world {world:>2}: {told}, ace {one.success:.3f} ({one.calls} calls, {one.cases} cases)", flush=True)
    differences = [100 * (m.success - o.success) for m, o in pairs]
    mean, n = fmean(differences), len(differences)
    half = t_quantile(0.975, n - 1) * stdev(differences) / sqrt(n) if n > 1 else float("nan")
    show("pareto, success on held-out cases", 100 * fmean(m.success for m, _ in pairs), unit=" %")
    show("ace at equal calls, success on held-out cases", 100 * fmean(o.success for _, o in pairs), unit=" %")
    show("difference (pareto - ace), points", mean)
    show("  lower end, 95 % over worlds", mean - half)
    show("  upper end", mean + half)
    show("worlds in which pareto won more", sum(d > 0 for d in differences), digits=0)
    show("worlds in which it won less", sum(d < 0 for d in differences), digits=0)
    show("calls of learning, pareto", fmean(m.calls for m, _ in pairs), digits=0)
    show("calls of learning, ace", fmean(o.calls for _, o in pairs), digits=0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
