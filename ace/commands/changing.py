"""Doing to a playbook what a person asked for, and telling what was done.

The decision behind it: everything that can be wrong is found before anything is written, the store and the playbook that `add`
would make included. What nobody may write is refused; what looks like a mistake is asked about once, with `--force`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import typer

from ace.commands.common import console, opened, print_json
from ace.commands.differences import difference_cells
from ace.commands.prose import line, say
from ace.commands.tables import Column, print_table
from ace.commands.typed import typed, typed_reason
from ace.errors import BadInput, BadSetting, Conflict, NotFound
from ace.memory.commit import as_applied
from ace.memory.engine import store_location
from ace.memory.neighbours import warnings_for
from ace.memory.prefixes import Kind
from ace.memory.refs import check_name
from ace.memory.store import Store
from ace.memory.values import Batch, Committed
from ace.playbooks.apply import Change, Shelf
from ace.playbooks.book import Book
from ace.playbooks.bullet import Bullet, clean
from ace.playbooks.diff import BulletDiff, diff, stat
from ace.playbooks.guards import check_by_hand
from ace.playbooks.operations import Delta, Op, Operation

if TYPE_CHECKING:
    from rich.console import Console

_COLUMNS = (Column(), Column(style="dim"), Column())
_PLACES = ("", "first", "top")
_NO_REASON = "a change needs a reason: give it with --reason; nothing was written"
_BY_HAND = {
    "add": "added by hand",
    "edit": "edited by hand",
    "retire": "retired by hand",
    "restore": "restored by hand",
    "pin": "pinned by hand",
    "unpin": "unpinned by hand",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """How a change was asked for: why, whether it is meant even where it looks like a mistake, where, and how to tell."""

    reason: str
    force: bool
    store: str
    as_json: bool


def add_bullet(name: str, o: Operation, asked: Asked) -> None:
    """Add a bullet to playbook `name`, which is made where there is none."""
    check_name(name)
    o = replace(o, section=typed("the section's name", o.section), text=typed("the text", o.text))
    if not o.section:
        raise BadSetting("a bullet needs a section: name one with --section")
    require_fit([o], Book(), asked.force)
    reason = reason_for(asked.reason, Op.ADD.value)
    with Store.open(store_location(asked.store)) as db:
        if o.after not in _PLACES and name not in (p.name for p in db.playbooks()):
            raise NotFound(f"there is no playbook {name!r} yet, and so no bullet {clean(o.after)!r} to follow")
        db.ensure_playbook(name)
        after = o.after if o.after in _PLACES else db.whole(Kind.BULLET, o.after, name)
        delta = db.edits.add(name, replace(o, after=after), reason)
        warnings = warnings_for(db.view(name), o.text)
        tell(carry_out(db, name, delta), reason, asked.as_json, warnings)


def mark_bullets(name: str, op: Op, ids: Sequence[str], asked: Asked) -> None:
    """Retire, restore, pin or unpin bullets: all of them, or none where one cannot be."""
    with opened(asked.store) as db:
        delta = db.edits.mark(name, op, [db.whole(Kind.BULLET, id, name) for id in ids], "")
        view = db.view(name)
        require_fit(delta.operations, view.shelf(), asked.force, view.count)
        reason = reason_for(asked.reason, op.value)
        tell(carry_out(db, name, replace(delta, reason=reason)), reason, asked.as_json)


def undo(how: str, name: str, revision: str, asked: Asked) -> None:
    """Undo one revision of a playbook (`revert`), or all after it (`rollback`)."""
    if not revision:
        name, _, revision = name.partition("@")
    if not revision:
        raise BadSetting(f"which revision? ace playbook {how} {name} REVISION; `ace playbook log {name}` lists them")
    reason = typed_reason(asked.reason)
    with opened(asked.store) as db:
        delta = (db.edits.revert if how == "revert" else db.edits.rollback)(name, revision, reason)
        tell(carry_out(db, name, delta), delta.reason, asked.as_json)


def reason_for(given: str, operation: str) -> str:
    """The reason given, else asked for on a terminal, else what `operation` (`add`, `retire`, `edit`) says of itself. Raises
    `BadInput` where it cannot be a reason, `BadSetting` where a person who is asked gives none."""
    if said := typed_reason(given):
        return said
    if not on_terminal():
        return _BY_HAND[operation]
    if said := typed_reason(typer.prompt("Reason, for the log", default="", show_default=False, err=True)):
        return said
    raise BadSetting(_NO_REASON)


def on_terminal() -> bool:
    """Whether there is somebody to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def require_fit(operations: Sequence[Operation], shelf: Shelf, force: bool, live: int | None = None) -> None:
    """Raise `BadInput` for what nobody may write, and unless `force` for what looks like a mistake."""
    empty = next((o for o in operations if o.op in (Op.ADD, Op.REVISE) and not clean(o.text)), None)
    if empty is not None:
        raise BadInput("a bullet needs a text")
    never, doubtful = check_by_hand(operations, shelf, live=live)
    if never:
        raise BadInput(_first(operations, never))
    if doubtful and not force:
        doubt = _first(operations, doubtful)
        if not (on_terminal() and confirmed(f"{doubt}.", "Do it all the same?")):
            raise BadInput(f"{doubt}; if that is meant, add --force")


def confirmed(what: str, question: str) -> bool:
    """What a person on the terminal answers, after `what` was said."""
    say(console(stderr=True), what)
    return typer.confirm(question, err=True)


def _first(operations: Sequence[Operation], faults: Sequence[tuple[int | None, str]]) -> str:
    index, reason = faults[0]
    whose = "" if index is None else f"{operations[index].id or 'the new bullet'}: "
    others = len({i for i, _ in faults} - {index})
    more = f" (and {others} more)" if others else ""
    return f"{whose}{reason}{more}"


def carry_out(db: Store, name: str, delta: Delta) -> Committed:
    """Commit a person's delta. Raises `Conflict` where nothing of it can be applied any more."""
    done = db.commit(Batch(playbook=name, delta=delta))
    if not done.changes:
        why = done.refusals[0].reason if done.refusals else "it changes nothing"
        raise Conflict(f"{name!r} was not changed: {why}")
    return done


def tell(done: Committed, reason: str, as_json: bool, warnings: Sequence[str] = (), *, whole: bool = True) -> None:
    """Print what was changed for this `reason`; unless `whole`, only which revision was made. What could not be changed is told
    too, and is exit status 1."""
    if as_json:
        print_json({**committed_json(done, reason), "warnings": list(warnings)})
    elif done.revision:
        console().print(f"{line(done.revision.playbook)}@{done.revision.number}", style="bold")
        if whole:
            print_differences(console(), differences(done.changes))
    for warning in warnings:
        say(console(stderr=True), line(warning), first="warning: ")
    for r in done.refusals:
        say(console(stderr=True), f"{r.operation.op.value} {r.operation.id}: {line(r.reason)}", first="not done: ")
    if done.refusals:
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
