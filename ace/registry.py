"""Find things by name: short names, `package.module:attribute`, `path/to/file.py:attribute` and entry points.

One door for environments, strategies, models and scorers, so that a user's own needs no change here. What goes wrong while the
user's code is imported is the user's mistake, told in one line that names the line of it.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING

from ace.errors import AceError, BadInput, UnknownName, no_file
from ace.options import Setting, convert_settings, parse_pairs, settings_of
from ace.redaction import redact_all
from ace.types import digest

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = [
    "Setting",
    "convert_settings",
    "entry_point_names",
    "fault_line",
    "load_object",
    "parse_pairs",
    "settings_of",
    "source",
]

Fits = Callable[[object], bool]

_MOST_NAMES = 12
_MOST_LETTERS = 200


def load_object(
    spec: str, kind: str, group: str, builtin: Mapping[str, str], *, fits: Fits | None = None, reserved: Collection[str] = ()
) -> object:
    """What `spec` names. `builtin` maps short names to `module:attribute`; `group` is the entry points' group, or empty for
    none; `kind` is the word for it in messages; `fits` tells which objects of a file to propose when the attribute is missing;
    `reserved` names no entry point may have.

    Raises `UnknownName` (a short name that is not known) and `BadInput` (a file or module that cannot be imported, an
    attribute that is not there)."""
    where, colon, attribute = builtin.get(spec, spec).rpartition(":")
    if not colon:
        if _is_file(spec):
            raise BadInput(f"{spec} needs the name of what to use, as in {spec}:NAME{_proposals(_load_file(spec, kind), fits)}")
        points = {name: point for name, point in _entry_points(group).items() if name not in reserved}
        return _from_entry_point(spec, kind, points, builtin)
    if not where or not attribute:
        raise BadInput(f"{kind} {spec!r} is incomplete; write package.module:attribute or path/to/file.py:attribute")
    module = _load_file(where, kind) if _is_file(where) else _load_module(where, kind)
    return _attribute(module, where, attribute, fits)


def load_package(spec: str, kind: str, group: str) -> str:
    """The name of the package that `spec` names, by itself or through an entry point of `group`, once it is imported. Raises
    `BadInput` where there is none, it cannot be imported, or it is a module and no package."""
    point = _entry_points(group).get(spec)
    name = point.value.partition(":")[0].strip() if point else spec
    if not all(part.isidentifier() for part in name.split(".")):
        raise BadInput(f"{kind} {spec!r} is neither a folder nor the name of a package; write a folder, or package.module")
    try:
        module = _load_module(name, kind)
    except BadInput as error:
        if point is None and isinstance(error.__cause__, ModuleNotFoundError) and str(error).startswith("there is no module"):
            where = "here, nor a package of that name that is installed or in the working directory"
            raise BadInput(f"{kind}: there is no folder {spec} {where}") from error
        raise
    if not hasattr(module, "__path__"):
        raise BadInput(f"{kind} {spec!r} is a module, not a package; name the package that holds the files")
    return name


def entry_point_names(group: str) -> list[str]:
    """The names that installed packages offer in `group`, sorted."""
    return sorted(_entry_points(group))


def source(spec: str, group: str, builtin: Mapping[str, str], found: object = None) -> str:
    """Where what `spec` names comes from: `ace`, `package NAME` for an entry point of `group`, else the path of the file that
    defines `found`, or the module where there is no file."""
    if spec in builtin:
        return "ace"
    if point := _entry_points(group).get(spec):
        return f"package {point.dist.name if point.dist else point.value.partition(':')[0]}"
    try:
        return inspect.getsourcefile(found if inspect.isclass(found) or inspect.isroutine(found) else type(found)) or spec
    # An object of a module without a file, such as one of C.
    except TypeError:
        return spec.rpartition(":")[0]


def fault_line(error: BaseException, file: str = "") -> str:
    """One line on an exception of the user's code: type, message without keys, and the line of `file` (or of the innermost
    frame) it is about."""
    at, line = file, None
    if isinstance(error, SyntaxError) and error.lineno:
        at, line = error.filename or file, error.lineno
        message: str = error.msg
    else:
        message = str(error)
        trace = error.__traceback__
        while trace is not None:
            if not file or trace.tb_frame.f_code.co_filename == file:
                at, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
            trace = trace.tb_next
    # Before it is cut: the beginning of a key is a key too.
    text = " ".join(redact_all(message).split())
    if len(text) > _MOST_LETTERS:
        text = text[:_MOST_LETTERS] + "..."
    place = f" (line {line}{f' of {at}' if at != file else ''})" if line else ""
    # What ace itself refuses is said in whole sentences; the name of the exception would add nothing.
    kind = "" if isinstance(error, AceError) and text else type(error).__name__
    return f"{': '.join(filter(None, (kind, text)))}{place}"


def _from_entry_point(spec: str, kind: str, points: Mapping[str, EntryPoint], builtin: Mapping[str, str]) -> object:
    if spec not in points:
        hint = "or package.module:attribute, or path/to/file.py:attribute"
        raise UnknownName(kind, spec, {*builtin, *points}, hint)
    try:
        loaded: object = points[spec].load()
    # Another package's code runs here: any exception is reported as one line.
    except (Exception, SystemExit) as error:
        raise BadInput(f"{kind} {spec!r} ({points[spec].value}) could not be imported: {fault_line(error)}") from error
    return loaded


def _entry_points(group: str) -> dict[str, EntryPoint]:
    if not group:
        return {}
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=group)}


def _is_file(where: str) -> bool:
    return where.endswith(".py") or "/" in where or "\\" in where or where.startswith("~")


def _load_module(name: str, kind: str) -> ModuleType:
    try:
        with _importable(Path.cwd(), first=False):
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            hint = "it must be installed or in the working directory"
            raise BadInput(f"there is no module {error.name!r} for {kind} {name!r}; {hint}") from error
        raise BadInput(f"module {name} could not be imported: {fault_line(error)}") from error
    # The user's code runs here: any exception, `SystemExit` included, is reported as one line.
    except (Exception, SystemExit) as error:
        raise BadInput(f"module {name} could not be imported: {fault_line(error)}") from error


class _SourceOnly(SourceFileLoader):
    """Always compiles what stands in the file: a cached compilation may be older, and writing one litters the user's folder."""

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = self.source_to_code(self.get_data(self.path), self.path)
        return code


