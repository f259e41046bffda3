"""The sentences that triggers are written as, and read back from: docs/triggers.md states them."""

from __future__ import annotations

import re

from ace.playbooks.triggers.conditions import Condition, Kind
from ace.playbooks.triggers.prose import read_prose
from ace.playbooks.triggers.trigger import Plan, Trigger
from ace.playbooks.triggers.vocabulary import Vocabulary

_Q = r'"([^"]+)"'
_N = r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
_MEASURED = rf'([$€£¥])?{_N}(?: (?!and )([^\s":,]+))?'
_READERS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("is", re.compile(rf"{_Q} is {_Q}")),
    ("at least", re.compile(rf"{_Q} is at least {_MEASURED}")),
    ("below", re.compile(rf"{_Q} is below {_MEASURED}")),
    ("mentions", re.compile(rf"the text says {_Q}")),
    ("lacks", re.compile(rf"the text does not say {_Q}")),
    ("count at least", re.compile(rf"the number by {_Q} is at least {_N}")),
    ("count below", re.compile(rf"the number by {_Q} is below {_N}")),
    ("is not", re.compile(rf"{_Q} is not {_Q}")),
    ("one of", re.compile(rf'{_Q} is one of ("[^"]+"(?:, "[^"]+")*)')),
    ("at most", re.compile(rf"{_Q} is at most {_MEASURED}")),
    ("above", re.compile(rf"{_Q} is above {_MEASURED}")),
    ("between", re.compile(rf"{_Q} is between [$€£¥]?{_N} and {_MEASURED}")),
    ("contains", re.compile(rf"{_Q} contains {_Q}")),
    ("omits", re.compile(rf"{_Q} does not contain {_Q}")),
)
_PLAN = re.compile(rf": (?:take {_Q} first, then )?choose {_Q}\.")
_WHEN, _OTHERWISE, _AND, _UNLESS = "When ", "In every other case", " and ", ", unless "


def read_trigger(text: str, vocabulary: Vocabulary | None = None) -> Trigger | None:
    """The trigger that `text` states; `None` where it states none, or may state more than one. `vocabulary` has the names and
    values of facts, and the choices listed, that words which are not quoted may stand for."""
    return read_sentence(text) or read_prose(text, vocabulary)


def read_sentence(text: str) -> Trigger | None:
    """The trigger that `Trigger.sentence` printed as `text`."""
    if text.startswith(_WHEN):
        read = _group(text, len(_WHEN))
    elif text.startswith(_OTHERWISE):
        read = (), len(_OTHERWISE)
    else:
        return None
    groups = []
    while read is not None:
        groups.append(read[0])
        at = read[1]
        if not text.startswith(_UNLESS, at):
            plan = _PLAN.fullmatch(text, at)
            return Trigger(groups[0], Plan(plan[2], plan[1] or ""), tuple(groups[1:])) if plan else None
        read = _group(text, at + len(_UNLESS))
    return None


def _group(text: str, at: int) -> tuple[tuple[Condition, ...], int] | None:
    """The conditions that stand from `at` on, and where they end."""
    found = []
    while read := _condition(text, at):
        found.append(read[0])
        at = read[1]
        if not text.startswith(_AND, at):
            return tuple(found), at
        at += len(_AND)
    return None


def _condition(text: str, at: int) -> tuple[Condition, int] | None:
    for kind, reader in _READERS:
        if match := reader.match(text, at):
            return _read(kind, match.groups()), match.end()
    return None


def _read(kind: Kind, parts: tuple[str | None, ...]) -> Condition:
    key, *rest = (p or "" for p in parts)
    if kind in ("mentions", "lacks"):
        return Condition(kind, key)
    if kind in ("is", "is not", "contains", "omits"):
        return Condition(kind, key, rest[0])
    if kind == "one of":
        return Condition(kind, key, tuple(rest[0][1:-1].split('", "')))
    if kind.startswith("count "):
        return Condition(kind, key, float(rest[0]))
    low, (currency, number, unit) = rest[:-3], rest[-3:]
    value = (float(low[0]), float(number)) if low else float(number)
    return Condition(kind, key, value, currency or unit)
