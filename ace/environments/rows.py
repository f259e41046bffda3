"""Read rows, one task each, and refuse what cannot be used, by file and line.

Files are streamed, never held, so that their size does not matter; what is wrong with a row is said once, here, in words that
a person who made the file understands.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from ace.bounds import kind_fault
from ace.environments.scorers import LONGEST_REPLY
from ace.environments.tables import ACCEPTED, read_objects
from ace.errors import BadInput, no_file
from ace.origins import origin_fault

LONGEST_CHOICES = 64 * 2**20
"""Bytes of a file of choices."""
_LONGEST_ID = 200
_EXAMPLE = '{"prompt": "...", "answer": "..."}'


class Literal(str):
    """A JSON number, kept as it was written: `2.0` stays `2.0`."""

    __slots__ = ()


class Columns(NamedTuple):
    """The names of the fields or columns to read; where `kind` or `origin` is empty, rows have none."""

    prompt: str = "prompt"
    answer: str = "answer"
    kind: str = ""
    origin: str = ""


NAMED = Columns()
"""The columns, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file. `id` is empty where the row has none; `choices`, `kind` and `origin` likewise."""

    line: int
    id: str
    prompt: str
    answer: str
    choices: tuple[str, ...]
    kind: str = ""
    number: int = 0
    """Its line, or the next free number where several rows stand on one line: a row's own."""
    origin: str = ""

    @property
    def content(self) -> int:
        """A 64-bit hash of what is asked: prompt and choices, without regard to spacing. Not of the answer: the same question
        with another answer is the same question."""
        text = json.dumps([" ".join(self.prompt.split()), sorted(self.choices)])
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def read_rows(path: Path, columns: Columns = NAMED) -> Iterator[Row]:
    """The rows of `path` in order, in any accepted form; `columns` are the fields or columns to read. Empty lines are passed
    over. Raises `BadInput` with file and line."""
    _refuse_no_file(path)
    number = 0
    for line, value in read_objects(path, _parse, _DECODER, [name for name in columns if name]):
        number = max(line, number + 1)
        yield replace(_row(f"{path}, line {line}", line, value, columns), number=number)
    if not number:
        raise BadInput(
            f"{path} is empty; it must hold one JSON object per line, such as {_EXAMPLE}, or be another of: {ACCEPTED}"
        )


def read_choices(path: Path) -> tuple[str, ...]:
    """The choices in `path`: a JSON list of texts, all different. Raises `BadInput`."""
    _refuse_no_file(path)
    if path.stat().st_size > LONGEST_CHOICES:
        raise BadInput(f"{path} is larger than {LONGEST_CHOICES >> 20} MiB; choices are a JSON list of texts")
    try:
        found = _parse(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError, OSError) as error:
        raise BadInput(f"{path} is not a JSON list of texts: {error}") from error
    return _choices(found, str(path))


def refuse_unlisted(path: Path, row: Row, choices: Sequence[str]) -> None:
    """Raise `BadInput` where the row's answer is none of `choices`."""
    if row.answer in choices:
        return
    near = difflib.get_close_matches(row.answer, choices[:5000], n=1)
    nearest = f"; the nearest is {near[0]!r}" if near else ""
    raise BadInput(f"{path}, line {row.line}: the answer {_short(row.answer)} is not among the {len(choices)} choices{nearest}")


def _refuse_no_file(path: Path) -> None:
    try:
        if path.is_file():
            return
        what = no_file(path)
        if path.is_dir():
            what = f"is a folder; name a file of rows in it, {ACCEPTED}"
    except (OSError, ValueError) as error:
        what = f"cannot be read: {error}"
    raise BadInput(f"{path} {what}")


def _row(where: str, number: int, row: Any, names: Columns) -> Row:
    if not isinstance(row, dict):
        raise BadInput(f"{where}: this is not a JSON object; each row must be one, such as {_EXAMPLE}")
    if "\\u" in json.dumps(row):
        _refuse_half(row, where)
    listed = _listed(row.get("choices"))
    choices = _choices(listed, where) if listed is not None else ()
    return Row(
        number,
        _id(row, where),
        _text(row, names.prompt, where),
        _answer(row, names.answer, where),
        choices,
        _line_of(row, names.kind, ("the kind", kind_fault), where),
        origin=_line_of(row, names.origin, ("the origin", origin_fault), where),
    )


