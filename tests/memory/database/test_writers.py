"""Many programs at once on one store, or on two: nothing is lost, nobody is turned away."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.operations import Delta
from tests.command import ENVIRONMENT, WORLDS, start
from tests.stories import NAME, Story, add, revise
from tests.worlds import Gate

WRITERS = READERS = 8
EACH = 10

PROGRAM = """
import multiprocessing, sys
from ace.memory.store import Store
from tests.stories import Story, add

writers, readers, each, *paths = sys.argv[1:]

def write(me):
    stores = [Store.open(path) for path in paths]
    for i in range(int(each)):
        for store in stores:
            story = Story(store)
            story._played = 1000 * me + i
            shown = [b.id for b in store.view("support").bullets()[:2]]
            story.play(bool(i % 2), shown=shown, followed=shown[:1], lesson="lesson")
            done = story.change(add(f"what writer {me} learned of case {i}"))
            assert len(done.changes) == 1 and done.refusals == (), done
    for store in stores:
        store.close()

def read(stop):
    stores = [Store.open(path, read_only=True) for path in paths]
    while not stop.is_set():
        for store in stores:
            view = store.view("support")
            bullets = view.bullets()
            assert len(bullets) == view.count == view.revision.bullets
            assert len({b.rank for b in bullets}) == len(bullets)
            view.relevant("what a writer learned of a case")
            store.log("support", 3)

fork = multiprocessing.get_context("fork")
stop = fork.Event()
reading = [fork.Process(target=read, args=(stop,)) for _ in range(int(readers))]
writing = [fork.Process(target=write, args=(i,)) for i in range(int(writers))]
for process in reading + writing:
    process.start()
for process in writing:
    process.join()
stop.set()
for process in reading:
    process.join()
sys.exit(sum(p.exitcode != 0 for p in reading + writing))
"""


def at_once(writers: int, readers: int, *paths: Path) -> str:
    """What went wrong in so many processes that work on the stores at `paths` at the same time."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM, str(writers), str(readers), str(EACH), *map(str, paths)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=240)
    return f"{done.returncode} failed: {done.stderr}" if done.returncode else ""


def test_eight_writers_and_eight_readers_on_two_stores_lose_nothing_and_meet_no_error(tmp_path: Path) -> None:
    paths = [tmp_path / "one.db", tmp_path / "two.db"]
    for path in paths:
        with Store.open(path) as store:
            Story(store).change(add("ask first"))
    assert at_once(WRITERS, READERS, *paths) == ""
    for path in paths:
        with Store.open(path) as store:
            texts = {b.text for b in store.view(NAME).bullets()}
            wanted = {f"what writer {w} learned of case {i}" for w in range(WRITERS) for i in range(EACH)}
            assert texts == wanted | {"ask first"}
            assert store.head(NAME).number == 1 + WRITERS * EACH
            assert store.count_episodes() == WRITERS * EACH
            assert store.upkeep.check() == []


def test_eight_programs_that_make_one_store_at_once_make_one_store(tmp_path: Path) -> None:
    assert at_once(WRITERS, 0, tmp_path / "ace.db") == ""
    with Store.open(tmp_path / "ace.db") as store:
        assert store.head(NAME).number == WRITERS * EACH
        assert store.upkeep.check() == []


def test_threads_share_one_store(store: Store) -> None:
    Story(store).change(add("ask first"))

    def work(me: int) -> None:
        for i in range(10):
            Story(store).change(add(f"what thread {me} learned of case {i}"))
            store.view(NAME).relevant("what a thread learned")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert store.head(NAME).number == 81
    assert store.upkeep.check() == []


def test_an_edit_made_on_an_old_revision_is_rebased_where_it_still_fits(store: Store) -> None:
    first, second = Story(store).added(add("one"), add("two"))
    base = store.head(NAME).hash
    Story(store).change(revise(first, "one, better"))
    done = store.commit(Batch(playbook=NAME, delta=Delta(base, (revise(first, "one, other"), revise(second, "two, better")))))
    assert [b.text for b in store.view(NAME).bullets()] == ["one, better", "two, better"]
    assert [(r.index, "was changed by revision 2" in r.reason) for r in done.refusals] == [(0, True)]
    assert done.stale == done.refusals


@pytest.mark.parametrize("same", [True, False], ids=["the same run", "runs of two seeds"])
def test_two_people_may_run_on_one_store_at_once(tmp_path: Path, same: bool) -> None:
    seeds = ("0", "0") if same else ("0", "1")
    common = ("run", f"{WORLDS}:{Gate.__name__}", "--episodes", "40", "--eval", "10")
    both = [start(*common, "--seed", seed, cwd=tmp_path) for seed in seeds]
    faults = [p.communicate(timeout=240)[1] for p in both]
    assert [f for p, f in zip(both, faults, strict=True) if p.returncode] == []
    with Store.open(tmp_path / "ace.db") as store:
        assert [r.status.value for r in store.runs()] == ["done", "done"]
        books = store.playbooks()
        assert len(books) == 2
        for book in books:
            learned = [d for d in store.log(book.name) if d.operations]
            assert {d.run for d in learned} <= {r.id for r in store.runs()}
            assert store.count_episodes(playbook=book.name) == 40
        assert store.upkeep.check() == []
