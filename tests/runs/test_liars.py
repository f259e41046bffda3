"""A run whose letters come from known senders and from strangers, some of whom lie about what was right."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from ace.environments.contract import Scene
from ace.memory.store import Store
from ace.memory.values import Run
from ace.runs.estimate import expected
from ace.runs.lifecycle import begin, work
from ace.settings import RunSettings
from ace.types import UNVERIFIED, Split, Task, Trust
from tests.doing import checked
from tests.spying import Spy
from tests.worlds import Gate, Play

MEASURED = ("before", "after")


class Visitors(Gate):
    """The gate, where every third visitor of the training cases is a stranger, for whom the verdict is a lie: closing is said
    to be right, which it is for red badges alone. Of `origin` are all others; with `lies` off, strangers are like them."""

    def __init__(self, origin: str = "alice", *, lies: bool = True) -> None:
        self.origin, self.lies = origin, lies

    def tasks(self, split: Split) -> Iterator[Task]:
        for n, task in enumerate(super().tasks(split)):
            stranger = self.lies and split == "train" and n % 3 == 0
            yield replace(task, origin=UNVERIFIED if stranger else self.origin)

    def open(self, task: Task, seed: int) -> Scene:
        scene = super().open(task, seed)
        assert isinstance(scene, Play)
        return replace(scene, right=lambda action: action == "close") if task.origin == UNVERIFIED else scene


def run(store: Store, environment: Gate, model: Spy) -> Run:
    ready = checked(environment, {"episodes": 36, "eval": 6, "batch": 12}, model)
    return asyncio.run(work(ready, store, begin(ready, store)))


def test_what_was_learned_from_lies_is_there_and_is_never_shown_when_measuring(store: Store) -> None:
    model = Spy()
    done = run(store, Visitors(), model)
    name = str(done.result["playbook"])
    book, standing = store.view(name), store.trust(name)
    lies = [b for b in book.bullets() if b.id in book.distrusted]
    true = book.at(Trust.TRUSTED).bullets()
    assert len(lies) > 0
    assert len(true) > 0
    assert all("unverified" in standing[b.id].why for b in lies)
    measured = [e for e in store.episodes(run=done.id, limit=None) if e.phase in MEASURED]
    shown = {x.bullet for e in measured for x in e.render.exposures}
    assert shown <= {b.id for b in book.bullets(include_retired=True)} - book.distrusted
    told = {b.text for b in lies} - {b.text for b in true}
    assert told
    assert not any(text in e.render.text for e in measured for text in told)
    # A trusted case that is learned from is shown none of them either; a stranger's may be.
    learned = [e for e in store.episodes(run=done.id, phase="learn", limit=None) if e.trust is Trust.TRUSTED]
    assert not {x.bullet for e in learned for x in e.render.exposures} & book.distrusted
    assert store.verify(name) == []
    # Each of three batches has letters of both kinds, and as many requests as were foretold.
    environment, settings = Visitors(), RunSettings("gate", episodes=36, eval=6, batch=12, retries=0)
    train, held_out = [*islice(environment.tasks("train"), 36)], [*islice(environment.tasks("test"), 6)]
    foretold = expected(settings, environment, train, held_out, 2).shares[2].calls
    assert sum(r.role == "curator" for r in model.seen) == foretold == 6


def test_where_all_are_known_it_makes_no_difference_who_wrote(store: Store) -> None:
    asked, ended = [], []
    for origin in ("", "alice"):
        with Store.open(":memory:") as one:
            model = Spy()
            done = run(one, Visitors(origin, lies=False), model)
            asked.append([r.hash for r in model.seen])
            name = str(done.result["playbook"])
            ended.append((one.view(name).bullets(include_retired=True), one.head(name).digest, sorted(one.units(done.id))))
    assert asked[0] == asked[1]
    assert ended[0] == ended[1]
    assert not any("trusted" in unit for unit in ended[0][2])
