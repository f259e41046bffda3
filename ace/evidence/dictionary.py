"""The names of facts, and their values, seen so far in one playbook's attempts.

Names and values that fold alike are one, shown as they were first written, so that a reflector can be asked to use them again
and a lesson's words can be resolved to them. Bounded: the commonest names, and of each the commonest values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ace.evidence.cases import PastCase
from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.facts import LONGEST_VALUE, Facts
from ace.playbooks.triggers.folding import fold_name, fold_value, number_text
from ace.playbooks.triggers.telling import Told, with_told
from ace.playbooks.triggers.vocabulary import KnownFact, Vocabulary

MAX_NAMES = 60
"""Names kept."""
MAX_VALUES = 24
"""Values kept of a name."""
MAX_TOLD = 300
"""Cases whose sentences are read: reading one takes up to a millisecond."""
OWN_WORDS = "told"
"""The name under which reflectors put what fits no name."""
SHOWN_VALUES = 8
"""Values of a name on its line."""


@dataclass(frozen=True, slots=True)
class FactEntry:
    """A fact's name as first written; in how many attempts it was seen; its commonest texts with their counts; the lowest and
    highest number, and the units of numbers."""

    name: str
    count: int
    values: tuple[tuple[str, int], ...] = ()
    span: tuple[float, float] | None = None
    units: tuple[str, ...] = ()

    def spelled(self, text: str, values: int = SHOWN_VALUES) -> FactEntry:
        """The entry with its commonest `values` written as they first stand in `text`, as a word of their own."""

        def written(value: str) -> str:
            found = re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE)
            return found[0] if found else value

        return replace(self, values=(*((written(v), n) for v, n in self.values[:values]), *self.values[values:]))

    def line(self, values: int = SHOWN_VALUES) -> str:
        """`tier: gold (12), silver (3)`; `amount: 12 to 480 $`. A text so long that it is cut is not shown: nothing can be said
        in the same words again."""
        whole = [(text, n) for text, n in self.values if len(text) < LONGEST_VALUE]
        parts = [f"{text} ({n})" for text, n in whole[:values]]
        if self.span:
            low, high = map(number_text, self.span)
            parts.insert(0, (low if low == high else f"{low} to {high}") + (f" {self.units[0]}" if self.units else ""))
        left = len(self.values) - len(whole[:values])
        more = [f"and {left} more" if parts else f"{left} long {'text' if left == 1 else 'texts'}"] * (left > 0)
        return f"{self.name}: " + ", ".join([*parts, *more])


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Entries from the commonest name on."""

    entries: tuple[FactEntry, ...] = ()

    def lines(self, names: int = MAX_NAMES, values: int = SHOWN_VALUES, texts: Sequence[str] = ()) -> list[str]:
        """A line for each of the `names` commonest names. What was told in words of the case's own is left out: nothing of it
        is meant to be used again. Values are in capitals and small letters as they first stand in `texts`."""
        kept = [e for e in self.entries if fold_name(e.name) != OWN_WORDS][:names]
        all_texts = "\n".join(texts)
        return [e.spelled(all_texts, values).line(values) for e in kept]

    def vocabulary(self, choices: Sequence[str] = (), actions: Sequence[str] = ()) -> Vocabulary:
        """What lessons may name without quotes, with the choices and actions that the environment lists."""
        facts = (KnownFact(e.name, tuple(v for v, _ in e.values), e.units, e.span is not None) for e in self.entries)
        return Vocabulary(tuple(facts), tuple(choices), tuple(actions))


def dictionary(seen: Iterable[PastCase | Facts], names: int = MAX_NAMES, values: int = MAX_VALUES) -> Dictionary:
    """The dictionary of `seen` attempts, oldest first. Ties stand in the order they were first seen."""
    drafts: dict[str, _Draft] = {}
    for case in seen:
        facts = case.view.facts if isinstance(case, PastCase) else case
        for name, value in facts.fields.items():
            drafts.setdefault(fold_name(name), _Draft(name)).add(value, facts.units.get(name, ""))
    ordered = sorted(drafts.values(), key=lambda d: -d.count)
    return Dictionary(tuple(d.entry(values) for d in ordered[:names]))


def told(cases: Sequence[PastCase], known: Vocabulary, newest: int = MAX_TOLD) -> list[PastCase]:
    """`cases`, oldest first, with the facts that the words of their situations tell, by names and values that other cases have;
    only the `newest` ones' words are read."""
    found = list(cases[: max(0, len(cases) - newest)])
    views: dict[int, CaseView] = {}
    sentences: Told = {}
    for case in cases[len(found) :]:
        if id(case.view) not in views:
            views[id(case.view)] = _with_told(case.view, known, sentences)
        view = views[id(case.view)]
        found.append(case if view is case.view else replace(case, view=view))
    return found


def _with_told(view: CaseView, known: Vocabulary, sentences: Told) -> CaseView:
    facts = view.facts
    more = with_told(facts, facts.prose, known, sentences) if facts.prose and known.facts else facts
    return view if len(more.fields) == len(facts.fields) else CaseView(more, view.phrases, view.counted)


@dataclass(slots=True)
class _Draft:
    name: str
    count: int = 0
    texts: dict[str, tuple[str, int]] = field(default_factory=dict)
    numbers: list[float] = field(default_factory=list)
    units: dict[str, int] = field(default_factory=dict)

    def add(self, value: str | float, unit: str) -> None:
        self.count += 1
        if isinstance(value, str):
            shown, n = self.texts.get(fold_value(value), (value, 0))
            self.texts[fold_value(value)] = (shown, n + 1)
            return
        self.numbers.append(value)
        if unit:
            self.units[unit] = self.units.get(unit, 0) + 1

    def entry(self, values: int) -> FactEntry:
        texts = sorted(self.texts.values(), key=lambda pair: -pair[1])
        span = (min(self.numbers), max(self.numbers)) if self.numbers else None
        return FactEntry(
            self.name, self.count, tuple(texts[:values]), span, tuple(sorted(self.units, key=lambda u: -self.units[u]))
        )
