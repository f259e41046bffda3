"""What a trigger tests: conditions on named facts and on words of a text, and the case they are tested on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from ace.playbooks.triggers.facts import Facts, counted, phrases, words_of
from ace.playbooks.triggers.folding import CURRENCY, Value, fold_name, fold_unit, fold_value, number_text, quantity, quoted
from ace.playbooks.triggers.units import in_unit

Kind = Literal[
    "is",
    "is not",
    "one of",
    "at least",
    "at most",
    "above",
    "below",
    "between",
    "contains",
    "omits",
    "mentions",
    "lacks",
    "count at least",
    "count below",
]
Wanted = Value | tuple[str, ...] | tuple[float, float]
_ON_WORDS = frozenset({"mentions", "lacks", "count at least", "count below"})


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold: `key` names a fact, or is the word itself; `value` what it is compared with: a text, a number
    in `unit` ("" for any), texts for `one of`, the lowest and highest number for `between`. Names and texts are equal where
    they are when folded."""

    kind: Kind
    key: str = field(compare=False)
    value: Wanted = field(default="", compare=False)
    unit: str = ""
    name: str = field(init=False, repr=False)
    """The key as it is compared."""
    wanted: object = field(init=False, repr=False)
    """The value as it is compared."""
    number: float | None = field(init=False, repr=False, compare=False)
    """The number that a fact must be, or must not be, under `is` and `is not`; `None` where the value is a text."""

    def __post_init__(self) -> None:
        put, value = object.__setattr__, self.value
        equals = self.kind in ("is", "is not")
        put(self, "key", quoted(self.key))
        put(self, "name", self.key.lower() if self.kind in _ON_WORDS else fold_name(self.key))
        if isinstance(value, str):
            put(self, "value", quoted(value))
        elif isinstance(value, tuple):
            put(self, "value", tuple(quoted(v) if isinstance(v, str) else float(v) for v in value))
        put(self, "wanted", _compared(self.kind, self.value))
        put(self, "number", _number(cast(Value, value)) if equals else None)
        put(self, "unit", fold_unit(self.unit) or (_unit(value) if equals and isinstance(value, str) else ""))

    def holds(self, view: CaseView) -> bool:
        """Whether the case shows it. Of a fact that the case does not name nothing holds."""
        match self.kind:
            case "is":
                return self._equals(view)
            case "at least" | "below":
                found = self._measured(view)
                return found is not None and (found >= cast(float, self.wanted)) == (self.kind == "at least")
            case "mentions" | "lacks":
                return view.says(self.name) == (self.kind == "mentions")
            case "is not":
                return self.name in view.named and not self._equals(view)
            case "count at least" | "count below":
                number = view.counted.get(self.name)
                return number is not None and (number >= cast(float, self.wanted)) == (self.kind == "count at least")
            case "at most" | "above" | "between":
                return self._compares(view)
            case _:
                return self._among(view)

    def _equals(self, view: CaseView) -> bool:
        if self.name not in view.numbers:
            return view.texts.get(self.name) == self.wanted
        found = self._measured(view)
        return found is not None and (found == self.number or self._roughly(found))

    def _roughly(self, found: float) -> bool:
        """Numbers of seven digits and more were once written with six of them: "1.23457e+06"."""
        return isinstance(self.value, str) and "e+" in self.value and f"{found:g}" == self.value

    def _measured(self, view: CaseView) -> float | None:
        """The number that the case names, in the unit of the condition: 10 lb are neither above nor below 5 kg here."""
        found = view.numbers.get(self.name)
        return found if found is None or not self.unit else in_unit(found, view.units.get(self.name, ""), self.unit)

    def _compares(self, view: CaseView) -> bool:
        found = self._measured(view)
        if found is None:
            return False
        if self.kind == "between":
            low, high = cast(tuple[float, float], self.wanted)
            return low <= found <= high
        limit = cast(float, self.wanted)
        return found <= limit if self.kind == "at most" else found > limit

    def _among(self, view: CaseView) -> bool:
        if self.name not in view.named:
            return False
        text = view.texts.get(self.name)
        if self.kind == "one of":
            wanted = cast(frozenset[str], self.wanted)
            return text in wanted if text is not None else not wanted.isdisjoint(view.written(self.name))
        inside = f" {self.wanted} " in f" {text if text is not None else number_text(view.numbers[self.name])} "
        return inside == (self.kind == "contains")

    def sentence(self) -> str:
        """The one form in which it is printed and read back."""
        value = self.value
        match self.kind:
            case "mentions":
                return f'the text says "{self.key}"'
            case "lacks":
                return f'the text does not say "{self.key}"'
            case "count at least" | "count below":
                return f'the number by "{self.key}" is {self.kind.removeprefix("count ")} {_shown(value)}'
            case "is" | "is not":
                return f'"{self.key}" {self.kind} "{_shown(value)}"'
            case "contains" | "omits":
                return f'"{self.key}" {"contains" if self.kind == "contains" else "does not contain"} "{_shown(value)}"'
            case "one of":
                return f'"{self.key}" is one of ' + ", ".join(f'"{v}"' for v in cast(tuple[str, ...], value))
            case "between":
                low, high = cast(tuple[float, float], value)
                currency = self.unit if self.unit in CURRENCY else ""
                return f'"{self.key}" is between {_amount(low, currency)} and {_amount(high, self.unit)}'
            case _:
                return f'"{self.key}" is {self.kind} {_amount(cast(float, value), self.unit)}'


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as conditions are tested on it."""

    facts: Facts
    phrases: frozenset[str]
    counted: Mapping[str, float]
    named: frozenset[str] = field(init=False, repr=False, compare=False)
    """Names of facts, folded; by these names its texts (folded), numbers, and the numbers' units."""
    texts: Mapping[str, str] = field(init=False, repr=False, compare=False)
    numbers: Mapping[str, float] = field(init=False, repr=False, compare=False)
    units: Mapping[str, str] = field(init=False, repr=False, compare=False)
    words: str = field(init=False, repr=False, compare=False)
    """The words of the text in lower case, with a blank around each."""

    def __post_init__(self) -> None:
        fields, put = {fold_name(k): v for k, v in self.facts.fields.items()}, object.__setattr__
        put(self, "named", frozenset(fields))
        put(self, "texts", {k: fold_value(v) for k, v in fields.items() if isinstance(v, str)})
        put(self, "numbers", {k: v for k, v in fields.items() if not isinstance(v, str)})
        put(self, "units", {fold_name(k): u for k, u in self.facts.units.items()})
        put(self, "words", f" {' '.join(words_of(self.facts.prose))} ")

    @classmethod
    def of(cls, facts: Facts) -> CaseView:
        return cls(facts, frozenset(phrases(facts.prose)), counted(facts.prose))

    def says(self, text: str) -> bool:
        """Whether the text has these words next to each other."""
        return text in self.phrases or (text.count(" ") > 1 and f" {text} " in self.words)

    def written(self, name: str) -> tuple[str, str]:
        """The number of a fact as folded texts: alone, and with its unit."""
        bare = number_text(self.numbers[name])
        return bare, f"{bare} {self.units.get(name, '')}".rstrip()


def _compared(kind: Kind, value: Wanted) -> object:
    if kind in ("mentions", "lacks"):
        return ""
    if isinstance(value, tuple):
        return frozenset(fold_value(v) for v in value) if kind == "one of" else tuple(float(v) for v in value)
    return fold_value(value) if kind in ("is", "is not", "contains", "omits") else float(value)


def _number(value: Value) -> float | None:
    if not isinstance(value, str):
        return float(value)
    if measured := quantity(value):
        return measured[0]
    try:
        return float(value)
    except ValueError:
        return None


def _unit(value: str) -> str:
    measured = quantity(value)
    return measured[1] if measured else ""


def _shown(value: Wanted) -> str:
    return value if isinstance(value, str) else number_text(cast(float, value))


def _amount(number: float, unit: str) -> str:
    if unit and unit in CURRENCY:
        return f"{unit}{number_text(number)}"
    return f"{number_text(number)} {unit}".rstrip()
