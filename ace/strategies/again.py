"""Offering again what came too late: edits that were refused because somebody else had changed their bullets meanwhile.

The decision behind it: nobody's edit is applied to a text that its author has not seen. The curator is asked once more, at
once, with the same attempts and the playbook as it is by then; what is refused after that stays refused, and is in the log.
"""

from __future__ import annotations

from dataclasses import replace

from ace.memory.store import Store
from ace.memory.values import Batch, Committed
from ace.strategies.contract import Learned, Lesson, Strategy
from ace.types import derive_seed


async def offer_again(
    strategy: Strategy, store: Store, batch: Batch, lesson: Lesson, committed: Committed
) -> tuple[Learned, Committed]:
    """What the strategy makes of the edits of `batch` that `committed` refused as stale, and what became of that. `lesson` is
    what the batch was learned from."""
    book = store.view(batch.playbook)
    known = {r.episode: r for r in batch.reflections}
    reflected = [e for e in lesson.episodes if e.id in known]
    second = Lesson(reflected, derive_seed(lesson.seed, "again"), known, committed.stale, stored=True)
    learned = replace(await strategy.learn(second, book), reflections=())
    again = Batch(playbook=batch.playbook, delta=learned.delta, refusals=learned.refused, run=batch.run)
    return learned, store.commit(again)