def _listed(choices: object) -> object:
    """The choices of a row, which in a cell of CSV are written as a JSON list; `None` where there are none."""
    if not isinstance(choices, str):
        return choices
    try:
        return _parse(choices) if choices.strip() else None
    except (ValueError, RecursionError):
        return choices


def _refuse_half(row: object, where: str) -> None:
    try:
        _refuse_surrogates(row)
    except ValueError as error:
        raise BadInput(f"{where}: this cannot be used: {error}") from None


def _parse(text: str) -> Any:
    value = json.loads(text, parse_float=Literal, parse_int=Literal, parse_constant=_refuse_constant)
    if "\\u" in text:
        _refuse_surrogates(value)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _refuse_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half a surrogate pair, which is not a character") from None


def _field(row: dict[str, Any], name: str, where: str) -> Any:
    if name not in row:
        near = difflib.get_close_matches(name, row, n=1)
        fields = f"; it has {', '.join(map(repr, list(row)[:8]))}" if row else ""
        raise BadInput(f"{where}: the row has no {name!r}{fields}" + (f"; did you mean {near[0]!r}?" if near else ""))
    return row[name]


def _text(row: dict[str, Any], name: str, where: str) -> str:
    value = _field(row, name, where)
    if not isinstance(value, str):
        raise BadInput(f"{where}: {name!r} must be text, not {_kind(value)}")
    if not value.strip():
        raise BadInput(f"{where}: {name!r} is empty")
    return str(value)


def _answer(row: dict[str, Any], name: str, where: str) -> str:
    if isinstance(row.get(name), bool):
        return "true" if row[name] else "false"
    answer = _text(row, name, where).strip()
    if len(answer) > LONGEST_REPLY:
        raise BadInput(f"{where}: the answer has {len(answer)} characters; at most {LONGEST_REPLY} can be answered")
    return answer


def _line_of(row: dict[str, Any], name: str, wanted: tuple[str, Callable[[object], str]], where: str) -> str:
    """The short line in column `name`, empty where the row has none; `wanted` says what it is, and why a text cannot be one."""
    called, fault_of = wanted
    value = _field(row, name, where) if name else None
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if not isinstance(value, str):
        raise BadInput(f"{where}: {name!r}, {called}, must be text, not {_kind(value)}")
    text = str(value).strip()
    if fault := fault_of(text):
        raise BadInput(f"{where}: {name!r} cannot be used: {fault}")
    return text


def _id(row: dict[str, Any], where: str) -> str:
    value = row.get("id")
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > _LONGEST_ID:
        raise BadInput(f"{where}: 'id' must be a number or one line of 1 to {_LONGEST_ID} characters")
    return str(value)


def _choices(found: object, where: str) -> tuple[str, ...]:
    if not isinstance(found, list) or not found:
        raise BadInput(f"{where}: choices must be a JSON list of texts, not {_kind(found)}")
    seen: set[str] = set()
    for value in found:
        if not isinstance(value, str) or not value.strip():
            raise BadInput(f"{where}: a choice must be text that is not empty, not {_kind(value)}")
        if value.strip() in seen:
            raise BadInput(f"{where}: the choice {_short(value)} is listed twice")
        seen.add(value.strip())
    return tuple(str(value).strip() for value in found)


def _kind(value: object) -> str:
    if isinstance(value, Literal):
        return "a number"
    if value in ([], {}, ""):
        return "an empty " + {list: "list", dict: "object"}.get(type(value), "text")
    names = {dict: "an object", list: "a list", bool: "true or false", str: "text"}
    return names.get(type(value), "null")


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


_DECODER = json.JSONDecoder(parse_float=Literal, parse_int=Literal, parse_constant=_refuse_constant)
