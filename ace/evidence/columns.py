"""Conditions tested on many cases at once: a fact is read once for all conditions on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ace.playbooks.triggers.conditions import CaseView, Condition
from ace.playbooks.triggers.facts import Value


class Columns:
    """The facts of `views`, name by name."""

    def __init__(self, views: Sequence[CaseView]) -> None:
        self._views = views
        self._texts: dict[str, dict[str, list[int]]] = {}
        self._numbers: dict[tuple[str, bool], list[tuple[int, float]]] = {}

    def holding(self, condition: Condition) -> list[int]:
        """The places of the cases in which `condition` holds, as `Condition.holds` says of each."""
        kind, key = condition.kind, condition.key
        if kind == "is":
            return self._by_text(key).get(_text(condition.value), [])
        if kind in ("mentions", "lacks"):
            return [n for n, view in enumerate(self._views) if (key in view.phrases) == (kind == "mentions")]
        numbers = self._column(key, counted=kind.startswith("count "))
        bound = float(condition.value)
        if kind.endswith("at least"):
            return [n for n, x in numbers if x >= bound]
        return [n for n, x in numbers if x < bound]

    def _by_text(self, key: str) -> dict[str, list[int]]:
        found = self._texts.get(key)
        if found is None:
            found = self._texts[key] = {}
            for n, view in enumerate(self._views):
                if key in view.facts.fields:
                    found.setdefault(_text(view.facts.fields[key]), []).append(n)
        return found

    def _column(self, key: str, *, counted: bool) -> list[tuple[int, float]]:
        found = self._numbers.get((key, counted))
        if found is None:
            values: list[Mapping[str, Value]] = [dict(v.counted) if counted else v.facts.fields for v in self._views]
            column = [(n, row[key]) for n, row in enumerate(values) if key in row]
            found = self._numbers[key, counted] = [(n, x) for n, x in column if isinstance(x, float)]
        return found


def _text(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:g}"
