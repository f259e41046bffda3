"""The playbooks that a strategy reads besides the run's own: named by its settings, and read at the revisions that they had
when the run began, which its configuration records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from ace.memory.store import Store
from ace.memory.view import View
from ace.runs.preparing import Prepared
from ace.strategies.registry import reads_of, require_usable
from ace.types import JSON

READS = "reads"
"""What a run's configuration calls these playbooks: by the name that stands in the settings, the number of a revision."""


def recorded(prepared: Prepared, store: Store) -> dict[str, JSON]:
    """What the configuration of a run is to say of the playbooks that its strategy reads; nothing where there are none. Raises
    `NotFound` for one that is not there, with the nearest, and `NotUsable` where the strategy cannot work with them."""
    s = prepared.settings
    numbers: dict[str, JSON] = {ref: store.resolve(ref).number for ref in reads_of(prepared.strategy, s.strategy)}
    if not numbers:
        return {}
    require_usable(prepared.strategy, s.strategy, prepared.surroundings, playbooks(store, numbers))
    return {READS: numbers}


def playbooks(store: Store, numbers: Mapping[str, JSON]) -> Callable[[str], View]:
    """What gives the playbook of each name in `numbers` at its revision, always the same view."""

    @cache
    def read(ref: str) -> View:
        return store.view(f"{ref.partition('@')[0]}@{numbers[ref]}")

    return read
