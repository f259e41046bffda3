"""Printing how a playbook changed: log and diff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ace.commands.common import count, opened, paged, print_json
from ace.memory.values import StoredDelta
from ace.playbooks.diff import BulletDiff, diff, stat, word_diff
from ace.playbooks.operations import Operation

if TYPE_CHECKING:
    from rich.text import Text

    from ace.memory.store import Store

_MARKS = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
"""What stands around words that went and came, where there are no colours."""
STYLES = {
    "add": "green",
    "added": "green",
    "revise": "yellow",
    "revised": "yellow",
    "merge": "magenta",
    "merged": "magenta",
    "move": "cyan",
    "moved": "cyan",
    "retire": "red",
    "retired": "red",
    "restore": "green",
    "restored": "green",
}


def show_log(name: str, limit: int, store: str, as_json: bool) -> None:
    """The deltas of a playbook, the last one first."""
    with opened(store) as db:
        deltas = db.log(name, limit)
    if as_json:
        print_json([delta_json(d) for d in deltas])
        return
    with paged(sum(3 + len(d.operations) + len(d.refusals) for d in deltas)) as screen:
        if not deltas:
            screen.print("No deltas yet.")
        for d in deltas:
            where = f"revision {d.revision.number}" if d.revision else d.status.value
            by = f"{d.author}, {d.run}" if d.run else d.author
            screen.print(f"{where}  {d.at[:19]}  by {by}  from {count(len(d.episodes), 'episode')}", style="bold")
            if d.reason:
                screen.print(f"  {d.reason}", style="dim")
            for o in d.operations:
                screen.print(f"  {o.op.value:<7} {_about(o)}", style=STYLES.get(o.op.value, ""))
            for r in d.refusals:
                screen.print(f"  refused {r.operation.op.value} {_about(r.operation)}: {r.reason}", style="dim red")
            screen.print()


def _about(o: Operation) -> str:
    what = o.new_id or o.id
    parts = [f"[{what}]" if what else "", "from " + ", ".join(o.sources) if o.sources else "", o.text]
    return " ".join(p for p in parts if p)


def delta_json(d: StoredDelta) -> dict[str, Any]:
    """A delta as JSON."""
    return {
        "revision": d.revision.number if d.revision else None,
        "hash": d.revision.hash if d.revision else None,
        "status": d.status.value,
        "author": d.author,
        "reason": d.reason,
        "why": d.why,
        "run": d.run,
        "at": d.at,
        "operations": [o.as_json() for o in d.operations],
        "refused": [{"operation": r.operation.as_json(), "reason": r.reason} for r in d.refusals],
        "episodes": list(d.episodes),
    }


def show_diff(a: str, b: str, only_stat: bool, store: str, as_json: bool) -> None:
    """What differs from `a` to `b`, with the operations, reasons and episodes behind each change."""
    with opened(store) as db:
        left, right = db.view(a), db.view(b)
        same = left.revision.playbook == right.revision.playbook
        if same:
            changed = db.changes_between(left.revision, right.revision)
            found = diff([x for x, _, _ in changed if x], [y for _, y, _ in changed if y])
            causes = {(y or x).id: ids for x, y, ids in changed if x or y}  # type: ignore[union-attr]
        else:
            found, causes = diff(left.bullets(), right.bullets()), {}
        behind = {d.bullet: _behind(db, d.bullet, causes.get(d.bullet, [])) for d in found}
    if as_json:
        rows = [_diff_json(d, behind.get(d.bullet, [])) for d in found]
        sides = {
            "from": f"{left.revision.playbook}@{left.revision.number}",
            "to": f"{right.revision.playbook}@{right.revision.number}",
        }
        print_json({**sides, "stat": stat(found), "changes": rows})
        return
    with paged(4 * len(found)) as screen:
        title = f"{left.revision.playbook}@{left.revision.number} → {right.revision.playbook}@{right.revision.number}"
        screen.print(title, style="bold")
        counts = ", ".join(f"{n} {kind}" for kind, n in stat(found).items() if n) or "no difference"
        screen.print(counts, style="dim")
        for d in () if only_stat else found:
            screen.print()
            for line in _lines(d, behind.get(d.bullet, []), coloured=screen.is_terminal):
                screen.print(line)


def _behind(db: Store, bullet: str, deltas: Sequence[int]) -> list[tuple[int | None, Operation]]:
    """The operations on `bullet` in `deltas`, each with the revision it made."""
    found = []
    for id in deltas:
        d = db.delta(id)
        for o in d.operations:
            if bullet in (o.id, o.new_id, *o.sources):
                found.append((d.revision.number if d.revision else None, o))
    return found


def _diff_json(d: BulletDiff, behind: Sequence[tuple[int | None, Operation]]) -> dict[str, Any]:
    rows = [{"revision": n, **o.as_json()} for n, o in behind]
    before = None if d.before is None else {"section": d.before.section, "text": d.before.text, "state": d.before.state.value}
    after = None if d.after is None else {"section": d.after.section, "text": d.after.text, "state": d.after.state.value}
    return {"bullet": d.bullet, "kinds": list(d.kinds), "before": before, "after": after, "operations": rows}


def _lines(d: BulletDiff, behind: Sequence[tuple[int | None, Operation]], *, coloured: bool) -> list[Text]:
    from rich.text import Text

    kind = d.kinds[0]
    style = STYLES.get(kind, "")
    head = Text(f"{', '.join(d.kinds):<8} ", style=f"bold {style}")
    head.append(f"[{d.bullet}] ", style="dim")
    if d.before and d.after and d.before.text != d.after.text:
        for mark, piece in word_diff(d.before.text, d.after.text):
            left, right = ("", "") if coloured else _MARKS[mark]
            head.append(left + piece + right, style={"removed": "red strike", "added": "bold green"}.get(mark, ""))
    else:
        shown = d.after or d.before
        head.append(shown.text if shown else "", style=style)
    lines = [head]
    for number, o in behind:
        why = Text(f"    revision {number}: {o.op.value}", style="dim")
        why.append(f" – {o.reason}" if o.reason else "")
        why.append(f"  (from {', '.join(o.episodes[:6])}{' …' if len(o.episodes) > 6 else ''})" if o.episodes else "")
        lines.append(why)
    return lines
