"""How a setting is stated: its option of the command line, its key of a settings file, its keyword in Python.

A setting is one annotated field, `name: Annotated[type, Flag("one sentence")] = default`. Commands,
settings files and the library read their options, keys and keywords off the fields, so a new setting is written in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from enum import StrEnum
from functools import cache
from inspect import get_annotations
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from ace.bounds import without_long_numbers
from ace.errors import BadSetting, UnknownName


class Door(StrEnum):
    """Where a setting can be stated."""

    RUN = "run"
    EVAL = "eval"
    RESUME = "resume"
    LEARNER = "Learner"
    LEARN = "learn"
    COMPARE = "compare"


ALL = frozenset(Door) - {Door.RESUME}
COMMANDS = frozenset({Door.RUN, Door.EVAL, Door.RESUME, Door.COMPARE})


class Found(StrEnum):
    """What an `ace.toml` that ace found by itself, and may have come with a repository, may say of a setting: any value;
    none; a name that imports nothing; a model that reads no file; a file inside the folder; pairs and parameters that lead
    nowhere."""

    ANY = "any"
    NONE = "none"
    NAME = "name"
    MODEL = "model"
    FILE = "file"
    PAIRS = "pairs"
    PARAMETERS = "parameters"


@dataclass(frozen=True, slots=True)
class Flag:
    """How a setting is stated: its `help`, and what differs from what its field says.

    - `key`: the long option without dashes, and the key in a file. `short`: its one letter. `metavar`: what stands for the
      value in the help. `argument`: a command takes it by place. `completion`: what the shell completes it with.
      `variable`: the environment variable that gives it too.
    - `text`: the type it has on a command line where that is not the field's; `read` makes the field's value of it, and
      `taken` of what a keyword in Python gives.
    - `doors`: where it can be stated. At `ace eval`, `eval_help` stands for `help` and `eval_default` for the default; a
      setting that is `required` there has none.
    - `found`: what a found `ace.toml` may say of it (if not given: any number, and no text), and `called`: what it is, where
      it may not. `of`: the setting that its
      pairs go with.
    - `again`: what a person who resumes a run of another person names: the key at `ace run resume`, and what it is.
    - `least`: the smallest value that is accepted; `most`: the largest, where there is a smallest. `later`: runs were stored
      before there was this setting."""

    help: str
    key: str = ""
    short: str = ""
    metavar: str | None = None
    argument: bool = False
    completion: str = ""
    variable: str | None = None
    text: Any = None
    read: Callable[[Any], Any] | None = None
    taken: Callable[[Any], Any] | None = None
    doors: frozenset[Door] = ALL
    eval_help: str = ""
    eval_default: Any = None
    required: bool = False
    found: Found | None = None
    called: str = ""
    of: str = ""
    again: tuple[str, str] | None = None
    least: int | None = None
    most: int = 10_000
    later: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A field whose parts are stated one by one: `parts` is a dataclass with an annotated field for each. At the doors in
    `whole` the field is stated as one."""

    parts: type
    whole: frozenset[Door] = frozenset()


@dataclass(frozen=True, slots=True)
class Stated:
    """One setting: its field, its part where it belongs to a group, its type, its default and its flag."""

    field: str
    part: str
    type: Any
    default: Any
    flag: Flag

    @property
    def name(self) -> str:
        """The keyword in Python."""
        return self.part or self.field

    @property
    def key(self) -> str:
        """The long option without its dashes, which is the key in a settings file."""
        return self.flag.key or self.name.replace("_", "-")

    @property
    def pairs(self) -> bool:
        """Whether it is values by name: `KEY=VALUE` at a command line."""
        return self.flag.metavar == "KEY=VALUE"

    @property
    def found(self) -> Found:
        """What a found file may say of it."""
        return self.flag.found or (Found.ANY if self.plain in (int, float, bool) else Found.NONE)

    @property
    def plain(self) -> Any:
        """The type without `None`."""
        kinds = [t for t in get_args(self.type) if t is not NoneType] if get_origin(self.type) in (Union, UnionType) else []
        return kinds[0] if len(kinds) == 1 else self.type


