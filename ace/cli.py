"""The `ace` command: mounts `commands/` and turns every error of ours into one line and an exit status.

The decision behind it: command modules import nothing heavy at their top, so that `ace --help` costs what typer costs.
"""

from __future__ import annotations

import errno
import io
import os
import sys
import warnings
from typing import Any

import typer

from ace.commands import env, episode, evaluate, model, playbook, prompts, run, store
from ace.commands.outside import tell
from ace.errors import AceError, BadPrompts

UsageError: Any = typer.BadParameter.__base__
"""The parser's own complaints; typer names only the subclass."""

app = typer.Typer(
    name="ace",
    help="Agents that get better by changing what they read: run them, and look at what they learned.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Plain help: the decorated one costs half of the time that `ace --help` may take.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(run.app, name="run")
app.command("eval")(evaluate.evaluate)
app.add_typer(playbook.app, name="playbook")
app.add_typer(episode.app, name="episode")
app.add_typer(env.app, name="env")
app.add_typer(model.app, name="model")
app.add_typer(prompts.app, name="prompts")
app.add_typer(store.app, name="store")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"ace {version('evolving-playbook')}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version and stop."),
) -> None:
    """Agents that get better by changing what they read."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. Exit status: 0 done, 1 the work failed, 2 the user's mistake, 3 a budget stopped it, 130
    interrupted."""
    # What goes wrong beside the work, such as a backup that could not be made, is a line and not a piece of our code.
    warnings.showwarning = lambda message, *_, **__: tell(f"ace: {message}")
    _print_anything()
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except (OSError, SystemExit) as error:
        # The parser makes an exit of its own out of a broken pipe.
        fault = error if isinstance(error, OSError) else error.__context__
        if isinstance(fault, BrokenPipeError):
            # Whoever read our output has left, as `| head` does.
            status = _say("the output was cut short: whatever read it closed the pipe", 2)
        elif isinstance(fault, OSError) and fault.errno == errno.ENOSPC:
            status = _say("the output could not be written: the disk it goes to is full", 1)
        else:
            raise
        # Python must not complain about it again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(status)


def _print_anything() -> None:
    """Let the streams take every text: what their encoding cannot show is written as an escape, and a stream that was closed
    before we began takes all and keeps nothing. Printing never decides whether the work succeeded."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None or stream.closed:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _run(arguments: list[str] | None) -> int:
    try:
        found: Any = app(arguments, standalone_mode=False)
        return found if isinstance(found, int) else 0
    except typer.Exit as done:
        return done.exit_code
    except UsageError as mistake:
        if type(mistake).__name__ == "NoArgsIsHelpError":
            # A command that needs another one was given none; what it says is its help.
            typer.echo(mistake.format_message())
            return 2
        return _say(mistake.format_message() + _commands(mistake), 2)
    except BadPrompts as error:
        return max(_say(fault, error.exit_status) for fault in error.faults)
    except AceError as error:
        return _say(str(error), error.exit_status)
    except (KeyboardInterrupt, typer.Abort):
        return _say("interrupted", 130)


def _commands(mistake: Any) -> str:
    """The commands there are, where the mistake was to name one that is not."""
    group = getattr(mistake.ctx, "command", None)
    if "No such command" not in mistake.format_message() or group is None:
        return ""
    return f" (valid: {', '.join(group.list_commands(mistake.ctx))})"


def _say(message: str, status: int) -> int:
    # A file's name, or what a model wrote, may hold anything; no control character of theirs reaches a terminal.
    shown = "".join(c if c.isprintable() else " " for c in message)
    print(f"ace: {' '.join(shown.split())}", file=sys.stderr)  # noqa: T201
    return status
