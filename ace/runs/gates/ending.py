"""The judging at the end of a run: of what it made of the playbook, and not of a single delta."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.operations import Delta, Judgement
from ace.runs.gates.contract import Ending, Proposal, Ruling, at_end_alone
from ace.runs.gates.judging import checked
from ace.runs.gates.registry import Opened
from ace.runs.gates.returning import gone_back
from ace.runs.gates.ways import FIRST, Means, RunWays
from ace.types import derive_seed


@dataclass(frozen=True, slots=True)
class Ended:
    """What a gate decided at the end of a run, `None` where there was nothing to judge, and what is to be committed."""

    batch: Batch
    judgement: Judgement | None = None


async def ending(gate: Opened, means: Means, store: Store, start: int) -> Ended:
    """The judgement of `gate`, an `Ending` one, on a run that began with revision `start`. Raises as `judge`."""
    history, unit = means.history, f"end/{gate.name}"
    if history is None or not isinstance(gate.gate, Ending):
        raise TypeError(f"gate {gate.name} judges at no end")
    run, name = history.run, history.playbook
    batch, head = Batch(run=run, playbook=name, units=(unit,)), store.view(name)
    made = sorted(d.revision.number for d in store.log(name, run=run) if d.revision is not None)
    proposal = Proposal(Delta(head.revision.hash, ()), head, (), (), derive_seed(means.pool.seed if means.pool else 0, unit))
    ways = RunWays(means, proposal, unit, gate.name, FIRST, last=at_end_alone(gate.gate))
    found = await checked(gate.name, gate.gate.end(proposal, ways, (start, *made)), 0)
    if found is None:
        return Ended(batch)
    judgement = ways.judgement(gate.name, found)
    batch = replace(batch, episodes=tuple(ways.played), judgements=(judgement,))
    return Ended(_with_delta(batch, store, name, found), judgement)


def _with_delta(batch: Batch, store: Store, name: str, ruling: Ruling) -> Batch:
    if ruling.back is None:
        return replace(batch, judgements=())
    why = f"gate {batch.judgements[0].gate}: {ruling.reason}"
    return replace(batch, delta=gone_back(store, name, ruling.back, why), why=why)
