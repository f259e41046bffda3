"""`ace review`: the deltas that a gate held, or a run with `--review`, until a person decides on them."""

from __future__ import annotations

from typing import Annotated

import typer

from ace.commands.playbook import HELP
from ace.commands.terminal.common import AuthorOption, JsonOption, StoreOption
from ace.commands.terminal.completion import playbooks

app = typer.Typer(rich_markup_mode=None, help=HELP["review"], no_args_is_help=True)

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The playbook's name.", autocompletion=playbooks)]
_Number = Annotated[int, typer.Argument(metavar="DELTA", help="The delta's number, as `ace review list` gives it.")]
_Reason = Annotated[str, typer.Option("--reason", "-r", help="The reason, for the log; asked for on a terminal if not given.")]


@app.command("list")
def list_waiting(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The playbook; all of them if not given.", autocompletion=playbooks)
    ] = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """The held deltas, oldest first, and how much of each still applies to the playbook."""
    from ace.commands.playbook.reviewing import list_deltas

    list_deltas(name, store, json)


@app.command("show")
def show(name: _Name, delta: _Number, store: StoreOption = "", json: JsonOption = False) -> None:
    """What accepting a delta would change now, why it was proposed and held, and what changed meanwhile.

    The code at its end identifies what it showed: `ace review accept ... --shown CODE` commits that and nothing else.
    """
    from ace.commands.playbook.reviewing import show_delta

    show_delta(name, delta, store, json)


@app.command("accept")
def accept(
    name: _Name,
    delta: _Number,
    *,
    shown: Annotated[
        str, typer.Option("--shown", metavar="CODE", help="The code that `ace review show` gave: accept what it showed.")
    ] = "",
    only: Annotated[
        str,
        typer.Option("--only", metavar="N,M", help="Only the operations with these numbers; the others are refused."),
    ] = "",
    reason: _Reason = "",
    author: AuthorOption = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Commit a held delta as a new revision.

    Without --shown it is committed as it was proposed. If the playbook has changed so that something other than what was shown
    or proposed would be committed, nothing is committed, and you are asked to look again. Operations on bullets that have
    changed meanwhile are left out and listed."""
    from ace.commands.playbook.changes import ChangeRequest
    from ace.commands.playbook.reviewing import accept_delta

    accept_delta((name, delta), shown, only, ChangeRequest(reason, False, store, json, author))


@app.command("refuse")
def refuse(
    name: _Name,
    delta: _Number,
    *,
    reason: _Reason = "",
    author: AuthorOption = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Refuse a held delta. It stays in the log, with who refused it, when and why."""
    from ace.commands.playbook.changes import ChangeRequest
    from ace.commands.playbook.reviewing import refuse_delta

    refuse_delta((name, delta), ChangeRequest(reason, False, store, json, author))
