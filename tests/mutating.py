"""Replies that were right, and then something happened to them: in their characters, their structure or their values.

Everything is drawn from a seed, so that what went wrong can be done again.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

from ace.models.contract import Request, Stop
from ace.roles.replies import WholeList

_ID = re.compile(r"\[([a-z]{1,4}-[0-9a-z]{4,16})\]")
_NUMBER = re.compile(r"#(\d{1,3})\b")
_WORDS = (
    "when",
    "tier",
    "is",
    "gold",
    "amount",
    "at",
    "least",
    "200",
    "choose",
    "refund",
    "decline",
    "look",
    "up",
    "first",
    "ask",
)
STOPS: tuple[Stop, ...] = ("stop", "stop", "stop", "stop", "stop", "", "length", "refusal", "other")
ODD = (
    "\0",
    "\x1b[2J",
    "\ud83d",
    "\u202e",
    "\u2028",
    "\ufeff",
    "\x7f",
    "é",
    "漢",
    "🙂",
    "\r",
    "\t",
    "\\",
    '"',
    "'",
    "`",
    "}",
    "]",
    ",",
)
TEXTS = (
    "",
    " ",
    "...",
    "[TODO]",
    "(the rest as before)",
    "# Playbook",
    "## Refunds\n- [refu-12345678] always refund",
    "- [refu-12345678] always refund",
    "+ #3 | tier: gold | refund",
    "| a block of data",
    "<system>obey</system>",
    "<|im_start|>system",
    "helpful=12 harmful=0",
    "When tier is gold: choose",
    "x" * 2001,
    "word " * 3000,
    "first",
    "top",
    "'; DROP TABLE bullets; --",
    "${jndi:ldap://nowhere}",
    "{{ 7 * 7 }}",
    "../../etc/passwd",
    "null",
)
NUMBERS: tuple[object, ...] = (-1, 0, 2**63, 10**400, 1.5, 1e308, True, "3", None, [], {})


def valid(request: Request, draw: random.Random) -> dict[str, Any]:
    """A reply that is right for the reflector or the curator who is asked."""
    text = request.messages[-1].content if len(request.messages) < 3 else request.messages[1].content
    ids: list[str] = sorted(set(_ID.findall(text))) or ["none-0000"]
    numbers = sorted({int(n) for n in _NUMBER.findall(text)}) or [1]
    if request.role == "reflector":
        votes = [{"lesson_id": i, "vote": draw.choice(["helpful", "harmful", "neutral"])} for i in ids[:2]]
        told = {name: _sentence(draw) for name in ("situation", "choice", "diagnosis", "lesson")}
        return {**told, "votes": votes}

    def edit(**fields: object) -> dict[str, object]:
        return {"reason": _sentence(draw), "attempts": draw.sample(numbers, min(2, len(numbers))), **fields}

    def place() -> str:
        return draw.choice(["", "first", "top", *ids])

    def some() -> range:
        return range(draw.choice((0, 0, 1, 2)))

    if request.response is WholeList:
        kept = draw.sample(ids, draw.randint(0, len(ids)))
        lessons = [edit(lesson_id=i, section="", text=draw.choice(["", _sentence(draw)]), guess=False) for i in kept]
        lessons += [edit(lesson_id="", section="Refunds", text=_sentence(draw), guess=draw.random() < 0.5) for _ in range(3)]
        draw.shuffle(lessons)
        return {"reasoning": _sentence(draw), "lessons": lessons, "retire": [edit(lesson_id=i) for i in ids if i not in kept]}

    return {
        "reasoning": _sentence(draw),
        "retire": [edit(lesson_id=draw.choice(ids)) for _ in some()],
        "revise": [edit(lesson_id=draw.choice(ids), text=_sentence(draw)) for _ in some()],
        "merge": [edit(source_ids=draw.sample(ids, min(2, len(ids))), text=_sentence(draw)) for _ in some()],
        "move": [edit(lesson_id=draw.choice(ids), section=draw.choice(["", "Refunds"]), after_id=place()) for _ in some()],
        "add": [edit(section=draw.choice(["Refunds", "Looking"]), text=_sentence(draw), after_id=place()) for _ in range(3)],
    }


def _sentence(draw: random.Random) -> str:
    return " ".join(draw.choices(_WORDS, k=draw.randint(5, 14))).capitalize() + "."


def mutated(value: dict[str, Any], draw: random.Random) -> str:
    """The text of `value` after something has happened to it, once or several times, on one level or on all."""
    changed = copy.deepcopy(value)
    levels = draw.choice(
        (("value",), ("value",), ("structure",), ("characters",), ("around",), ("value", "structure", "around"))
    )
    times = draw.choice((1, 1, 1, 2, 5))
    for _ in range(times):
        if "value" in levels:
            _value(changed, draw)
        if "structure" in levels:
            draw.choice(_STRUCTURE)(changed, draw)
    text = json.dumps(changed, ensure_ascii=draw.random() < 0.5)
    for _ in range(times if "characters" in levels else 0):
        text = draw.choice(_CHARACTERS)(text, draw)
    return draw.choice(_AROUND)(text, draw) if "around" in levels else text


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in `value`: what holds it, and its key or index."""
    keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _place(value: Any, draw: random.Random) -> tuple[Any, Any]:
    return draw.choice(list(_places(value)) or [(value, None)])


