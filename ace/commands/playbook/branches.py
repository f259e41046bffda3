"""`ace playbook fork, merge`: trying something on a copy, and taking over what came of it.

A merge says all it would do before it does any of it, and is decided by flags, or by questions on a terminal. These are the
doors alone; what they do is loaded when it is asked for.
"""

from __future__ import annotations

from typing import Annotated

import typer

from ace.commands.terminal.common import AuthorOption, JsonOption, StoreOption
from ace.commands.terminal.completion import playbooks

_Into = Annotated[str, typer.Argument(metavar="NAME", help="The playbook to merge into.", autocompletion=playbooks)]
_Other = Annotated[
    str, typer.Argument(metavar="REF", help="The playbook to merge: NAME or NAME@REVISION.", autocompletion=playbooks)
]
_Ours = Annotated[bool, typer.Option("--ours", help="Decide every conflict by the playbook that is merged into.")]
_Theirs = Annotated[bool, typer.Option("--theirs", help="Decide every conflict by the playbook that is merged.")]
_Take = Annotated[
    list[str], typer.Option("--take", metavar="ID=SIDE", help="Decide the conflict over a bullet: ID=ours or ID=theirs.")
]
_Ask = Annotated[bool, typer.Option("--interactive", "-i", help="Ask about every conflict and every pair proposed as alike.")]
_Alike = Annotated[bool, typer.Option("--alike", help="Merge each pair of bullets that is proposed as alike.")]
_Dry = Annotated[bool, typer.Option("--dry-run", help="Report what would be done; write nothing.")]
_Reason = Annotated[str, typer.Option("--reason", "-r", help="Why.")]


def fork(
    ref: Annotated[
        str, typer.Argument(metavar="REF", help="What to begin from: NAME or NAME@REVISION.", autocompletion=playbooks)
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new playbook's name.")],
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Create a playbook from another one, or from an earlier revision of it, with its whole history."""
    from ace.commands.playbook.merge import fork_book

    fork_book(ref, name, store, json)


def merge(
    into: _Into,
    other: _Other,
    *,
    ours: _Ours = False,
    theirs: _Theirs = False,
    take: _Take = [],  # noqa: B006
    interactive: _Ask = False,
    alike: _Alike = False,
    dry_run: _Dry = False,
    reason: _Reason = "",
    author: AuthorOption = "",
    store: StoreOption = "",
    json: JsonOption = False,
) -> None:
    """Merge what another playbook has changed since the two diverged.

    Conflicts are listed and nothing is written until each is decided. Exit status: 0 merged, or nothing to merge; 1 conflicts
    are left.
    """
    from ace.commands.playbook.merge import MergeRequest, merge_books

    how = {"interactive": interactive, "alike": alike, "dry_run": dry_run}
    merge_books(into, other, MergeRequest(tuple(take), ours, theirs, **how, reason=reason, author=author), (store, json))
