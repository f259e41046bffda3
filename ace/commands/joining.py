"""Forking and merging playbooks for a person, who decides what conflicts.

The decision behind it: nothing is guessed. A conflict is shown as the bullet was and as each side has it, and waits for an
answer; what is alike is proposed and made one only where that was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

from ace.commands.changing import committed_json, differences, on_terminal, print_differences
from ace.commands.common import console, count, opened, print_json
from ace.commands.prose import coloured, line, marked, say
from ace.errors import BadSetting
from ace.memory.branches import Plan
from ace.memory.history import SortedShelf
from ace.memory.values import Committed, Revision
from ace.playbooks.apply import apply
from ace.playbooks.bullet import Bullet, State, clean
from ace.playbooks.likeness import Kind
from ace.playbooks.merging import PLACE, Conflict
from ace.playbooks.operations import Operation
from ace.playbooks.places import SIDES, Side
from ace.playbooks.unions import Alike

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ace.memory.store import Store


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a merge was asked for: how conflicts are decided, what becomes of what is alike, and why."""

    take: tuple[str, ...] = ()
    ours: bool = False
    theirs: bool = False
    interactive: bool = field(default=False, kw_only=True)
    alike: bool = field(default=False, kw_only=True)
    dry_run: bool = field(default=False, kw_only=True)
    reason: str = field(default="", kw_only=True)

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
        print_json({"playbook": made.playbook, "revision": made.number, "hash": made.hash, "origin": _name(origin)})
        return
    say(console(), f"{_name(made)} begins as {_name(origin)}, with {count(made.bullets, 'bullet')}")


def merge_books(into: str, other: str, wanted: Wanted, out: tuple[str, bool]) -> None:
    """Merge `other` into playbook `into`. Conflicts that are left are listed; that is exit status 1."""
    store, as_json = out
    takes, otherwise = wanted.takes(), wanted.otherwise()
    if wanted.interactive and not on_terminal():
        raise BadSetting("--interactive asks on a terminal, and there is none; use --ours, --theirs or --take ID=ours|theirs")
    with opened(store) as db:
        plan = db.branches.plan(into, other, takes, otherwise=otherwise)
        if wanted.interactive and plan.merged.conflicts:
            answers = _asked(plan)
            plan = db.branches.plan(into, other, {**takes, **answers}, otherwise=otherwise)
        if plan.merged.conflicts:
            _refuse(plan, as_json)
        unions = list(_unions(plan, wanted))
        if wanted.dry_run:
            _foretell(db, plan, unions, as_json)
        else:
            _tell(plan, db.branches.commit(plan, clean(wanted.reason), operations=unions), unions, as_json)
    if not as_json and not wanted.interactive:
        _print_pairs(plan, unions)


def _refuse(plan: Plan, as_json: bool) -> None:
    """List the conflicts that are left, and end."""
    if as_json:
        print_json(_json(plan, None, ()))
    else:
        for conflict in plan.merged.conflicts:
            _print_conflict(console(), plan, conflict)
    left = count(len(plan.merged.conflicts), "conflict")
    how = "--take ID=ours|theirs, --ours, --theirs or --interactive"
    typer.echo(f"ace: {left}; nothing was written. Decide with {how}", err=True)
    raise typer.Exit(1)


def _print_conflict(screen: Console, plan: Plan, x: Conflict) -> None:
    names = ", ".join("place" if part == PLACE else "pin" if part == "pinned" else part for part in x.parts)
    say(screen, f"{x.bullet}  conflict over {names}", style="bold")
    rows = [
        (f"base {_name(plan.base)}", x.base),
        (f"ours {_name(plan.ours)}", x.ours),
        (f"theirs {_name(plan.theirs)}", x.theirs),
    ]
    wide = max(len(title) for title, _ in rows)
    for (title, b), follows in zip(rows, x.follows or ("", "", ""), strict=True):
        say(screen, _as_it_is(screen, b, x, follows), 2, first=f"{title:<{wide}}  ")


