"""What a bullet's text says about when it applies and what it then chooses.

The text is the only source: a trigger is read from it (`grammar.py`) and never stored, and a bullet that cannot be read has
none.
"""

from __future__ import annotations

from dataclasses import dataclass

from ace.playbooks.triggers.conditions import CaseView, Condition
from ace.playbooks.triggers.folding import quoted

__all__ = ["Plan", "Trigger", "quoted"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do: the `step` to take first, or none, then the `choice`."""

    choice: str
    step: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "choice", quoted(self.choice))
        object.__setattr__(self, "step", quoted(self.step))

    def line(self) -> str:
        return f"{self.step} > {self.choice}" if self.step else self.choice

    @classmethod
    def parse(cls, line: str) -> Plan:
        *steps, choice = [part.strip() for part in line.split(" > ")]
        return cls(choice, steps[-1] if steps else "")


@dataclass(frozen=True, slots=True)
class Trigger:
    """All `conditions` hold, and of the groups under `unless` none does as a whole: follow the `plan`. No conditions: the plan
    for every case that no earlier trigger covers."""

    conditions: tuple[Condition, ...]
    plan: Plan
    unless: tuple[tuple[Condition, ...], ...] = ()

    def covers(self, view: CaseView) -> bool:
        if not all(c.holds(view) for c in self.conditions):
            return False
        return not any(all(c.holds(view) for c in group) for group in self.unless)

    def sentence(self) -> str:
        """The one form in which it is printed; `read_trigger` reads the same trigger from it."""
        first = f'take "{self.plan.step}" first, then ' if self.plan.step else ""
        when = f"When {_joined(self.conditions)}" if self.conditions else "In every other case"
        but = "".join(f", unless {_joined(group)}" for group in self.unless if group)
        return f'{when}{but}: {first}choose "{self.plan.choice}".'


def _joined(conditions: tuple[Condition, ...]) -> str:
    return " and ".join(c.sentence() for c in conditions)