def stated(kind: type, door: Door | None = None) -> tuple[Stated, ...]:
    """The settings of the dataclass `kind`, in order; those that can be stated at `door`, if one is given."""
    return _read_off(kind, door)


@cache
def _read_off(kind: Any, door: Door | None) -> tuple[Stated, ...]:
    return tuple(s for s in _stated(kind, door) if door is None or door in s.flag.doors)


def _stated(kind: type, door: Door | None) -> Iterator[Stated]:
    hints, own = get_type_hints(kind, include_extras=True), get_annotations(kind)
    for f in sorted(fields(kind), key=lambda f: f.name not in own):
        hint, *notes = get_args(hints[f.name]) if get_origin(hints[f.name]) is Annotated else (hints[f.name],)
        default = f.default if f.default_factory is MISSING else f.default_factory()
        for note in notes:
            if isinstance(note, Flag):
                yield Stated(f.name, "", hint, default, note)
            elif isinstance(note, Group) and door in note.whole:
                yield Stated(f.name, "", hint, default, Flag(""))
            elif isinstance(note, Group):
                yield from (replace(s, field=f.name, part=s.field) for s in _stated(note.parts, door))


def from_command(kind: type, door: Door, values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `kind` from the options of a command, by key: texts are read. Of a group only what was given is kept."""
    made: dict[str, Any] = {}
    for s in stated(kind, door):
        value = values[s.key] if s.flag.read is None else s.flag.read(values[s.key])
        if not s.part:
            made[s.field] = value
        elif value not in (None, "", {}, s.default):
            made[s.field] = {**made.get(s.field, {}), s.part: value}
    return made


def require_bounds(settings: object) -> None:
    """Raise `BadSetting` for a number that is smaller or larger than what its flag accepts."""
    for s in stated(type(settings)):
        value = None if s.part or s.flag.least is None else getattr(settings, s.field)
        if value is None or s.flag.least is None or s.flag.least <= value <= s.flag.most:
            continue
        accepted = f"{s.flag.least} or more" if value < s.flag.least else f"at most {s.flag.most:,}"
        raise BadSetting(f"{s.field} is {without_long_numbers(str(value))}; it must be {accepted}")


_ACCEPTED = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
}


def _require_type(s: Stated, value: object) -> None:
    """Raise `BadSetting` where `value` is not of the plain type that the field has."""
    wanted = s.plain
    if get_origin(wanted) is Mapping:
        if not isinstance(value, Mapping):
            raise BadSetting(f"{s.name} is {value!r:.80}; it must be a mapping, as in {s.name}={{'NAME': VALUE}}")
    elif isinstance(wanted, type) and is_dataclass(wanted) and not isinstance(value, wanted):
        example = f"{s.name}=ace.{wanted.__name__}({fields(wanted)[0].name}=3)"
        raise BadSetting(f"{s.name} is {value!r:.80}; it must be an ace.{wanted.__name__}, as in {example}")
    if wanted not in _ACCEPTED:
        return
    fits = isinstance(value, (int, float) if wanted is float else wanted) and (wanted is bool) == isinstance(value, bool)
    if not fits:
        raise BadSetting(f"{s.name} is {value!r:.80}; it must be {_ACCEPTED[wanted]}")


def from_python(kind: type, door: Door, values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `kind` that the keywords `values` give. Raises `UnknownName` for a keyword that is none, and `BadSetting`
    for a value of another type than the field's, where that is a number, a truth value or text."""
    known = {s.name: s for s in stated(kind, door)}
    made: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise UnknownName(f"setting of {door.value}", name, known)
        s = known[name]
        if value is not None and (s.flag.taken is None or s.part or s.pairs):
            _require_type(s, value)
        if s.part:
            made[s.field] = {**made.get(s.field, {}), **({} if value in (None, s.default) else {s.part: value})}
        elif value is not None or s.default is None:
            made[s.field] = value if s.flag.taken is None else s.flag.taken(value)
    return made
