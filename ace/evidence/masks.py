"""Which of many cases a condition holds in, as bits of an integer: the first case is the lowest bit.

A condition looks at a case by one key alone, so it is tested once for each value that the cases have under that key, and not
once for each case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import TypeVar

from ace.playbooks.triggers.conditions import CaseView, Condition
from ace.playbooks.triggers.facts import Facts

T = TypeVar("T")
_FLAGS = bytes.maketrans(b"01", b"\x00\x01")


@dataclass(slots=True)
class Masks:
    """The masks of conditions over `views`."""

    views: Sequence[CaseView]
    _by_key: dict[str, list[tuple[CaseView, int]]] = field(default_factory=dict)
    _known: dict[Condition, int] = field(default_factory=dict)

    @property
    def everything(self) -> int:
        return (1 << len(self.views)) - 1

    def of(self, conditions: Iterable[Condition]) -> int:
        """The cases in which all of `conditions` hold."""
        mask = self.everything
        for condition in conditions:
            if condition not in self._known:
                self._known[condition] = sum(m for view, m in self._values(condition.key) if condition.holds(view))
            mask &= self._known[condition]
        return mask

    def _values(self, key: str) -> list[tuple[CaseView, int]]:
        """What the cases have under `key`, each as a case that has nothing else, with the cases that have it."""
        if key not in self._by_key:
            found: dict[tuple[object, bool, float | None], list[int]] = {}
            for n, v in enumerate(self.views):
                found.setdefault((v.facts.fields.get(key), key in v.phrases, v.counted.get(key)), []).append(n)
            self._by_key[key] = [(_only(self.views[at[0]], key), _bits(at, len(self.views))) for at in found.values()]
        return self._by_key[key]


def bits(flags: Iterable[bool]) -> int:
    """The mask of the cases whose flag is true."""
    return int("".join("1" if f else "0" for f in flags)[::-1] or "0", 2)


def chosen(items: Sequence[T], mask: int) -> tuple[T, ...]:
    """The items whose bits are set in `mask`."""
    return tuple(compress(items, format(mask, "b")[::-1].encode().translate(_FLAGS))) if mask else ()


def _bits(places: Iterable[int], length: int) -> int:
    digits = bytearray(b"0" * length)
    for n in places:
        digits[length - 1 - n] = 49
    return int(digits, 2)


def _only(view: CaseView, key: str) -> CaseView:
    fields, counted = view.facts.fields, view.counted
    return CaseView(
        Facts({key: fields[key]} if key in fields else {}),
        frozenset({key} & view.phrases),
        {key: counted[key]} if key in counted else {},
    )
