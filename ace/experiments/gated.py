"""What gates concluded in the runs of an arm, over its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ace.results.gated import GateResult
from ace.types import JSON

_TRIAL, _FINAL = "trial", "final"


@dataclass(frozen=True, slots=True)
class ArmGate:
    """What `gate` made of the deltas that were proposed in `runs` runs of an arm, added up as in `GateResult`; of `final`, of
    what whole runs had learned."""

    gate: str
    runs: int
    proposals: int
    kept: int
    refused: int
    held: int
    pairs: int
    calls: int

    @property
    def sentence(self) -> str:
        runs = f"{self.runs} run{'' if self.runs == 1 else 's'}"
        over, idle = f"in {runs}", self.runs - self.proposals
        if self.gate == _FINAL:
            rest = f", on {self.pairs:,} pairs of validation attempts" if self.pairs else ""
            left = f" ({idle} changed nothing)" if idle else ""
            return f"final kept what was learned in {self.kept} of {runs}{left}{rest}"
        changes = f"{self.proposals} proposed change{'' if self.proposals == 1 else 's'}"
        if self.gate == _TRIAL:
            rest = f", on {self.pairs:,} pairs of validation attempts" if self.pairs else ""
            held = f"; {self.held} could not be tried and wait{'s' * (self.held == 1)} for review" if self.held else ""
            return f"trial kept {self.kept} of {changes} {over}{rest}{held}"
        held = f", {self.held} wait for review" if self.held else ""
        return f"{self.gate} passed {self.kept} of {changes} {over} and refused {self.refused}{held}"

    def as_json(self) -> dict[str, JSON]:
        names = ("gate", "runs", "proposals", "kept", "refused", "held", "pairs", "calls", "sentence")
        return {name: getattr(self, name) for name in names}


def over_runs(found: Sequence[Sequence[GateResult]]) -> tuple[ArmGate, ...]:
    """What the gates of several runs concluded, added up by gate, in the order of the first run."""
    names = dict.fromkeys(g.gate for run in found for g in run)
    return tuple(_added(name, [g for run in found for g in run if g.gate == name]) for name in names)


def _added(name: str, found: Sequence[GateResult]) -> ArmGate:
    sums = {what: sum(getattr(g, what) for g in found) for what in ("kept", "refused", "held", "pairs", "calls")}
    return ArmGate(name, len(found), sum(g.proposals for g in found), **sums)
