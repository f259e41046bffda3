"""The `ace` command: mounts the nouns that the modules of `commands/` offer, and turns every error of ours into one line and an
exit status.

Command modules import nothing heavy at their top, so that `ace --help` costs what typer costs.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, cast

import typer
from typer.core import TyperGroup

from ace.commands.config.configured import ConfigOption, NoConfigOption, configure
from ace.commands.run.preview import UsageError
from ace.commands.terminal.loading import tell_of_loading
from ace.commands.terminal.mistakes import in_words, plain_usage
from ace.commands.terminal.outside import put, tell
from ace.commands.terminal.streams import complaint, only_tells, wrap_streams
from ace.commands.terminal.termination import terminable
from ace.errors import AceError, BadInput, BadPrompts, command_line
from ace.offered import described, offer, offered
from ace.warned import AceWarning

ROOM, GROUP = "ace.commands", "ace.commands"
"""The package whose modules offer nouns, and the entry points by which other packages do."""


class _Built(Mapping[str, Any]):
    """The commands of the nouns that `commands/` offers, each made when it is first asked for: most calls need one of them, and
    `ace --help` needs none."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, noun: str) -> Any:
        if noun not in self._made:
            self._made[noun] = _command(noun, offered(ROOM)[noun])
        return self._made[noun]

    def __iter__(self) -> Iterator[str]:
        return iter(offered(ROOM))

    def __len__(self) -> int:
        return len(offered(ROOM))


class _Nouns(TyperGroup):
    """The nouns of `commands/`, and those of installed packages, which are looked up where a word is none of ours."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = cast(dict[str, Any], _Built())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return self.commands.get(cmd_name) or _outside(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        said = described(ROOM)
        lines = [(noun, said.get(noun) or self.commands[noun].get_short_help_str(200)) for noun in self.commands]
        with formatter.section("Commands"):
            formatter.write_dl(lines)
        if theirs := _installed():
            with formatter.section("Commands of installed packages"):
                formatter.write_dl(theirs.items())


def _command(noun: str, place: str) -> Any:
    """The command of one of our nouns, which takes settings from files."""
    found, root = offer(place), typer.Typer(add_completion=False, rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        root.add_typer(found, name=noun)
    else:
        # A single command, which mounts itself.
        cast(Callable[[typer.Typer], None], found)(root)
    command = typer.main.get_group(root).commands[noun]
    configure(command)
    plain_usage(command)
    for listed in getattr(command, "commands", {}).values():
        # Click cuts a command's sentence to one line of the list; whole sentences are wrapped instead.
        listed.short_help = listed.get_short_help_str(200)
    return command


def _installed() -> dict[str, str]:
    """The nouns of installed packages that are none of ours, and the package of each. Nothing of theirs is imported."""
    from ace.registry import entry_point_names, source

    return {noun: f"From {source(noun, GROUP, {})}." for noun in entry_point_names(GROUP) if noun not in offered(ROOM)}


def _outside(noun: str) -> Any:
    """The command of an installed package's noun, or `None`. Raises `BadInput` where its entry point is not a `Typer`."""
    from ace.registry import entry_point_names, load_object

    if noun not in entry_point_names(GROUP):
        return None
    found = load_object(noun, "command", GROUP, {})
    if not isinstance(found, typer.Typer):
        raise BadInput(f"command {noun} is an object of type {type(found).__name__}; it must be a typer.Typer")
    command = typer.main.get_group(found)
    plain_usage(command)
    return command


app = typer.Typer(
    name="ace",
    cls=_Nouns,
    help="Agents that improve by changing what they read: run them and inspect what they learned.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Plain help: the decorated one costs half of the time that `ace --help` may take.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        put(f"ace {version('evolving-playbook')}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version and stop."),
    config: ConfigOption = "",
    no_config: NoConfigOption = False,
) -> None:
    """Agents that get better by changing what they read."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. Exit status: 0 done, 1 the work failed, 2 the user's mistake, 3 a budget stopped it, 130
    interrupted."""
    # What goes wrong beside the work, such as a backup that could not be made, is a line and not a piece of our code.
    warnings.showwarning = lambda message, *_, **__: tell(f"ace: {str(message).removeprefix('ace: ')}")
    # What is to be looked at is told each time, however Python was told to treat warnings.
    warnings.simplefilter("always", AceWarning)
    wrap_streams()
    tell_of_loading()
    status = _run(arguments)
    sys.stdout.flush()
    if (why := complaint()) and not status:
        tell(f"ace: {why}")
        status = 0 if only_tells() else 1
    sys.stderr.flush()
    sys.exit(status)


@cache
def parser() -> Any:
    """The parser of all commands. Making it takes longer than most commands, so that one process makes it once."""
    return typer.main.get_command(app)


def _run(arguments: list[str] | None) -> int:
    try:
        with terminable(), command_line():
            found: Any = parser()(arguments, standalone_mode=False)
        return found if isinstance(found, int) else 0
    except typer.Exit as done:
        return done.exit_code
    except UsageError as mistake:
        if type(mistake).__name__ == "NoArgsIsHelpError":
            # A command that needs another one was given none; what it says is its help.
            put(mistake.format_message() + "\n")
            return 2
        return _say(in_words(mistake), 2)
    except BadPrompts as error:
        return max(_say(fault, error.exit_status) for fault in error.faults)
    except AceError as error:
        return _say(str(error), error.exit_status)
    except (KeyboardInterrupt, typer.Abort):
        return _say("interrupted", 130)


def _say(message: str, status: int) -> int:
    from ace.bounds import without_long_numbers

    tell(f"ace: {without_long_numbers(message)}")
    return status
