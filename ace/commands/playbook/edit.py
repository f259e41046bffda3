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
_Reason = Annotated[str, typer.Option("--reason", "-r", help="Why, for the log. On a terminal it is asked for if not given.")]
_Aim = Annotated[str, typer.Argument(metavar="NAME", help="The playbook's name, or NAME@REVISION.", autocompletion=playbooks)]
_Revision = Annotated[str, typer.Argument(metavar="REVISION", help="A number or a hash, if not given with the name.")]
_Force = Annotated[bool, typer.Option("--force", help="Do it even though it looks like a mistake.")]


def add(
    name: _Name,
    *,
    section: Annotated[str, typer.Option("--section", "-s", help="The section to put it into; a new one is made.")],
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
    """Add a bullet; last, unless told otherwise. A playbook that is not there is made."""
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
    """Give a bullet another text; its id, its place and its history stay."""
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
    """Take bullets out. They stay as tombstones that `restore` brings back."""
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


restore = _marking("restore", "Bring retired bullets back, where they stood.")
activate = _marking("activate", "Confirm guesses: they are lessons like any other then.")
demote = _marking("demote", "Make lessons guesses again: they are shown as such until they are confirmed.")
pin = _marking("pin", "Protect bullets from curators: only a person changes them then.")
unpin = _marking("unpin", "Let curators change bullets again.")
escalate = _marking("escalate", "Let a stronger model decide where bullets apply, in runs that have one (docs/route.md).")
deescalate = _marking("deescalate", "Let the agent's own model decide again where bullets apply.")


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
rollback = _undoing("rollback", "Make the playbook read as it did at an earlier revision; a new revision, so nothing is lost.")


def quarantine(
    name: _Name,
    *,
    origin: Annotated[
        list[str],
        typer.Option("--origin", help="A sender; or person, environment, operator, import, import:FILE, person:NAME."),
    ],
    partly: Annotated[bool, typer.Option("--partly", help="Take out what rests on others too.")] = False,
    pinned: Annotated[bool, typer.Option("--pinned", help="Take out pinned bullets too.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken out, and change nothing.")] = False,
    reason: _Reason = "",
    force: _Force = False,
    author: AuthorOption = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Take out all that rests on one origin, and say what else that touches.

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
