"""Every command with settings from files: the options `--config` and `--no-config`, and what they give.

The parser itself looks up what was not said on the command line, in its `default_map`, so a value from a file is checked like
any other. From the strongest: command line, `--config` file, environment variable, `ace.toml`, default. An `ace.toml` may have
come with a repository; a variable is the user's own word.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, wraps
from typing import Annotated, Any

import typer

from ace.errors import BadSetting

_HELP = "Read settings from this TOML file (default: the file that ACE_CONFIG names)."
_HELP_NOT = "Ignore the ace.toml in this folder."
_EMPTY = "{} is given as an empty text; leave it out, or give it a value"
ConfigOption = Annotated[str, typer.Option("--config", metavar="FILE", help=_HELP)]
NoConfigOption = Annotated[bool, typer.Option("--no-config", help=_HELP_NOT)]


@dataclass(frozen=True, slots=True)
class Settled:
    """The value that a command works with, and where it is from: `command line`, a file's name, a variable's, `default`."""

    value: Any
    source: str
    found: bool = False


class Settings(dict[str, Any]):
    """What files give for one command, read when the parser first asks for it: by then it knows both of our options."""

    def __init__(self, ctx: Any, named: str) -> None:
        super().__init__()
        self._ctx, self.named = ctx, named

    def get(self, key: str, default: Any = None) -> Any:
        from ace.commands.config.settings_keys import OWN

        return default if key in OWN else self._given.get(key, default)

    @cached_property
    def path(self) -> tuple[str, ...]:
        from ace.commands.config.settings_keys import leaves

        root, mine = self._ctx.find_root().command, self._ctx.command
        return next((path for path, leaf in leaves(root) if leaf is mine), ())

    @cached_property
    def layers(self) -> list[dict[str, Any]]:
        """What each file says for this command, by key, the strongest file first."""
        from ace.commands.config.settings_file import FOUND, settings_files

        named = next(filter(None, (_named(c) for c in _upwards(self._ctx))), os.environ.get("ACE_CONFIG", ""))
        find = not any(c.params.get("no_config") for c in _upwards(self._ctx))
        if not self.path or not (named or (find and os.path.lexists(FOUND))):
            return []
        from ace.commands.config.settings_keys import said

        root = self._ctx.find_root().command
        return [said(file, root, self.path) for file in settings_files(named, find=find)]

    @cached_property
    def refused(self) -> dict[str, str]:
        """What a found file says and may not, by key, with the line that refuses it."""
        from ace.commands.config.settings_keys import options, refusal

        taken = options(self._ctx.command)
        lines = {
            key: refusal(self.path, s, argument=taken[key].param_type_name != "option")
            for layer in self.layers
            for key, s in layer.items()
        }
        return {key: line for key, line in lines.items() if line}

    @cached_property
    def _given(self) -> dict[str, Any]:
        """Values by the parameter's name, in the parser's form. What is refused is raised, unless the shell only completes."""
        if not self.layers:
            return {}
        if self.refused and not self._ctx.resilient_parsing:
            raise BadSetting(next(iter(self.refused.values())))
        from ace.commands.config.settings_keys import PAIRS, as_given, kinds, options

        command, given = self._ctx.command, {}
        taken, types = options(command), kinds(command)
        for layer in reversed(self.layers):
            for key, s in layer.items():
                if key not in PAIRS and not (s.file.found and key in self.refused):
                    name = taken[key].name
                    given[name] = as_given(s, taken[key], types[name])
                    self._try(taken[key], given[name], s)
        return given

    def _try(self, parameter: Any, value: Any, s: Any) -> None:
        """Raise with the file's name what the parser would say about the value."""
        try:
            parameter.process_value(self._ctx, value)
        except typer.BadParameter as error:
            raise BadSetting(f"{s.place} is not accepted: {error.message}") from None

    def refuse_empty(self, values: Mapping[str, Any]) -> None:
        """Raise `BadSetting` for an empty text where leaving it out has a meaning of its own: it comes from a variable of the
        shell that is not set, and must not choose another playbook, store or run in silence."""
        for parameter in self._ctx.command.params:
            name = parameter.name
            value = values.get(name)
            among = isinstance(value, list | tuple) and any(text == "" for text in value)
            if (among or value == "" == parameter.default) and self._source(name) == "command line":
                shown = parameter.opts[0] if parameter.param_type_name == "option" else (parameter.metavar or parameter.name)
                raise BadSetting(_EMPTY.format(shown))

    def settled(self, values: Mapping[str, Any]) -> dict[str, Settled]:
        """The values of all parameters by name, with their sources; `values` is what the parser made of them."""
        by_name = {name: Settled(value, self._source(name)) for name, value in values.items()}
        if not self.layers:
            return by_name
        from ace.commands.config.settings_keys import PAIRS, options

        for key, parameter in options(self._ctx.command).items():
            name = parameter.name
            if key in PAIRS:
                by_name[name] = self._pairs(key, by_name)
            elif by_name[name].source != "command line":
                by_name[name] = self._from_file(key, parameter, by_name[name])
        return by_name

    def typed(self, settled: Mapping[str, Settled]) -> dict[str, str]:
        """The options that were given on the command line, as they are typed, by the names of their parameters."""
        params = (p for p in self._ctx.command.params if p.param_type_name == "option")
        return {p.name: p.opts[0] for p in params if p.name in settled and settled[p.name].source == "command line"}

    def _source(self, name: str) -> str:
        source = self._ctx.get_parameter_source(name)
        if source is not None and source.name == "ENVIRONMENT":
            variable = next(p.envvar for p in self._ctx.command.params if p.name == name)
            return str(variable if isinstance(variable, str) else variable[0])
        return "command line" if source is not None and source.name == "COMMANDLINE" else "default"

    def _from_file(self, key: str, parameter: Any, now: Settled) -> Settled:
        for layer in self.layers:
            s = layer.get(key)
            if s is None or (s.file.found and (key in self.refused or now.source != "default")):
                continue
            value = parameter.process_value(self._ctx, self._given[parameter.name])
            return Settled(value, s.file.name, s.file.found)
        return now

    def _pairs(self, key: str, by_name: Mapping[str, Settled]) -> Settled:
        """The pairs of the command line and of the files that are for the same environment, strategy, gates or model."""
        from ace.commands.config.settings_keys import BELONGS, options, pairs

        taken = options(self._ctx.command)
        now, sources = by_name[taken[key].name], []
        merged = list(now.value or [])
        have = {item.partition("=")[0].strip() for item in merged}
        partner = taken.get(BELONGS[key])
        for layer in self.layers:
            s = layer.get(key)
            for_other = partner and (p := layer.get(BELONGS[key])) and p.value != by_name[partner.name].value
            if s is None or for_other or (s.file.found and key in self.refused):
                continue
            new = {name: text for name, text in pairs(s).items() if name not in have}
            have |= new.keys()
            merged += [f"{name}={text}" for name, text in new.items()]
            sources += [s.file] if new else []
        names = [now.source] if now.value else []
        shown = ", ".join(dict.fromkeys([*names, *(f.name for f in sources)])) or "default"
        return Settled(merged, shown, any(f.found for f in sources))


