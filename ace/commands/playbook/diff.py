"""Printing what differs between two revisions, or between two playbooks.

A difference of two revisions of one playbook is told from the earlier one on, with the reason for every change; asked the
other way round it is refused, because what it would show as added was in truth retired.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ace.commands.playbook.compare import Compared, compare
from ace.commands.playbook.log import OPERATIONS, place
from ace.commands.terminal.common import opened, paged, print_json
from ace.commands.terminal.palette import CAME, STYLES, WENT
from ace.commands.terminal.prose import line, marked, say
from ace.commands.terminal.tables import Grid
from ace.errors import BadSetting
from ace.memory.log.lineage import BulletChange
from ace.memory.values import Revision
from ace.playbooks.diff import BulletDiff
from ace.playbooks.operations import Op, Operation

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ace.memory.store import Store

NAMED = 3
"""Episodes behind an operation that are named for people."""
_RANGE = re.compile(r"([^@]+)@([^@.]+)\.\.([^@.]+)")


def show_diff(a: str, b: str, only_stat: bool, store: str, as_json: bool) -> None:
    """What differs from `a` to `b`, with the operations, reasons and episodes behind each change. `a` alone may be a range
    (NAME@3..5), a revision that is compared with the head, or a name: what its last revision changed."""
    with opened(store) as db:
        left, right = (db.view(ref) for ref in _sides(db, a, b))
        _require_order(left.revision, right.revision)
        compared = compare(db, left, right)
    if as_json:
        told = {"from": _name(left.revision), "to": _name(right.revision), "stat": dict(compared.counts)}
        print_json(told if only_stat else {**told, "changes": [_diff_json(compared, d) for d in compared.found]})
        return
    with paged() as screen:
        screen.print(f"{_name(left.revision)} → {_name(right.revision)}", style="bold")
        say(screen, ", ".join(f"{n:,} {kind}" for kind, n in compared.counts.items() if n) or "no difference")
        if not only_stat:
            _print_diffs(screen, compared)


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
            f"{_name(a)} came after {_name(b)}; give the earlier revision first: ace playbook diff {_name(b)} {_name(a)}"
        )


def _name(r: Revision) -> str:
    return f"{r.playbook}@{r.number}"


def _diff_json(compared: Compared, d: BulletDiff) -> dict[str, Any]:
    rows = [_operation_json(t, o) for t in compared.behind.get(d.bullet, ()) for o in t.operations]
    before = None if d.before is None else {"section": d.before.section, "text": d.before.text, "state": d.before.state.value}
    after = None if d.after is None else {"section": d.after.section, "text": d.after.text, "state": d.after.state.value}
    kinds = list(compared.kinds[d.bullet])
    return {"bullet": d.bullet, "kinds": kinds, "before": before, "after": after, "operations": rows}


def _operation_json(t: BulletChange, o: Operation) -> dict[str, Any]:
    reason = _reason(t, o)
    return {"revision": t.cause.revision, **o.as_json(), **({"reason": reason} if reason else {})}


def _print_diffs(screen: Console, compared: Compared) -> None:
    rows = {d.bullet: difference_cells(screen, d, compared.kinds[d.bullet]) for d in compared.found}
    grid = Grid(screen, OPERATIONS, list(rows.values()))
    for section, group in groupby(compared.found, key=_section):
        screen.print()
        screen.print(line(section), style="bold")
        for d in group:
            grid.put(rows[d.bullet])
            for touch in compared.behind.get(d.bullet, ()):
                for o in touch.operations:
                    say(screen, _why(touch, o), 4, first=f"@{touch.cause.revision}  ", style="dim")


def _section(d: BulletDiff) -> str:
    shown = d.before if "retired" in d.kinds else d.after
    return shown.section if shown else ""


def difference_cells(screen: Console, d: BulletDiff, told: Sequence[str] = ()) -> tuple[Text, str, Text]:
    """A bullet that differs, as a row: how it does (in the words `told`, if given), its id, and its text with what changed
    in it marked."""
    from rich.text import Text

    words = told or d.kinds
    kinds = Text(", ").join(Text(kind, style=STYLES.get(kind, CAME if d.after else WENT)) for kind in words)
    before, after = d.before and line(d.before.text), d.after and line(d.after.text)
    if "retired" in d.kinds:
        retired = any(word.startswith("retired") for word in words)
        return kinds, d.bullet, Text(before or "", style="dim strike" if retired else "")
    if before and after and before != after:
        return kinds, d.bullet, marked(before, after, screen)
    return kinds, d.bullet, Text(after or "")


def _reason(t: BulletChange, o: Operation) -> str:
    """Why: in the words of the operation, else of its delta."""
    return o.reason or t.cause.reason


def _why(t: BulletChange, o: Operation) -> str:
    """An operation in one line: what it is, why, and the episodes behind it."""
    where = f" → {place(o)}" if o.op is Op.MOVE else ""
    reason = f": {line(_reason(t, o))}" if _reason(t, o) else ""
    more = f" and {len(o.episodes) - NAMED} more" if len(o.episodes) > NAMED else ""
    names = f"  ({', '.join(o.episodes[:NAMED])}{more})" if o.episodes else ""
    return f"{o.op.value}{where}{reason}{names}"
