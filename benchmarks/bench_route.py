"""Routing: how much of the gap between two models is recovered at a tenth of the steps.

The novice is the cheap model, with a playbook that it learned from few cases (40, level normal), and the environment's oracle,
as a model, is the strong one. The bullets under which most of 100 validation cases were lost are escalated, by hand, until the
cases that they decide make a tenth of all steps. The same held-out cases are then played by the novice alone, by the oracle
alone, routed at these bullets, routed by chance at the share of steps that this took, and routed where three samples of the
novice disagree or something is seen again. The gap recovered is (arm - cheap) / (strong - cheap), with Fieller's interval.

The oracle needs to look nothing up: it ends a case at the step that it is given, whichever that is. So a tenth of the steps,
drawn by chance, reaches as many cases as a tenth chosen well; what is compared is which cases those are.

python benchmarks/bench_route.py              6 worlds, 200 held-out cases each, about three minutes
python benchmarks/bench_route.py --worlds 1   fewer
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
from oracle_model import Oracle

from ace.environments.desk import Desk
from ace.memory.store import Store
from ace.memory.values import Batch, Run
from ace.playbooks.operations import Op
from ace.roles.routing import steps_taken
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import Given, prepare
from ace.settings import RunSettings
from ace.statistics.intervals import wilson
from ace.statistics.ratio import ratio_of_means
from ace.types import Episode

BOOK, LEARNED, VALIDATION, SHARE = "book", 40, 100, 0.1
Cases = dict[str, tuple[bool, int, int]]
"""By task: whether it was won, the steps that the stronger model took, and all steps."""


def done(store: Store, world: int, **settings: object) -> Run:
    """A run on the desk of `world`, carried out; the oracle is the stronger model, where one is asked for."""
    given = Given(models={"strong": Oracle(Desk(world=world))}) if settings.get("strategy") == "route" else Given()
    made = prepare(RunSettings(settings={"world": str(world)}, **settings), given)  # type: ignore[arg-type]
    return asyncio.run(work(made, store, begin(made, store)))


def escalate(store: Store, run: Run) -> int:
    """Mark the bullets under which most attempts of `run` were lost, until they decide a tenth of its steps; how many."""
    played = store.episodes(run=run.id, limit=None)
    decided: dict[str, list[Episode]] = {}
    for e in played:
        for id in e.steps[-1].cited if e.steps else ():
            decided.setdefault(id, []).append(e)
    lost = {id: (sum(not e.outcome.success for e in of) + 1) / (len(of) + 2) for id, of in decided.items()}
    most, taken, chosen = SHARE * sum(len(e.steps) for e in played), 0, list[str]()
    for id in sorted(lost, key=lambda id: -lost[id]):
        if taken + len(decided[id]) <= most:
            chosen.append(id)
            taken += len(decided[id])
    store.commit(Batch(playbook=BOOK, delta=store.edits.mark(BOOK, Op.ESCALATE, chosen, "most lost on validation cases")))
    return len(chosen)


def world(number: int, cases: int) -> tuple[dict[str, Cases], int]:
    """By arm what became of the held-out cases, and how many bullets are escalated."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "ace.db") as store:
        done(store, number, playbook=BOOK, episodes=LEARNED, learn_only=True)
        marked = escalate(store, done(store, number, playbook=BOOK, strategy="frozen", split="val", eval=VALIDATION))

        def measured(**settings: str) -> Cases:
            told = {"strong": "oracle", "playbook": BOOK, "cases": "0", **settings}
            run = done(store, number, strategy="route", strategy_settings=told, measured="only", eval=cases)
            episodes = store.episodes(run=run.id, phase="after", limit=None)
            return {e.task.id: (e.outcome.success, *steps_taken(e)) for e in episodes}

        found = {"cheap": measured(when="never"), "strong": measured(when="always")}
        found["escalated bullets"] = measured(repeats="false")
        found["random, same share"] = measured(when="random", share=f"{share_of(found['escalated bullets']):.4f}")
        found["3 samples, repeats"] = measured(triggers="false", samples="3")
        found["all three"] = measured(samples="3")
        return found, marked


def share_of(cases: Cases) -> float:
    """The share of steps that the stronger model took."""
    return sum(s for _, s, _ in cases.values()) / max(1, sum(n for *_, n in cases.values()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=6)
    parser.add_argument("--cases", type=int, default=200)
    asked = parser.parse_args()
    with timed() as seconds, ProcessPoolExecutor(2) as pool:
        numbers = range(600, 600 + asked.worlds)
        worlds = list(pool.map(world, numbers, [asked.cases] * asked.worlds))
        print(f"{asked.worlds} worlds x {asked.cases} held-out cases, {seconds():.0f} s")
    print(f"bullets escalated: {', '.join(str(marked) for _, marked in worlds)}\n")
    flat = {arm: [row for found, _ in worlds for row in found[arm].values()] for arm in worlds[0][0]}
    cheap, strong = ([float(won) for won, *_ in flat[arm]] for arm in ("cheap", "strong"))
    for arm, rows in flat.items():
        won = [float(w) for w, *_ in rows]
        low, high = wilson(int(sum(won)), len(won))
        taken = sum(s for _, s, _ in rows) / max(1, sum(n for *_, n in rows))
        print(f"{arm}: success {fmean(won):.3f} ({low:.3f} to {high:.3f}), steps by strong {taken:.3f}")
        if arm not in ("cheap", "strong"):
            gap = ratio_of_means(
                [w - c for w, c in zip(won, cheap, strict=True)], [s - c for s, c in zip(strong, cheap, strict=True)]
            )
            if gap is None:
                print("  there is no gap to recover")
                return 1
            show(f"  gap recovered ({gap.interval[0]:.3f} to {gap.interval[1]:.3f})", gap.ratio, digits=3)
    routed, drawn = ([float(won) for won, *_ in flat[arm]] for arm in ("escalated bullets", "random, same share"))
    better = [r - d for r, d in zip(routed, drawn, strict=True)]
    more = ratio_of_means(better, [s - c for s, c in zip(strong, cheap, strict=True)])
    met = more is not None and show(
        "more of the gap than random routing, lower end of the interval", more.interval[0], 0, least=True
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