def _upwards(ctx: Any) -> Iterator[Any]:
    while ctx is not None:
        yield ctx
        ctx = ctx.parent


def _named(ctx: Any) -> str:
    """The file that was named with `--config` at this level of the command line."""
    given = ctx.params.get("config", "")
    return given if isinstance(given, str) else str(given.named)


def _begin(ctx: typer.Context, value: str) -> Settings:
    settings = Settings(ctx, value)
    for level in _upwards(ctx):
        source = level.get_parameter_source("config")
        if (
            (value if level is ctx else level.params.get("config")) == ""
            and source is not None
            and source.name == "COMMANDLINE"
        ):
            raise BadSetting(_EMPTY.format("--config"))
    ctx.default_map = settings
    return settings


def _shared(
    config: Annotated[str, typer.Option("--config", metavar="FILE", is_eager=True, callback=_begin, help=_HELP)] = "",
    no_config: Annotated[bool, typer.Option("--no-config", is_eager=True, help=_HELP_NOT)] = False,
) -> None:
    """What all commands take."""


@cache
def _parameters() -> list[Any]:
    made = typer.Typer(add_completion=False)
    made.command()(_shared)
    return list(typer.main.get_command(made).params)


def configure(command: Any) -> None:
    """Let `command`, and all below it, take settings from files."""
    for below in getattr(command, "commands", {}).values():
        configure(below)
    if not hasattr(command, "commands") and command.callback is not None:
        command.params.extend(_parameters())
        command.callback = _with_settings(command.callback)


def _with_settings(work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def begin(*, config: Settings, no_config: bool, **values: Any) -> Any:
        config.refuse_empty(values)
        settled = config.settled(values)
        _tell(config, settled)
        try:
            return work(**{name: settled[name].value for name in values})
        except BadSetting as error:
            from ace.commands.terminal.mistakes import as_typed

            error.args = (as_typed(str(error), config.typed(settled)),)
            raise

    return begin


def _tell(settings: Settings, settled: Mapping[str, Settled]) -> None:
    """Print what a found file changes, the models first: the file may come from another person, and cost money."""
    if not any(s.found for s in settled.values()):
        return
    from ace.commands.config.settings_file import FOUND
    from ace.commands.config.settings_keys import options
    from ace.commands.terminal.outside import tell

    by_key = {key: settled[p.name] for key, p in options(settings._ctx.command).items()}
    items = [f"{key}={_brief(s.value)}" for key, s in by_key.items() if s.found]
    tell(f"ace: settings from {FOUND}: {', '.join(sorted(items, key=lambda i: 'model' not in i.partition('=')[0]))}")


def _brief(value: Any) -> str:
    text = " ".join(value) if isinstance(value, list) else str(getattr(value, "value", value))
    return text if len(text) <= 60 else text[:57] + "..."
