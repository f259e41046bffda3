"""Triggers in the words of people and language models.

A text is read only where every word of its rule is accounted for and one reading remains: what is left out is only not fitted,
while a wrong reading would count attempts against a lesson that does not say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ace.playbooks.bullet import MAX_TEXT
from ace.playbooks.triggers.clauses import ClauseReader
from ace.playbooks.triggers.conditions import Condition
from ace.playbooks.triggers.folding import fold_name, fold_value, singular
from ace.playbooks.triggers.places import joined
from ace.playbooks.triggers.plans import PlanReader
from ace.playbooks.triggers.tokens import Token, tokens_of
from ace.playbooks.triggers.trigger import Plan, Trigger
from ace.playbooks.triggers.vocabulary import Vocabulary
from ace.playbooks.triggers.wording import OTHERWISE, REASONS, SUITS, THINGS, UNLESS, WHEN, Phrases

_PAUSES = (":", ",", "=>", "-", "then", ";")
_STOPS = UNLESS | REASONS
_MAX_TOKENS = 160
_NOUNS_GO_ON = ("of", "is", "are", "was", "were", "to", "by", "and", "that", "which", "neither")
"""Words behind which the word before is a noun, and not what is to be done: "refund of gold orders"."""
Groups = tuple[tuple[Condition, ...], ...]


def read_prose(text: str, vocabulary: Vocabulary | None = None) -> Trigger | None:
    """The one trigger that `text` states in other words than a sentence of the grammar; `None` where there is none, or two."""
    if len(text) > MAX_TEXT:
        return None
    tokens = tokens_of(text)
    if len(tokens) > _MAX_TOKENS or any(t.kind == "other" for t in tokens):
        return None
    rule = _Rule(tokens, vocabulary)
    found = list(dict.fromkeys(trigger for trigger, end in rule.readings() if not rule.says_more(trigger, end)))
    return found[0] if len(found) == 1 else None


class _Rule:
    """The readings of one rule's tokens, each with the place where its plan ends."""

    def __init__(self, tokens: Sequence[Token], vocabulary: Vocabulary | None) -> None:
        self._tokens, self._known = tokens, vocabulary
        self._plans = PlanReader(tokens, vocabulary)

    def says_more(self, trigger: Trigger, at: int) -> bool:
        """Whether what stands from `at` on names a fact or a value that the trigger does not test: it may narrow the rule."""
        if self._known is None or at >= len(self._tokens):
            return False
        mine = {fold_name(trigger.plan.choice), fold_name(trigger.plan.step)}
        for condition in (c for group in (trigger.conditions, *trigger.unless) for c in group):
            values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
            mine |= {condition.name, *(fold_name(fold_value(v)) for v in values)}
        rest, tested = f" {fold_name(joined(self._tokens[at:]))} ", f" {' | '.join(mine)} "
        named = (*self._known.valued, *self._known.named)
        return any(f" {n} " in rest and f" {n} " not in tested for n in named if not n.isdigit())

    def readings(self) -> Iterator[tuple[Trigger, int]]:
        start = self._intro(WHEN)
        default = self._intro(OTHERWISE)
        if default:
            yield from self._defaults(default)
            return
        if not start:
            yield from self._led_by_plan()
        for at, plan, end in self._plans_from(start or 0):
            yield from self._led_by_clause(start or 0, at, plan, end)

    def _intro(self, phrases: Phrases) -> int:
        found = phrases.at(self._tokens, 0)
        return found[1] if found else 0

    def _defaults(self, at: int) -> Iterator[tuple[Trigger, int]]:
        at, behind = self._over_pauses(at)
        if (read := self._plans.plan(at, behind or ",")) and (groups := self._exceptions(read[1], read[0])) is not None:
            yield Trigger((), read[0], groups), read[1]

    def _over_pauses(self, at: int) -> tuple[int, str]:
        behind = ""
        while at < len(self._tokens) and self._tokens[at].low in _PAUSES:
            behind = self._tokens[at].low
            at += 1
        return at, behind

    def _led_by_plan(self) -> Iterator[tuple[Trigger, int]]:
        """`refund if ...`, `choose refund for ...`, `refund unless ...`."""
        read = self._plans.plan(0, ",")
        if read is None:
            return
        plan, at = read
        at = self._plans.contrasted(at, plan.choice)
        if said := SUITS.at(self._tokens, at):
            at = said[1]
        at += at < len(self._tokens) and self._tokens[at].low == ","
        if UNLESS.at(self._tokens, at):
            if groups := self._exceptions(read[1], plan):
                yield Trigger((), plan, groups), at
            return
        if (default := OTHERWISE.at(self._tokens, at)) and self._plans.ends_well(default[1], plan.choice):
            yield Trigger((), plan), at
        when = WHEN.at(self._tokens, at)
        start = when[1] if when else read[1] if at == read[1] and self._has_object(plan, at) else None
        if start is None:
            return
        for end in self._ends(start):
            groups = self._exceptions(end, plan)
            conditions = self._clause(start, end) if groups is not None else None
            if conditions and groups is not None:
                yield Trigger(conditions, plan, groups), at
                return

    def _has_object(self, plan: Plan, at: int) -> bool:
        """Whether what stands behind a choice may be what it is done to: "refund gold members". "Refund requests" may be a kind
        of requests."""
        if self._known is None or " " in plan.choice or at >= len(self._tokens) or plan.step:
            return False
        return singular(self._tokens[at].low) not in THINGS and self._tokens[at].low not in _NOUNS_GO_ON

    def _ends(self, at: int) -> Iterator[int]:
        """Where a clause that begins at `at` may end: at the end, a full stop, a remark, an exception."""
        for i in range(at + 1, len(self._tokens)):
            if self._tokens[i].low in (".", "!", "(", "[", "-", ";", ",") or _STOPS.at(self._tokens, i):
                yield i
        yield len(self._tokens)

    def _plans_from(self, start: int) -> Iterator[tuple[int, Plan, int]]:
        """Plans behind a clause: where the clause ends, the plan, where that ends. "Neither gold nor silver members get a
        refund" denies the plan and not the condition."""
        first = self._tokens[0] if self._tokens and not start else None
        denied = first is not None and first.low in ("neither", "no", "not") and first.text.lower() != "non"
        for at in range(start + 1, len(self._tokens)):
            behind = self._tokens[at - 1].low
            if denied and behind not in _PAUSES:
                continue
            read = self._plans.plan(at, behind if behind in _PAUSES and self._tokens[at - 1].kind != "quoted" else "")
            if read:
                yield at, *read

    def _led_by_clause(self, start: int, at: int, plan: Plan, end: int) -> Iterator[tuple[Trigger, int]]:
        behind = self._exceptions(end, plan)
        if behind is None:
            return
        while at > start and self._tokens[at - 1].low in _PAUSES and self._tokens[at - 1].kind != "quoted":
            at -= 1
        cut = next((i for i in range(start, at) if UNLESS.at(self._tokens, i)), at)
        conditions = self._clause(start, cut) if cut > start else None
        if conditions is None:
            return
        before: Groups = ()
        if cut < at:
            inner = self._unless(cut, at)
            if inner is None or behind:
                return
            before = inner
        yield Trigger(conditions, plan, before or behind), end

    def _in_brackets(self, start: int, plan: Plan) -> Groups | None:
        """`refund (unless damaged)`, up to the bracket's end."""
        end = next((i for i in range(start, len(self._tokens)) if self._tokens[i].low == ")"), 0)
        return self._unless(start, end) if end and self._plans.ends_well(end + 1, plan.choice) else None

    def _clause(self, start: int, end: int) -> tuple[Condition, ...] | None:
        while end > start and self._tokens[end - 1].low == ",":
            end -= 1
        return ClauseReader(self._tokens[start:end], self._known).conditions()

    def _unless(self, at: int, end: int) -> Groups | None:
        """The group of an exception that fills the place from `at` to `end`."""
        said = UNLESS.at(self._tokens, at)
        group = self._clause(said[1], end) if said else None
        return (group,) if group else None

    def _exceptions(self, at: int, plan: Plan) -> Groups | None:
        """The exceptions behind a plan, () for none; `None` where what is there may take the plan back."""
        if self._plans.ends_well(at, plan.choice):
            return ()
        start = at + (at < len(self._tokens) and self._tokens[at].low in (",", "("))
        if start > at and self._tokens[at].low == "(":
            return self._in_brackets(start, plan)
        if not UNLESS.at(self._tokens, start):
            return None
        for end in self._ends(start + 1):
            if self._plans.ends_well(end, plan.choice) and (groups := self._unless(start, end)):
                return groups
        return None
