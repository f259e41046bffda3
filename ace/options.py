"""The settings of a class or function, read from its keyword parameters, and their values read from `key=value` text.

A setting is written once, where it is used, as `name: Annotated[int, "one sentence"] = default`; the command line, the help
and the check of a value all derive from that. Settings that several classes share are the fields of a frozen dataclass, which
each takes as one keyword: `shown: Shown = Shown()`; by name they are set one by one.
"""

from __future__ import annotations

import enum
import inspect
import math
import re
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from json import JSONDecodeError, loads
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from ace.bounds import why_unread
from ace.errors import BadInput, BadSetting, UnknownName
from ace.redaction import redact_all

_TRUE = ("true", "yes", "1", "on")
_FALSE = ("false", "no", "0", "off")
MOST_DIGITS = 300
"""Digits of a whole number that are read."""
_INTEGER = re.compile(rf"[+-]?[0-9]{{1,{MOST_DIGITS}}}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Least:
    """The smallest number that a setting may be: `Annotated[int, Least(0), "one sentence"]`."""

    value: float


@dataclass(frozen=True, slots=True)
class Most:
    """The largest number that a setting may be, where more would be work without end."""

    value: float


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, its type without the sentence, its default where it is not required, and the sentence."""

    name: str
    type: object
    default: object
    required: bool
    help: str
    of: str = ""
    """The keyword whose value this setting is a field of; empty for a keyword of its own."""
    least: float | None = None
    """The smallest value that is accepted, of a number."""
    most: float | None = None
    """The largest one."""

    @property
    def accepts(self) -> str:
        """What is accepted, in words: `a whole number, 0 or more`, `one of exact, choice`."""
        if self.least is not None and self.most is not None:
            return f"{_accepts(self.type)}, {self.least:g} to {self.most:g}"
        return _accepts(self.type) + (f", {self.least:g} or more" if self.least is not None else "")

    def holds(self, value: object) -> bool:
        """Whether a converted value is within the bounds."""
        if not isinstance(value, (int, float)):
            return True
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def typed(self) -> str:
        """The default as it would be typed: `true`, `none`, the value of a member."""
        if isinstance(self.default, enum.Enum):
            return str(self.default.value)
        return str(self.default).lower() if self.default is None or isinstance(self.default, bool) else str(self.default)


def settings_of(factory: object, given: int = 0) -> list[Setting]:
    """The settings of a class or function: its keyword parameters, in order, but not those that must be given from Python (no
    default, a type that text cannot give), nor the first `given` ones, which get their values by their place. Anything else has
    none. Raises `BadInput` where the annotations cannot be read."""
    if inspect.isclass(factory):
        # A class that inherits `object.__init__` takes nothing; its signature would say `*args, **kwargs`.
        target: Any = factory.__init__
        if target is object.__init__:
            return []
    elif inspect.isroutine(factory):
        target = factory
    else:
        return []
    parameters = list(inspect.signature(target).parameters.values())[given + inspect.isclass(factory) :]
    hints = _hints(target, factory)
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    found = [_setting(p, hints.get(p.name, inspect.Parameter.empty)) for p in parameters if p.kind in kinds]
    parts = [part for s in found for part in (_shared(s) or [s])]
    return [s for s in parts if not s.required or _has_text_form(s.type)]


def _shared(setting: Setting) -> list[Setting]:
    """The settings that are the fields of `setting`'s value, where that is a frozen dataclass whose fields say their help."""
    kind, value = setting.type, setting.default
    if not (isinstance(kind, type) and isinstance(value, kind) and is_dataclass(kind)):
        return []
    hints = _hints(kind, kind)
    if not all(get_origin(hints[f.name]) is Annotated for f in fields(kind)):
        return []
    parameters = inspect.signature(kind).parameters.values()
    found = [_setting(p.replace(default=getattr(value, p.name)), hints[p.name]) for p in parameters]
    return [replace(s, of=setting.name) for s in found]


def lacking(settings: Iterable[Setting], pairs: Mapping[str, str]) -> list[Setting]:
    """Those of `settings` that have to be given and that `pairs` does not give."""
    return [s for s in settings if s.required and s.name not in pairs]


def told_settings(settings: Iterable[Setting]) -> str:
    """Settings as part of a sentence, each with what it is."""
    return ", ".join(f"{s.name} ({_inside(s.help or s.accepts)})" for s in settings)


def _inside(sentence: str) -> str:
    """A sentence as it stands in parentheses in another one. A word such as JSON keeps its letters."""
    begins = sentence[:1].lower() if sentence[1:2].islower() or sentence[1:2] == " " else sentence[:1]
    return (begins + sentence[1:]).rstrip(".")


def convert_settings(
    factory: object, pairs: Mapping[str, str], what: str, *, given: int = 0, keyword: str = "settings", option: str = "--set"
) -> dict[str, object]:
    """The keyword arguments that `pairs` give for `factory`, converted by type. `what` names it in messages, `option`
    and `keyword` take its settings; the first `given` parameters are none.

    Raises `UnknownName` for an unknown key and `BadSetting` for a value that is not accepted or a required setting that is
    missing."""
    settings = {s.name: s for s in settings_of(factory, given)}
    for key in pairs:
        if key not in settings:
            raise UnknownName(f"setting of {what}", key, settings, "" if settings else f"{what} has no settings")
    if missing := lacking(settings.values(), pairs):
        named = told_settings(missing)
        flags = " ".join(f"{option} {s.name}=..." for s in missing)
        keys = ", ".join(f"{s.name!r}: ..." for s in missing)
        raise BadSetting(f"{what} needs {named}; write {flags}, or from Python {keyword}={{{keys}}}")
    values = {key: _convert_one(settings[key], text, what) for key, text in pairs.items()}
    own = {key: value for key, value in values.items() if not settings[key].of}
    return {**own, **_gathered(factory, {key: value for key, value in values.items() if settings[key].of}, settings)}


def _gathered(factory: Any, parts: Mapping[str, object], settings: Mapping[str, Setting]) -> dict[str, object]:
    """The values of the keywords that `parts` are fields of."""
    found: dict[str, Any] = {}
    for key, value in parts.items():
        of = settings[key].of
        whole = found.get(of, inspect.signature(factory).parameters[of].default)
        found[of] = replace(whole, **{key: value})
    return found


def parse_pairs(items: Iterable[str]) -> dict[str, str]:
    """`["world=3", "level=hard"]` as a dictionary; a value may hold further `=`. Raises `BadSetting`."""
    pairs: dict[str, str] = {}
    for item in items:
        key, mark, value = item.partition("=")
        key = key.strip()
        if not mark or not key:
            raise BadSetting(f"setting {item!r} is not understood; write key=value")
        if key in pairs:
            raise BadSetting(f"setting {key!r} is given twice ({pairs[key]!r} and {value!r}); give it once")
        pairs[key] = value
    return pairs


def require_once(what: str, listed: Sequence[object]) -> None:
    """Raise `BadSetting` where `what`, an option or a setting as it was given, lists something twice: that is a slip, and may
    stand in the place of another."""
    twice = next((one for n, one in enumerate(listed) if one in listed[:n]), None)
    if twice is not None:
        raise BadSetting(f"{what}: {twice} is there twice; name it once")


def _hints(target: Any, factory: object) -> dict[str, Any]:
    try:
        return get_type_hints(target, include_extras=True)
    # Evaluating the user's annotations can raise anything; without them no value can be checked.
    except Exception as error:
        name = getattr(factory, "__name__", repr(factory))
        raise BadInput(f"the settings of {name} cannot be read: {type(error).__name__}: {redact_all(str(error))}") from error


def _setting(parameter: inspect.Parameter, hint: Any) -> Setting:
    sentence, least, most = "", None, None
    while get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
        sentence = next((n for n in notes if isinstance(n, str)), sentence)
        least = next((n.value for n in notes if isinstance(n, Least)), least)
        most = next((n.value for n in notes if isinstance(n, Most)), most)
    required = parameter.default is inspect.Parameter.empty
    if hint is inspect.Parameter.empty:
        hint = str if required or parameter.default is None else type(parameter.default)
    return Setting(parameter.name, hint, None if required else parameter.default, required, sentence, least=least, most=most)


def _convert_one(setting: Setting, text: str, what: str) -> object:
    try:
        value = _convert(setting.type, text)
        if not setting.holds(value):
            raise ValueError
        return value
    except ValueError:
        accepted = setting.accepts + (f", of at most {MOST_DIGITS} digits" if _is_long(text) else "")
        raise BadSetting(f"{setting.name}={redact_all(text)!r} is not accepted by {what}; it must be {accepted}") from None


def _members(kind: Any) -> tuple[Any, ...] | None:
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else None


def _convert(kind: Any, text: str) -> object:
    """`text` as `kind`; `ValueError` where it is not one."""
    if get_origin(kind) is Annotated:
        return _convert(get_args(kind)[0], text)
    members = _members(kind)
    if members is not None:
        return _convert_union(members, text)
    if get_origin(kind) is Literal:
        return _pick({str(v): v for v in get_args(kind)}, text)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _pick({str(m.value): m for m in kind}, text)
    if kind is bool:
        return _convert_bool(text)
    if kind is int:
        return int(_matching(_INTEGER, text))
    if kind is float:
        return finite_number(text)
    if kind is Path:
        if not text.strip() or "\0" in text:
            raise ValueError
        return Path(text).expanduser() if text.startswith("~") else Path(text)
    if kind in (str, Any, object):
        return text
    raise ValueError


def _convert_union(members: tuple[Any, ...], text: str) -> object:
    if type(None) in members and text.strip().lower() in ("none", "null", ""):
        return None
    # Text is what everything is: it is tried last.
    for member in sorted((m for m in members if m is not type(None)), key=lambda m: m in (str, Any, object)):
        try:
            return _convert(member, text)
        except ValueError:
            continue
    raise ValueError


def _pick(choices: Mapping[str, object], text: str) -> object:
    if text.strip() not in choices:
        raise ValueError
    return choices[text.strip()]


def _convert_bool(text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE + _FALSE:
        raise ValueError
    return word in _TRUE


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text.strip()):
        raise ValueError
    return text.strip()


def finite_number(text: str) -> float:
    """The number that `text` writes. Raises `ValueError` where it is none, or not finite."""
    number = float(_matching(_NUMBER, text))
    if not math.isfinite(number):
        raise ValueError
    return number


def _has_text_form(kind: Any) -> bool:
    if get_origin(kind) is Annotated:
        return _has_text_form(get_args(kind)[0])
    members = _members(kind)
    if members is not None:
        return any(_has_text_form(m) for m in members)
    plain = (str, Any, object, bool, int, float, Path)
    return get_origin(kind) is Literal or kind in plain or (isinstance(kind, type) and issubclass(kind, enum.Enum))


def _accepts(kind: Any) -> str:
    if get_origin(kind) is Annotated:
        return _accepts(get_args(kind)[0])
    members = _members(kind)
    if members is not None:
        return " or ".join("none" if m is type(None) else _accepts(m) for m in members)
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(str(v) for v in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return "one of " + ", ".join(str(m.value) for m in kind)
    words = {bool: "true or false", int: "a whole number", float: "a finite number", str: "text", Path: "a path"}
    plain = words.get(kind) if isinstance(kind, type) else None
    if plain:
        return plain
    if kind in (Any, object):
        return "text"
    return f"set from Python ({getattr(kind, '__name__', kind)} has no form as text)"


def parameters(items: Iterable[str]) -> dict[str, Any]:
    """Parameters for a provider: a value is JSON where it parses."""
    return {name: _json_or_text(name, text) for name, text in parse_pairs(items).items()}


def _json_or_text(name: str, text: str) -> Any:
    try:
        return loads(text)
    except JSONDecodeError:
        return text
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else why_unread(error)
        raise BadSetting(f"{name}={redact_all(text)} is not accepted: {why}") from None


def whole_number(text: str) -> int:
    """The seed that a text names. Raises `BadSetting`."""
    try:
        return int(text)
    except ValueError:
        raise BadSetting(f"seed is {text!r}; it must be a whole number{', of fewer digits' * _is_long(text)}") from None


def _is_long(text: str) -> bool:
    """Whether a text is a whole number with more digits than are read."""
    digits = text.strip().lstrip("+-")
    return digits.isascii() and digits.isdecimal() and len(digits) > MOST_DIGITS
