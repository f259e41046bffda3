"""The words that a lesson may use without quoting them: names of facts with the values seen, listed choices and actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ace.playbooks.triggers.folding import fold_name, fold_value


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
    """The facts that have a value, by folded value."""

    def __post_init__(self) -> None:
        named: dict[str, KnownFact] = {}
        valued: dict[str, tuple[KnownFact, ...]] = {}
        for fact in self.facts:
            named.setdefault(fold_name(fact.name), fact)
            for value in dict.fromkeys(map(fold_value, fact.values)):
                valued[value] = (*valued.get(value, ()), fact)
        object.__setattr__(self, "named", named)
        object.__setattr__(self, "valued", valued)

    def choice(self, text: str) -> str | None:
        """The listed choice that `text` names; `None` where none or more than one folds alike."""
        return _only(self.choices, text)

    def action(self, text: str) -> str | None:
        """The listed action that `text` names."""
        return _only(self.actions, text)


def _only(listed: Iterable[str], text: str) -> str | None:
    if text in (listed := tuple(listed)):
        return text
    folded = fold_value(text)
    found = [option for option in dict.fromkeys(listed) if fold_value(option) == folded]
    return found[0] if len(found) == 1 else None
