"""What words name, by a vocabulary: facts by their names, values and units. Where two are meant, none is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from ace.playbooks.triggers.folding import CURRENCY, UNITS, fold_name, fold_value, singular
from ace.playbooks.triggers.tokens import Token
from ace.playbooks.triggers.units import same_measure
from ace.playbooks.triggers.vocabulary import KnownFact, Vocabulary
from ace.playbooks.triggers.wording import ENTITIES, words

_MONEY = words("amount total subtotal value price cost sum order spend bill charge")
_OWNERS = ("its", "their", "his", "her")


def fact_named(known: Vocabulary, text: str) -> KnownFact | None:
    """The one fact that `text` names: by its whole name, by the end of its name, with the owner in front ("the customer's
    tier"), without the unit behind, or by a verb of its stem."""
    folded = fold_name(text)
    while folded.split(" ")[0] in _OWNERS:
        folded = folded.partition(" ")[2]
    if folded in known.named:
        return known.named[folded]
    if not folded or folded in ENTITIES:
        return None
    found = [f for n, f in known.named.items() if n.endswith(f" {folded}") or n.startswith(f"{folded} (")]
    owner, _, rest = folded.partition(" ")
    if not found and owner in ENTITIES and rest in known.named:
        found = [known.named[rest]]
    if not found and not rest:
        found = [f for n, f in known.named.items() if " " not in n and _akin(text.lower(), n)]
    return found[0] if len(found) == 1 else None


def _akin(word: str, name: str) -> bool:
    """Whether a verb or an adjective is of the name's own stem: "weighs" of weight, "aged" of age, "arrives" of arrival."""
    if not (word.isalpha() and name.isalpha()):
        return False
    if word in (f"{name}s", f"{name}d", f"{name}ed", f"{name}ing"):
        return True
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(word, name, strict=False)))
    return shared >= 5 and len(word) - shared <= 3 and len(name) - shared <= 3


def facts_valued(known: Vocabulary, text: str) -> tuple[KnownFact, ...]:
    """The facts that have the value `text`, maybe in the plural."""
    return known.valued.get(fold_name(fold_value(text)), ())


def seen_value(fact: KnownFact, text: str) -> str:
    """The value of `fact` that `text` says, as it was first written; "" where it has none such."""
    return next((v for v in fact.values if same(v, text)), "")


def as_seen(fact: KnownFact, text: str) -> str:
    """`text` as the value of `fact` that it is was first written."""
    return next((v for v in fact.values if fold_value(v) == fold_value(text)), text)


def same(seen: str, written: str) -> bool:
    one, two = fold_value(seen), fold_value(written)
    return one == two or fold_name(one) == fold_name(two)


def answers(fact: KnownFact) -> bool:
    """Whether the fact is yes or no."""
    return bool(fact.values) and not fact.numeric and {fold_value(v) for v in fact.values} <= {"yes", "no"}


def fits(known: Vocabulary | None, fact: KnownFact, unit: str) -> bool:
    """Whether the fact may be in `unit`: it was seen in it or in one that measures the same, or it in no unit and no other fact
    in this one."""
    if not unit or known is None or any(same_measure(unit, seen) for seen in fact.units):
        return True
    return not fact.units and not any(unit in other.units for other in known.facts)


def fact_in_unit(known: Vocabulary, unit: str) -> tuple[KnownFact, bool] | None:
    """The one fact in `unit`, which may be a noun that is counted, and whether a word of its name must stand beside the number:
    days may be days of anything. Of currencies only a fact whose name says that it is a sum."""
    numeric = [f for f in known.facts if f.numeric]
    if unit in CURRENCY:
        found = [f for f in numeric if unit in f.units] or [f for f in numeric if not f.units and _money(f)]
        return (found[0], False) if len(found) == 1 and _money(found[0]) else None
    if unit in UNITS:
        found = [f for f in numeric if unit in f.units or unit in fold_name(f.name).split(" ")]
        timed = unit in ("day", "hour", "minute", "second", "week", "month", "year")
        return (found[0], timed) if len(found) == 1 else None
    named = {unit, f"number of {unit}", f"{unit} count", f"count of {unit}", f"no of {unit}", f"num {unit}"}
    found = [f for f in numeric if fold_name(f.name) in named]
    return (found[0], False) if len(found) == 1 and unit else None


def _money(fact: KnownFact) -> bool:
    """Whether a fact is a whole sum, and not a price for each night or piece."""
    said = fold_name(fact.name).split(" ")
    return not _MONEY.isdisjoint(said) and "per" not in said


def concerns(fact: KnownFact, noun: str) -> bool:
    """Whether the noun beside a value goes with its fact: "new customers" are not of the condition of an item."""
    said = [singular(w) for w in fold_name(fact.name).split(" ")]
    mine = ENTITIES.intersection(said) if len(said) > 1 else set()
    return not (mine and noun) or noun in mine


def parted(tokens: Sequence[Token], known: Vocabulary) -> Iterator[Token]:
    """`tokens` with a value and its fact's name that a hyphen joins as two: "high-severity"."""
    for token in tokens:
        value, _, name = token.low.rpartition("-")
        fact = known.named.get(fold_name(name)) if value and token.kind == "word" else None
        if fact and seen_value(fact, value) and not facts_valued(known, token.low) and fold_name(token.low) not in known.named:
            yield from (Token("word", value, value), Token("word", name, name))
        else:
            yield token
