"""The arms that a strong model is measured in: the settings of each in one table.

A setting that the product does not have yet is left out and named, so that an arm never claims what it did not do.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ace.runs.gates.registry import gate_names
from ace.settings import RunSettings
from ace.strategies.ace import Ace
from ace.strategies.registry import strategy_settings

LIMIT = 110
"""Calls to learn: those of generator, reflector and curator (and of gates) while learning. Measuring is counted apart."""


@dataclass(frozen=True, slots=True)
class Arm:
    """`strategy` and `run` are settings by name. `exceeds`: the batch in which the limit is met is finished, so that no call of
    this arm is lost to it; else no batch is begun that could pass the limit, and no call is sent beyond it."""

    strategy: Mapping[str, str]
    run: Mapping[str, object]
    gates: tuple[str, ...] = ()
    exceeds: bool = False
    missing: list[str] = field(default_factory=list)

    def settings(self) -> dict[str, Any]:
        """What there is of it, as keywords of `RunSettings`; what is not there is named on stderr."""
        known = {s.name for s in strategy_settings(Ace)}
        stated = {f.name for f in fields(RunSettings)}
        gates = tuple(g for g in self.gates if g in gate_names())
        lacking = [*(self.strategy.keys() - known), *(self.run.keys() - stated), *(set(self.gates) - set(gates))]
        if lacking:
            print(f"not there yet, and left out: {', '.join(sorted(lacking))}", file=sys.stderr)
        strategy = {k: v for k, v in self.strategy.items() if k in known}
        return {"strategy_settings": strategy, "gates": gates, **{k: v for k, v in self.run.items() if k in stated}}


_EVIDENCE = ("rows", "whole", "dictionary", "fit", "contrasts", "last_edits", "check")
"""What the curator and the reflector are shown."""
_SOLVING = ("explore", "chains")
"""How training cases are attempted."""
_UNPROVEN = {"table": "false"}
"""Off in all arms: it helped in no trial so far."""


def _with(*, evidence: bool, solving: bool, joint: bool = False, candidates: bool = False) -> dict[str, str]:
    """The strategy's settings with each half on or off."""
    shown, tried = (str(x).lower() for x in (evidence, solving))
    lifted = "3" if evidence else "0"
    more = {"joint": str(joint).lower(), "candidates": str(candidates).lower()}
    return {**dict.fromkeys(_EVIDENCE, shown), **dict.fromkeys(_SOLVING, tried), **_UNPROVEN, **more, "lift_right": lifted}


ARMS = {
    "on": Arm(_with(evidence=True, solving=True, joint=True, candidates=True), {"retries": 5}),
    "apart": Arm(_with(evidence=True, solving=True), {"retries": 5}),
    "off": Arm(_with(evidence=False, solving=False), {"retries": 1, "epochs": 6}, exceeds=True),
    "evidence": Arm(_with(evidence=True, solving=False), {"retries": 1, "epochs": 6}, exceeds=True),
    "counted": Arm(_with(evidence=True, solving=True, candidates=True), {"retries": 5}),
    "joint": Arm(_with(evidence=True, solving=True, joint=True), {"retries": 5}),
    "solving": Arm(_with(evidence=False, solving=True), {"retries": 5}),
}
"""`evidence` and `solving` have one half of what is on, and attempt cases as the arm does whose half they share. In `apart`
each case is reflected on in a request of its own, and the curator is not shown the best lists that counting finds; `joint` and
`counted` have one of the two."""
