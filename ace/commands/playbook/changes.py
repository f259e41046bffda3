"""Doing to a playbook what a person asked for, and telling what was done.

Everything that can be wrong is found before anything is written, the store and the playbook that `add` would make included.
Forbidden texts are refused; an apparent mistake has to be confirmed with `--force`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import typer

from ace.commands.playbook.diff import difference_cells
from ace.commands.terminal.common import console, opened, print_json
from ace.commands.terminal.prose import line, say
from ace.commands.terminal.tables import Column, print_table
from ace.editing import hand as by_hand
from ace.editing.author import author_name
from ace.editing.hand import Done, Hand, check_add
from ace.errors import BadSetting
from ace.memory.database.sqlite import kept_location, place
from ace.memory.log.commit import as_applied
from ace.memory.values import Committed
from ace.playbooks.apply import Change
from ace.playbooks.bullet import Bullet
from ace.playbooks.diff import BulletDiff, diff, stat
from ace.playbooks.operations import Op, Operation
from ace.playbooks.typed import typed_reason

if TYPE_CHECKING:
    from rich.console import Console

_COLUMNS = (Column(), Column(style="dim"), Column())


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """How a change was asked for: why, whether it is meant even where it looks like a mistake, where, how to tell, and in whose
    name."""

    reason: str
    force: bool
    store: str
    as_json: bool
    author: str = ""

    def hand(self) -> Hand:
        """The person who asked: on a terminal they are asked for what they have not said. Raises `BadInput` where their name or
        reason cannot be one."""
        given = typed_reason(self.reason)
        return Hand(author_name(self.author), lambda otherwise: given or ask_reason(otherwise), self._meant)

    def _meant(self, doubt: str) -> bool:
        return self.force or (on_terminal() and confirmed(f"{doubt}.", "Do it all the same?"))


def add_bullet(name: str, o: Operation, asked: ChangeRequest) -> None:
    """Add a bullet to playbook `name`, which is made where there is none, as is the store once nothing can be wrong."""
    hand = asked.hand()
    check_add(name, o, hand)
    location = kept_location(asked.store)
    path = place(location).path
    if o.after not in by_hand.PLACES and path is not None and not path.exists():
        raise by_hand.nothing_to_follow(name, o.after)
    with opened(location, create=True) as db:
        tell(by_hand.add(db, name, o, replace(hand, meant=lambda doubt: True)), asked.as_json)


def revise_bullet(name: str, id: str, text: str, asked: ChangeRequest) -> None:
    """Give a bullet of playbook `name` another text."""
    hand = asked.hand()
    with opened(asked.store) as db:
        tell(by_hand.revise(db, name, id, text, hand), asked.as_json)


def mark_bullets(name: str, op: Op, ids: Sequence[str], asked: ChangeRequest) -> None:
    """Do `op`, which needs nothing but ids, to bullets: to all of them, or to none where one cannot be."""
    hand = asked.hand()
    with opened(asked.store) as db:
        tell(by_hand.mark(db, name, op, ids, hand), asked.as_json)


def undo(how: str, name: str, revision: str, asked: ChangeRequest) -> None:
    """Undo one revision of a playbook (`revert`), or all after it (`rollback`)."""
    if not revision:
        name, _, revision = name.partition("@")
    if not revision:
        raise BadSetting(f"which revision? ace playbook {how} {name} REVISION; `ace playbook log {name}` lists them")
    hand = replace(asked.hand(), why=lambda otherwise: typed_reason(asked.reason) or otherwise)
    with opened(asked.store) as db:
        tell(by_hand.undo(db, how, name, revision, hand), asked.as_json)


def ask_reason(otherwise: str) -> str:
    """The reason that a person gives on a terminal; `otherwise` where they give none, or cannot be asked."""
    if not on_terminal():
        return otherwise
    return typed_reason(typer.prompt("Reason, for the log", default=otherwise, err=True)) or otherwise


def on_terminal() -> bool:
    """True if a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirmed(what: str, question: str) -> bool:
    """What a person on the terminal answers, after `what` was said."""
    say(console(stderr=True), what)
    return typer.confirm(question, err=True)


def tell(done: Done, as_json: bool, *, whole: bool = True, expected: bool = False) -> None:
    """Print what was changed; unless `whole`, only which revision was made. What could not be changed is told too, and is exit
    status 1, unless it was `expected`."""
    made = done.committed
    if as_json:
        print_json({**committed_json(made, done.reason), "warnings": list(done.warnings)})
    elif made.revision:
        console().print(f"{line(made.revision.playbook)}@{made.revision.number}", style="bold")
        if whole:
            print_differences(console(), differences(made.changes))
    for warning in done.warnings:
        say(console(stderr=True), line(warning), first="Warning: ")
    for r in made.refusals:
        say(console(stderr=True), line(r.told), first="left out: " if expected else "not done: ")
    if made.refusals and not expected:
        raise typer.Exit(1)


def committed_json(done: Committed, reason: str) -> dict[str, Any]:
    """What a commit did, and why, as JSON."""
    r = done.revision
    head = {"playbook": r.playbook, "revision": r.number, "hash": r.hash, "reason": reason} if r else {}
    refused = [{"operation": r.operation.as_json(), "reason": r.reason} for r in done.refusals]
    return {**head, "operations": [o.as_json() for _, o in as_applied(done.changes)], "refused": refused}


def differences(changes: Iterable[Change]) -> list[BulletDiff]:
    """What changes come to, bullet by bullet."""
    first: dict[str, Bullet | None] = {}
    last: dict[str, Bullet] = {}
    for change in changes:
        first.setdefault(change.after.id, change.before)
        last[change.after.id] = change.after
    return diff([b for b in first.values() if b is not None], last.values())


def print_differences(screen: Console, found: Sequence[BulletDiff]) -> None:
    """Print how many bullets changed in which way, and each of them."""
    say(screen, ", ".join(f"{n:,} {kind}" for kind, n in stat(found).items() if n) or "no difference")
    print_table(screen, _COLUMNS, [difference_cells(screen, d) for d in found], indent=2)
