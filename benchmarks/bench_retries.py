"""Retries at equal calls: what exploring, chains and further attempts give the novice on worlds of named facts.

python benchmarks/bench_retries.py              8 worlds, 110 and 220 calls to learn
python benchmarks/bench_retries.py --worlds 4   fewer

A world is an ordered list of six rules over six named facts, and a default; four, five or six answers and no actions. Calls are
those of all three roles while learning, in batches of five; what a batch has not finished when they are used up is not learned.
Success is that of first attempts at 200 held-out cases with the playbook as it then is.

Found at 110 calls (standard error .01 to .05; cases, attempts): without retries .82 (75, 75), one reflected .85 (42, 65), two
.84 (36, 62); exploring without retries .90 (75, 75); chains of 1, 2, 3, 5 further attempts .91, .92, .97, .92 (48 to 58, 84
to 87); a chain of 2 without exploring .93. At 220 calls (.01 to .02): .97, .96, .98 without retries and with one and two
reflected ones, .95 exploring without retries, chains of 1, 2, 3, 5 further attempts .99 each, a chain of 2 without exploring
.98. So chains are on; their length matters little at equal calls, and three is the default. Before cases of a batch shared
one reflection, and so got further with the same calls, these were .64, .77, .79, .71, chains .83 to .87 at 110 calls.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from ace.budget import Budget
from ace.environments.contract import Environment, Scene
from ace.errors import LimitReached
from ace.memory.store import Store
from ace.memory.values import Run
from ace.results.score import cases_of, score
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import Given, prepare
from ace.settings import RunSettings
from ace.types import Observation, Outcome, Split, Task, failure, success

FACTS = {
    "cargo": ("grain", "timber", "glass", "cattle", "salt"),
    "flag": ("north", "south", "island", "inland"),
    "hull": ("wood", "iron", "reed"),
    "tide": ("low", "rising", "high", "falling"),
    "crew": ("family", "guild", "hired"),
    "season": ("spring", "summer", "autumn", "winter"),
}
ANSWERS = ("first quay", "second quay", "deep basin", "open roads", "toll house", "turn away")
PLAYBOOK = "harbour"


class Harbour(Environment):
    """Where a boat is sent: six hidden rules on one or two facts each, and a default."""

    name = "harbour"
    instant = True

    def __init__(self, world: int) -> None:
        self._world = world
        r = random.Random(f"harbour {world}")
        self.answers = ANSWERS[: 4 + world % 3]
        ends = [*self.answers, *r.choices(self.answers, k=7)][:7]
        r.shuffle(ends)
        self.rules = [({f: r.choice(FACTS[f]) for f in r.sample(sorted(FACTS), r.choice((1, 2, 2)))}, end) for end in ends[1:]]
        self.default = ends[0]

    def tasks(self, split: Split) -> Iterator[Task]:
        r = random.Random(f"harbour {self._world} {split}")
        n = 0
        while True:
            n += 1
            facts = {name: r.choice(values) for name, values in FACTS.items()}
            text = "\n".join([f"Boat {split}-{n} asks for a place.", *(f"{name}: {value}" for name, value in facts.items())])
            yield Task(f"{split}-{n}", text, split, facts)

    def open(self, task: Task, seed: int) -> Scene:
        right = next((end for when, end in self.rules if when.items() <= task.data.items()), self.default)
        return _Boat(Observation(task.text, (), self.answers), right)


class _Boat:
    def __init__(self, first: Observation, right: str) -> None:
        self.first, self._right = first, right

    def act(self, action: str) -> Observation | Outcome:
        return success() if action == self._right else failure()

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class Arm:
    """One way to learn."""

    name: str
    retries: int
    explore: bool = True
    chains: bool = True


ARMS = (
    Arm("today, no retry", 0, explore=False, chains=False),
    Arm("today, 1 reflected", 1, explore=False, chains=False),
    Arm("today, 2 reflected", 2, explore=False, chains=False),
    Arm("explore, no retry", 0),
    Arm("explore, 1 reflected", 1, chains=False),
    Arm("no explore, chain of 2", 2, explore=False),
    *(Arm(f"explore, chain of {n}", n) for n in (1, 2, 3, 5)),
)


@dataclass(frozen=True)
class Gave:
    """Held-out success, and what was learned from."""

    success: float
    cases: int
    attempts: int
    wins: int


def learn(arm: Arm, world: int, calls: int) -> Gave:
    """Learn from `world` in the way of `arm` with at most `calls` calls, and measure."""
    switches = {"explore": str(arm.explore).lower(), "chains": str(arm.chains).lower()}
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "harbour.db") as store:
        how: dict[str, Any] = {"strategy_settings": switches, "retries": arm.retries, "batch": 5, "learn_only": True}
        limit = Budget(calls=calls)
        done = _run(store, world, RunSettings(playbook=PLAYBOOK, episodes=calls, budget=limit, seed=world, **how))
        measured = _run(store, world, RunSettings(playbook=PLAYBOOK, split="test", strategy="frozen", eval=200))
        played = store.episodes(run=done.id, phase="learn", limit=None)
        after = score(cases_of(store.episodes(run=measured.id, limit=None))).success or 0.0
        return Gave(after, len(cases_of(played)), len(played), sum(e.outcome.success for e in played))


def _run(store: Store, world: int, settings: RunSettings) -> Run:
    ready = prepare(settings, Given(environment=Harbour(world)))
    run = begin(ready, store)
    try:
        return asyncio.run(work(ready, store, run))
    except LimitReached:
        return store.run(run.id)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=8)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--calls", type=int, nargs="*", default=[110, 220])
    chosen = parser.parse_args()
    with ProcessPoolExecutor(chosen.processes) as pool:
        for calls in chosen.calls:
            print(f"\n{calls} calls, {chosen.worlds} worlds: success (standard error), cases, attempts, wins", flush=True)
            for arm in ARMS:
                gave = list(pool.map(partial(_learned, arm, calls), range(chosen.worlds)))
                rates = [g.success for g in gave]
                error = stdev(rates) / len(rates) ** 0.5 if len(rates) > 1 else 0.0
                counts = [mean(getattr(g, n) for g in gave) for n in ("cases", "attempts", "wins")]
                print(f"{arm.name:<24} {mean(rates):.3f} ({error:.3f})" + "".join(f" {n:6.1f}" for n in counts), flush=True)
    return 0


def _learned(arm: Arm, calls: int, world: int) -> Gave:
    return learn(arm, world, calls)


if __name__ == "__main__":
    sys.exit(main())
