"""What kill -9 costs: processes killed at random moments, half of them runs, half of them making edits by hand.

What a process had done is known from what it wrote down outside the store: every request before it was answered, every edit
after its command had ended. A run is killed, looked at, gone on with and killed again, until it ends; then it must have the
playbook of a run that nothing happened to, and may have sent nothing twice but what was in flight.

python benchmarks/bench_kill.py            200 kills, some three minutes
python benchmarks/bench_kill.py --kills 40 fewer
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import random
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from common import show, timed
from killed import BOOK, DONE, ERRORS, SENT, edit, noted, work

from ace.errors import AceError
from ace.memory.store import Store
from ace.memory.values import RunStatus

WORKERS = 2
RUN = ("run", "desk", "--episodes", "60", "--eval", "10", "--model", f"{Path(__file__).with_name('killed.py')}:Counted")
EDITING = 0.5
"""Seconds that a process makes edits, at most."""
KILLS_OF_A_STORE = 10
"""After so many kills edits go on in a new store."""
PRELOADED = ["ace.commands.run.running", "ace.commands.playbook.changes", "ace.environments.desk", "ace.models.novice.acting"]
STORE = "ace.db"

processes = multiprocessing.get_context("forkserver")


def begun(target: Callable[..., None], *arguments: object) -> ForkServerProcess:
    process = processes.Process(target=target, args=arguments)
    process.start()
    return process


# What is found


@dataclass
class Found:
    """What kills did: how many there were, stores that were damaged, what was lost or paid twice, calls that had to be made
    again, and how many runs ended, as they should or not."""

    kills: int = 0
    damaged: int = 0
    lost: int = 0
    twice: int = 0
    again: int = 0
    same: int = 0
    ended: int = 0
    failed: list[str] = field(default_factory=list)

    def __add__(self, other: Found) -> Found:
        numbers = ("kills", "damaged", "lost", "twice", "again", "same", "ended")
        sums = {name: getattr(self, name) + getattr(other, name) for name in numbers}
        return Found(**sums, failed=self.failed + other.failed)


def faults(path: Path) -> list[str]:
    """What is wrong with a store; one that is not begun yet has no faults."""
    if not any(path.parent.glob(f"{path.name}*")):
        return []
    try:
        with Store.open(path) as store:
            return store.upkeep.check()
    except AceError as error:
        return [str(error)]


def answered(path: Path) -> Counter[str]:
    """Hashes of the requests whose replies are in the journal."""
    if not path.exists():
        return Counter()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return Counter(row[0] for row in connection.execute("SELECT request FROM calls WHERE reply IS NOT NULL"))


def in_flight(path: Path) -> Counter[str]:
    """Hashes of the requests that were begun and not answered."""
    if not path.exists():
        return Counter()
    with Store.open(path) as store:
        return Counter(call.request for run in store.runs() for call in store.in_flight(run.id))


def book(path: Path) -> tuple[str, object]:
    """The only playbook of a store: its hash, and its bullets."""
    with Store.open(path) as store:
        [info] = store.playbooks()
        return info.head.hash, [(b.id, b.section, b.text, b.state, b.rank) for b in store.view(info.name).bullets(True)]


# Runs


@dataclass(frozen=True)
class Unbroken:
    """A run that nothing happened to: its playbook, the requests it sent, and the seconds it took."""

    book: tuple[str, object]
    sent: Counter[str]
    seconds: float


def unbroken(folder: Path) -> Unbroken:
    folder.mkdir()
    # The first one finds nothing in any cache.
    for where in (folder / "warm", folder):
        where.mkdir(exist_ok=True)
        with timed() as seconds:
            process = begun(work, str(where), RUN)
            process.join()
            took = seconds()
        if process.exitcode:
            raise SystemExit("\n".join(noted(where / ERRORS)))
    return Unbroken(book(folder / STORE), Counter(noted(folder / SENT)), took)


def kill_runs(folder: Path, kills: int, seed: int, whole: Unbroken) -> Found:
    """Runs that are killed and gone on with, until there were so many kills."""
    draw, found = random.Random(seed), Found()
    while found.kills < kills:
        where = folder / f"run-{seed}-{found.ended}"
        where.mkdir()
        kill_run(where, kills, draw, whole, found)
    return found


def kill_run(where: Path, kills: int, draw: random.Random, whole: Unbroken, found: Found) -> None:
    """One run, killed again and again while kills are left, until it ends."""
    path, repeated = where / STORE, Counter[str]()
    while arguments := owed(path):
        process = begun(work, str(where), arguments)
        if found.kills < kills:
            wait(process, where / SENT, draw, whole)
        else:
            process.join()
        if process.exitcode is not None:
            found.failed += noted(where / ERRORS)[-1:] if process.exitcode else []
            break
        process.kill()
        process.join()
        found.kills += 1
        found.damaged += bool(faults(path))
        repeated += in_flight(path)
        found.lost += (Counter(noted(where / SENT)) - answered(path) - repeated).total()
    extra = Counter(noted(where / SENT)) - whole.sent
    found.again += extra.total()
    found.twice += (extra - repeated).total()
    found.ended += 1
    found.same += book(path) == whole.book and not faults(path)


def wait(process: ForkServerProcess, sent: Path, draw: random.Random, whole: Unbroken) -> None:
    """Wait for a moment by chance: by the clock, one time in three, or else while what is left to be sent is being sent."""
    if draw.random() < 1 / 3:
        process.join(draw.uniform(0, whole.seconds))
        return
    wanted = draw.uniform(len(noted(sent)), whole.sent.total())
    while process.exitcode is None and len(noted(sent)) < wanted:
        process.join(0.002)
    process.join(draw.uniform(0, 0.02))


def owed(path: Path) -> tuple[str, ...]:
    """What is to be done with a store: begin the run, go on with it, or, where it has ended, nothing."""
    if not path.exists():
        return RUN
    with Store.open(path) as store:
        runs = store.runs()
    return RUN if not runs else () if runs[0].status is RunStatus.DONE else ("run", "resume")


# Edits


def kill_edits(folder: Path, kills: int, seed: int) -> Found:
    """Edits by hand, killed so many times; what had been done is there each time."""
    draw, found = random.Random(seed), Found()
    for number in range(0, kills, KILLS_OF_A_STORE):
        where = folder / f"edit-{seed}-{number}"
        where.mkdir()
        known: list[str] = []
        for i in range(min(KILLS_OF_A_STORE, kills - number)):
            known = kill_edit(where, 1000 * i, draw.uniform(0, EDITING), known, found)
    return found


def kill_edit(where: Path, first: int, seconds: float, known: list[str], found: Found) -> list[str]:
    """Make edits for so many seconds; gives the reasons of all that are in the store then. `known` were there before."""
    process = begun(edit, str(where), first)
    process.join(seconds)
    if process.exitcode is not None:
        found.failed += noted(where / ERRORS)[-1:]
    process.kill()
    process.join()
    found.kills += 1
    found.damaged += bool(faults(where / STORE))
    there = reasons(where / STORE)
    found.lost += missing([*known, *(r for r in noted(where / DONE) if r not in set(known))], there)
    return there


def reasons(path: Path) -> list[str]:
    """The reasons of the deltas in a store, the first one first."""
    if not path.exists():
        return []
    with Store.open(path) as store:
        return [d.reason for d in reversed(store.log(BOOK))] if store.playbooks() else []


def missing(done: Iterable[str], there: Iterable[str]) -> int:
    """How many of those edits are not there."""
    return (Counter(done) - Counter(there)).total()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="processes to kill")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    options = parser.parse_args()
    processes.set_forkserver_preload(PRELOADED)
    each = options.kills // (2 * WORKERS)
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(WORKERS) as pool, timed() as seconds:
        folder, seeds = Path(name), range(options.seed, options.seed + WORKERS)
        whole = unbroken(folder / "whole")
        runs = sum(pool.map(lambda seed: kill_runs(folder, each, seed, whole), seeds), Found())
        edits = sum(pool.map(lambda seed: kill_edits(folder, each, seed), seeds), Found())
        took = seconds()
    return 0 if told(runs, edits, 2 * WORKERS * each, took) else 1


def told(runs: Found, edits: Found, kills: int, took: float) -> bool:
    both = runs + edits
    for line in both.failed:
        print(line)
    show("kills during runs, and during edits: seconds in all", took, unit=" s", digits=0)
    show("calls in flight that were made again", runs.again, digits=0)
    return all(
        [
            show("processes killed", both.kills, kills, least=True, digits=0),
            show("stores damaged", both.damaged, 0, digits=0),
            show("replies or edits lost that were committed", both.lost, 0, digits=0),
            show("calls paid twice that were not in flight", both.twice, 0, digits=0),
            show(
                f"runs that ended with the playbook of an unbroken one, of {both.ended}",
                both.same,
                both.ended,
                least=True,
                digits=0,
            ),
            show("commands that failed", len(both.failed), 0, digits=0),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
