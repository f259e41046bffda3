"""A strong model on hidden worlds: everything on against everything off, at equal calls to learn.

Each world W has 30 cases to learn from in batches of five, and 40 held-out ones, the same in both arms (`arms.py` has the
settings of `on` and `off`). An arm learns with at most 110 calls of generator, reflector, curator and gates together; measuring
is counted apart. A phase is a process of its own, and so can have a reader of its own:

    python benchmarks/strong.py before --dir D --world W              the held-out cases with an empty playbook, for both arms
    python benchmarks/strong.py learn  --dir D --world W --arm on     the 30 cases
    python benchmarks/strong.py after  --dir D --world W --arm on     the held-out cases with what was learned
    python benchmarks/strong.py report --dir D                        all worlds, both arms

A phase that was stopped goes on where it stopped when it is started again; one that is over says so. `after` wants `learn`.

**Protocol for a reader.** A reader is a conversation that plays the model in one phase of one arm of one world and sees nothing
but its folder: `D/world-W/before`, `D/world-W/ARM-learn` or `D/world-W/ARM-after`. It repeats these two steps:

 1. `python benchmarks/reader.py open FOLDER` prints all requests that wait, what they share once. Each says which JSON object
    is wanted. Status 3 and the word DONE: the phase is over, stop. Status 4 and NOTHING YET: run it again.
 2. Write one file with the answers to all of them, `{"0001-generator-1a2b3c4d5e6f": {...}, ...}`, and hand it in:
    `python benchmarks/reader.py answer FOLDER answers.json`. An answer that does not fit its schema is asked again.

In `learn` up to five cases wait at once, then their reflections, then one curation, batch after batch. In `before` and `after`
all 40 cases wait at once, and several readers may share them: reader 2 of 4 adds `--share 2/4` to `open`. The reader answers
from the request alone, in a fresh conversation for each folder: one who learned never answers in `before` or `after`, and looks
at no other file.

With `--model NAME` (and `--api-base`) the phase asks that model instead of a folder: a server on loopback, or `novice`.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from arms import ARMS, LIMIT
from common import ROOT
from reader import DONE
from strong_report import report

from ace.budget import Budget
from ace.errors import Interrupted, LimitReached
from ace.events import BatchCommitted, Event, Warned
from ace.memory.store import Store
from ace.memory.values import Run, RunStatus
from ace.runs.lifecycle import Stop, begin, ready, work
from ace.runs.preparing import prepare
from ace.settings import RunSettings

BOOK = "learned"
PLACE = str(ROOT / "benchmarks" / "hidden_worlds.py") + ":Hidden"


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of one arm (none for `before`) of one world, under `folder`."""

    name: str
    folder: Path
    world: int
    arm: str
    options: argparse.Namespace

    @property
    def requests(self) -> Path:
        """The folder of the phase's requests."""
        return self.folder / f"world-{self.world}" / ("before" if self.name == "before" else f"{self.arm}-{self.name}")

    @property
    def store(self) -> Path:
        return self.folder / f"world-{self.world}" / f"{'before' if self.name == 'before' else self.arm}.db"

    def settings(self, revision: int) -> RunSettings:
        """What is run. Held-out cases are shown to the agent as its arm shows them."""
        o = self.options
        arm = ARMS[self.arm].settings() if self.arm else {}
        model = o.model or f"manual:{self.requests}"
        shared: dict[str, Any] = {
            "environment": PLACE,
            "settings": {"world": str(self.world), "level": o.level},
            "model": model,
            "api_base": o.api_base,
            "seed": o.seed,
            "strategy_settings": arm.get("strategy_settings", {}),
        }
        if self.name != "learn":
            held_out = {"split": "test", "eval": o.held_out, "concurrency": o.held_out}
            return RunSettings(**shared, **held_out, playbook=f"{BOOK}@{revision}")
        budget = Budget() if ARMS[self.arm].exceeds else Budget(calls=o.limit)
        return RunSettings(**{**shared, **arm}, playbook=BOOK, episodes=o.cases, batch=o.batch, learn_only=True, budget=budget)


class Boundary:
    """Stops a run between two batches once its calls are spent: after the batch in which `limit` is met where the arm
    `exceeds`, else where one more of the size of the last would pass it."""

    def __init__(self, limit: int, *, exceeds: bool) -> None:
        self._limit, self._exceeds = limit, exceeds
        self._spent = 0
        self.stop: Stop = lambda *a: None
        self.met = False

    def hear(self, event: Event) -> None:
        if isinstance(event, Warned):
            print(f"warning: {event.text}", file=sys.stderr)
        if not isinstance(event, BatchCommitted) or event.phase != "learn":
            return
        calls = event.usage.calls
        last, self._spent = calls - self._spent, calls
        print(f"batch: {event.episodes} attempts, {event.bullets} bullets, {calls} calls so far", flush=True)
        if calls >= self._limit if self._exceeds else calls + last > self._limit:
            self.met = True
            self.stop()

    def started(self, stop: Stop) -> None:
        self.stop = stop
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop)


def play(phase: Phase) -> str:
    """Do the phase, or what is left of it, and say how it ended."""
    over = phase.requests / DONE
    if over.exists():
        return "over already"
    phase.requests.mkdir(parents=True, exist_ok=True)
    with Store.open(phase.store) as store:
        head = store.ensure_playbook(BOOK).number
        if phase.name == "after" and not (phase.requests.parent / f"{phase.arm}-learn" / DONE).exists():
            return "learn comes first"
        ended = _run(phase, store, head)
    over.write_text(ended + "\n", encoding="utf-8")
    return ended


def _run(phase: Phase, store: Store, head: int) -> str:
    boundary = Boundary(phase.options.limit, exceeds=bool(phase.arm) and ARMS[phase.arm].exceeds)
    prepared = replace(prepare(phase.settings(head)), listener=boundary.hear)
    before = [r for r in store.runs() if bool(r.config["split"]) == (phase.name != "learn")]
    run: Run = ready(prepared, store, before[0]) if before else begin(prepared, store)
    if run.status is RunStatus.DONE:
        return "done"
    try:
        asyncio.run(work(prepared, store, run, boundary.started))
    except LimitReached as limit:
        return f"stopped: {limit}"
    except Interrupted:
        if not boundary.met:
            raise
        return f"stopped between two batches after {store.usage(run.id).calls} calls"
    return "done"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("phase", choices=("before", "learn", "after", "report"))
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--world", type=int, default=0)
    parser.add_argument("--arm", choices=tuple(ARMS), default="")
    parser.add_argument("--model", default="", help="instead of the folder of the phase")
    parser.add_argument("--api-base", default="")
    parser.add_argument("--level", choices=("normal", "hard"), default="normal")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", type=int, default=30)
    parser.add_argument("--batch", type=int, default=5)
    parser.add_argument("--held-out", type=int, default=40)
    parser.add_argument("--limit", type=int, default=LIMIT, help="calls to learn")
    options = parser.parse_args()
    if options.phase == "report":
        return report(options.dir, options.cases)
    if bool(options.arm) != (options.phase != "before"):
        parser.error("learn and after want --arm on or --arm off; before is the same for both and takes none")
    folder = options.dir.resolve()
    try:
        print(play(Phase(options.phase, folder, options.world, options.arm, options)))
    except Interrupted:
        print("stopped; the same command goes on from here")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
