"""Episodes and reflections made by hand, and what a store's files hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from ace.memory.database.sqlite import SQLite
from ace.memory.log.replay import replay
from ace.memory.store import Store
from ace.memory.values import Batch, Committed
from ace.playbooks.bullet import Bullet
from ace.playbooks.merge.order import Side
from ace.types import Episode, Exposure, Observation, Outcome, Reflection, Render, Step, Task, Usage, Vote, failure


def played(
    id: str,
    text: str = "A customer wants money back.",
    outcome: Outcome = failure("the right answer was: decline"),  # noqa: B008
    *,
    phase: str = "learn",
    shown: tuple[str, ...] = (),
    render: str = "## Refunds\n- ask first",
    revision: str = "0" * 64,
) -> Episode:
    """An episode of two steps that says `text` wherever an episode says something."""
    steps = (
        Step("look up", Observation(f"seen: {text}", ("look up",), ("decline",)), f"thought: {text}", shown),
        Step(f"answer: {text}", None, "", shown[:1]),
    )
    exposures = tuple(Exposure(b, 1, i) for i, b in enumerate(shown))
    first = Observation(f"first: {text}", ("look up",), ("decline", "refund"))
    task = Task(f"t-{id}", text, "train", {"fact": text, "deep": [text, {"more": 3}]})
    rendered = Render(render, (revision,), exposures)
    return Episode(id, task, 1, phase, 0, 7, first, steps, outcome, rendered, "hash", Usage(2, 30, 4, 5, 0.5, 0.1), 0.2)


def told(id: str, text: str = "It was refunded too soon.", votes: tuple[tuple[str, Vote], ...] = ()) -> Reflection:
    return Reflection(id, f"situation: {text}", f"choice: {text}", f"diagnosis: {text}", f"lesson: {text}", votes, Usage(1))


def keep(store: Store, *episodes: Episode, told: tuple[Reflection, ...] = (), run: str | None = None) -> None:
    """Commit episodes and reflections for the playbook `support`, which is made if need be."""
    store.ensure_playbook("support")
    store.commit(Batch(episodes, told, "support", run=run))


def alone(store: Store) -> AbstractContextManager[sqlite3.Connection]:
    """A connection to the file of `store`, past all that it does."""
    database = store._database
    assert isinstance(database, SQLite)
    return database.alone()


def merged(
    store: Store,
    into: str,
    other: str,
    takes: Mapping[str, Side] | None = None,
    *,
    otherwise: Side | None = None,
    reason: str = "",
) -> Committed:
    """Plan a merge and write it at once."""
    return store.branches.commit(store.branches.plan(into, other, takes, otherwise=otherwise), reason)


def replayed(store: Store, name: str) -> list[Bullet]:
    """The bullets of a playbook, tombstones too, as its operations alone make them."""
    with store._database.read() as c:
        return sorted(replay(c, name).shelf.bullets.values(), key=lambda b: (b.rank, b.id))


def holding(folder: Path, marker: str) -> Iterator[str]:
    """Names of the files in `folder` that hold `marker` anywhere, in the usual encodings."""
    wanted = [marker.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        if any(w in content for w in wanted):
            yield path.name
