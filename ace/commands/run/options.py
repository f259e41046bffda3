"""The options of `ace run`, `ace eval` and `ace run resume`, read off the annotated settings.

A command says at which door it stands. Its options, their help and their types are those of the fields,
and what the parser makes of them becomes one settings value, so that a setting is stated once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, get_type_hints

import typer

from ace.budget import Budget
from ace.commands.terminal import completion
from ace.flags import Door, Stated, from_command, stated
from ace.settings import Execution, RunSettings
from ace.types import JSON

Command = Callable[..., None]


def takes_options(door: Door, kind: type[RunSettings] = RunSettings, **defaults: JSON) -> Callable[[Command], Command]:
    """A command whose `**` options are the settings of `kind` that can be stated at `door`; `settings_from` reads them.
    `defaults` are those of this command where they differ."""
    return lambda work: _described(work, [_parameter(s, door, defaults) for s in stated(kind, door)])


def takes_these(settings: Iterable[Stated], door: Door) -> Callable[[Command], Command]:
    """A command whose `**` options are `settings`, as they are stated at `door`."""
    return lambda work: _described(work, [_parameter(s, door) for s in settings])


def without(*names: str, first: tuple[str, ...] = ()) -> Callable[[Command], Command]:
    """A command without the options in `names`, which it states itself; those in `first` stand before the others."""

    def kept(work: Command) -> Command:
        signature = inspect.signature(work)
        left = [p for p in signature.parameters.values() if p.name not in names]
        left.sort(key=lambda p: first.index(p.name) if p.name in first else len(first))
        work.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        work.__annotations__ = {p.name: p.annotation for p in left}
        return work

    return kept


def takes_execution(work: Command) -> Command:
    """A command whose `**` options are how a run is done, and what a person names of it again; `execution_from` and
    `named_from` read them."""
    options = [_parameter(s, Door.RESUME) for s in stated(Execution, Door.RESUME)]
    return _described(work, [*options, *map(_again, _nameable())])


def takes_way(work: Command) -> Command:
    """A command whose `**` options are how work is done, and no more; `execution_from` reads them."""
    return _described(work, [_parameter(s, Door.RESUME) for s in stated(Execution, Door.RESUME)])


def settings_from(door: Door, values: Mapping[str, Any], kind: type[RunSettings] = RunSettings) -> RunSettings:
    """The settings that the options of a command give. Raises the user's mistakes."""
    from ace.roles.prompt_files import load_prompts

    made = _grouped(from_command(kind, door, _by_key(values)))
    return kind(**{**made, "prompts": load_prompts(made["prompts"]).own})


def execution_from(values: Mapping[str, Any]) -> Execution:
    """How a run is to be done, from the options of a command."""
    return Execution(**_grouped(from_command(Execution, Door.RESUME, _by_key(values))))


def named_from(values: Mapping[str, Any]) -> dict[str, JSON]:
    """What a person names of a run, by setting."""
    found = {s.name: (s, values[_again_key(s).replace("-", "_")]) for s in _nameable()}
    return {name: value if s.flag.read is None else s.flag.read(value) for name, (s, value) in found.items()}


def _grouped(made: Mapping[str, Any]) -> dict[str, Any]:
    """`made` with the limits as one value."""
    return {**made, "budget": Budget(**made.get("budget", {}))}


def _by_key(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in values.items()}


@cache
def _nameable() -> tuple[Stated, ...]:
    return tuple(s for s in stated(RunSettings) if s.flag.again is not None)


def _again_key(s: Stated) -> str:
    return s.flag.again[0] if s.flag.again is not None else s.key


def _again(s: Stated) -> inspect.Parameter:
    key, what = s.flag.again or (s.key, "")
    help = f"For a run that another person started: its {what}."
    metavar = s.flag.metavar
    option = typer.Option(f"--{key}", *([f"-{s.flag.short}"] if s.flag.short else []), metavar=metavar, help=help)
    kind = s.flag.text or str
    return _keyword(key, Annotated[kind, option], [] if kind == list[str] else "")


def _parameter(s: Stated, door: Door, defaults: Mapping[str, JSON] = MappingProxyType({})) -> inspect.Parameter:
    flag, measuring = s.flag, door is Door.EVAL
    help = (flag.eval_help if measuring else "") or flag.help
    said: dict[str, Any] = {"help": help, "metavar": flag.metavar}
    if flag.completion:
        said["autocompletion"] = getattr(completion, flag.completion)
    if flag.argument:
        info: Any = typer.Argument(**said)
    else:
        names = [f"--{s.key}", *([f"-{flag.short}"] if flag.short else [])]
        info = typer.Option(*names, envvar=flag.variable, **said)
    default = inspect.Parameter.empty if measuring and flag.required else _default(s, measuring)
    return _keyword(s.key, Annotated[flag.text or s.type, info], defaults.get(s.name, default))


def _default(s: Stated, measuring: bool) -> Any:
    if measuring and s.flag.eval_default is not None:
        return s.flag.eval_default
    if s.flag.text is None:
        return s.default
    return [] if s.flag.text == list[str] else str(s.default or "") if not isinstance(s.default, int) else str(s.default)


def _keyword(key: str, annotation: Any, default: Any) -> inspect.Parameter:
    name = key.replace("-", "_")
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _described(work: Command, options: list[inspect.Parameter]) -> Command:
    """`work` with a signature for the parser to read: `options` stand for its `**` parameter, before its own options."""
    hints = get_type_hints(work, include_extras=True)
    own = [
        p.replace(annotation=hints[p.name], kind=inspect.Parameter.KEYWORD_ONLY)
        for p in inspect.signature(work).parameters.values()
        if p.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    # What is required stands first, as in any signature.
    parameters = sorted([*options, *own], key=lambda p: p.default is not inspect.Parameter.empty)
    work.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    work.__annotations__ = {p.name: p.annotation for p in parameters}
    return work
