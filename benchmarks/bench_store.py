"""What the store costs: deltas, search, near duplicates, the past, and many writers at once, at 1,000 to 100,000 bullets.

Every figure is of `Store` as anybody uses it: in a file, durable when a call returns. A delta is what one turn of the loop
commits: an episode with what it was shown, a reflection with a vote, an added bullet.

python benchmarks/bench_store.py            all of it, some three minutes
python benchmarks/bench_store.py --quick    up to 10,000 bullets, 2,000 deltas
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from common import show, timed
from prose import Prose

from ace.memory.exchange.neighbours import neighbours
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.memory.view import View
from ace.playbooks.bullet import Bullet
from ace.playbooks.operations import Delta, Op, Operation
from ace.playbooks.similarity.compare import Kind
from ace.types import Episode, Exposure, Observation, Reflection, Render, Step, Task, Vote, failure

T = TypeVar("T")
BOOK = "lessons"
SECTIONS = 20
PORTION = 2_000
"""Bullets that are filled in by one delta."""
PROCESSES, EACH = 8, 500


def add(text: str, number: int, reason: str = "", episodes: tuple[str, ...] = ()) -> Operation:
    return Operation(Op.ADD, section=f"Section {number % SECTIONS}", text=text, reason=reason, episodes=episodes)


def filled(store: Store, bullets: int) -> float:
    """Fill a new playbook; gives the seconds it took."""
    store.ensure_playbook(BOOK)
    prose = Prose(bullets)
    operations = [add(prose.lesson(), i) for i in range(bullets)]
    with timed() as seconds:
        for start in range(0, bullets, PORTION):
            part = tuple(operations[start : start + PORTION])
            store.commit(Batch(playbook=BOOK, delta=Delta(store.head(BOOK).hash, part, "import", "filled")))
        return seconds()


def turn(prose: Prose, number: int, shown: Sequence[Bullet], base: str) -> Batch:
    """One turn of the loop: an attempt that used a bullet and lost, what was made of it, one new bullet."""
    id = f"e-{number:012x}"
    exposures = tuple(Exposure(b.id, b.version, i) for i, b in enumerate(shown))
    text = "\n".join(b.text for b in shown)
    step = Step("refund", None, "the lesson says so", (shown[0].id,))
    task = Task(f"t-{number}", prose.case())
    episode = Episode(
        id, task, 1, "learn", 0, number, Observation(task.text), (step,), failure(), Render(text, (base,), exposures)
    )
    told = Reflection(id, "tier: gold", "refund", "The choice was wrong.", "Choose otherwise.", ((shown[0].id, Vote.HARMFUL),))
    operation = Operation(
        Op.ADD, section=f"Section {number % SECTIONS}", text=prose.lesson(), episodes=(id,), reason="It lost."
    )
    return Batch((episode,), (told,), BOOK, Delta(base, (operation,), episodes=(id,)))


def each(work: Callable[[T], object], given: Iterable[T]) -> list[float]:
    """Milliseconds of `work` on each of `given`, in rising order; what comes first warms up."""
    taken = []
    for one in given:
        began = time.perf_counter()
        work(one)
        taken.append(1000 * (time.perf_counter() - began))
    return sorted(taken[1:])


def p95(taken: Sequence[float]) -> float:
    return taken[int(0.95 * len(taken))]


def commits(store: Store, count: int, seed: int) -> list[float]:
    """Milliseconds of each of `count` turns committed one after the other."""
    prose, shown, head = Prose(seed), store.view(BOOK).bullets()[:10], store.head(BOOK)
    return each(store.commit, [turn(prose, seed * 1_000_000 + i, shown, head.hash) for i in range(count)])


def search(store: Store, seed: int) -> list[bool]:
    """Bullets for new cases; for each of 200 a lesson about it was put among the others, and must be among the first 20."""
    prose = Prose(seed)
    pairs = [prose.case_and_lesson() for _ in range(200)]
    lessons = tuple(add(text, i) for i, (_, text) in enumerate(pairs))
    store.commit(Batch(playbook=BOOK, delta=Delta(store.head(BOOK).hash, lessons, "import")))
    view = store.view(BOOK)
    found = sum(any(h.bullet.text == lesson for h in view.relevant(case)) for case, lesson in pairs)
    taken = each(lambda text: view.relevant(text), [prose.case() for _ in range(200)])
    size = f"{view.count:,} bullets"
    return [
        show(f"{size}: relevant to a case, median", statistics.median(taken), 20, unit=" ms"),
        show(f"{size}: relevant to a case, p95", p95(taken), 30, unit=" ms"),
        show(f"{size}: planted matches found", found / len(pairs), 0.95, least=True),
    ]


def repeated(view: View, seed: int) -> list[bool]:
    """New bullets compared with those there are: half of them altered copies, which must be recognised."""
    prose, size = Prose(seed), f"{view.count:,} bullets"
    copies = [b.text.replace("the ", "a ", 1).upper() for b in view.bullets()[:: max(1, view.count // 100)][:100]]
    taken = each(lambda text: neighbours(view, text), copies + [prose.lesson() for _ in range(100)])
    known = [any(n.likeness.kind is Kind.SAME for n in neighbours(view, text)) for text in copies]
    return [
        show(f"{size}: near duplicates of a new bullet, median", statistics.median(taken), 5, unit=" ms"),
        show(f"{size}: near duplicates of a new bullet, p95", p95(taken), unit=" ms"),
        show(f"{size}: copies in other words recognised", sum(known) / len(known), 0.95, least=True),
    ]


def at_once(folder: Path) -> bool:
    """A curator's delta with many new lessons, any of which may say what another says: what each takes may not grow."""
    taken = {}
    for bullets in (50, 1_000):
        prose = Prose(bullets)
        lessons = tuple(add(prose.lesson(), i) for i in range(bullets))
        with Store.open(folder / f"at-once-{bullets}.db") as store:
            store.ensure_playbook(BOOK)
            began = time.process_time()
            store.commit(Batch(playbook=BOOK, delta=Delta(store.head(BOOK).hash, lessons)))
            taken[bullets] = 1000 * (time.process_time() - began) / bullets
    show("50 new lessons in one delta, each", taken[50], unit=" ms of the processor")
    show("1,000 new lessons in one delta, each", taken[1_000], unit=" ms of the processor")
    return show("1,000 at once to 50 at once, each", taken[1_000] / taken[50], 1.5)


