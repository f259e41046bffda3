"""`ace playbook`: what was learned, when, why, and from what."""

from __future__ import annotations

from typing import Annotated

import typer

from ace.commands.common import JsonOption, LimitOption, StoreOption

app = typer.Typer(
    rich_markup_mode=None, help="Playbooks: look at what was learned, and at how it changed.", no_args_is_help=True
)

Ref = Annotated[str, typer.Argument(metavar="REF", help="NAME, or NAME@REVISION (a number or a hash).")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The playbook's name.")]


@app.command("list")
def list_playbooks(store: StoreOption = "", json: JsonOption = False) -> None:
    """The playbooks in the store."""
    from ace.commands.books import list_books

    list_books(store, json)


@app.command("show")
def show(
    ref: Ref,
    at: Annotated[str, typer.Option("--at", help="The revision, as a number or a hash.")] = "",
    retired: Annotated[bool, typer.Option("--retired", help="Show retired bullets too.")] = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """The bullets, by section, with how often following them won and lost."""
    from ace.commands.books import show_book

    show_book(f"{ref}@{at}" if at else ref, retired, store, json)


@app.command("log")
def log(name: Name, store: StoreOption = "", limit: LimitOption = 30, json: JsonOption = False) -> None:
    """The deltas, the last one first: what changed, why, by whom, and what was refused."""
    from ace.commands.history import show_log

    show_log(name, limit, store, json)


@app.command("diff")
def diff(
    a: Ref,
    b: Annotated[str, typer.Argument(metavar="REF", help="The other side; the first playbook's head if not given.")] = "",
    stat: Annotated[bool, typer.Option("--stat", help="Counts alone.")] = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """What changed between two revisions, or what differs between two playbooks, with the reason for every change."""
    from ace.commands.history import show_diff

    show_diff(a, b or a.split("@", maxsplit=1)[0], stat, store, json)


@app.command("stats")
def stats(ref: Ref, store: StoreOption = "", json: JsonOption = False) -> None:
    """How large a playbook is, how it grew, and how its bullets do."""
    from ace.commands.books import show_stats

    show_stats(ref, store, json)
