"""What gates know of a run's past, read from its store: a gate keeps nothing between two proposals."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from ace.memory.store import Store
from ace.playbooks.operations import Judgement

PHASE = "gate"
"""The phase of the cases that gates have played."""


@dataclass(frozen=True, slots=True)
class RunHistory:
    """The past of `run`, which changes `playbook`."""

    store: Store
    run: str
    playbook: str

    def judged(self, gate: str) -> Sequence[Judgement]:
        """The judgements that `gate` made in this run, oldest first."""
        log = self.store.log(self.playbook, run=self.run)
        return [j for d in reversed(log) for j in d.judgements if j.gate == gate]

    def played(self) -> Set[str]:
        """The contents of the tasks that gates had played in this run."""
        return self.store.tasks_played(self.run, PHASE)

    def learned(self) -> Set[str]:
        """The contents of the tasks that the playbook learned from, in this run and before."""
        return self.store.tasks_learned(self.playbook)
