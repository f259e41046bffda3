"""Whether the models of a run are still there, asked after each piece of work.

A model that has gone leaves work undone that looks like failed cases, so nothing is committed before it is known that the
models answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ace.memory.values import PRESENT
from ace.models.contract import Model
from ace.models.wrappers.health import require_present
from ace.models.wrappers.retry import Retrying
from ace.runs.journaled import Journal, Journaled


@dataclass(frozen=True, slots=True)
class Presence:
    """The `models` of a run, by any roles, its journal, and the bound on one request in seconds."""

    models: Iterable[Retrying]
    journal: Journal
    seconds: float

    async def require(self, unit: str) -> None:
        """Raise `ModelError` where a model that gave up on a request has gone: what it left undone is owed still."""

        def journaled(model: Model) -> Model:
            return Journaled(model, self.journal, f"{PRESENT}{unit}/{model.name}")

        for model in {id(m): m for m in self.models}.values():
            await require_present(model, journaled, self.seconds)