def sizes(folder: Path, largest: int) -> bool:
    """The figures that may not grow with the playbook."""
    met, medians = [], {}
    for bullets in (n for n in (1_000, 10_000, 100_000) if n <= largest):
        with Store.open(folder / f"{bullets}.db") as store:
            show(f"{bullets:,} bullets: filled", filled(store, bullets), unit=" s")
            taken = commits(store, 300, bullets + 1)
            medians[bullets] = statistics.median(taken)
            met.append(show(f"{bullets:,} bullets: one durable delta, median", medians[bullets], 2, unit=" ms"))
            show(f"{bullets:,} bullets: one durable delta, p95", p95(taken), unit=" ms")
            met += search(store, bullets + 2)
            met += repeated(store.view(BOOK), bullets + 3)
    met.append(show("a delta at most bullets, to one at fewest", medians[max(medians)] / medians[min(medians)], 1.5))
    return all(met)


def past(folder: Path, deltas: int) -> bool:
    """The figures that concern what was."""
    path = folder / "past.db"
    with Store.open(path) as store:
        filled(store, 1_000)
        before = size_of(path, store)
        with timed() as seconds:
            commits(store, deltas, 7)
            took = seconds()
        size = (size_of(path, store) - before) / deltas
        show(f"{deltas:,} deltas one after the other, each", 1000 * took / deltas, unit=" ms")
        show("bytes on disk for a delta, with its episode and reflection", size, unit=" B", digits=0)
        show("bytes on disk for a delta alone", alone(folder), unit=" B", digits=0)
        middle = store.resolve(f"{BOOK}@{deltas // 2}")
        neighbouring = [store.resolve(f"{BOOK}@{deltas // 2 + i}") for i in range(50)]
        diffs = each(lambda pair: store.changes_between(*pair), list(pairwise(neighbouring)))
        with timed() as seconds:
            problems = store.verify(BOOK)
            verified = seconds()
    with timed() as seconds:
        run = [sys.executable, "-m", "ace", "playbook", "show", BOOK, "--at", str(middle.number), "--store", str(path)]
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
        shown = seconds()
    return all(
        [
            show(f"show --at the middle of {deltas:,} deltas, the whole command", shown, 1, unit=" s"),
            show("difference of neighbouring revisions, median", statistics.median(diffs), 2, unit=" ms"),
            show(f"verify {deltas:,} deltas", verified, 5 * deltas / 10_000, unit=" s"),
            show("problems found", len(problems), 0, digits=0),
        ]
    )


def size_of(path: Path, store: Store) -> int:
    """Bytes of a store with its log brought home."""
    store.upkeep.compact()
    return path.stat().st_size


def alone(folder: Path) -> float:
    """Bytes that a delta takes which adds one bullet and rests on no episode."""
    path, prose = folder / "alone.db", Prose(3)
    with Store.open(path) as store:
        filled(store, 1_000)
        before = size_of(path, store)
        for i in range(1_000):
            store.commit(Batch(playbook=BOOK, delta=Delta(store.head(BOOK).hash, (add(prose.lesson(), i, "It lost."),))))
        return (size_of(path, store) - before) / 1_000


def write(path: str, process: int) -> None:
    """What one of many writers does."""
    with Store.open(path) as store:
        prose = Prose(1_000 + process)
        for i in range(EACH):
            batch = turn(prose, process * EACH + i, store.view(BOOK).bullets()[:3], store.head(BOOK).hash)
            done = store.commit(batch)
            if done.refusals or not done.changes:
                raise RuntimeError(f"lost: {done.refusals}")


def writers(folder: Path) -> bool:
    """Eight processes on one playbook: whatever one of them commits is there."""
    path = folder / "many.db"
    with Store.open(path) as store:
        filled(store, 100)
        first = store.head(BOOK).number
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=write, args=(str(path), i)) for i in range(PROCESSES)]
    with timed() as seconds:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        took = seconds()
    with Store.open(path) as store:
        head, problems = store.head(BOOK), store.verify(BOOK)
        made, there = head.number - first, head.bullets - 100
    show(f"{PROCESSES} processes x {EACH} deltas on one playbook, a second", PROCESSES * EACH / took, digits=0)
    return all(
        [
            show("revisions made", made, PROCESSES * EACH, least=True, digits=0),
            show("bullets lost", PROCESSES * EACH - there, 0, digits=0),
            show("writers that failed", sum(w.exitcode != 0 for w in workers), 0, digits=0),
            show("problems found by verify", len(problems), 0, digits=0),
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller playbooks, fewer deltas")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        largest, deltas = (10_000, 2_000) if quick else (100_000, 10_000)
        met = [at_once(folder), sizes(folder, largest), past(folder, deltas), writers(folder)]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
