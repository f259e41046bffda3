"""Judging a proposal: the gates are asked one after another, and their answers become one.

An operation that one gate refuses is not shown to the next, a refusal of the whole delta ends the judging, and of the others
the strictest answer holds. Every answer is kept.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace

from ace.errors import AceError, BadInput, WorldError
from ace.playbooks.operations import Delta, Judgement, Refusal, Status
from ace.registry import fault_line
from ace.runs.gates.contract import Decision, Proposal, Ruling
from ace.runs.gates.registry import Opened
from ace.runs.gates.ways import FIRST, EarlierProposal, Means, RunWays
from ace.types import JSON, Episode


@dataclass(slots=True)
class Decided:
    """A delta with what the gates made of it: the operations they left, the refused ones by their places in the proposal, the
    status with its reason, every judgement, and the cases played. `show` is what the strategy is shown where it is to be asked
    once more. `back` is the revision that the playbook is to go back to."""

    delta: Delta
    refusals: list[Refusal] = field(default_factory=list)
    status: Status = Status.ACCEPTED
    why: str = ""
    judgements: list[Judgement] = field(default_factory=list)
    played: list[Episode] = field(default_factory=list)
    show: str = ""
    back: int | None = None

    def refuse(self, reasons: dict[int, str], places: Sequence[int]) -> list[int]:
        """Take the operations out that have a reason, by their index in what is left; gives the `places` of the others."""
        for index, reason in sorted(reasons.items()):
            self.refusals.append(Refusal(places[index], self.delta.operations[index], reason))
        left = [i for i in range(len(places)) if i not in reasons]
        self.delta = replace(self.delta, operations=tuple(self.delta.operations[i] for i in left))
        return [places[i] for i in left]


async def judge(
    gates: Sequence[Opened], proposal: Proposal, means: Means, unit: str, before: EarlierProposal = FIRST
) -> Decided:
    """What `gates` make of `proposal`, the delta of turn `unit`, whose earlier proposal came to what is stated `before`. Raises
    what ends a run: limits, `ModelError`, and `WorldError` where a gate fails."""
    judged = Decided(proposal.delta)
    places = list(range(len(proposal.delta.operations)))
    for number, gate in enumerate(gates):
        place = f"{unit}/{number}/{gate.name}/{int(proposal.second)}"
        ways = RunWays(means, replace(proposal, delta=judged.delta), place, gate.name, before)
        ruling = await _ruling(gate, ways)
        judged.judgements.append(ways.judgement(gate.name, ruling))
        judged.played += ways.played
        if ruling.decision is Decision.AGAIN and not proposal.second:
            judged.show = ruling.reason
            return judged
        if ruling.decision is Decision.HOLD and judged.status is Status.ACCEPTED:
            judged.status, judged.why = Status.QUARANTINED, f"gate {gate.name}: {ruling.reason}"
        if ruling.decision in (Decision.REFUSE, Decision.AGAIN):
            whole = not ruling.operations
            reasons = dict.fromkeys(range(len(places)), ruling.reason) if whole else dict(ruling.operations)
            places = judged.refuse(reasons, places)
            if whole:
                judged.status, judged.why, judged.back = Status.REFUSED, f"gate {gate.name}: {ruling.reason}", ruling.back
            if not places:
                # Of a delta that was held nothing is left to review.
                judged.status = Status.REFUSED if judged.status is Status.QUARANTINED else judged.status
                break
    judged.refusals.sort(key=lambda r: r.index)
    return judged


async def _ruling(gate: Opened, ways: RunWays) -> Ruling:
    ruling = await checked(gate.name, gate.gate.judge(ways.proposal, ways), len(ways.proposal.delta.operations))
    if ruling is None:
        raise _odd_answer(gate.name, ruling)
    return ruling


async def checked(name: str, judging: Awaitable[object], count: int) -> Ruling | None:
    """The answer of the gate `name` on a delta of `count` operations, once it is known to be one; `None` where it gives none.
    Raises `WorldError` where the gate fails and `BadInput` where it gives something else."""
    try:
        ruling = await judging
    except AceError:
        raise
    # The user's code runs here: what it raises stops the run in one line, which can go on when the gate is mended.
    except Exception as error:
        raise WorldError(f"gate {name} failed: {fault_line(error)}; nothing of the batch was committed") from error
    if ruling is None:
        return None
    if not isinstance(ruling, Ruling):
        raise _odd_answer(name, ruling)
    if odd := [place for place in ruling.operations if place not in range(count)]:
        raise BadInput(f"gate {name} refused operation {odd[0]}, and the delta has {count}, counted from 0")
    return replace(ruling, figures=_plain(name, ruling.figures))


def _odd_answer(name: str, ruling: object) -> BadInput:
    accepted = "passed(), refused(reason), held(reason) or again(show)"
    return BadInput(f"gate {name} answered with {type(ruling).__name__}; it must answer with {accepted}")


def _plain(gate: str, figures: object) -> dict[str, JSON]:
    try:
        plain: dict[str, JSON] = json.loads(json.dumps(figures, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise BadInput(f"gate {gate} measured what JSON cannot hold: {error}") from None
    return plain
