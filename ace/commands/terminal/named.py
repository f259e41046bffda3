"""What can be named in a run (environments, strategies, gates): the list of short names, and the settings of one.

All of them are classes or functions whose settings are annotated keyword parameters, so one kind of row serves them all.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from ace.commands.terminal.common import console, print_json
from ace.commands.terminal.prose import line, say
from ace.errors import AceError

if TYPE_CHECKING:
    from rich.console import Console

    from ace.options import Setting


class HowGiven(NamedTuple):
    """How the settings of a kind are given: an option of `ace run`, and a keyword of `Learner` and `learn`."""

    option: str
    keyword: str


class NamedThing(NamedTuple):
    """What a name stands for, under the name as it was typed."""

    name: str
    found: object
    source: str
    settings: list[Setting]
    terms: str = ""
    """What else decides how it works, as a sentence."""


class SettingRow(TypedDict):
    """A setting: `default` is text, as it would be typed; `None` where a value must be given."""

    name: str
    accepts: str
    default: str | None
    about: str


def described(found: object) -> str:
    """The docstring of a class, a function or an object; a class does not inherit it."""
    return inspect.cleandoc(found.__doc__ or "")


def list_named(
    names: Iterable[str], load: Callable[[str], object], source: Callable[[str], str], own: str, json: bool = False
) -> None:
    """Print the short `names`, each with the first line of its description and its source, then how one's `own` is named.
    A name that cannot be imported is listed with the reason."""
    rows = [{"name": name, "about": about_named(name, load), "source": source(name)} for name in names]
    if json:
        print_json(rows)
        return
    screen, wide = console(), max((len(r["name"]) for r in rows), default=0)
    for row in rows:
        say(screen, f"{row['about']} (from {row['source']})", first=f"{row['name']:<{wide}}  ")
    screen.print(f"Your own: {own}")


def about_named(name: str, load: Callable[[str], object]) -> str:
    """The first line of the description of what `name` names, or why it cannot be imported."""
    try:
        return described(load(name)).partition("\n")[0]
    except AceError as error:
        return line(str(error))


def setting_rows(settings: Iterable[Setting]) -> list[SettingRow]:
    """The settings in their order."""
    return [SettingRow(name=s.name, accepts=s.accepts, default=None if s.required else s.typed, about=s.help) for s in settings]


def show_settings(screen: Console, rows: Iterable[SettingRow], how: str) -> None:
    """Print the settings under a heading that says `how` they are given."""
    rows = list(rows)
    screen.print(f"\nSettings ({how}):" if rows else "\nIt has no settings.", style="bold")
    for s in rows:
        default = "required" if s["default"] is None else f"default {s['default'] or 'empty'}"
        say(screen, f"{s['about']} ({s['accepts']}; {default})".lstrip(), 2, first=f"{s['name']}: ")


def show_named(shown: NamedThing, given: HowGiven, json: bool = False) -> None:
    """Print the description of what is `shown`, its source, its settings, and how each is given."""
    name, about, source, settings = shown.name, described(shown.found), shown.source, setting_rows(shown.settings)
    if json:
        print_json({"name": name, "about": about, "source": source, "settings": settings})
        return
    screen = console()
    say(screen, line(about) or "(without a docstring)", first=f"{name}: ")
    screen.print(f"From {source}", style="dim")
    show_settings(screen, settings, f"--{given.option} KEY=VALUE")
    if shown.terms:
        say(screen, shown.terms)
    if settings:
        key = settings[0]["name"]
        screen.print(f"\nIn a settings file: {key} = ... under [run.{given.option}]", style="dim")
        screen.print(f'From Python: {given.keyword}={{"{key}": ...}}', style="dim")