def _load_file(where: str, kind: str) -> ModuleType:
    path = _existing(where, kind)
    state = path.stat()
    name = f"_ace_file_{digest(str(path), state.st_mtime_ns, state.st_size)[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = ModuleSpec(name, _SourceOnly(name, str(path)), origin=str(path))
    spec.has_location = True
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        with _importable(path.parent, first=True):
            _SourceOnly(name, str(path)).exec_module(module)
    # The code of a user or a package runs here, and may raise anything; no half-imported module is left.
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, (Exception, SystemExit)):
            raise BadInput(f"{where} could not be imported: {fault_line(error, str(path))}") from error
        raise
    return module


def _existing(where: str, kind: str) -> Path:
    try:
        path = Path(where).expanduser().resolve()
        exists, is_folder = path.exists(), path.is_dir()
    # A home folder that cannot be told, a NUL in the name, a folder that may not be entered.
    except (RuntimeError, ValueError, OSError) as error:
        raise BadInput(f"{kind} file {where!r} cannot be used: {error}") from error
    if is_folder or path.suffix != ".py":
        what = "is a folder" if is_folder else "is not a Python file"
        raise BadInput(f"{kind} file {where} {what}; write path/to/file.py:attribute")
    if not exists:
        raise BadInput(f"{kind} file {where} {no_file(Path(where).expanduser())}")
    return path


@contextmanager
def _importable(folder: Path, *, first: bool) -> Iterator[None]:
    """`folder` can be imported from while this lasts: first for the neighbours of a file, last for the working directory,
    which must not hide what is installed."""
    place = str(folder)
    if place in sys.path:
        yield
        return
    sys.path.insert(0 if first else len(sys.path), place)
    try:
        yield
    finally:
        if place in sys.path:
            sys.path.remove(place)


def _attribute(module: ModuleType, where: str, attribute: str, fits: Fits | None) -> object:
    found: object = module
    for part in attribute.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise BadInput(f"{where} has no {attribute!r}{_proposals(module, fits)}") from None
    return found


def _proposals(module: ModuleType, fits: Fits | None) -> str:
    own = [name for name, value in vars(module).items() if not name.startswith("_") and _is_own(value, module)]
    names = [name for name in own if fits is None or fits(getattr(module, name))]
    shown = ", ".join(names[:_MOST_NAMES]) + (", ..." if len(names) > _MOST_NAMES else "")
    return f"; it has: {shown}" if names else "; it has nothing that fits"


def _is_own(value: object, module: ModuleType) -> bool:
    if inspect.ismodule(value):
        return False
    return getattr(value, "__module__", module.__name__) == module.__name__
