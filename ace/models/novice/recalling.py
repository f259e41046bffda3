"""The novice reads attempts that it is shown: a vote of the nearest ones for and against what they did.

It knows nothing of the environment. How near an attempt is goes by the facts that both have, or by their words where too few
are named; a win votes for its plan, a loss against it, and a plan without votes has one even chance among those listed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ace.models import layout
from ace.playbooks.triggers.facts import Facts, parse_line, read_facts, words_of
from ace.playbooks.triggers.folding import Value, fold_name, fold_value
from ace.playbooks.triggers.trigger import Plan

_SHARP = 12.0
"""How fast a vote falls with distance: exp(-12) for an attempt that shares nothing with the case."""
_EVEN = 1.0
"""Votes that stand for the even chance which every plan begins with."""
_NAMED = 2
"""Named facts from which on attempts are compared by them."""


@dataclass(frozen=True, slots=True)
class Other:
    """An attempt at another case, as the prompt tells it: its verdict, the plan, all that was done and counted, and the facts
    and words of what was seen, as they are compared."""

    won: bool
    plan: Plan
    line: str
    done: frozenset[str]
    facts: Mapping[str, Value]
    words: frozenset[str]


def read_others(lines: Iterable[str]) -> Iterator[Other]:
    """The attempts among the lines below their heading."""
    return (other for line in lines if (other := _read(line)) is not None)


@lru_cache(maxsize=8192)
def _read(line: str) -> Other | None:
    mark, *cells = line.split(layout.FIELD)
    if mark not in ("+", "-") or len(cells) < 2:
        return None
    seen, plan = parse_line(cells[0]), Plan.parse(cells[1])
    done = frozenset(part.strip() for part in cells[1].split(layout.THEN))
    return Other(mark == "+", plan, plan.line(), done, _folded(seen), frozenset(words_of(cells[0])))


@dataclass(frozen=True, slots=True)
class Here:
    """The facts of the case at hand as they are compared, and its texts."""

    facts: Mapping[str, Value]
    texts: Sequence[str]


def case_of(texts: Sequence[str]) -> Here:
    return Here(_folded(read_facts(texts)), texts)


def unseen_facts(others: Sequence[Other], here: Here) -> bool:
    """Whether `others` name facts that were not seen in this case."""
    known = here.facts.keys()
    return any(not other.facts.keys() <= known for other in others)


def named_in(others: Iterable[Other]) -> set[str]:
    """Everything that was done in `others` and counted, step by step."""
    return set().union(*(other.done for other in others))


def voted(others: Sequence[Other], here: Here, plans: Sequence[Plan]) -> Plan | None:
    """The one of `plans` that most speaks for, of equals the first; `None` where there are none."""
    votes: dict[str, list[float]] = {}
    for likeness, other in zip(_likeness_to(here, others), others, strict=True):
        cast = votes.setdefault(other.line, [0.0, 0.0])
        weight = math.exp(_SHARP * (likeness - 1))
        cast[0] += weight * other.won
        cast[1] += weight
    even = 1 / max(len(plans), 1)

    def share(plan: Plan) -> float:
        won, total = votes.get(plan.line(), (0.0, 0.0))
        return (won + _EVEN * even) / (total + _EVEN)

    return max(plans, key=share, default=None)


def _likeness_to(here: Here, others: Sequence[Other]) -> list[float]:
    """How near each of `others` is to the case, in [0, 1]."""
    mine = here.facts
    if len(mine) < _NAMED or not any(other.facts for other in others):
        words = frozenset(words_of(" ".join(here.texts)))
        return [_jaccard(words, other.words) for other in others]
    spans = {name: _span([mine[name], *(o.facts[name] for o in others if name in o.facts)]) for name in mine}
    return [_shared(mine, other.facts, spans) for other in others]


def _folded(facts: Facts) -> dict[str, Value]:
    return {fold_name(n): v if isinstance(v, float) else fold_value(v) for n, v in facts.fields.items()}


def _span(values: Iterable[Value]) -> float:
    numbers = [v for v in values if isinstance(v, float)]
    return max(numbers) - min(numbers) if numbers else 0.0


def _shared(mine: Mapping[str, Value], row: Mapping[str, Value], spans: Mapping[str, float]) -> float:
    """The share of the case's facts that an attempt has too: a number counts by how near it is."""
    if not mine:
        return 0.0
    return sum(_same(mine[n], row[n], spans[n]) for n in mine if n in row) / len(mine)


def _same(a: Value, b: Value, span: float) -> float:
    if isinstance(a, float) and isinstance(b, float):
        return 1 - abs(a - b) / span if span else 1.0
    return float(a == b)


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a and b else 0.0
