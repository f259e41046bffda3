"""From the list of rules that is to the list that should be, by small edits: revise, merge, retire, add, move.

A lesson that only changes its conditions or its choice keeps its id, and with it the record of what it won and lost. New
places are given by the lesson to stand after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ace.playbooks.triggers.trigger import Trigger

Support = tuple[int, int, list[int]]
"""Of a rule: attempts that agree, attempts covered, numbers of some of them."""


@dataclass(frozen=True, slots=True)
class KnownRules:
    """A rule of the present playbook with its id."""

    id: str
    rule: Trigger


Edits = dict[str, list[dict[str, Any]]]
"""The edits of a curation by kind."""


def no_edits() -> Edits:
    return {"retire": [], "revise": [], "merge": [], "move": [], "add": []}


class RuleEdits:
    """The edits that turn the `present` rules into the `wanted` ones, in their order."""

    def __init__(
        self, section: str, present: Sequence[KnownRules], wanted: Sequence[Trigger], support: Sequence[Support]
    ) -> None:
        self._section, self._present, self._wanted, self._support = section, present, wanted, support
        self._owner: dict[int, KnownRules] = {}
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

    def edits(self) -> Edits:
        merged = self._merges()
        taken = {id for sources in merged.values() for id in sources}
        moved = self._moved()
        found = no_edits()
        why = "The attempts are explained better without it."
        found["retire"] = [{"lesson_id": k.id, "reason": why, "attempts": []} for k in self._gone if k.id not in taken]
        for i, rule in enumerate(self._wanted):
            text, rests = rule.sentence(), {"reason": self._why(i), "attempts": self._support[i][2]}
            known = self._owner.get(i)
            if i in merged:
                said_apart = {**rests, "reason": "One rule says what these said apart."}
                found["merge"].append({"source_ids": merged[i], "text": text, **said_apart})
            elif known is None:
                found["add"].append({"section": self._section, "text": text, "after_id": self._anchor(i, merged), **rests})
            elif known.rule != rule:
                found["revise"].append({"lesson_id": known.id, "text": text, **rests})
            if known is not None and i in moved:
                reason = "Lessons are read in order; this one must come where it does to explain the attempts."
                place = {"lesson_id": known.id, "section": "", "after_id": self._anchor(i, merged)}
                found["move"].append({**place, "reason": reason, "attempts": []})
        return found

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

    def _anchor(self, i: int, merged: dict[int, list[str]]) -> str:
        """The lesson that wanted rule `i` comes right after: the nearest before it that has an id. Moves are done in order and
        before all adds, so it stands in its place by then."""
        return next((self._owner[j].id for j in reversed(range(i)) if j in self._owner and j not in merged), "first")

    def _why(self, i: int) -> str:
        agree, covered, _ = self._support[i]
        if not covered:
            return "A guess that no attempt has tested yet."
        return f"It agrees with {agree} of the {covered} shown attempts that it decides."


def likeness(a: Trigger, b: Trigger) -> float:
    """How much of two rules is the same: the plan counts as much as all conditions."""
    shared = len({*a.conditions} & {*b.conditions}) / max(1, len({*a.conditions, *b.conditions}))
    same_reach = 1.0 if not a.conditions and not b.conditions else shared
    return (a.plan == b.plan) + same_reach


def _covers(wide: Trigger, narrow: Trigger) -> bool:
    """Whether `wide` applies wherever `narrow` does, going by their conditions alone."""
    return set(wide.conditions) <= set(narrow.conditions)
