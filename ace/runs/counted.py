"""The units of work that a run consists of, and how many cases those that are done hold.

A case that is measured is a unit of its own, one for each attempt. A batch of training cases is one unit, or two halves by
trust; its attempts are stored with the first half.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from ace.events import RunStarted
from ace.memory.store import Store
from ace.playbooks.operations import Status
from ace.types import Task, Verdict


def measured_unit(phase: str, task: Task, epoch: int) -> str:
    """The unit that is done when `task` was measured in `phase`, for the attempt that stands in `epoch`."""
    return f"{phase}/{task.key}/{epoch}" if epoch else f"{phase}/{task.key}"


def batch_unit(epoch: int, number: int) -> str:
    """The unit that is done when batch `number` of `epoch` is, both from 0."""
    return f"learn/{epoch}/{number}"


def halfway(unit: str) -> str:
    """The unit that is done when the trusted half of the batch `unit` is."""
    return f"{unit}/trusted"


def cases_measured(done: Set[str], phase: str, tasks: Sequence[Task], attempts: int = 1) -> int:
    """How many of the `attempts` at each of the held-out `tasks` in `phase` the units `done` hold."""
    return sum(measured_unit(phase, t, epoch) in done for epoch in range(attempts) for t in tasks)


def cases_learned(done: Set[str], train: Sequence[Task], size: int, epochs: int) -> int:
    """How many training cases have their attempts stored, of `epochs` passes in batches of `size`, by the units `done`."""
    units = ((batch_unit(epoch, at // size), at) for epoch in range(epochs) for at in range(0, len(train), size))
    return sum(min(size, len(train) - at) for unit, at in units if unit in done or halfway(unit) in done)


def going_on(store: Store, begins: RunStarted) -> RunStarted:
    """`begins`, with what the run has come to before, so that all that is counted while it goes on is of the whole run."""
    learned = store.episodes(run=begins.run, phase="learn", limit=None)
    deltas, usage = store.log(begins.playbook, run=begins.run), store.usage(begins.run)
    return replace(
        begins,
        reflections=sum(len(store.reflections(e.id)) for e in learned),
        accepted=sum(len(d.operations) for d in deltas if d.status is Status.ACCEPTED),
        refused=sum(len(d.refusals) for d in deltas),
        invalid=store.count_episodes(run=begins.run, verdict=Verdict.INVALID),
        bullets=store.head(begins.playbook).bullets,
        tokens=usage.prompt_tokens + usage.completion_tokens,
    )
