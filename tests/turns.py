"""Taking batches through turns in tests, without a loop around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ace.events import Event
from ace.memory.store import Store
from ace.models.contract import Model
from ace.runs.apart import Material
from ace.runs.gates.registry import open_gates
from ace.runs.gates.ways import Means
from ace.runs.journaled import Journal
from ace.runs.presence import Presence
from ace.runs.turn import Taken, Turn
from ace.strategies.contract import Lesson, Roles, Strategy
from ace.types import Episode
from tests.starting import started


class Turns:
    """Turns of a run of its own on playbook `name`. `heard` are the events."""

    def __init__(self, store: Store, name: str, gates: Sequence[object] = ()) -> None:
        store.ensure_playbook(name)
        self.store, self.name, self.gates = store, name, open_gates(gates)
        self.run = started(store, {"playbook": name}).id
        self.heard: list[Event] = []
        self._number = 0

    async def take(
        self, strategy: Strategy, episodes: Sequence[Episode], model: Model | None = None, **lesson: Any
    ) -> list[Taken]:
        """What became of `episodes`, learned from by `strategy`; `model` answers gates."""

        def asking(unit: str) -> Model:
            assert model is not None
            return model

        self._number += 1
        roles = Roles(asking, asking)
        presence = Presence((), Journal(self.store, self.run, lambda: False), 1.0)
        means = Means(roles, roles.sampling)
        where = (self.store, self.name, self.run)
        turn = Turn(*where, strategy, self.gates, means, presence, lambda: None, self.heard.append)
        material = Material(f"t-{self._number}", Lesson(episodes, 5, **lesson), len(episodes), lambda episodes, learned: ())
        return [taken async for taken in turn.take(material, self.store.view(self.name))]
