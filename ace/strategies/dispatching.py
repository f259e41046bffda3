"""Which of several experts a case belongs to: how experts are named, and how past tasks tell them apart.

The classifier is the store's own search turned round: all tasks from which an expert was learned are one text, a case is the
question, and the nearest text is the expert's (BM25, `memory/bullets/search.py`). It is fitted on stored tasks, so it is a
small model of its own; no weight of a language model changes. Outcomes and kinds are not looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ace.errors import BadSetting
from ace.memory.bullets.search import bm25, rarity
from ace.memory.bullets.words import words
from ace.memory.database.refs import check_name
from ace.options import finite_number
from ace.playbooks.bullet import clean
from ace.roles.dispatcher import Known

_LABELLED = re.compile(r"(?P<label>[^:]*):(?P<ref>[^:]*)")
TELLING = 24
"""Words by which an expert is told in a request."""


@dataclass(frozen=True, slots=True)
class Expert:
    """One expert: its `label`, which is the kind of the tasks that it is for where these have kinds, and the playbook that it
    is, as `NAME` or `NAME@REVISION`."""

    label: str
    ref: str

    @property
    def name(self) -> str:
        """The playbook without its revision."""
        return self.ref.partition("@")[0]


def experts_of(text: str) -> tuple[Expert, ...]:
    """The experts that `text` lists: NAME, NAME@REVISION or LABEL:NAME, with commas between them. Raises `BadSetting` where it
    lists none, one alone, one twice, or one with an empty label."""
    found = []
    for said in map(str.strip, text.split(",")):
        named = _LABELLED.fullmatch(said)
        ref = (named["ref"] if named else said).strip()
        if not ref:
            raise BadSetting(f"experts={text!r} has an empty name; it must be two playbooks or more with commas between them")
        if named and not named["label"].strip():
            raise BadSetting(f"experts={text!r} has an empty kind before ':{ref}'; write KIND:{ref}, or {ref} alone")
        check_name(ref.partition("@")[0])
        found.append(Expert(named["label"].strip() if named else ref.partition("@")[0], ref))
    if len(found) < 2:
        raise BadSetting(f"experts={text!r} names one expert, and one leaves nothing to dispatch; name two or more with commas")
    for what, listed in (("playbook", [e.name for e in found]), ("label", [folded(e.label) for e in found])):
        twice = next((x for x in listed if listed.count(x) > 1), None)
        if twice is not None:
            raise BadSetting(f"experts={text!r} has the {what} {twice} twice; each expert is a playbook of its own")
    return tuple(found)


def folded(label: str) -> str:
    """`label` as it is compared with kinds and with what a model names."""
    return clean(label).casefold()


def shares_of(text: str, experts: Sequence[Expert]) -> tuple[float, ...]:
    """The share of each expert that `text` states; none where it is empty. Raises `BadSetting` unless these are numbers from 0
    to 1, one for each."""
    if not text.strip():
        return ()
    said = [part.strip() for part in text.split(",")]
    try:
        found = tuple(finite_number(part) for part in said)
    except ValueError:
        found = ()
    if len(found) != len(experts) or not all(0 <= share <= 1 for share in found) or not any(found):
        due = f"{len(experts)} numbers from 0 to 1 with commas between them, one for each expert and one above 0 at least"
        raise BadSetting(f"shares={text!r} is not accepted by strategy experts; it must be {due}")
    return found


class Classifier:
    """Past tasks of several experts, by label, searched for the expert whose tasks a case is nearest to."""

    def __init__(self, tasks: Mapping[str, Sequence[str]]) -> None:
        self._tasks = tasks
        every = {label: Counter(w for text in texts for w in set(words(text))) for label, texts in tasks.items()}
        total = sum(every.values(), Counter[str]())
        # Names and numbers that one task alone has came there by chance.
        self._counts = {label: Counter({w: n for w, n in c.items() if total[w] > 1}) for label, c in every.items()}
        self._in = Counter(w for counts in self._counts.values() for w in counts)
        self._average = sum(map(Counter.total, self._counts.values())) / max(1, len(tasks))

    def scores(self, text: str) -> dict[str, float]:
        """How near `text` is to the tasks of each expert."""
        n = len(self._counts)
        idf = {w: rarity(n, self._in[w]) for w in sorted(set(words(text))) if 0 < self._in[w] < n}
        return {label: bm25(counts, idf, self._average) for label, counts in self._counts.items()}

    def nearest(self, text: str, margin: float) -> str:
        """The label of the expert that is nearest to `text`, by more than `margin` nearer than the next; else empty."""
        found = sorted(self.scores(text).items(), key=lambda row: -row[1])
        (label, best), (_, second) = found[0], found[1]
        return label if best - second > margin else ""

    def known(self, cases: int) -> dict[str, Known]:
        """What is told of each expert in a request: the words that most of its tasks have and fewest of the others', and so
        many of its newest tasks, without what all tasks begin with."""
        texts = [text for texts in self._tasks.values() for text in texts]
        low, high = min(texts, default=""), max(texts, default="")
        begins = next((n for n, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), 0)
        return {label: Known(self._telling(label), self._examples(label, cases, begins)) for label in self._tasks}

    def _telling(self, label: str) -> list[str]:
        mine, size = self._counts[label], max(1, len(self._tasks[label]))
        others = {w: max(c[w] / max(1, len(self._tasks[o])) for o, c in self._counts.items() if o != label) for w in mine}
        gain = {w: n / size - others[w] for w, n in mine.items()}
        best = sorted(gain, key=lambda w: (-gain[w], w))[:TELLING]
        return [w for w in best if gain[w] > 0]

    def _examples(self, label: str, most: int, begins: int) -> list[str]:
        return [clean(text[begins:]) for text in self._tasks[label][-most:]] if most else []
