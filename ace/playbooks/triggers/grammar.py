"""The sentences that triggers are written as, and read back from."""

from __future__ import annotations

import re

from ace.playbooks.triggers.conditions import Condition, Kind
from ace.playbooks.triggers.trigger import Plan, Trigger

_Q = r'"([^"]+)"'
_N = r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
_CONDITIONS: dict[Kind, str] = {
    "is": rf"{_Q} is {_Q}",
    "at least": rf"{_Q} is at least {_N}",
    "below": rf"{_Q} is below {_N}",
    "mentions": rf"the text says {_Q}",
    "lacks": rf"the text does not say {_Q}",
    "count at least": rf"the number by {_Q} is at least {_N}",
    "count below": rf"the number by {_Q} is below {_N}",
}
_READERS = {kind: re.compile(pattern) for kind, pattern in _CONDITIONS.items()}
_ANY = "|".join(re.sub(r"\((?!\?)", "(?:", pattern) for pattern in _CONDITIONS.values())
_RULE = re.compile(rf"(?:When ((?:{_ANY})(?: and (?:{_ANY}))*)|In every other case): (?:take {_Q} first, then )?choose {_Q}\.")
_EACH = re.compile(_ANY)


def read_trigger(text: str) -> Trigger | None:
    """The trigger that `text` states, or `None` where it states none in this grammar."""
    rule = _RULE.fullmatch(text)
    if rule is None:
        return None
    conditions = tuple(_condition(m.group()) for m in _EACH.finditer(rule[1])) if rule[1] else ()
    return Trigger(conditions, Plan(rule[3], rule[2] or ""))


def _condition(text: str) -> Condition:
    for kind, reader in _READERS.items():
        if match := reader.fullmatch(text):
            values = match.groups()
            if kind in ("mentions", "lacks"):
                return Condition(kind, values[0])
            return Condition(kind, values[0], values[1] if kind == "is" else float(values[1]))
    raise ValueError(f"not a condition: {text}")
