"""Everything that a run works with, opened: one frozen value that the loop takes.

The settings travel in one value from the claim on the run to the commit of a delta, so a step of the loop finds all that it
needs in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ace.answered import Answered
from ace.budget import Ledger
from ace.environments.contract import Environment
from ace.events import Listener, silent
from ace.memory.store import Store
from ace.memory.values import Run
from ace.models.wrappers.retry import Retrying
from ace.roles.instructions import STOCK, Prompts
from ace.runs.gates.registry import Opened, open_gates
from ace.runs.tasks import Tasks
from ace.settings import RunSettings
from ace.strategies.contract import Surroundings
from ace.strategies.registry import Factory


@dataclass(frozen=True, slots=True)
class Models:
    """The opened models by role, each already behind its retries, budget and concurrency limit. `strong` is the one that a
    strategy routes steps to, if it does."""

    generator: Retrying
    reflector: Retrying
    curator: Retrying
    strong: Retrying | None = None

    @property
    def all(self) -> tuple[Retrying, ...]:
        return tuple(filter(None, (self.generator, self.reflector, self.curator, self.strong)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """A run at work. `strategy` makes the strategy from the learning roles; `prompts` are those that the run was begun with;
    `ledger` keeps its limits; `hold` renews the right to work on the run, and raises `Conflict` where another process took it
    over; `gates` judge what the strategy proposes; `answering` says how the agent chooses a listed option."""

    settings: RunSettings
    environment: Environment
    tasks: Tasks
    surroundings: Surroundings
    strategy: Factory
    models: Models
    store: Store
    run: Run
    ledger: Ledger
    prompts: Prompts = STOCK
    listener: Listener = silent
    hold: Callable[[], None] = lambda: None
    gates: Sequence[Opened] = field(default_factory=lambda: open_gates(()))
    answering: Answered = Answered()

    @property
    def playbook(self) -> str:
        """The name of the playbook that the run changes, or measures."""
        return str(self.run.result["playbook"])
