"""Printing what differs between two revisions, or between two playbooks.

The decision behind it: a difference of two revisions of one playbook is told from the earlier one on, with the reason for every
change; asked the other way round it is refused, because what it would show as added was in truth retired.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ace.commands.common import opened, paged, print_json
from ace.commands.history import OPERATIONS, place
from ace.commands.palette import STYLES
from ace.commands.prose import line, marked, say
from ace.commands.tables import Grid
from ace.errors import BadSetting
from ace.memory.lives import Touch
from ace.memory.values import Revision
from ace.playbooks.diff import BulletDiff, diff, stat
from ace.playbooks.operations import Op, Operation

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ace.memory.store import Store
    from ace.memory.view import View

NAMED = 3
"""Episodes behind an operation that are named for people."""
_RANGE = re.compile(r"([^@]+)@([^@.]+)\.\.([^@.]+)")


def show_diff(a: str, b: str, only_stat: bool, store: str, as_json: bool) -> None:
    """What differs from `a` to `b`, with the operations, reasons and episodes behind each change. `a` alone may be a range
    (NAME@3..5), a revision that is compared with the head, or a name: what its last revision changed."""
    with opened(store) as db:
        left, right = (db.view(ref) for ref in _sides(db, a, b))
        _require_order(left.revision, right.revision)
        found, behind = _differences(db, left, right)
    if as_json:
        sides = {"from": _name(left.revision), "to": _name(right.revision)}
        print_json({**sides, "stat": stat(found), "changes": [_diff_json(d, behind.get(d.bullet, ())) for d in found]})
        return
    with paged() as screen:
        screen.print(f"{_name(left.revision)} → {_name(right.revision)}", style="bold")
        say(screen, ", ".join(f"{n:,} {kind}" for kind, n in stat(found).items() if n) or "no difference")
        if not only_stat:
            _print_diffs(screen, found, behind)


def _sides(db: Store, a: str, b: str) -> tuple[str, str]:
    ends = _RANGE.fullmatch(a)
    if ends and b:
        raise BadSetting(f"{a} is a range already; leave {b} out, or give two revisions")
    if ends:
        return f"{ends[1]}@{ends[2]}", f"{ends[1]}@{ends[3]}"
    name, mark, _ = a.partition("@")
    if b or mark:
        return a, b or name
    return f"{a}@{max(0, db.head(a).number - 1)}", a


def _require_order(a: Revision, b: Revision) -> None:
    if a.playbook == b.playbook and a.number > b.number:
        raise BadSetting(
            f"{_name(a)} came after {_name(b)}; a difference is told from the earlier revision on: "
            f"ace playbook diff {_name(b)} {_name(a)}"
        )


def _name(r: Revision) -> str:
    return f"{r.playbook}@{r.number}"


def _differences(db: Store, left: View, right: View) -> tuple[list[BulletDiff], dict[str, list[Touch]]]:
    """The differences, and for revisions of one playbook what was done to each bullet in between."""
    if left.revision.playbook != right.revision.playbook:
        return diff(left.bullets(), right.bullets(), whole=True), {}
    changed = db.changes_between(left.revision, right.revision)
    found = diff([x for x, _, _ in changed if x], [y for _, y, _ in changed if y])
    return found, db.past.between(left.revision, right.revision, [d.bullet for d in found])


def _diff_json(d: BulletDiff, behind: Sequence[Touch]) -> dict[str, Any]:
    rows = [{"revision": t.cause.revision, **o.as_json()} for t in behind for o in t.operations]
    before = None if d.before is None else {"section": d.before.section, "text": d.before.text, "state": d.before.state.value}
    after = None if d.after is None else {"section": d.after.section, "text": d.after.text, "state": d.after.state.value}
    return {"bullet": d.bullet, "kinds": list(d.kinds), "before": before, "after": after, "operations": rows}


def _print_diffs(screen: Console, found: Sequence[BulletDiff], behind: Mapping[str, Sequence[Touch]]) -> None:
    rows = {d.bullet: difference_cells(screen, d) for d in found}
    grid = Grid(screen, OPERATIONS, list(rows.values()))
    for section, group in groupby(found, key=_section):
        screen.print()
        screen.print(line(section), style="bold")
        for d in group:
            grid.put(rows[d.bullet])
            for touch in behind.get(d.bullet, ()):
                for o in touch.operations:
                    say(screen, _why(o), 4, first=f"@{touch.cause.revision}  ", style="dim")


def _section(d: BulletDiff) -> str:
    shown = d.before if "retired" in d.kinds else d.after
    return shown.section if shown else ""


def difference_cells(screen: Console, d: BulletDiff) -> tuple[Text, str, Text]:
    """A bullet that differs, as a row: how it does, its id, and its text with what changed in it marked."""
    from rich.text import Text

    kinds = Text(", ").join(Text(kind, style=STYLES[kind]) for kind in d.kinds)
    before, after = d.before and line(d.before.text), d.after and line(d.after.text)
    if "retired" in d.kinds:
        return kinds, d.bullet, Text(before or "", style="dim strike")
    if before and after and before != after:
        return kinds, d.bullet, marked(before, after, screen)
    return kinds, d.bullet, Text(after or "")


def _why(o: Operation) -> str:
    """An operation in one line: what it is, why, and the episodes behind it."""
    where = f" → {place(o)}" if o.op is Op.MOVE else ""
    reason = f": {line(o.reason)}" if o.reason else ""
    more = f" and {len(o.episodes) - NAMED} more" if len(o.episodes) > NAMED else ""
    names = f"  ({', '.join(o.episodes[:NAMED])}{more})" if o.episodes else ""
    return f"{o.op.value}{where}{reason}{names}"
