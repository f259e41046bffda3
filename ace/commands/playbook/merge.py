"""Forking and merging playbooks for a person, who decides what conflicts.

Nothing is guessed. A conflict waits for an answer, and what a flag decided is told; what is alike is proposed and made one
only where that was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

from ace.commands.playbook.changes import committed_json, differences, on_terminal, print_differences
from ace.commands.playbook.merge_conflicts import ask_sides, ask_union, named, print_alike, print_conflict, print_decided
from ace.commands.terminal.common import console, count, opened, print_json
from ace.commands.terminal.outside import tell
from ace.commands.terminal.prose import line, say
from ace.editing.author import author_name
from ace.errors import BadSetting
from ace.memory.branches.merge import MergePlan
from ace.memory.bullets.history import SortedShelf
from ace.memory.database.prefixes import IdKind
from ace.memory.values import Committed
from ace.playbooks.apply import apply
from ace.playbooks.bullet import Bullet
from ace.playbooks.merge.order import SIDES, Side
from ace.playbooks.merge.three_way import MergeConflict
from ace.playbooks.merge.unions import Alike
from ace.playbooks.operations import Operation
from ace.playbooks.typed import typed_reason

if TYPE_CHECKING:
    from ace.memory.store import Store


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """How a merge was asked for: how conflicts are decided, what becomes of what is alike, and why."""

    take: tuple[str, ...] = ()
    ours: bool = False
    theirs: bool = False
    interactive: bool = field(default=False, kw_only=True)
    alike: bool = field(default=False, kw_only=True)
    dry_run: bool = field(default=False, kw_only=True)
    reason: str = field(default="", kw_only=True)
    author: str = field(default="", kw_only=True)

    def takes(self) -> dict[str, Side]:
        """The sides by bullet. Raises `BadSetting`."""
        found: dict[str, Side] = {}
        for given in self.take:
            id, mark, name = given.partition("=")
            side = next((s for s in SIDES if s == name), None)
            if not mark or side is None:
                raise BadSetting(f"--take {given}: say ID=ours or ID=theirs")
            if found.setdefault(id, side) != side:
                raise BadSetting(f"--take names both sides for {id}")
        return found

    def otherwise(self) -> Side | None:
        """The side for all other conflicts. Raises `BadSetting`."""
        if self.ours and self.theirs:
            raise BadSetting("--ours and --theirs exclude each other; decide single bullets with --take ID=ours|theirs")
        return "ours" if self.ours else "theirs" if self.theirs else None


def fork_book(ref: str, name: str, store: str, as_json: bool) -> None:
    """Make playbook `name` from the revision `ref`."""
    with opened(store) as db:
        origin = db.resolve(ref)
        made = db.branches.fork(ref, name)
    if as_json:
        print_json({"playbook": made.playbook, "revision": made.number, "hash": made.hash, "origin": named(origin)})
        return
    say(console(), f"{named(made)} begins as {named(origin)}, with {count(made.bullets, 'bullet')}")


def merge_books(into: str, other: str, wanted: MergeRequest, out: tuple[str, bool]) -> None:
    """Merge `other` into playbook `into`. Conflicts that are left are listed; that is exit status 1."""
    store, as_json = out
    takes, otherwise, reason = wanted.takes(), wanted.otherwise(), typed_reason(wanted.reason)
    author = author_name(wanted.author)
    if wanted.interactive and not on_terminal():
        raise BadSetting("--interactive asks on a terminal, and there is none; use --ours, --theirs or --take ID=ours|theirs")
    with opened(store) as db:
        takes = _whole(db, into, takes)
        plan = db.branches.plan(into, other, takes, otherwise=otherwise)
        if wanted.interactive and plan.merged.conflicts:
            takes |= ask_sides(plan)
            plan = db.branches.plan(into, other, takes, otherwise=otherwise)
        if plan.merged.conflicts:
            _refuse(plan, as_json)
        unions = list(_unions(plan, wanted))
        if wanted.dry_run:
            _foretell(db, plan, unions, as_json)
        else:
            done = db.branches.commit(plan, reason, operations=unions, by=author)
            _tell(db, plan, done, unions, as_json)
    if as_json:
        return
    if otherwise is not None:
        print_decided(console(), [x for x in plan.merged.decided if x.bullet not in takes], otherwise)
    if not wanted.interactive:
        _print_pairs(plan, unions)


def _whole(db: Store, into: str, takes: Mapping[str, Side]) -> dict[str, Side]:
    """The sides by whole ids. Raises `BadSetting` for a beginning of several, and for both sides of one bullet."""
    found: dict[str, Side] = {}
    for given, side in takes.items():
        id = db.whole(IdKind.BULLET, given, into)
        if found.setdefault(id, side) != side:
            raise BadSetting(f"--take names both sides for {id}")
    return found


def _refuse(plan: MergePlan, as_json: bool) -> None:
    """List the conflicts that are left, and end."""
    if as_json:
        print_json(_json(plan, None, ()))
    else:
        for conflict in plan.merged.conflicts:
            print_conflict(console(), plan, conflict)
    left = count(len(plan.merged.conflicts), "conflict")
    how = "--take ID=ours|theirs, --ours, --theirs or --interactive"
    tell(f"ace: {left}; nothing was written. Decide with {how}")
    raise typer.Exit(1)


def _unions(plan: MergePlan, wanted: MergeRequest) -> Iterator[Operation]:
    """The proposals that are taken up."""
    for found in plan.alike:
        if found.operation is None:
            continue
        if wanted.alike or (wanted.interactive and ask_union(found, found.operation)):
            yield found.operation


def _foretell(db: Store, plan: MergePlan, unions: Sequence[Operation], as_json: bool) -> None:
    if as_json:
        print_json(_json(plan, None, unions))
        return
    operations = (*plan.merged.operations, *unions)
    shelf = SortedShelf(db.view(plan.ours).bullets(include_retired=True))
    changes, _ = apply(shelf, operations, plan.ours.digest)
    if not plan.merged.new:
        say(console(), _nothing(plan))
        return
    say(console(), f"merging {named(plan.theirs)} would make {plan.ours.playbook}@{plan.ours.number + 1}; nothing was written")
    print_differences(console(), differences(changes))


def _tell(db: Store, plan: MergePlan, done: Committed, unions: Sequence[Operation], as_json: bool) -> None:
    if as_json:
        reason = db.log(plan.ours.playbook, 1)[0].reason if plan.merged.new else ""
        print_json(_json(plan, committed_json(done, reason), unions))
        return
    if not plan.merged.new or done.revision is None:
        say(console(), _nothing(plan))
        return
    console().print(line(named(done.revision)), style="bold")
    say(console(), f"{named(plan.theirs)} is merged into {named(plan.ours)}; the two were one at {named(plan.base)}")
    print_differences(console(), differences(done.changes))


def _nothing(plan: MergePlan) -> str:
    return f"{named(plan.theirs)} is merged already: {plan.ours.playbook} has all of it. Nothing was written"


def _print_pairs(plan: MergePlan, unions: Sequence[Operation]) -> None:
    """Print the pairs that are left to review."""
    left = [found for found in plan.alike if found.operation not in unions]
    for found in left:
        print_alike(console(), found)
    if any(found.operation for found in left):
        say(console(), "Two that are alike are made one with --alike or --interactive", style="dim")


def _json(plan: MergePlan, made: dict[str, Any] | None, unions: Sequence[Operation]) -> dict[str, Any]:
    """A merge, with what was `made` by it unless it was only thought out."""
    planned = [o.as_json() for o in (*plan.merged.operations, *unions)] if not plan.merged.conflicts else []
    return {
        **(made or {"playbook": plan.ours.playbook, "revision": None, "operations": planned}),
        "written": made is not None and plan.merged.new,
        "base": named(plan.base),
        "ours": named(plan.ours),
        "theirs": named(plan.theirs),
        "conflicts": [_conflict_json(x) for x in plan.merged.conflicts],
        "decided": [x.bullet for x in plan.merged.decided],
        "alike": [_alike_json(x) for x in plan.alike if x.operation not in unions],
    }


def _conflict_json(x: MergeConflict) -> dict[str, Any]:
    places = [{"after": id} for id in x.follows] or [{}, {}, {}]
    sides = zip(("base", "ours", "theirs"), (x.base, x.ours, x.theirs), places, strict=True)
    return {"bullet": x.bullet, "parts": list(x.parts), **{name: _side(b, place) for name, b, place in sides}}


def _side(b: Bullet | None, place: dict[str, Any]) -> dict[str, Any] | None:
    if b is None:
        return None
    return {"section": b.section, "text": b.text, "state": b.state.value, "pinned": b.pinned, **place}


def _alike_json(x: Alike) -> dict[str, Any]:
    return {
        "bullets": [b.id for b in x.pair],
        "kind": x.likeness.kind.value,
        "why": x.likeness.why,
        "operation": x.operation.as_json() if x.operation else None,
    }
