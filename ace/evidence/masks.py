"""Which of many cases a trigger covers, as bits of an integer: the first case is the lowest bit.

A condition looks at a case by one name alone, so it is tested once for each value that the cases have under that name, and not
once for each case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import TypeVar

from ace.playbooks.triggers.conditions import CaseView, Condition
from ace.playbooks.triggers.trigger import Trigger

T = TypeVar("T")
_FLAGS = bytes.maketrans(b"01", b"\x00\x01")


@dataclass(slots=True)
class Masks:
    """The masks of triggers over `views`."""

    views: Sequence[CaseView]
    _by_name: dict[str, list[tuple[CaseView, int]]] = field(default_factory=dict)
    _known: dict[Condition, int] = field(default_factory=dict)

    @property
    def everything(self) -> int:
        return (1 << len(self.views)) - 1

    def covered(self, trigger: Trigger) -> int:
        """The cases that `trigger` covers, regardless of what stands before it."""
        mask = self.of(trigger.conditions)
        for group in trigger.unless:
            mask &= ~self.of(group)
        return mask

    def of(self, conditions: Iterable[Condition]) -> int:
        """The cases in which all of `conditions` hold."""
        mask = self.everything
        for condition in conditions:
            if condition not in self._known:
                self._known[condition] = sum(m for view, m in self._values(condition.name) if condition.holds(view))
            mask &= self._known[condition]
        return mask

    def _values(self, name: str) -> list[tuple[CaseView, int]]:
        """What the cases have under `name`: a case of each kind, with the cases that are the same under it."""
        if name not in self._by_name:
            found: dict[object, list[int]] = {}
            for n, v in enumerate(self.views):
                fact = v.texts.get(name), v.numbers.get(name), v.units.get(name)
                found.setdefault((fact, v.says(name), v.counted.get(name)), []).append(n)
            self._by_name[name] = [(self.views[at[0]], _bits(at, len(self.views))) for at in found.values()]
        return self._by_name[name]


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
