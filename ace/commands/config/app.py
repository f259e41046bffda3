"""`ace config show`: the settings a command would work with, and where each is from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ace.commands.config import HELP
from ace.commands.terminal.common import JsonOption, console, print_json
from ace.types import JSON

if TYPE_CHECKING:
    from ace.commands.config.configured import Settings

_STYLES = {"default": "dim", "given by": "bold"}

app = typer.Typer(rich_markup_mode=None, help=HELP["config"], no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Settings from files: show the values in force and where each is set."""


@app.command("show")
def show(
    ctx: typer.Context,
    command: Annotated[list[str], typer.Argument(metavar="COMMAND", help="A command, such as run, or playbook add.")] = [],  # noqa: B006
    json: JsonOption = False,
) -> None:
    """The settings of a command and where each is from; without COMMAND, all that files and the environment give.

    From the strongest: the command line, the file of --config, an environment variable, the ace.toml of this folder, the
    default.
    """
    from ace.commands.config.settings_keys import leaves

    root: Any = ctx.find_root().command
    wanted = _named(dict(leaves(root)), tuple(command))
    rows = [row for path, leaf in wanted.items() for row in _rows(ctx, path, leaf) if command or _is_set(row)]
    if json:
        print_json(rows)
    else:
        _print(rows, alone=bool(command))


def _named(commands: dict[tuple[str, ...], Any], name: tuple[str, ...]) -> dict[tuple[str, ...], Any]:
    from ace.errors import UnknownName

    if not name:
        return {path: leaf for path, leaf in commands.items() if path != ("config", "show")}
    path = ("run", "start") if name == ("run",) else name
    if path not in commands:
        raise UnknownName("command", " ".join(name), [_title(p) for p in commands])
    return {path: commands[path]}


def _title(path: tuple[str, ...]) -> str:
    return " ".join(path).removesuffix(" start")


def _rows(ctx: Any, path: tuple[str, ...], command: Any) -> list[dict[str, JSON]]:
    from ace.commands.config.settings_keys import options

    # What is refused or missing is shown here and stops only the command itself.
    inner = command.make_context(path[-1], [], parent=ctx, resilient_parsing=True)
    settings: Settings = inner.params["config"]
    settled = settings.settled({k: v for k, v in inner.params.items() if k not in ("config", "no_config")})
    return [
        {
            "command": _title(path),
            "key": key,
            "value": _masked(getattr(s.value, "value", s.value)),
            "source": s.source,
            "refused": settings.refused.get(key),
        }
        for key, parameter in options(command).items()
        for s in [settled[parameter.name]]
    ]


def _masked(value: JSON) -> JSON:
    """A value without what looks like a key: a file may hold one that no command takes."""
    from ace.redaction import redact_all

    if isinstance(value, dict):
        return {name: _masked(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return redact_all(value) if isinstance(value, str) else value


def _is_set(row: dict[str, JSON]) -> bool:
    return row["source"] != "default" or row["refused"] is not None


def _print(rows: list[dict[str, JSON]], *, alone: bool) -> None:
    screen = console()
    if not rows:
        screen.print("No file and no environment variable sets anything; every setting has its default.")
        return
    shown = [(str(r["key"]), _used(r), str(r["source"])) for r in rows] if alone else _together(rows)
    heading = ("setting" if alone else "setting (command)", "value", "given by")
    first, last = max(len(key) for key, _, _ in [*shown, heading]), max(len(source) for _, _, source in shown)
    middle = max(8, min(max(len(v) for _, v, _ in shown), 78 - first - min(last, 24)))
    for key, value, source in [heading, *shown]:
        cut = value if len(value) <= middle else value[: middle - 3] + "..."
        screen.print(f"{key:<{first}} {cut:<{middle}} {source}".rstrip(), style=_STYLES.get(source, ""))
    if any(value.startswith("all, else ") for _, value, _ in shown):
        screen.print("all, else N: all cases of a finite split, and N of one without an end", style="dim")
    for line in dict.fromkeys(str(r["refused"]) for r in rows if r["refused"]):
        screen.print(f"refused: {line}", style="red")


def _used(row: dict[str, JSON]) -> str:
    """The value of a setting; where none is given, what is used then."""
    from ace.runs.tasks import DEFAULT_EPISODES, DEFAULT_EVAL

    cases = {"episodes": DEFAULT_EPISODES, "eval": DEFAULT_EVAL}.get(str(row["key"]))
    return _value(row["value"]) if row["value"] is not None or cases is None else f"all, else {cases}"


def _together(rows: list[dict[str, JSON]]) -> list[tuple[str, str, str]]:
    """A line for each value, with the command it is for, or how many there are."""
    commands: dict[tuple[str, str, str], list[str]] = {}
    for r in rows:
        commands.setdefault((str(r["key"]), _value(r["value"]), str(r["source"])), []).append(str(r["command"]))
    named = {at: of[0] if len(of) == 1 else f"{len(of)} commands" for at, of in commands.items()}
    return [(f"{at[0]} ({named[at]})", at[1], at[2]) for at in commands]


def _value(value: JSON) -> str:
    if value in (None, "", []):
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(str(v) for v in value) if isinstance(value, list) else str(value)
