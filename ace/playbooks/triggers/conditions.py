"""What a trigger tests: conditions on named facts and on words of a text, and the case they are tested on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ace.playbooks.triggers.facts import Facts, Value, counted, phrases

Kind = Literal["is", "at least", "below", "mentions", "lacks", "count at least", "count below"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold: `key` names a fact, or is the word itself; `value` what it is compared with."""

    kind: Kind
    key: str
    value: Value = ""

    def holds(self, view: CaseView) -> bool:
        match self.kind:
            case "is":
                found = view.facts.fields.get(self.key)
                return found is not None and (found == self.value or _same_number(found, self.value))
            case "at least" | "below":
                found = view.facts.fields.get(self.key)
                return isinstance(found, float) and (found >= float(self.value)) == (self.kind == "at least")
            case "mentions" | "lacks":
                return (self.key in view.phrases) == (self.kind == "mentions")
            case _:
                number = view.counted.get(self.key)
                return number is not None and (number >= float(self.value)) == (self.kind == "count at least")

    def sentence(self) -> str:
        match self.kind:
            case "is":
                return f'"{self.key}" is "{_shown(self.value)}"'
            case "at least" | "below":
                return f'"{self.key}" is {self.kind} {_shown(self.value)}'
            case "mentions":
                return f'the text says "{self.key}"'
            case "lacks":
                return f'the text does not say "{self.key}"'
            case _:
                return f'the number by "{self.key}" is {self.kind.removeprefix("count ")} {_shown(self.value)}'


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as conditions are tested on it."""

    facts: Facts
    phrases: frozenset[str]
    counted: Mapping[str, float]

    @classmethod
    def of(cls, facts: Facts) -> CaseView:
        return cls(facts, frozenset(phrases(facts.prose)), counted(facts.prose))


def _same_number(found: Value, wanted: Value) -> bool:
    return isinstance(found, float) and isinstance(wanted, str) and f"{found:g}" == wanted


def _shown(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:g}"
