"""The rules the novice thinks in, and the sentences they stand as in a playbook.

A rule is written as a sentence a person can read, judge and edit, and read back from that sentence alone; the novice remembers
nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ace.models.novice.facts import Facts, Value, counted, phrases

Kind = Literal["is", "at least", "below", "mentions", "lacks", "count at least", "count below"]

_Q = r'"([^"]+)"'
_N = r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
_CONDITIONS: dict[Kind, str] = {
    "is": rf"{_Q} is {_Q}",
    "at least": rf"{_Q} is at least {_N}",
    "below": rf"{_Q} is below {_N}",
    "mentions": rf"the text says {_Q}",
    "lacks": rf"the text does not say {_Q}",
    "count at least": rf"the number by {_Q} is at least {_N}",
    "count below": rf"the number by {_Q} is below {_N}",
}
_READERS = {kind: re.compile(pattern) for kind, pattern in _CONDITIONS.items()}
_ANY = "|".join(re.sub(r"\((?!\?)", "(?:", pattern) for pattern in _CONDITIONS.values())
_RULE = re.compile(rf"(?:When ((?:{_ANY})(?: and (?:{_ANY}))*)|In every other case): (?:take {_Q} first, then )?choose {_Q}\.")
_EACH = re.compile(_ANY)
_LOOK = re.compile(rf"Before answering, take {_Q}(?::.*)?\.?")
_TOPIC = re.compile(rf"When the text is about ((?:{_Q})(?:, {_Q})*): choose {_Q}\.")


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


@dataclass(frozen=True, slots=True)
class RulePlan:
    """What to do: `steps` to take first, then the `choice`."""

    choice: str
    step: str = ""

    def line(self) -> str:
        return f"{self.step} > {self.choice}" if self.step else self.choice

    @classmethod
    def parse(cls, line: str) -> RulePlan:
        *steps, choice = [part.strip() for part in line.split(" > ")]
        return cls(choice, steps[-1] if steps else "")


@dataclass(frozen=True, slots=True)
class Rule:
    """All `conditions` hold: follow the `plan`. No conditions: the plan for every case that no earlier rule covers."""

    conditions: tuple[Condition, ...]
    plan: RulePlan

    def covers(self, view: CaseView) -> bool:
        return all(c.holds(view) for c in self.conditions)

    def sentence(self) -> str:
        first = f'take "{self.plan.step}" first, then ' if self.plan.step else ""
        when = "When " + " and ".join(c.sentence() for c in self.conditions) if self.conditions else "In every other case"
        return f'{when}: {first}choose "{self.plan.choice}".'


@dataclass(frozen=True, slots=True)
class Topic:
    """A text about `words` calls for `choice`; the nearest topic decides."""

    words: tuple[str, ...]
    choice: str

    def sentence(self) -> str:
        return "When the text is about " + ", ".join(f'"{w}"' for w in self.words) + f': choose "{self.choice}".'


@dataclass(frozen=True, slots=True)
class Look:
    """Taking `action` shows facts and does not end the case: take it before answering."""

    action: str
    shows: tuple[str, ...] = ()

    def sentence(self) -> str:
        shown = f": it shows {', '.join(self.shows)}" if self.shows else ""
        return f'Before answering, take "{self.action}"{shown}.'


Lesson = Rule | Topic | Look


def quoted(text: str) -> str:
    """`text` as it can stand between double quotes."""
    return text.replace('"', "'")


def parse_lesson(text: str) -> Lesson | None:
    """The lesson a sentence states, or `None` where it is not in the novice's language."""
    if look := _LOOK.fullmatch(text):
        return Look(look[1])
    if topic := _TOPIC.fullmatch(text):
        return Topic(tuple(re.findall(_Q, topic[1])), text[text.rindex(': choose "') + 10 : -2])
    rule = _RULE.fullmatch(text)
    if rule is None:
        return None
    conditions = tuple(_condition(m.group()) for m in _EACH.finditer(rule[1])) if rule[1] else ()
    return Rule(conditions, RulePlan(rule[3], rule[2] or ""))


def _condition(text: str) -> Condition:
    for kind, reader in _READERS.items():
        if match := reader.fullmatch(text):
            values = match.groups()
            if kind in ("mentions", "lacks"):
                return Condition(kind, values[0])
            return Condition(kind, values[0], values[1] if kind == "is" else float(values[1]))
    raise ValueError(f"not a condition: {text}")


def _same_number(found: Value, wanted: Value) -> bool:
    return isinstance(found, float) and isinstance(wanted, str) and f"{found:g}" == wanted


def _shown(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:g}"
