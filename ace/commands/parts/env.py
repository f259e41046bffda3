"""`ace env`: which environments there are, what they are, and whether one keeps the contract."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ace.commands.parts import HELP
from ace.commands.terminal.common import JsonOption, console, count, pairs, print_json
from ace.commands.terminal.completion import environments
from ace.commands.terminal.named import about_named, described, setting_rows, show_settings
from ace.commands.terminal.outside import tell
from ace.commands.terminal.prose import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from ace.environments.needs import Need

ROWS, LONGEST_ROW = 12, 400
"""How much of a sample task is shown."""
app = typer.Typer(rich_markup_mode=None, help=HELP["env"], no_args_is_help=True)

_Env = Annotated[
    str,
    typer.Argument(metavar="ENV", help="A name, package.module:attribute or file.py:attribute.", autocompletion=environments),
]
_Set = Annotated[list[str], typer.Option("--set", help="A setting of the environment, as key=value; may be repeated.")]


@app.command("list")
def list_environments(json: JsonOption = False) -> None:
    """The environments with a short name, and what each needs that is not installed with ace."""
    from ace.environments.needs import needs_of
    from ace.environments.registry import environment_help, environment_names, environment_source, load_environment

    found = [(n, environment_help(n) or about_named(n, load_environment), needs_of(n)) for n in environment_names()]
    if json:
        rows = [
            {"name": name, "about": about, "source": environment_source(name), "needs": [_need(n) for n in needs]}
            for name, about, needs in found
        ]
        print_json(rows)
        return
    screen, wide = console(), max(len(name) for name, *_ in found)
    for name, about, needs in found:
        say(screen, f"{about} (from {environment_source(name)})", first=f"{name:<{wide}}  ")
        _say_needs(screen, needs, wide + 2)
    screen.print("Your own: ace run ./file.py:Class or package.module:attribute")


def _say_needs(screen: Console, needs: Sequence[Need], indent: int) -> None:
    """What is needed, and on a line of its own the command that installs what is missing."""
    for need in needs:
        say(screen, f"needs {need}: {'found' if need.met else 'not installed'}", indent, style="dim" if need.met else "yellow")
        if not need.met:
            say(screen, need.install, indent + 2)


def _need(need: Need) -> dict[str, object]:
    return {key: value for key, value in asdict(need).items() if key not in ("stops", "packages")}


@app.command("show")
def show(environment: _Env, set_: _Set = [], json: JsonOption = False) -> None:  # noqa: B006
    """What an environment is: its settings, a sample task, its measured facts."""
    from ace.environments.function import FunctionEnvironment
    from ace.environments.needs import missing, needs_of
    from ace.environments.registry import load_environment, open_environment, require_making
    from ace.environments.usable import listed
    from ace.errors import UnknownName
    from ace.options import settings_of

    given, found = pairs(set_), load_environment(environment)
    require_making(environment, found, given)
    about, settings = described(found).partition("\n")[0], setting_rows(settings_of(found))
    needs = needs_of(environment)
    for unknown in given.keys() - {s["name"] for s in settings}:
        raise UnknownName(f"setting of {environment}", unknown, [s["name"] for s in settings])
    ready = not missing(environment) and all(s["default"] is not None or s["name"] in given for s in settings)
    opened = open_environment(environment, given) if ready else None
    task = next(iter(listed(opened, "train", 1, 1)), None) if opened else None
    facts = opened.describe() if opened else {}
    if json:
        sample = None if task is None else {"id": task.id, "kind": task.kind, "text": task.text}
        print_json({"name": environment, "about": about, "settings": settings, "facts": facts, "sample": sample})
        return
    screen = console()
    screen.print(f"{environment}: {about}")
    _say_needs(screen, needs, 2)
    for text in opened.cautions if opened else ():
        tell(f"Warning: {text}")
    show_settings(screen, settings, "--set KEY=VALUE")
    if facts:
        screen.print("\nMeasured facts:", style="bold")
    for name, value in facts.items():
        first, *more = str(value).rstrip().split("\n")
        say(screen, f"{name.replace('_', ' ')}: {first}".rstrip(), 2, style="dim")
        for row in more:
            say(screen, row.strip(), 4, first="- ", style="dim")
    if task is not None:
        of = f" of kind {task.kind}" if task.kind else ""
        screen.print(f"\nA training task{of}:", style="bold")
        _say_beginning(screen, task.text)
    if isinstance(opened, FunctionEnvironment) and (choices := opened.choices):
        rest = ", ..." if len(choices) > ROWS else ""
        say(screen, f"{count(len(choices), 'choice')}: {', '.join(choices[:ROWS])}{rest}")


def _say_beginning(screen: Console, text: str) -> None:
    """The first lines of `text`; manuals of tools, documents and the like would fill the screen."""
    rows = text.rstrip().split("\n")
    kept = [row if len(row) <= LONGEST_ROW else f"{row[:LONGEST_ROW]} …" for row in rows[:ROWS]]
    screen.print("\n".join(kept))
    if kept != rows:
        screen.print(f"({len(text):,} characters in all; --json shows them)", style="dim")


def _telling(environment: str, shown: bool) -> Callable[[str], None]:
    """Says on stderr, if `shown` and on a terminal, what is being checked, a line each."""
    here = shown and sys.stderr.isatty()
    return lambda doing: tell(f"checking {environment}: {doing}") if here else None


@app.command("check")
def check(
    environment: _Env,
    set_: _Set = [],  # noqa: B006
    n: Annotated[int, typer.Option("-n", min=1, max=10_000, help="Tasks of each split to try.")] = 30,
    seed: Annotated[int, typer.Option(help="The random seed.")] = 0,
    json: JsonOption = False,
) -> None:
    """Check an environment against the contract: the oracle passes, junk fails, splits are disjoint, faults are invalid."""
    from ace.environments.check import check as run_check
    from ace.environments.registry import open_environment
    from ace.environments.usable import listed, require_usable
    from ace.results.cautions import FEW, few, free_answers

    opened = open_environment(environment, pairs(set_))
    doing = _telling(environment, not json)
    doing("opening it")
    require_usable(opened, n)
    report = run_check(opened, n=n, seed=seed, doing=doing)
    held_out = listed(opened, "test", FEW, FEW)
    warnings = [*few(len(held_out)), *free_answers(opened, held_out)]
    if json:
        checks = [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in report.checks]
        print_json({"environment": environment, "ok": report.ok, "checks": checks, "warnings": warnings})
    else:
        screen = console()
        for c in report.checks:
            say(screen, c.detail, first=f"{'ok  ' if c.ok else 'FAIL'} {c.name}: ", style="" if c.ok else "bold red")
        for line in warnings:
            screen.print(line, style="yellow")
        screen.print("The contract is kept." if report.ok else "The contract is broken.", style="bold")
    if not report.ok:
        raise typer.Exit(1)
