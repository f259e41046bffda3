"""A run that was begun and is at work no more: what tests hang calls, deltas and episodes on."""

from __future__ import annotations

from collections.abc import Mapping

from ace.binding import unsigned
from ace.memory.journal.leases import Owner
from ace.memory.store import Store
from ace.memory.values import Run
from ace.types import JSON


def started(store: Store, config: Mapping[str, JSON]) -> Run:
    owner = Owner.here("test")
    run = store.leases.begin(config, unsigned, owner, 60)
    assert isinstance(run, Run)
    store.leases.leave(run.id, owner)
    return run
