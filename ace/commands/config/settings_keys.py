"""The tables of a settings file against the commands there are: which keys they take, and of which type.

The keys are the long names of the options, read off the commands themselves, so that a new option needs no second place. The
whole file is checked at every command; what a found file may not say is refused where it would be used.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from ace.commands.config.settings_file import SettingsFile
from ace.commands.config.settings_trust import KEPT_OUT_OF_RUNS, NEVER, RESUMING, is_secret, objection
from ace.errors import BadSetting, UnknownName
from ace.flags import stated
from ace.settings import RunSettings

Path = tuple[str, ...]

OWN = ("config", "no_config", "help")
EVERYWHERE = ("store", "json", "author")
"""Keys that hold for all commands where they stand before the first table."""
_ARGUMENTS = ("environment", "model")
"""Arguments that are settings too."""
_NOT_HANDED_DOWN: dict[Path, Path] = {("playbook", "log"): ("author", "run")}
"""What a command takes only from a table of its own: a filter is not the author of a change."""
BELONGS = {s.key: s.flag.of for s in stated(RunSettings) if s.flag.of}
"""Options of KEY=VALUE, and the option whose value they are for."""
PAIRS = tuple(BELONGS)
"""In a file they are tables."""


@dataclass(frozen=True, slots=True)
class StatedSetting:
    """A value that a file gives for an option of a command, as it stands there, with the table and key."""

    file: SettingsFile
    table: Path
    key: str
    value: Any

    @property
    def place(self) -> str:
        return f"{self.where}{self.key}"

    @property
    def where(self) -> str:
        table = ".".join(self.table)
        return f"{self.file.name}: [{table}] " if table else f"{self.file.name}: "


def options(command: Any) -> dict[str, Any]:
    """The parameters of a command that a file may set, by key."""
    found = {}
    for p in command.params:
        longest = max(p.opts, key=len).lstrip("-") if p.opts else p.name
        if p.name not in OWN and not p.hidden and (p.param_type_name == "option" or p.name in _ARGUMENTS):
            found[longest] = p
    return found


def leaves(command: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The commands below `command` that do something, with their names from the top."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, below in command.commands.items():
        yield from leaves(below, (*path, name))


def said(file: SettingsFile, root: Any, path: Path) -> dict[str, StatedSetting]:
    """What `file` gives for the command at `path`, by key; a table nearer to the command wins. Raises `UnknownName` and
    `BadSetting` for anything in the file that no command takes."""
    _check(file, root, file.tables, ())
    command = dict(leaves(root))[path]
    taken, found = options(command), {}
    tables: Any = file.tables
    for depth in range(len(path) + 1):
        table = path[:depth]
        mine = depth == len(path) or (table, path[-1]) == (("run",), "start")
        for key, value in _keys(tables, _at(root, table)).items():
            if key in taken and (mine or _handed_down(key, table, path)):
                found[key] = StatedSetting(file, table, key, value)
        if depth < len(path):
            tables = tables.get(path[depth])
            if not isinstance(tables, dict):
                break
    return found


def _handed_down(key: str, table: Path, path: Path) -> bool:
    """Whether a command takes a key from a table above its own."""
    if path in RESUMING:
        return key in KEPT_OUT_OF_RUNS
    return (bool(table) or key in EVERYWHERE) and key not in _NOT_HANDED_DOWN.get(path, ())


def refusal(command: Path, s: StatedSetting, *, argument: bool) -> str:
    """The line that refuses what a found file says; empty where it may say so."""
    why = objection(command, s.key, s.value) if s.file.found else ""
    if not why:
        return ""
    how = "on the command line" if argument else f"with --{s.key} on the command line"
    said = f"{s.place} is {why}; a settings file that ace found by itself may not set it"
    return f"{said}: write it {how}, or name the file with --config {s.file.name}"


def as_given(s: StatedSetting, parameter: Any, kind: Any) -> Any:
    """The value in the form that the parser takes: pairs as KEY=VALUE texts, a number as text where the option is text."""
    if s.key in PAIRS:
        return [f"{k}={v}" for k, v in pairs(s).items()]
    return str(s.value) if _plain(kind) is str and isinstance(s.value, int) else s.value


def pairs(s: StatedSetting) -> dict[str, str]:
    """The pairs that a table or a list of KEY=VALUE texts gives. Raises `BadSetting`."""
    from ace.options import parse_pairs

    if isinstance(s.value, dict):
        return {k: _text(v, exact=s.key == "model-set") for k, v in s.value.items()}
    try:
        return parse_pairs(s.value)
    except BadSetting as error:
        raise BadSetting(f"{s.place}: {error}") from None


def kinds(command: Any) -> Mapping[str, Any]:
    """The types of a command's parameters, by name."""
    return _hints(inspect.unwrap(command.callback))


@cache
def _hints(work: Any) -> Mapping[str, Any]:
    """Read once for each function: a settings file is checked against all commands, and every reading compiles the texts of
    the annotations anew."""
    return get_type_hints(work)


def _text(value: Any, *, exact: bool) -> str:
    from json import dumps

    if exact or isinstance(value, bool):
        return dumps(value, ensure_ascii=False)
    return str(value)


