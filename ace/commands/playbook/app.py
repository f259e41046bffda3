"""`ace playbook`: what was learned, when, why, and from what."""

from __future__ import annotations

from typing import Annotated

import typer

from ace.commands.playbook import HELP
from ace.commands.playbook.branches import fork, merge
from ace.commands.playbook.counterfactual_options import counterfactual
from ace.commands.playbook.edit import (
    activate,
    add,
    deescalate,
    demote,
    edit,
    escalate,
    pin,
    quarantine,
    restore,
    retire,
    revert,
    revise,
    rollback,
    unpin,
)
from ace.commands.playbook.exchange import export, import_
from ace.commands.playbook.provenance import blame, effects, fit, search, trust, verify, why
from ace.commands.terminal.common import JsonOption, LimitOption, StoreOption
from ace.commands.terminal.completion import playbooks
from ace.commands.terminal.page_file import ForceOption, PageOption, write_page

app = typer.Typer(rich_markup_mode=None, help=HELP["playbook"], no_args_is_help=True)

Ref = Annotated[
    str, typer.Argument(metavar="REF", help="NAME, or NAME@REVISION (a number or a hash).", autocompletion=playbooks)
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The playbook's name.", autocompletion=playbooks)]


@app.command("list")
def list_playbooks(
    every: Annotated[bool, typer.Option("--all", help="Also list those learned by runs of experiments.")] = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """The playbooks in the store, without those learned by runs of experiments; --json lists all."""
    from ace.commands.playbook.listing import list_books

    list_books(store, json, every=every)


@app.command("show")
def show(
    ref: Ref,
    at: Annotated[str | None, typer.Option("--at", help="The revision, as a number or a hash.")] = None,
    retired: Annotated[bool, typer.Option("--retired", help="Show retired bullets too.")] = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """The bullets by section, with their wins and losses."""
    from ace.commands.playbook.listing import show_book

    show_book(ref if at is None else f"{ref}@{at}", retired, store, json)


@app.command("log")
def log(
    *,
    name: Name,
    run: Annotated[str, typer.Option("--run", help="Only of this run.")] = "",
    author: Annotated[
        str, typer.Option("--author", help="Only by curator, person or import, or by the person of this name.")
    ] = "",
    store: StoreOption = "",
    limit: LimitOption = 30,
    json: JsonOption = False,
) -> None:
    """What changed, when, why and by whom, newest first.

    Refused deltas are listed too, with the reason.
    """
    from ace.commands.playbook.log import LogRequest, show_log

    show_log(LogRequest(name, run, author, limit), store, json)


@app.command("diff")
def diff(
    a: Annotated[
        str,
        typer.Argument(
            metavar="REF", help="NAME@REVISION, a range such as NAME@3..5, or NAME: its last change.", autocompletion=playbooks
        ),
    ],
    b: Annotated[
        str,
        typer.Argument(metavar="REF", help="The other side; the first playbook's head if not given.", autocompletion=playbooks),
    ] = "",
    stat: Annotated[bool, typer.Option("--stat", help="Only counts.")] = False,
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """What differs between two revisions, or two playbooks.

    Bullet by bullet and word by word, with the reason for every change.
    """
    from ace.commands.playbook.diff import show_diff

    show_diff(a, b, stat, store, json)


@app.command("stats")
def stats(ref: Ref, store: StoreOption = "", json: JsonOption = False) -> None:
    """How large a playbook is, how it grew, and how its bullets do."""
    from ace.commands.playbook.stats import show_stats

    show_stats(ref, store, json)


app.command("blame")(blame)
app.command("why")(why)
app.command("fit")(fit)
app.command("effects")(effects)
app.command("counterfactual")(counterfactual)
app.command("trust")(trust)
app.command("search")(search)
app.command("verify")(verify)
app.command("export")(export)
app.command("import")(import_)
_MARKS = (retire, restore, activate, demote, pin, unpin, escalate, deescalate)
for command in (add, revise, edit, *_MARKS, revert, rollback, quarantine, fork, merge):
    app.command(command.__name__)(command)


@app.command("report")
def report(ref: Ref, out: PageOption = "", force: ForceOption = False, store: StoreOption = "") -> None:
    """A playbook as one HTML page: its bullets by weight, with right and wrong, where each came from, and every edit.

    The page is made from the store alone and is self-contained: it needs no network and no script. A page that ace wrote and
    that was not changed since is replaced; any other file needs --force.
    """
    from ace.pages.playbook import playbook_page

    write_page(lambda db: playbook_page(db, ref), store, out, force)
