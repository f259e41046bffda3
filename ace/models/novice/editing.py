"""From the list of rules that is to the list that should be, by small edits: revise, merge, retire, add, move.

The decision behind it: a lesson that only changes its conditions or its choice keeps its id, and with it the record of what it
won and lost. New places are given by the lesson to stand after, and edits are listed from the last to the first, so that
those that share an anchor come out in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ace.models.novice.rules import Rule

Support = tuple[int, int, list[int]]
"""Of a rule: attempts that agree, attempts covered, numbers of some of them."""


@dataclass(frozen=True, slots=True)
class Known:
    """A rule of the present playbook with its id."""

    id: str
    rule: Rule


def edit(op: str, *, attempts: Sequence[int] = (), sources: Sequence[str] = (), **fields: str) -> dict[str, Any]:
    """One operation with all its fields, those not named empty."""
    empty = {"lesson_id": "", "section": "", "text": "", "after_id": "", "reason": ""}
    return {"op": op, **empty, **fields, "source_ids": list(sources), "attempts": list(attempts)}


class RuleEdits:
    """The edits that turn the `present` rules into the `wanted` ones, in their order."""

    def __init__(self, section: str, present: Sequence[Known], wanted: Sequence[Rule], support: Sequence[Support]) -> None:
        self._section, self._present, self._wanted, self._support = section, present, wanted, support
        self._owner: dict[int, Known] = {}
        self._pair()

    def _pair(self) -> None:
        """Give each wanted rule the present lesson it continues: the same rule, else the most alike with something shared."""
        free = list(self._present)
        for i, rule in enumerate(self._wanted):
            same = next((k for k in free if k.rule == rule), None)
            if same:
                self._owner[i] = same
                free.remove(same)
        pairs = [(likeness(k.rule, r), -i, -n) for i, r in enumerate(self._wanted) for n, k in enumerate(self._present)]
        for score, minus_i, minus_n in sorted(pairs, reverse=True):
            known = self._present[-minus_n]
            if score > 0 and -minus_i not in self._owner and known in free:
                self._owner[-minus_i] = known
                free.remove(known)
        self._gone = free

    def operations(self) -> list[dict[str, Any]]:
        merged = self._merges()
        taken = {id for sources in merged.values() for id in sources}
        edits = [self._retired(k) for k in self._gone if k.id not in taken]
        edits += [self._revised(i, k) for i, k in sorted(self._owner.items()) if k.rule != self._wanted[i] and i not in merged]
        edits += self._placed(set(merged))
        return edits + [self._merged(i, sources) for i, sources in merged.items()]

    def _merges(self) -> dict[int, list[str]]:
        """Wanted rules that replace two or more present ones with the same plan: those merge. Only where no rule must be
        put right behind the merged one, whose id is not known yet."""
        found: dict[int, list[str]] = {}
        for i, known in self._owner.items():
            rule = self._wanted[i]
            others = [k.id for k in self._gone if k.rule.plan == rule.plan and _covers(rule, k.rule)]
            anchors = i + 1 == len(self._wanted) or i + 1 in self._owner
            if others and known.rule != rule and known.rule.plan == rule.plan and anchors and not self._moved() and not found:
                found[i] = [known.id, *others]
        return found

    def _moved(self) -> set[int]:
        """Wanted rules whose lessons must change places: those outside a longest run that keeps the present order."""
        places = {k.id: n for n, k in enumerate(self._present)}
        owned = sorted(self._owner)
        runs: dict[int, list[int]] = {}
        for i in owned:
            before = [runs[j] for j in owned if j < i and places[self._owner[j].id] < places[self._owner[i].id]]
            runs[i] = [*(max(before, key=len) if before else []), i]
        longest = max(runs.values(), key=len) if runs else []
        return set(owned) - set(longest)

    def _placed(self, merged: set[int]) -> list[dict[str, Any]]:
        """Adds and moves, from the last to the first."""
        moved = self._moved()
        edits = []
        for i in reversed(range(len(self._wanted))):
            if i in self._owner and i not in moved:
                continue
            after = self._anchor(i, moved, merged)
            if i in self._owner:
                reason = "Lessons are read in order; this one must come where it does to explain the attempts."
                edits.append(edit("move", lesson_id=self._owner[i].id, after_id=after, reason=reason))
            else:
                edits.append(self._added(i, after))
        return edits

    def _anchor(self, i: int, moved: set[int], merged: set[int]) -> str:
        for j in reversed(range(i)):
            if j in self._owner and j not in moved and j not in merged:
                return self._owner[j].id
        return "first"

    def _added(self, i: int, after: str) -> dict[str, Any]:
        text = self._wanted[i].sentence()
        return edit("add", section=self._section, text=text, after_id=after, reason=self._why(i), attempts=self._support[i][2])

    def _revised(self, i: int, known: Known) -> dict[str, Any]:
        text = self._wanted[i].sentence()
        return edit("revise", lesson_id=known.id, text=text, reason=self._why(i), attempts=self._support[i][2])

    def _merged(self, i: int, sources: list[str]) -> dict[str, Any]:
        fields = {
            "section": self._section,
            "text": self._wanted[i].sentence(),
            "reason": "One rule says what these said apart.",
        }
        return edit("merge", sources=sources, attempts=self._support[i][2], **fields)

    def _retired(self, known: Known) -> dict[str, Any]:
        return edit("retire", lesson_id=known.id, reason="The attempts are explained better without it.")

    def _why(self, i: int) -> str:
        agree, covered, _ = self._support[i]
        if not covered:
            return "A guess that no attempt has tested yet."
        return f"It agrees with {agree} of the {covered} shown attempts that it decides."


def likeness(a: Rule, b: Rule) -> float:
    """How much of two rules is the same: the plan counts as much as all conditions."""
    shared = len({*a.conditions} & {*b.conditions}) / max(1, len({*a.conditions, *b.conditions}))
    same_reach = 1.0 if not a.conditions and not b.conditions else shared
    return (a.plan == b.plan) + same_reach


def _covers(wide: Rule, narrow: Rule) -> bool:
    """Whether `wide` applies wherever `narrow` does, going by their conditions alone."""
    return set(wide.conditions) <= set(narrow.conditions)
