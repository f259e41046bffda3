"""What the novice sees in a text: named facts and words.

Nothing here knows any domain. `Name: value` lines are facts, a value that begins with a number is a number; the rest is words,
and numbers named by the word beside them. Where a text quotes something that it says elsewhere too, the words around it count
more: the quotation says where to look.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, pairwise

from ace.playbooks.bullet import clean
from ace.playbooks.triggers.folding import CURRENCY, UNITS, Value, amount_text, fold_name, fold_unit, plain, quantity, spaced
from ace.playbooks.triggers.layouts import members, tables_of

__all__ = ["Facts", "Value", "counted", "parse_line", "phrases", "read_facts", "weighted_words", "words_of"]

_FIELD = re.compile(r"\s*(?:[-*•]\s+|\d{1,3}[.)]\s+)?([^\W\d_][\w '/()&.-]{0,40}?)\s*(?::|=|—)\s*(\S.*)")
_DIGITS = r"-?\d+(?:,\d{3})*(?:\.\d+)?"
_BEFORE = r"(-(?=[$€£¥]))?((?:US\$|(?:USD|EUR|GBP)\s)|[$€£¥#+\"']{0,2})"
_NUMBER = re.compile(rf"{_BEFORE}\s?({_DIGITS}|-?\.\d+)\s?([A-Za-z%°/€£$¥\"' ]{{0,24}})", re.IGNORECASE)
_OPEN = re.compile(r"\b(?:or|to|and)\b")
"""Behind a number in a fact's value: it is then a bound and not the value."""
_CODE = re.compile(r"-?0\d")
_VERSION = re.compile(r"\b(?:version|release|build|firmware|revision)\b")
_WORD = re.compile(r"[a-z][a-z'-]*[a-z]|[a-z]|\d+(?:,\d{3})*(?:\.\d+)?", re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]{1,80})"')
_COUNTED = re.compile(
    rf"([A-Za-z]{{1,40}}+|[$€£])?(?:\s|(?<=\w)-)?((?:(?<!\w)-)?{_DIGITS.removeprefix('-?')})\s?(%|[A-Za-z]+)?"
)
_DIGIT = re.compile(r"\d")
_MAX_VALUE_WORDS = 6
_NEAR = 4
_LONGEST_KEPT = 4000
LONGEST_VALUE = 60
"""Characters of a fact's text that are compared."""
"""Characters of a text up to which what was read of it is kept: an attempt's texts are read when it acts and when it is stored,
and its line whenever a batch is learned from."""
_MAX_QUOTED = 50
"""Quotations that are looked for elsewhere in a text."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Named facts by lower-case name (text or number), the words of the rest, and the numbers among them by neighbour."""

    fields: dict[str, Value] = field(default_factory=dict)
    prose: str = ""
    units: dict[str, str] = field(default_factory=dict, compare=False)
    """The units of numbers among the fields, where one was written: "kg", "$", "day" (`fold_unit`)."""

    def words(self) -> dict[str, float]:
        """The prose's words with their weights: 1, and up to 5 near the second mention of something quoted."""
        return weighted_words(self.prose)

    def line(self, limit: int = 900) -> str:
        """On one line: `name: value; name: value; text: ...`."""
        items = [f"{k}: {v if isinstance(v, str) else amount_text(v, self.units.get(k, ''))}" for k, v in self.fields.items()]
        if self.prose:
            items.append("text: " + clean(self.prose).replace(";", ","))
        line = "; ".join(items)
        return line[:limit]


def read_facts(texts: Iterable[str], prose: bool = True) -> Facts:
    """The facts in `texts`, later ones winning. Where four or more named facts stand, they are what counts and the prose is
    left out (`prose` false leaves it out always)."""
    named: list[Named] = []
    rest: list[str] = []
    for text in texts:
        found, left = _read_kept(text) if len(text) <= _LONGEST_KEPT else _read(text)
        named += found
        rest += left
    fields, units = _by_name(named)
    keep = prose and len(fields) < 4
    return Facts(fields, " ".join(rest) if keep else "", units)


def _read(text: str) -> tuple[Sequence[Named], Sequence[str]]:
    """The named facts of one text, and the lines that are none."""
    if whole := _json_fields(text):
        return whole, ()
    lines, rows = tables_of(text.splitlines())
    named = [fact for name, value in rows if (fact := _field(f"{name}: {value}"))]
    rest: list[str] = []
    for line in lines:
        found, left = _fields(line)
        named += found
        if left:
            rest.append(left)
    return named, rest


_read_kept = lru_cache(maxsize=2048)(_read)


def parse_line(line: str) -> Facts:
    """The facts of a line that `Facts.line`, or any writer of `name: value; name: value`, made."""
    fields, prose, units = (_parsed_kept if len(line) <= _LONGEST_KEPT else _parsed)(line)
    return Facts(dict(fields), prose, dict(units))


def _parsed(line: str) -> tuple[dict[str, Value], str, dict[str, str]]:
    head, mark, prose = line.partition("text: ")
    if mark and head and not head.endswith("; "):
        head, prose = line, ""
    named: list[Named] = []
    loose: list[str] = [prose] if prose else []
    for part in head.split("; "):
        pair = _named(part)
        if pair:
            named.append(_fact(*pair))
        elif part.strip():
            loose.append(part.strip())
    fields, units = _by_name(named)
    return fields, " ".join(loose), units


