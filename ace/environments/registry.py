"""Open an environment by what the user typed: its name or place, and its settings as text.

A class, an instance, a decorated function and a factory function are all accepted, because people write environments in each
of these ways; the result is always an `Environment` with a usable name.
"""

from __future__ import annotations

import inspect
import re
from abc import ABCMeta
from collections.abc import Mapping
from typing import get_type_hints

from ace.environments import needs
from ace.environments.contract import Environment
from ace.errors import BadInput, UnknownName, UserError
from ace.keys import resolved
from ace.offered import described, offered
from ace.options import lacking, told_settings
from ace.registry import convert_settings, entry_point_names, fault_line, load_object, settings_of, source

GROUP = "ace.environments"
ROOM = needs.ROOM
RESERVED = ("list", "resume", "show")
"""Words that follow `ace run` and `ace env`, and so cannot name an environment."""

_NAME = re.compile(r"\w[\w.-]{0,63}")
_ACCEPTED = "an environment is a subclass of ace.Environment, an instance of one, or a function under @ace.environment"


def environment_names() -> list[str]:
    """The short names that can be opened, installed packages' included, sorted."""
    return sorted({*offered(ROOM), *entry_point_names(GROUP)} - set(RESERVED))


def load_environment(spec: str) -> object:
    """What `spec` names, not opened: a class, an instance or a function. For `settings_of`. Raises as `open_environment`."""
    if spec in RESERVED:
        raise UnknownName("environment", spec, environment_names(), f"{spec!r} is a command and cannot name one")
    try:
        found = load_object(spec, "environment", GROUP, offered(ROOM), fits=_fits, reserved=RESERVED)
    except BadInput:
        # A module that imports at its top what is not installed.
        needs.require_needs(spec)
        raise
    if not _fits(found) and not inspect.isfunction(found):
        raise BadInput(f"{spec} is {_a_kind_of(found)}, which is not an environment; {_ACCEPTED}")
    return found


def require_making(spec: str, found: object, pairs: Mapping[str, str]) -> None:
    """Raise `BadInput` where `found` is a function that does not say that it makes an environment, and lacks settings: it is
    not asked for settings as if it were one."""
    if not inspect.isfunction(found) or _says_environment(found):
        return
    if missing := lacking(settings_of(found), pairs):
        needs = f"as a function that makes one, it needs {told_settings(missing)}, with --set, and a return type that says so"
        raise BadInput(f"{spec} is a plain function, which is not known to make an environment; {_ACCEPTED}; {needs}")


def environment_help(name: str) -> str:
    """What the module that offers `name` says of it, read without importing it; empty where it says nothing, or where the name
    is none of ours."""
    return described(ROOM).get(name, "")


def environment_source(spec: str) -> str:
    """Where an environment comes from: `ace`, `package NAME`, or the path of its file."""
    return source(spec, GROUP, offered(ROOM), None if spec in environment_names() else load_environment(spec))


def open_environment(spec: str, pairs: Mapping[str, str]) -> Environment:
    """The environment that `spec` names (a short name, `package.module:attribute`, `path/to/file.py:attribute` or an entry
    point), made with the settings in `pairs`.

    Raises `UnknownName` (a name or setting that is not known), `BadSetting` (a value that is not accepted) and `BadInput`
    (it cannot be imported, is not an environment, or needs what is not installed)."""
    needs.require_needs(spec)
    environment = _opened(spec, load_environment(spec), pairs)
    environment_name(environment)
    return environment


def environment_name(environment: Environment) -> str:
    """The short name: `name`, or the class's name in lower case. Raises `BadInput` where it cannot be used as one."""
    name = environment.name or type(environment).__name__.lower()
    if name in RESERVED:
        raise BadInput(f"no environment may be called {name!r}, which is a command; give the class another `name`")
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} cannot name an environment; use up to 64 letters, digits, dots, dashes and underscores")
    return name


def _opened(spec: str, found: object, pairs: Mapping[str, str]) -> Environment:
    if isinstance(found, Environment):
        convert_settings(found, pairs, spec)
        return found
    _refuse_unfinished(spec, found)
    require_making(spec, found, pairs)
    arguments = convert_settings(found, resolved(pairs), spec)
    try:
        made: object = found(**arguments)  # type: ignore[operator]
    except UserError:
        raise
    # The user's code runs here: any exception is reported as one line.
    except Exception as error:
        raise BadInput(f"{spec} could not be opened: {fault_line(error)}") from error
    if not isinstance(made, Environment):
        raise BadInput(f"{spec} gave {_a_kind_of(made)}, which is not an environment; {_ACCEPTED}")
    return made


def _refuse_unfinished(spec: str, found: object) -> None:
    if isinstance(found, ABCMeta) and found.__abstractmethods__:
        methods = ", ".join(sorted(found.__abstractmethods__))
        raise BadInput(f"{spec} is not finished: it must define {methods}")
    if inspect.isfunction(found) and {"task", "reply"} <= {s.name for s in settings_of(found)}:
        raise BadInput(f"{spec} is a plain function; put @ace.environment(train=..., test=...) above it")


def _fits(found: object) -> bool:
    return isinstance(found, Environment) or (inspect.isclass(found) and issubclass(found, Environment))


def _says_environment(function: object) -> bool:
    """Whether the return type of `function` is an environment, or cannot be told but is stated."""
    try:
        said = get_type_hints(function).get("return")
    # Names that stand for types alone cannot be looked up; then the type's own words are read.
    except Exception:  # noqa: BLE001
        said = getattr(function, "__annotations__", {}).get("return")
    return isinstance(said, str) or (inspect.isclass(said) and issubclass(said, Environment))


def _a_kind_of(found: object) -> str:
    return f"the class {found.__name__}" if inspect.isclass(found) else f"an object of type {type(found).__name__}"
