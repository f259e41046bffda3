"""The facts of a situation as columns: names once, values in rows.

Situations are lines of "name: value; name: value". What is not of this form is the case's text. Names and values that are
written in several ways are one, as they were first written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ace.playbooks.triggers.folding import fold_name, fold_value

SHARE = 0.3
"""Share of the attempts that must have a fact for it to be a column."""
MOST_COLUMNS = 20
MAX_NAME = 40
TEXTS = ("text", "told")
"""Names of what a situation says in sentences."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Named facts by their folded names, and the text beside them."""

    facts: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


@dataclass(slots=True)
class Names:
    """The names and values seen so far, as they were first written."""

    names: dict[str, str] = field(default_factory=dict)
    values: dict[tuple[str, str], str] = field(default_factory=dict)

    def read(self, situation: str) -> Situation:
        """The facts of `situation`, in one way of writing."""
        facts: dict[str, str] = {}
        texts: list[str] = []
        head, mark, rest = situation.partition("text: ")
        if mark and head and not head.endswith("; "):
            head, mark, rest = situation, "", ""
        for part in head.split("; "):
            name, colon, value = part.partition(": ")
            if not colon or not name.strip() or len(name) > MAX_NAME or not value.strip():
                texts.append(part.strip())
            elif fold_name(name) in TEXTS:
                texts.append(f"{name}: {value}")
            else:
                facts.setdefault(*self._first(name.strip(), value.strip()))
        texts += [f"text: {rest}"] if mark else []
        return Situation(facts, "; ".join(filter(None, texts)))

    def _first(self, name: str, value: str) -> tuple[str, str]:
        key = fold_name(name)
        self.names.setdefault(key, name)
        return key, self.values.setdefault((key, fold_value(value.rstrip("."))), value)


def common(situations: Sequence[Situation]) -> dict[str, str]:
    """The facts that all of `situations` have with one value, by their folded names, in the order of the first."""
    if not situations:
        return {}
    first, *rest = (s.facts for s in situations)
    return {name: value for name, value in first.items() if all(facts.get(name) == value for facts in rest)}


def columns_of(situations: Sequence[Situation], without: Collection[str] = ()) -> list[str]:
    """The folded names of the facts that many of `situations` have, except those `without`, in the order in which they were
    first seen."""
    seen = Counter(name for s in situations for name in s.facts if name not in without)
    often = [name for name, n in seen.items() if n >= SHARE * len(situations)]
    kept = set(sorted(often, key=lambda name: -seen[name])[:MOST_COLUMNS])
    return [name for name in seen if name in kept]
