"""Facts in sentences: "the parcel weighs 12 kg", "a gold member", by the names and values that were seen before.

The sentences are read as the conditions of lessons are, so a word that is not understood leaves its sentence alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ace.playbooks.triggers.clauses import ClauseReader
from ace.playbooks.triggers.conditions import Condition
from ace.playbooks.triggers.facts import Facts
from ace.playbooks.triggers.folding import Value, fold_name
from ace.playbooks.triggers.tokens import tokens_of
from ace.playbooks.triggers.vocabulary import Vocabulary
from ace.playbooks.triggers.wording import ENTITIES, FILLERS, NUMBERS

_SENTENCE = re.compile(r"[.!?;](?:\s+|$)|\n")
_PART = re.compile(r",\s+(?:and\s+)?|\s+and\s+")
_FIRST = re.compile(r"\W*([^\W\d]+)")
_GENERAL = FILLERS | ENTITIES | NUMBERS.keys() | {"no", "not", "without"}
"""Words that a sentence about known facts may begin with, besides those of names and values."""
_MAX_TEXT = 20_000
_MAX_SENTENCES = 200
_MAX_SENTENCE = 400


Told = dict[str, tuple[Condition, ...]]
"""What sentences tell by one vocabulary: texts of many cases share most of their sentences."""


def with_told(facts: Facts, text: str, vocabulary: Vocabulary, sentences: Told | None = None) -> Facts:
    """`facts` with what the sentences of `text` tell, under the names of the vocabulary. `sentences` are those of other texts
    that were read by the same vocabulary, and are added to."""
    known = {fold_name(name) for name in facts.fields}
    fields: dict[str, Value] = dict(facts.fields)
    units = dict(facts.units)
    for condition in _told(text[:_MAX_TEXT], vocabulary, {} if sentences is None else sentences):
        if condition.name in known:
            continue
        known.add(condition.name)
        numeric = condition.name in vocabulary.named and vocabulary.named[condition.name].numeric
        fields[condition.key] = condition.number if numeric and condition.number is not None else str(condition.value)
        if condition.unit and numeric:
            units[condition.key] = condition.unit
    return Facts(fields, facts.prose, units)


def _told(text: str, vocabulary: Vocabulary, known: Told) -> Iterator[Condition]:
    for sentence in _SENTENCE.split(text)[:_MAX_SENTENCES]:
        if sentence not in known:
            known[sentence] = tuple(_said(sentence, vocabulary)) if 0 < len(sentence) <= _MAX_SENTENCE else ()
        yield from known[sentence]


def _said(sentence: str, vocabulary: Vocabulary) -> Iterator[Condition]:
    whole = _is(sentence, vocabulary)
    if whole is not None:
        yield from whole
        return
    parts = _PART.split(sentence)
    for part in parts if len(parts) > 1 else ():
        yield from _is(part, vocabulary) or ()


def _is(text: str, vocabulary: Vocabulary) -> tuple[Condition, ...] | None:
    """The conditions that `text` is made of, where each says what a fact is."""
    first = _FIRST.match(text)
    if first is None or not (first[1].lower() in _GENERAL or first[1][:3].lower() in vocabulary.openings):
        return None
    found = ClauseReader(tokens_of(text), vocabulary).conditions()
    return found if found and all(c.kind == "is" for c in found) else None
