"""The words that a lesson may use without quoting them: names of facts with the values seen, listed choices and actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ace.playbooks.triggers.folding import fold_name, fold_value

UNSAID = frozenset(
    ("yes", "no", "none", "other", "any", "all", "both", "neither", "either", "each", "every", "same", "else", "nothing")
)
"""Values that say of no fact that it has them, where its name does not stand beside them: "if none of these applies"."""


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A fact by its name as first written, with texts seen as its value and the folded units of numbers seen; `numeric` where
    numbers were seen."""

    name: str
    values: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Facts seen, the choices listed, and the actions that may be taken before a choice."""

    facts: tuple[KnownFact, ...] = ()
    choices: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    named: Mapping[str, KnownFact] = field(init=False, repr=False, compare=False)
    """Facts by folded name."""
    valued: Mapping[str, tuple[KnownFact, ...]] = field(init=False, repr=False, compare=False)
    """The facts that have a value, by the value folded and in the singular; those of `UNSAID`, which say nothing alone, left
    out."""

    chosen: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """Choices, and likewise actions, by folded form."""
    taken: Mapping[str, str] = field(init=False, repr=False, compare=False)

    openings: frozenset[str] = field(init=False, repr=False, compare=False)
    """The first three letters of the words of names and values."""

    def __post_init__(self) -> None:
        named: dict[str, KnownFact] = {}
        valued: dict[str, tuple[KnownFact, ...]] = {}
        for fact in self.facts:
            named.setdefault(fold_name(fact.name), fact)
            for value in dict.fromkeys(fold_name(fold_value(v)) for v in fact.values if fold_value(v) not in UNSAID):
                valued[value] = (*valued.get(value, ()), fact)
        object.__setattr__(self, "named", named)
        object.__setattr__(self, "valued", valued)
        opened = frozenset(word[:3] for text in (*named, *valued) for word in text.split(" "))
        object.__setattr__(self, "openings", opened)
        object.__setattr__(self, "chosen", _by_fold(self.choices))
        object.__setattr__(self, "taken", _by_fold(self.actions))

    def choice(self, text: str) -> str | None:
        """The listed choice that `text` names; `None` where none or more than one folds alike."""
        return text if text in self.choices else self.chosen.get(fold_value(text))

    def action(self, text: str) -> str | None:
        """The listed action that `text` names."""
        return text if text in self.actions else self.taken.get(fold_value(text))


def _by_fold(listed: Iterable[str]) -> dict[str, str]:
    """What is listed by its folded form, without those of which two fold alike."""
    found: dict[str, list[str]] = {}
    for option in dict.fromkeys(listed):
        found.setdefault(fold_value(option), []).append(option)
    return {folded: options[0] for folded, options in found.items() if len(options) == 1}
