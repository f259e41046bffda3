"""What the novice sees in a text: named facts and words.

Nothing here knows any domain. `Name: value` lines are facts, a value that begins with a number is a number; the rest is words,
and numbers named by the word beside them. Where a text quotes something that it says elsewhere too, the words around it count
more: the quotation says where to look.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from ace.playbooks.bullet import clean

Value = str | float

_FIELD = re.compile(r"\s*(?:[-*•]\s+)?([A-Za-z][\w '/()&.-]{0,40}?)\s*(?::|=|—)\s*(\S.*)")
_DIGITS = r"-?\d+(?:,\d{3})*(?:\.\d+)?"
_NUMBER = re.compile(rf"[^\w\s-]{{0,2}}\s?({_DIGITS})\s?([A-Za-z%°/ ]{{0,24}})")
_WORD = re.compile(r"[a-z][a-z'-]*[a-z]|[a-z]|\d+(?:,\d{3})*(?:\.\d+)?", re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]{1,80})"')
_COUNTED = re.compile(rf"([A-Za-z]{{1,40}}|[$€£])?\s?({_DIGITS})\s?(%|[A-Za-z]+)?")
_MAX_VALUE_WORDS = 6
_NEAR = 4


@dataclass(frozen=True, slots=True)
class Facts:
    """Named facts by lower-case name (text or number), the words of the rest, and the numbers among them by neighbour."""

    fields: dict[str, Value] = field(default_factory=dict)
    prose: str = ""

    def words(self) -> dict[str, float]:
        """The prose's words with their weights: 1, and up to 5 near the second mention of something quoted."""
        return weighted_words(self.prose)

    def line(self, limit: int = 900) -> str:
        """On one line: `name: value; name: value; text: ...`."""
        items = [f"{k}: {_plain(v)}" for k, v in self.fields.items()]
        if self.prose:
            items.append("text: " + clean(self.prose).replace(";", ","))
        line = "; ".join(items)
        return line[:limit]


def read_facts(texts: Iterable[str], prose: bool = True) -> Facts:
    """The facts in `texts`, later ones winning. Where four or more named facts stand, they are what counts and the prose is
    left out (`prose` false leaves it out always)."""
    fields: dict[str, Value] = {}
    rest: list[str] = []
    for text in texts:
        whole = _json_fields(text)
        if whole:
            fields.update(whole)
            continue
        for line in text.splitlines():
            found, left = _fields(line)
            fields.update(found)
            if left:
                rest.append(left)
    keep = prose and len(fields) < 4
    return Facts(fields, " ".join(rest) if keep else "")


def parse_line(line: str) -> Facts:
    """The facts of a line that `Facts.line`, or any writer of `name: value; name: value`, made."""
    head, mark, prose = line.partition("text: ")
    if mark and head and not head.endswith("; "):
        head, prose = line, ""
    fields: dict[str, Value] = {}
    loose: list[str] = [prose] if prose else []
    for part in head.split("; "):
        pair = _named(part)
        if pair:
            fields[_key(pair[0])] = _value(pair[1])
        elif part.strip():
            loose.append(part.strip())
    return Facts(fields, " ".join(loose))


def _json_fields(text: str) -> dict[str, Value]:
    """The members of the JSON object that stands in `text`, if one does."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return {}
    try:
        found = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return {}
    plain = (str, int, float)
    return {_key(str(k)): _value(str(v)) for k, v in found.items() if isinstance(v, plain) and str(v).strip()}


def _fields(line: str) -> tuple[dict[str, Value], str]:
    """The named facts on a line, and what of it is none."""
    cells = line.strip().strip("|").split("|") if line.strip().startswith("|") else []
    pair = _field(": ".join(cells)) if len(cells) == 2 else _field(line)
    for mark in (";", "|", ",", ". "):
        pieces = [p for p in line.split(mark) if p.strip()]
        found = [_field(p) for p in pieces]
        if sum(f is not None for f in found) > 1 and (mark == ". " or all(found)):
            left = mark.join(p for p, f in zip(pieces, found, strict=True) if f is None)
            return dict(f for f in found if f), left.strip()
    return (dict([pair]), "") if pair else ({}, line.strip())


def _field(text: str) -> tuple[str, Value] | None:
    pair = _named(text)
    if pair is None or len(pair[0].split()) > 5 or len(pair[1].split()) > _MAX_VALUE_WORDS:
        return None
    return _key(pair[0]), _value(pair[1])


def _named(text: str) -> tuple[str, str] | None:
    """A name and what stands behind it, without a full stop."""
    match = _FIELD.fullmatch(text.strip())
    if match is None:
        return None
    value = match[2].removesuffix(".").rstrip()
    return match[1], value or match[2]


def _key(text: str) -> str:
    return clean(text).lower().replace('"', "'")


def _value(text: str) -> Value:
    number = _NUMBER.fullmatch(text.strip())
    if number:
        return float(number[1].replace(",", ""))
    return clean(text).lower().replace('"', "'").replace(";", ",").rstrip(".")[:60]


def _plain(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def weighted_words(text: str) -> dict[str, float]:
    """Words of `text`, in lower case, each with its greatest weight: 1, or up to 5 within a few words of a place where
    something quoted is said again."""
    tokens = [(m.group().lower(), m.start()) for m in _WORD.finditer(text)]
    centres = _centres(text, tokens)
    weights: dict[str, float] = {}
    for i, (word, _) in enumerate(tokens):
        distance = min((abs(i - c) for c in centres), default=99)
        weight = 5.0 if distance <= _NEAR else 3.0 if distance <= 2 * _NEAR else 1.0
        if not word[0].isdigit() and len(word) > 1:
            weights[word] = max(weights.get(word, 0.0), weight)
    return weights


def _centres(text: str, tokens: list[tuple[str, int]]) -> list[int]:
    found: list[int] = []
    for quoted in _QUOTED.finditer(text):
        inside = quoted.group(1)
        start = text.find(inside, quoted.end())
        while start >= 0 and len(found) < 8:
            found.append(next((i for i, (_, at) in enumerate(tokens) if at >= start), len(tokens)))
            start = text.find(inside, start + len(inside))
    return found


def counted(text: str) -> dict[str, float]:
    """Numbers in prose by the word beside them: "12 kg" gives kg, "$40" gives $, "aged 45" gives aged."""
    found: dict[str, float] = {}
    for before, number, after in _COUNTED.findall(text):
        value = float(number.replace(",", "")) if number.strip(",-") else None
        name = before if before in ("$", "€", "£") else (after or before)
        if value is not None and name:
            found.setdefault(name.lower(), value)
    return found


def phrases(text: str) -> set[str]:
    """Words and pairs of neighbouring words in `text`, in lower case."""
    words = [m.group().lower() for m in _WORD.finditer(text)]
    return {*words, *(f"{a} {b}" for a, b in pairwise(words))}
