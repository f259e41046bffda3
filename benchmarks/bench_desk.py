"""The novice on `desk`: what is learned, what noise and retries do to it, and what an episode costs.

python benchmarks/bench_desk.py            all of it: 5 worlds without noise, twice, and 20 with it, twice
python benchmarks/bench_desk.py --worlds 4 fewer noisy worlds

Without noise the worlds are played as a run is by default, with up to three further attempts at a lost case, and with one
attempt at a case.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from common import show

from ace.environments.floors import measure_floors
from ace.environments.registry import open_environment
from ace.memory.store import Store
from ace.results.score import cases_of, score
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import prepare
from ace.settings import RunSettings


@dataclass(frozen=True)
class Trial:
    """One world learned from."""

    world: int
    noise: float = 0.0
    retries: int | None = 0
    curate: bool = True


@dataclass(frozen=True)
class Gave:
    """What a trial gave; `learning` is seconds of the process's own time for the whole run."""

    trial: Trial
    before: float
    after: float
    oracle: float
    floor: tuple[float, float]
    seconds: float


def play(trial: Trial) -> Gave:
    settings = RunSettings(
        environment="desk",
        settings={"world": str(trial.world), "noise": str(trial.noise)},
        strategy_settings={} if trial.curate else {"curate": "false"},
        retries=trial.retries,
        episodes=300,
        eval=200,
    )
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "desk.db") as store:
        ready = prepare(settings)
        began = time.process_time()
        run = asyncio.run(work(ready, store, begin(ready, store)))
        seconds = time.process_time() - began
        before, after = (score(cases_of(store.episodes(run=run.id, phase=p, limit=None))).success for p in ("before", "after"))
    floors = measure_floors(ready.environment, ready.tasks.held_out, 0)
    oracle = floors.oracle.success if floors.oracle else 0.0
    floor = floors.random.interval if floors.random else (0.0, 0.0)
    return Gave(trial, before or 0.0, after or 0.0, oracle, floor, seconds)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=20, help="worlds with noise")
    parser.add_argument("--first", type=int, default=0, help="the first world")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    noisy = range(options.first, options.first + options.worlds)
    clean = range(options.first, options.first + 5)
    met = [facts(world) for world in clean]
    with ProcessPoolExecutor(max_workers=options.processes) as pool:
        stock = list(pool.map(play, [Trial(w, retries=None) for w in clean]))
        plain = list(pool.map(play, [Trial(w) for w in clean]))
        control = list(pool.map(play, [Trial(w, curate=False) for w in clean]))
        flipped = list(pool.map(play, [Trial(w, noise=0.2) for w in noisy]))
        retried = list(pool.map(play, [Trial(w, noise=0.2, retries=2) for w in noisy]))
    rows = [("no noise, defaults", stock), ("no noise, one attempt a case", plain), ("no curator", control)]
    for name, gave in (*rows, ("20 % flipped, one attempt a case", flipped), ("20 % flipped, two retries", retried)):
        print(f"{name}, after, by world: " + " ".join(f"{g.after:.2f}" for g in gave))
    inside = [g.floor[0] <= g.before <= g.floor[1] for g in plain]
    met += [
        show("before, worlds inside the random floor's interval (of 5)", sum(inside), 5, least=True, digits=0),
        show("before, mean", mean([g.before for g in plain]), 0.25),
        show("after, mean of 5 worlds, defaults", mean([g.after for g in stock]), 0.90, least=True),
        show("the same with one attempt a case", mean([g.after for g in plain]), 0.90, least=True),
        show("oracle", min(g.oracle for g in plain), 1.0, least=True),
        show("after without a curator, mean", mean([g.after for g in control]), 0.25),
        show(
            f"after, 20 % flipped, one attempt a case, mean of {len(flipped)}",
            mean([g.after for g in flipped]),
            0.70,
            least=True,
        ),
        show("the same with up to two retries a case", mean([g.after for g in retried]), 0.75, least=True),
        show("300 cases and 400 held-out cases, one core", max(g.seconds for g in [*stock, *plain]), 30, unit=" s"),
    ]
    return 0 if all(met) else 1


def facts(world: int) -> bool:
    """Print how hard a world is: the share of its commonest resolution, and of the best rule on a single fact."""
    found = open_environment("desk", {"world": str(world)}).describe()
    common, single = float(str(found["commonest_share"])), float(str(found["best_single_fact_share"]))
    print(f"world {world}: {found}")
    return show("  commonest resolution", common, 0.40) and show("  best rule on a single fact", single, 0.55)


if __name__ == "__main__":
    sys.exit(main())