def _at(root: Any, path: Path) -> Any:
    for name in path:
        root = root.commands[name]
    return root


def _keys(tables: Mapping[str, Any], command: Any) -> dict[str, Any]:
    """The keys of a table that are options and no tables of commands below, spelled as the options are."""
    below = getattr(command, "commands", {})
    return {k.replace("_", "-"): v for k, v in tables.items() if not (k in below and isinstance(v, dict))}


def _check(file: SettingsFile, command: Any, tables: Mapping[str, Any], path: Path) -> None:
    below = getattr(command, "commands", {})
    known = _known(command, path)
    if odd := [
        raw
        for raw, value in tables.items()
        if isinstance(value, dict) and raw not in below and raw.replace("_", "-") not in PAIRS
    ]:
        where = f"{'.'.join(path)}." if path else ""
        tables_there = [*below, *(k for k in PAIRS if k in known)]
        raise UnknownName(f"table in {file.name}", f"{where}{odd[0]}", [f"{where}{name}" for name in tables_there])
    seen: set[str] = set()
    for raw, value in tables.items():
        if raw in below and isinstance(value, dict):
            _check(file, below[raw], value, (*path, raw))
            continue
        key = raw.replace("_", "-")
        if key not in known and raw in below:
            raise BadSetting(f"{file.name}: {raw} is {_shown(value)}; it must be a table [{'.'.join((*path, raw))}]")
        _refuse_key(StatedSetting(file, path, key, value), raw, known, twice=key in seen)
        seen.add(key)
        _refuse_type(StatedSetting(file, path, key, value), known[key])


def _known(command: Any, path: Path) -> dict[str, Any]:
    """The types of the keys that a table takes: those of the command, or of all the commands below."""
    found: dict[str, Any] = {}
    for _, leaf in leaves(command):
        hints = kinds(leaf)
        found |= {key: hints[p.name] for key, p in options(leaf).items() if key not in NEVER and key not in found}
    return found if path else {key: found[key] for key in EVERYWHERE if key in found}


def _refuse_key(s: StatedSetting, raw: str, known: Collection[str], *, twice: bool) -> None:
    if twice:
        raise BadSetting(f"{s.place} is given twice, with - and with _; give it once")
    if is_secret(raw) and s.key not in known:
        raise BadSetting(f"{s.where}{raw} is a secret; keys come from the environment and never from a file of settings")
    if s.key in NEVER:
        raise BadSetting(f"{s.place} confirms one command; say it on the command line each time")
    if s.key not in known:
        where = f"[{'.'.join(s.table)}] of {s.file.name}" if s.table else f"{s.file.name}, outside of any table,"
        raise UnknownName(f"key in {where}", raw, known)


def _refuse_type(s: StatedSetting, kind: Any) -> None:
    wanted = _plain(kind)
    if s.key in PAIRS:
        _refuse_pairs(s)
        return
    if get_origin(wanted) is list:
        fits, accepts = isinstance(s.value, list) and all(isinstance(v, str) for v in s.value), "a list of texts"
    else:
        fits, accepts = _fits(s, wanted), _ACCEPTS.get(wanted, "text")
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        accepts = "one of " + ", ".join(str(m.value) for m in wanted)
        fits = s.value in [m.value for m in wanted]
    if not fits:
        raise BadSetting(f"{s.place} is {_shown(s.value)}; it must be {accepts}")


_ACCEPTS = {bool: "true or false", int: "a whole number", float: "a finite number", str: "text"}


def _fits(s: StatedSetting, wanted: Any) -> bool:
    value = s.value
    if isinstance(value, bool) or wanted is bool:
        return isinstance(value, bool) and wanted is bool
    if wanted is float:
        return isinstance(value, (int, float)) and math.isfinite(value)
    # The seed is text on the command line, so that a wrong one is told in our words.
    return isinstance(value, wanted) or (s.key == "seed" and isinstance(value, int))


def _refuse_pairs(s: StatedSetting) -> None:
    plain = (str, int, float, bool, list, dict) if s.key == "model-set" else (str, int, float, bool)
    if isinstance(s.value, dict):
        for name, value in s.value.items():
            where = f"{s.file.name}: [{'.'.join((*s.table, s.key))}] {name}"
            if is_secret(name):
                raise BadSetting(f"{where} is a secret; keys come from the environment and never from a file of settings")
            if not isinstance(value, plain):
                raise BadSetting(f"{where} is {_shown(value)}; it must be text, a number, or true or false")
    elif not (isinstance(s.value, list) and all(isinstance(v, str) for v in s.value)):
        raise BadSetting(
            f"{s.place} is {_shown(s.value)}; it must be a table [{'.'.join((*s.table, s.key))}] of names and values"
        )
    for name in pairs(s):
        if is_secret(name):
            raise BadSetting(f"{s.place} {name} is a secret; keys come from the environment and never from a file of settings")


def _plain(kind: Any) -> Any:
    """The type without `None`."""
    members = [m for m in get_args(kind) if m is not type(None)]
    return members[0] if type(None) in get_args(kind) and len(members) == 1 else kind


def _shown(value: Any) -> str:
    text = "a table" if isinstance(value, dict) else str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
