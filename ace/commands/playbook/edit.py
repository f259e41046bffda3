"""`ace playbook add, revise, edit, retire, restore, revert, rollback`, and the marks of bullets: changes by hand.

A person's change is a delta with a reason like any other, so that the log tells a reader, and the curator, why. Here are the
commands alone; their work is imported when it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from ace.commands.terminal.common import AuthorOption, JsonOption, StoreOption
from ace.commands.terminal.completion import playbooks

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The playbook's name.", autocompletion=playbooks)]
_Ids = Annotated[list[str], typer.Argument(metavar="ID", help="Ids of bullets.")]
_Reason = Annotated[str, typer.Option("--reason", "-r", help="The reason, for the log; asked for on a terminal if not given.")]
_Aim = Annotated[str, typer.Argument(metavar="NAME", help="The playbook's name, or NAME@REVISION.", autocompletion=playbooks)]
_Revision = Annotated[str, typer.Argument(metavar="REVISION", help="A number or a hash, if not given with the name.")]
_Force = Annotated[bool, typer.Option("--force", help="Do it even if it looks like a mistake.")]


def add(
    name: _Name,
    *,
    section: Annotated[str, typer.Option("--section", "-s", help="The section; created if it does not exist.")],
    text: Annotated[str, typer.Option("--text", "-t", help="What the bullet says, on one line.")],
    after: Annotated[
        str | None, typer.Option("--after", help="The bullet it follows, or `first`: at the section's top.")
    ] = None,
    reason: _Reason = "",
    force: _Force = False,
    author: AuthorOption = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Add a bullet, at the end if no place is given. A playbook that does not exist is created."""
    from ace.commands.playbook.changes import ChangeRequest, add_bullet
    from ace.errors import BadSetting
    from ace.playbooks.operations import Op, Operation

    if after is not None and not after.strip():
        raise BadSetting("--after names no bullet; say which, or `first`, or leave it out: then the bullet comes last")
    operation = Operation(Op.ADD, section=section, text=text, after=after or "")
    add_bullet(name, operation, ChangeRequest(reason, force, store, json, author))


def revise(
    name: _Name,
    id: Annotated[str, typer.Argument(metavar="ID", help="The bullet's id.")],
    *,
    text: Annotated[str, typer.Option("--text", "-t", help="What the bullet is to say, on one line.")],
    reason: _Reason = "",
    force: _Force = False,
    author: AuthorOption = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Change a bullet's text; its id, place and history are kept."""
    from ace.commands.playbook.changes import ChangeRequest, revise_bullet

    revise_bullet(name, id, text, ChangeRequest(reason, force, store, json, author))


def edit(
    name: _Name,
    *,
    reason: _Reason = "",
    force: _Force = False,
    author: AuthorOption = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Change bullets in your editor (VISUAL or EDITOR), as Markdown: texts, sections, order; a line taken out is retired."""
    from ace.commands.playbook.changes import ChangeRequest
    from ace.commands.playbook.editor import edit_book

    edit_book(name, ChangeRequest(reason, force, store, json, author))


def retire(
    name: _Name,
    ids: _Ids,
    *,
    reason: _Reason = "",
    force: _Force = False,
    author: AuthorOption = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Retire bullets. They stay as tombstones that `restore` brings back."""
    _mark("retire", name, ids, (reason, force, store, json, author))


def _marking(op: str, help: str) -> Callable[..., None]:
    """The command that does `op` to bullets and asks for no `--force`."""

    def command(
        name: _Name,
        ids: _Ids,
        *,
        reason: _Reason = "",
        author: AuthorOption = "",
        store: StoreOption = "",
        json: JsonOption = False,
    ) -> None:
        _mark(op, name, ids, (reason, False, store, json, author))

    command.__name__, command.__doc__ = op, help
    return command


restore = _marking("restore", "Restore retired bullets to their place.")
activate = _marking("activate", "Confirm guesses: turn them into lessons.")
demote = _marking("demote", "Turn lessons back into guesses, which are shown as such until they are confirmed.")
pin = _marking("pin", "Protect bullets from curators: only a person can then change them.")
unpin = _marking("unpin", "Let curators change bullets again.")
escalate = _marking(
    "escalate",
    "Let the stronger model take the steps where these bullets apply, in runs of the strategy route (docs/route.md).",
)
deescalate = _marking("deescalate", "Let the agent's own model take the steps again where these bullets apply.")


def _undoing(how: str, help: str) -> Callable[..., None]:
    def command(
        name: _Aim,
        revision: _Revision = "",
        *,
        reason: _Reason = "",
        author: AuthorOption = "",
        store: StoreOption = "",
        json: JsonOption = False,
    ) -> None:
        from ace.commands.playbook.changes import ChangeRequest, undo

        undo(how, name, revision, ChangeRequest(reason, True, store, json, author))

    command.__name__, command.__doc__ = how, help
    return command


revert = _undoing(
    "revert", "Undo what one revision did, and nothing that came later; refused where something later depends on it."
)
rollback = _undoing("rollback", "Restore the playbook as it was at an earlier revision, by a new revision, so nothing is lost.")


def quarantine(
    name: _Name,
    *,
    origin: Annotated[
        list[str],
        typer.Option("--origin", help="A sender; or person, environment, operator, import, import:FILE, person:NAME."),
    ],
    partly: Annotated[bool, typer.Option("--partly", help="Also retire bullets that rest on other origins too.")] = False,
    pinned: Annotated[bool, typer.Option("--pinned", help="Also retire pinned bullets.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would be retired, and change nothing.")] = False,
    reason: _Reason = "",
    force: _Force = False,
    author: AuthorOption = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Retire all bullets that rest on one origin, and report what else is affected.

    The bullets are retired by a delta, which `revert` undoes. `ace playbook trust` lists the origins.
    """
    from ace.commands.playbook.changes import ChangeRequest
    from ace.commands.playbook.trust import quarantine_origin
    from ace.commands.terminal.common import only

    quarantine_origin(
        name, only("--origin", origin), (partly, pinned, dry_run), ChangeRequest(reason, force, store, json, author)
    )


def _mark(op: str, name: str, ids: list[str], asked: tuple[str, bool, str, bool, str]) -> None:
    from ace.commands.playbook.changes import ChangeRequest, mark_bullets
    from ace.playbooks.operations import Op

    mark_bullets(name, Op(op), ids, ChangeRequest(*asked))
