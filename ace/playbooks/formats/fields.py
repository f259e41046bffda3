"""JSON files, read field by field.

A wrong value is named by its path (`bullets[3].text`), because that is what a person can look up in a file of any layout, and
with it what would be right.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ace.errors import BadInput
from ace.playbooks.bullet import clean
from ace.playbooks.formats.line import control_in

LONGEST_NAME = 1000
"""Characters that an id or another name may have."""
_SHOWN = 60
"""Characters of a key that a path shows."""
_KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a whole number"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An object of a JSON file, and the path to it. Its methods give a field's value or raise `BadInput`."""

    value: Mapping[str, Any]
    path: str = ""

    def has(self, name: str) -> bool:
        return self.value.get(name) is not None

    def at(self, name: str) -> str:
        """The path to a field."""
        return path_to(self.path, name)

    def text(self, name: str, default: str | None = None) -> str:
        return str(self._of(name, str, default))

    def line(self, name: str, default: str | None = None) -> str:
        """A text as the one line that bullets and sections are; refused where it holds what would control a terminal."""
        found = self.text(name, default)
        if control := control_in(found, allowed="\t\r\n"):
            raise BadInput(f"{self.at(name)} holds a control character ({control}); take it out")
        return clean(found)

    def name(self, name: str, default: str | None = None) -> str:
        """A text that is kept and printed as it is, such as an id; refused where it holds anything that cannot be printed."""
        return _printable(self.text(name, default), self.at(name))

    def names(self, name: str) -> tuple[str, ...]:
        """A list of such texts; empty where there is none."""
        return tuple(_printable(value, f"{self.at(name)}[{i}]") for i, value in enumerate(self.texts(name)))

    def number(self, name: str, default: int | None = None) -> int:
        value = self._of(name, int, default)
        if isinstance(value, bool) or not 0 <= value < 1 << 53:
            raise BadInput(f"{self.at(name)} must be a whole number from 0, not {_kind(value)}")
        return int(value)

    def flag(self, name: str, default: bool | None = None) -> bool:
        return bool(self._of(name, bool, default))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty where there is none."""
        for i, value in enumerate(found := self._of(name, list, [])):
            if not isinstance(value, str):
                raise BadInput(f"{self.at(name)}[{i}] must be text, not {_kind(value)}")
        return tuple(found)

    def values(self, name: str) -> list[Any]:
        found = self._of(name, list, None)
        return list(found)

    def entries(self, name: str) -> Iterator[Entry]:
        """The objects of a list."""
        for i, value in enumerate(self._of(name, list, None)):
            yield entry(value, f"{self.at(name)}[{i}]")

    def named(self, name: str) -> Iterator[tuple[str, Entry]]:
        """The objects of an object, by their keys."""
        for key, value in self._of(name, dict, None).items():
            yield key, entry(value, path_to_key(self.at(name), key))

    def _of(self, name: str, kind: type, default: Any) -> Any:
        value = self.value.get(name)
        if value is None and default is not None:
            return default
        if value is None:
            raise BadInput(f"{self.at(name)} is missing; it must be {_KINDS[kind]}")
        if not isinstance(value, kind):
            raise BadInput(f"{self.at(name)} must be {_KINDS[kind]}, not {_kind(value)}")
        return value


def path_to(path: str, name: str) -> str:
    """The path to the field `name` of what stands at `path`."""
    if not name.isidentifier() or len(name) > _SHOWN:
        return path_to_key(path, name)
    return f"{path}.{name}" if path else name


def path_to_key(path: str, key: str) -> str:
    """The path to what an object at `path` holds under a key that may be any text."""
    return f"{path}[{json.dumps(key[:_SHOWN])}]"


def entry(value: Any, path: str) -> Entry:
    """`value` as an `Entry`, if it is an object; else raises `BadInput`."""
    if not isinstance(value, dict):
        raise BadInput(f"{path or 'the file'} must be an object, not {_kind(value)}")
    return Entry(value, path)


def require_version(file: Entry) -> None:
    """Raise `BadInput` where a file of ours is of a version that came later."""
    version = file.number("version", 1)
    if version != 1:
        more = ", so it is of a newer ace: upgrade it" if version else ""
        raise BadInput(f"the file is of version {version}; version 1 is known{more}")


def written(value: Any) -> str:
    """`value` as JSON on one line. Halves of characters, which no file can hold, make it ASCII."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isascii() or text.encode(errors="ignore").decode() == text else json.dumps(value)


def load(text: str) -> Entry:
    """The object that a JSON file holds. Raises `BadInput`, with the line where it is not JSON."""
    try:
        found = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise BadInput(f"line {error.lineno}: this is not JSON: {error.msg} at character {error.colno} of the line") from None
    except RecursionError:
        raise BadInput("the JSON is nested too deeply") from None
    except ValueError:
        raise BadInput("the JSON holds a number with too many digits") from None
    return entry(found, "")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise BadInput(f"the key {twice[:60]!r} stands twice in one object")
    return made


def _no_constant(name: str) -> NoReturn:
    raise BadInput(f"{name} is not a JSON number")


def _printable(value: str, path: str) -> str:
    if len(value) > LONGEST_NAME:
        raise BadInput(f"{path} has {len(value):,} characters; it may have {LONGEST_NAME:,}")
    if not value.isprintable():
        odd = next(c for c in value if not c.isprintable())
        what = "a control character" if control_in(odd) else "a character that cannot be printed"
        raise BadInput(f"{path} holds {what} (U+{ord(odd):04X}); take it out")
    return value


def _kind(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"the number {value}" if abs(value) < 1 << 64 else "a number of many digits"
    if isinstance(value, float):
        return f"the number {value:.6g}"
    return "null" if value is None else _KINDS[type(value)]