def _as_it_is(screen: Console, b: Bullet | None, x: Conflict, follows: str) -> Text:
    """A bullet as a side has it, with what else than its text is contested."""
    from rich.text import Text

    if b is None:
        return Text("(not there)", style="dim")
    marks = [b.section] if "section" in x.parts else []
    marks += [b.state.value] if b.state is not State.ACTIVE else []
    marks += ["pinned"] if b.pinned else []
    marks += [f"after {follows}" if follows else "first"] if PLACE in x.parts else []
    changed = x.base is not None and x.base.text != b.text and coloured(screen)
    text = marked(line(x.base.text), line(b.text), screen) if x.base and changed else Text(line(b.text))
    return text.append(f"  ({line(', '.join(marks))})" if marks else "", style="yellow")


def _asked(plan: Plan) -> dict[str, Side]:
    """What a person decides of each conflict. Leaving is `typer.Abort`: nothing was written yet."""
    answers: dict[str, Side] = {}
    for conflict in plan.merged.conflicts:
        _print_conflict(console(stderr=True), plan, conflict)
        given = ""
        while given not in ("o", "t", "ours", "theirs", "q"):
            given = typer.prompt("Take [o]urs or [t]heirs ([q] leaves)", err=True).strip().lower()
        if given == "q":
            raise typer.Abort
        answers[conflict.bullet] = "ours" if given[0] == "o" else "theirs"
    return answers


def _unions(plan: Plan, wanted: Wanted) -> Iterator[Operation]:
    """The proposals that are taken up."""
    for found in plan.alike:
        if found.operation is None:
            continue
        if wanted.interactive and not wanted.alike:
            _print_alike(console(stderr=True), found)
            if typer.confirm(f"Make them one: {line(found.operation.text)!r}?", default=False, err=True):
                yield found.operation
        elif wanted.alike:
            yield found.operation


def _print_alike(screen: Console, found: Alike) -> None:
    how = "contradict each other" if found.likeness.kind is Kind.CONTRADICTS else "are alike"
    say(screen, f"These two {how} ({found.likeness.why}):", style="bold")
    for b in found.pair:
        say(screen, line(b.text), 2, first=f"{b.id}  ")


def _foretell(db: Store, plan: Plan, unions: Sequence[Operation], as_json: bool) -> None:
    if as_json:
        print_json(_json(plan, None, unions))
        return
    operations = (*plan.merged.operations, *unions)
    shelf = SortedShelf(db.view(plan.ours).bullets(include_retired=True))
    changes, _ = apply(shelf, operations, plan.ours.digest)
    if not plan.merged.new:
        say(console(), _nothing(plan))
        return
    say(console(), f"merging {_name(plan.theirs)} would make {plan.ours.playbook}@{plan.ours.number + 1}; nothing was written")
    print_differences(console(), differences(changes))


def _tell(plan: Plan, done: Committed, unions: Sequence[Operation], as_json: bool) -> None:
    if as_json:
        print_json(_json(plan, done, unions))
        return
    if not plan.merged.new or done.revision is None:
        say(console(), _nothing(plan))
        return
    console().print(line(_name(done.revision)), style="bold")
    say(console(), f"{_name(plan.theirs)} is merged into {_name(plan.ours)}; the two were one at {_name(plan.base)}")
    print_differences(console(), differences(done.changes))


def _nothing(plan: Plan) -> str:
    return f"{_name(plan.theirs)} is merged already: {plan.ours.playbook} has all of it. Nothing was written"


def _print_pairs(plan: Plan, unions: Sequence[Operation]) -> None:
    """The pairs that are left for somebody to look at."""
    left = [found for found in plan.alike if found.operation not in unions]
    for found in left:
        _print_alike(console(), found)
    if any(found.operation for found in left):
        say(console(), "Two that are alike are made one with --alike or --interactive", style="dim")


def _name(r: Revision) -> str:
    return f"{r.playbook}@{r.number}"


def _json(plan: Plan, done: Committed | None, unions: Sequence[Operation]) -> dict[str, Any]:
    planned = [o.as_json() for o in (*plan.merged.operations, *unions)] if not plan.merged.conflicts else []
    made = committed_json(done) if done else {"playbook": plan.ours.playbook, "revision": None, "operations": planned}
    return {
        **made,
        "written": bool(done and plan.merged.new),
        "base": _name(plan.base),
        "ours": _name(plan.ours),
        "theirs": _name(plan.theirs),
        "conflicts": [_conflict_json(x) for x in plan.merged.conflicts],
        "decided": [x.bullet for x in plan.merged.decided],
        "alike": [_alike_json(x) for x in plan.alike if x.operation not in unions],
    }


def _conflict_json(x: Conflict) -> dict[str, Any]:
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