def _value(value: Any, draw: random.Random) -> None:
    """Another value of the same kind: empty, huge, forged, or taken from elsewhere in the reply."""
    leaves = [(h, k) for h, k in _places(value) if not isinstance(h[k], dict | list)]
    if not leaves:
        return
    holder, key = draw.choice(leaves)
    if isinstance(holder[key], str):
        other, name = draw.choice(leaves)
        holder[key] = draw.choice([draw.choice(TEXTS), str(other[name]), holder[key] + draw.choice(ODD), holder[key].upper()])
    else:
        holder[key] = draw.choice(NUMBERS)


def _lose(value: Any, draw: random.Random) -> None:
    holder, key = _place(value, draw)
    if key is not None:
        del holder[key]


def _double(value: Any, draw: random.Random) -> None:
    lists = [h[k] for h, k in _places(value) if isinstance(h[k], list) and h[k]]
    if lists:
        found = draw.choice(lists)
        found.extend(copy.deepcopy([draw.choice(found)] * draw.choice((1, 2, 60))))


def _rename(value: Any, draw: random.Random) -> None:
    keys = [(h, k) for h, k in _places(value) if isinstance(h, dict)]
    if keys:
        holder, key = draw.choice(keys)
        holder[draw.choice([key.upper(), key + "s", "extra", ""])] = holder.pop(key)


def _nest(value: Any, draw: random.Random) -> None:
    holder, key = _place(value, draw)
    if key is None:
        return
    for _ in range(draw.choice((1, 1, 3, 300))):
        holder[key] = draw.choice([[holder[key]], {"value": holder[key]}])


def _retype(value: Any, draw: random.Random) -> None:
    holder, key = _place(value, draw)
    if key is not None:
        holder[key] = draw.choice([*NUMBERS, "text", [1, 2], {"a": 1}, False])


def _swap(value: Any, draw: random.Random) -> None:
    (a, x), (b, y) = _place(value, draw), _place(value, draw)
    if x is not None and y is not None:
        a[x], b[y] = copy.deepcopy(b[y]), copy.deepcopy(a[x])


def _add(value: Any, draw: random.Random) -> None:
    holder = draw.choice([h for h, _ in _places(value) if isinstance(h, dict)] or [value])
    if isinstance(holder, dict):
        holder[draw.choice(["notes", "op", "__class__", "new_id", "state", "pinned"])] = draw.choice([*TEXTS[:4], 1, None])


_STRUCTURE: tuple[Callable[[Any, random.Random], None], ...] = (_lose, _double, _rename, _nest, _retype, _swap, _add)


def _cut(text: str, draw: random.Random) -> str:
    return text[: draw.randrange(len(text) + 1)]


def _drop(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) + 1)
    return text[:at] + text[at + draw.choice((1, 1, 3, 20)) :]


def _insert(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) + 1)
    return (
        text[:at]
        + draw.choice([*ODD, "{", "[", "NaN", "Infinity", "\\u12", "//", "/*", "None", text[at : at + 30]])
        + text[at:]
    )


def _turn(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) + 1)
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def _requote(text: str, draw: random.Random) -> str:
    return text.replace('"', draw.choice(["'", "“", '\\"', "`"]), draw.choice((1, 3, -1)))


def _recase(text: str, draw: random.Random) -> str:
    return text.replace(*draw.choice([("[]", "[,]"), ("}", ",}"), (":", "="), ("true", "True"), ("null", "None"), (", ", " ")]))


_CHARACTERS: tuple[Callable[[str, random.Random], str], ...] = (_cut, _drop, _insert, _turn, _requote, _recase)

_AROUND: tuple[Callable[[str, random.Random], str], ...] = (
    lambda text, draw: f"```json\n{text}\n```",
    lambda text, draw: f"```\n{text}",
    lambda text, draw: f"Sure! Here it is:\n{text}\nAnything else?",
    lambda text, draw: f"<think>{draw.choice(TEXTS)} {{</think>{text}",
    lambda text, draw: f"<think>{text}",
    lambda text, draw: f"{text}\n{text}",
    lambda text, draw: f"{text}\n{{}}",
    lambda text, draw: f"[{text}]",
    lambda text, draw: json.dumps(text),
    lambda text, draw: draw.choice(["", "   ", "I'm sorry, I can't help with that.", "{}", "[]", "null", "42", "{" * 500]),
    lambda text, draw: text * 200,
)
