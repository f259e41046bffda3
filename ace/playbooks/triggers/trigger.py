"""What a bullet's text says about when it applies and what it then chooses.

The text is the only source: a trigger is read from it (`grammar.py`) and never stored, and a bullet that cannot be read has
none.
"""

from __future__ import annotations

from dataclasses import dataclass

from ace.playbooks.triggers.conditions import CaseView, Condition


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do: the `step` to take first, or none, then the `choice`."""

    choice: str
    step: str = ""

    def line(self) -> str:
        return f"{self.step} > {self.choice}" if self.step else self.choice

    @classmethod
    def parse(cls, line: str) -> Plan:
        *steps, choice = [part.strip() for part in line.split(" > ")]
        return cls(choice, steps[-1] if steps else "")


@dataclass(frozen=True, slots=True)
class Trigger:
    """All `conditions` hold: follow the `plan`. No conditions: the plan for every case that no earlier trigger covers."""

    conditions: tuple[Condition, ...]
    plan: Plan

    def covers(self, view: CaseView) -> bool:
        return all(c.holds(view) for c in self.conditions)

    def sentence(self) -> str:
        first = f'take "{self.plan.step}" first, then ' if self.plan.step else ""
        when = "When " + " and ".join(c.sentence() for c in self.conditions) if self.conditions else "In every other case"
        return f'{when}: {first}choose "{self.plan.choice}".'


def quoted(text: str) -> str:
    """`text` as it can stand between double quotes."""
    return text.replace('"', "'")