_parsed_kept = lru_cache(maxsize=2048)(_parsed)

Named = tuple[str, Value, str]
"""A fact as it was read: its name as written, in lower case; its value; the folded unit of a number, or ""."""


def _by_name(named: Iterable[Named]) -> tuple[dict[str, Value], dict[str, str]]:
    """Values and units by name, later ones winning; names that fold alike are one, as it was first written."""
    first: dict[str, str] = {}
    fields: dict[str, Value] = {}
    units: dict[str, str] = {}
    for name, value, unit in named:
        shown = first.setdefault(fold_name(name), name)
        fields[shown] = value
        units.pop(shown, None)
        if unit:
            units[shown] = unit
    return fields, units


def _json_fields(text: str) -> list[Named]:
    """The members of the JSON object or list that stands in `text`, if one does."""
    marks = [(text.find(a), text.rfind(b)) for a, b in ("{}", "[]")]
    for start, end in sorted(pair for pair in marks if 0 <= pair[0] < pair[1]):
        try:
            found = json.loads(text[start : end + 1])
        except (ValueError, RecursionError):
            continue
        return [_fact(name, value) for name, value in members(found)]
    return []


def _fields(line: str) -> tuple[list[Named], str]:
    """The named facts on a line, and what of it is none."""
    line = line.replace("**", "").replace("`", "")
    cells = line.strip().strip("|").split("|") if line.strip().startswith("|") else []
    pair = _field(": ".join(cells)) if len(cells) == 2 else _field(line)
    for mark in (";", "|", ",", ". "):
        if mark not in line:
            continue
        pieces = [p for p in line.split(mark) if p.strip()]
        found = [_field(p) for p in pieces]
        if sum(f is not None for f in found) > 1 and (mark == ". " or all(found)):
            left = mark.join(p for p, f in zip(pieces, found, strict=True) if f is None)
            return [f for f in found if f], left.strip()
    return ([pair], "") if pair else ([], line.strip())


def _field(text: str) -> Named | None:
    pair = _named(text)
    if pair is None or len(pair[0].split()) > 5 or len(pair[1].split()) > _MAX_VALUE_WORDS:
        return None
    return _fact(*pair)


def _fact(name: str, value: str) -> Named:
    key = _key(name)
    return key, *_value(value, version=_VERSION.search(key) is not None)


def _named(text: str) -> tuple[str, str] | None:
    """A name and what stands behind it, without a full stop."""
    # Most prose has no mark of a fact, and finding that out by the pattern costs several times as much.
    match = _FIELD.fullmatch(text.strip()) if ":" in text or "=" in text or "—" in text else None
    if match is None:
        return None
    value = match[2].removesuffix(".").rstrip()
    return match[1], value or match[2]


def _key(text: str) -> str:
    return spaced(clean(text)).lower().replace('"', "'")


def _value(text: str, version: bool = False) -> tuple[Value, str]:
    """The value and its unit. What follows a number in one word is its unit; a code with a zero in front, and the name of a
    version, are texts."""
    number = None if version else _NUMBER.fullmatch(plain(text).strip())
    if number and not _CODE.match(number[3]) and not _OPEN.search(number[4]) and not (number[1] and "-" in number[3]):
        written = quantity(text)
        behind = fold_unit(number[4].partition(" ")[0])
        unit = written[1] if written else behind if behind in UNITS else ""
        if written is None and (unit or number[2] or " ") in CURRENCY and len(number[3].partition(".")[2]) == 3:
            return _text(text), ""  # 1.000 € may be a thousand euros.
        return float((number[1] or "") + number[3].replace(",", "")), unit
    return _text(text), ""


def _text(text: str) -> str:
    return clean(text).lower().replace('"', "'").replace(";", ",").rstrip(".")[:LONGEST_VALUE]


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
    for quoted in islice(_QUOTED.finditer(text), _MAX_QUOTED):
        inside = quoted.group(1)
        start = text.find(inside, quoted.end())
        while start >= 0 and len(found) < 8:
            found.append(next((i for i, (_, at) in enumerate(tokens) if at >= start), len(tokens)))
            start = text.find(inside, start + len(inside))
    return found


def counted(text: str) -> dict[str, float]:
    """Numbers in prose by the word beside them: "12 kg" gives kg, "$40" gives $, "aged 45" gives aged."""
    found: dict[str, float] = {}
    if not _DIGIT.search(text):
        return found
    for before, number, after in _COUNTED.findall(text):
        value = float(number.replace(",", "")) if number.strip(",-") else None
        name = before if before in ("$", "€", "£") else (after or before)
        if value is not None and name:
            found.setdefault(name.lower(), value)
    return found


def phrases(text: str) -> set[str]:
    """Words and pairs of neighbouring words in `text`, in lower case."""
    words = words_of(text)
    return {*words, *(f"{a} {b}" for a, b in pairwise(words))}


def words_of(text: str) -> list[str]:
    """The words and numbers of `text` in their order, in lower case."""
    return [word.lower() for word in _WORD.findall(text)]
