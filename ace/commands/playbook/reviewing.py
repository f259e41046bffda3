"""Printing what waits for review, and deciding on it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from ace.commands.playbook.changes import ChangeRequest, differences, on_terminal, tell
from ace.commands.playbook.diff import difference_cells
from ace.commands.playbook.log import judged
from ace.commands.terminal.common import console, count, opened, paged, print_json, where
from ace.commands.terminal.palette import MARKED, WENT
from ace.commands.terminal.prose import day, facts, line, marked, say
from ace.commands.terminal.tables import Column, Grid, print_table
from ace.editing import review as by_review
from ace.errors import BadSetting
from ace.memory.log.review import WaitingDelta
from ace.options import require_once
from ace.playbooks.bullet import Bullet

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_LIST = (
    Column("playbook"),
    Column("delta", right=True),
    Column("proposed (UTC)"),
    Column("by"),
    Column("changes", right=True),
    Column("fit now", right=True),
    Column("why it waits"),
)
_ROWS = (Column(right=True, style="dim"), Column(), Column(style="dim"), Column())
_NEW = "new"


def list_deltas(name: str, store: str, as_json: bool) -> None:
    """What waits in playbook `name`, or in all."""
    with opened(store) as db:
        found = db.reviews.waiting(name)
    if as_json:
        print_json([_head_json(w) for w in found])
        return
    with paged() as screen:
        if not found:
            screen.print(f"Nothing waits for review{f' in {line(name)}' if name else ''}.")
            return
        print_table(screen, _LIST, [_cells(w) for w in found])
        screen.print()
        if any(w.untrusted for w in found):
            say(
                screen,
                "Untrusted: learned from unverified senders; what it adds stays distrusted when it is accepted.",
                style="dim",
            )
        first = f"{shlex.quote(found[0].playbook)} {found[0].number}{where(store) if store else ''}"
        say(screen, f"Look at one: ace review show {first}", style="dim")


def _cells(w: WaitingDelta) -> tuple[str | Text, ...]:
    from rich.text import Text

    fitting = len({c.index for c in w.changes})
    counts = (f"{len(w.delta.operations):,}", f"{fitting:,}")
    why = Text("untrusted: " if w.untrusted else "", style=MARKED).append(Text(line(w.delta.why, 80)))
    return (w.playbook, str(w.number), day(w.delta.at), line(w.delta.who), *counts, why)


def show_delta(name: str, number: int, store: str, as_json: bool) -> None:
    """What accepting one delta would do."""
    with opened(store) as db:
        found = db.reviews.one(name, number)
    if as_json:
        print_json(_json(found))
        return
    with paged() as screen:
        _print(screen, found, where(store) if store else "")


def _print(screen: Console, w: WaitingDelta, at: str) -> None:
    from rich.text import Text

    d, left = w.delta, f" ({', '.join(_of_episodes(w))})" if w.purged or w.untrusted else ""
    source = [f"from {count(len(d.episodes), 'episode')}{left}"] if d.episodes else []
    run = [f"run {d.run}"] if d.run else []
    title = Text(f"delta {w.number} of {line(w.playbook)}", style="bold")
    facts(screen, [title, f"{day(d.at)} UTC", line(d.who), *run, *source])
    for what, text in (("Why: ", d.reason), ("It waits because: ", d.why)):
        if text:
            say(screen, line(text), 2, first=what)
    for text in map(judged, d.judgements):
        say(screen, text, 2, style="dim")
    screen.print()
    say(screen, f"Accepted, it would change revision {w.revision.number}, the head, as follows.", style="bold")
    _print_operations(screen, w)
    _print_meanwhile(screen, w)
    screen.print()
    named = f"{shlex.quote(w.playbook)} {w.number}"
    if w.changes:
        say(screen, f"ace review accept {named} --shown {w.shown}{at}", first="Accept this: ")
    else:
        say(screen, "Nothing of it fits the playbook now, so it cannot be accepted.")
    say(screen, f"ace review refuse {named} --reason WHY{at}", first="Refuse it:   ")


def _of_episodes(w: WaitingDelta) -> Iterator[str]:
    if w.untrusted:
        yield f"{len(w.untrusted)} of them untrusted"
    if w.purged:
        yield f"{len(w.purged)} of them purged"


def _print_operations(screen: Console, w: WaitingDelta) -> None:
    rows = {i: list(_rows(screen, w, i)) for i in range(len(w.delta.operations))}
    grid = Grid(screen, _ROWS, [row for found in rows.values() for row in found], 2)
    for i, found in rows.items():
        for row in found:
            grid.put(row)
        if reason := line(w.delta.operations[i].reason):
            say(screen, reason, 6, style="dim")


def _rows(screen: Console, w: WaitingDelta, index: int) -> Iterator[tuple[str, str | Text, str, str | Text]]:
    """One operation: the bullets that it would change, or why it does not fit."""
    from rich.text import Text

    o, number = w.delta.operations[index], str(index + 1)
    for r in w.refusals:
        if r.index == index:
            about = f"{o.op.value}{f': {line(o.text)}' if o.text else ''}"
            yield number, Text("left out", style=WENT), line(o.id), Text(f"{about} – {line(r.reason)}", style="dim")
    made = [c for c in w.changes if c.index == index]
    new = {c.after.id for c in made if c.before is None}
    for d in differences(made):
        kinds, id, text = difference_cells(screen, d)
        if d.after is not None and d.bullet in new:
            text = Text(f"{line(d.after.section)}: ", style="dim").append_text(text)
        yield number, kinds, _NEW if d.bullet in new else id, text
        number = ""


def _print_meanwhile(screen: Console, w: WaitingDelta) -> None:
    if not w.meanwhile:
        return
    screen.print()
    say(screen, "Bullets that changed since it was proposed:", style="bold")
    rows = [(id, _state(then), marked(_text(then), _text(now), screen)) for id, (then, now) in w.meanwhile.items()]
    states = {id: f"{_state(then)} → {_state(now)}" for id, (then, now) in w.meanwhile.items()}
    print_table(screen, (Column(style="dim"), Column(), Column()), [(id, states[id], text) for id, _, text in rows], indent=2)


def _state(b: Bullet | None) -> str:
    return b.state.value if b else "not there"


def _text(b: Bullet | None) -> str:
    return line(b.text) if b else ""


def accept_delta(which: tuple[str, int], shown: str, only: str, asked: ChangeRequest) -> None:
    """Accept a delta, as it was shown, else as it was proposed; on a terminal it is shown first, and the person is asked."""
    hand, numbers = asked.hand(), _numbers(only)
    with opened(asked.store) as db:
        if not shown and on_terminal() and not asked.as_json:
            waiting = db.reviews.one(*which)
            _print(console(stderr=True), waiting, where(asked.store) if asked.store else "")
            if not waiting.changes or not typer.confirm("Commit this?", err=True):
                raise typer.Exit(1)
            shown = waiting.shown
        done = by_review.accept(db, *which, hand, shown=shown, only=numbers)
        tell(done, asked.as_json, expected=True)


def refuse_delta(which: tuple[str, int], asked: ChangeRequest) -> None:
    """Refuse a delta."""
    hand = asked.hand()
    with opened(asked.store) as db:
        reason = by_review.refuse(db, *which, hand)
    name, number = which
    if asked.as_json:
        print_json({"playbook": name, "delta": number, "decision": "refused", "by": hand.author, "reason": reason})
    else:
        say(console(), f"delta {number} of {line(name)} is refused: {line(reason)}")


def _numbers(only: str) -> tuple[int, ...] | None:
    parts = [part.strip() for part in only.split(",")] if only.strip() else []
    for part in parts:
        if not part.isascii() or not part.isdecimal() or len(part) > 9 or not int(part):
            raise BadSetting(f"--only has {part!r}; it must be numbers of operations from 1, separated by commas, such as 1,3")
    found = tuple(map(int, parts))
    require_once(f"--only {only!r}", found)
    return found or None


def _head_json(w: WaitingDelta) -> dict[str, Any]:
    d = w.delta
    return {
        "playbook": w.playbook,
        "delta": w.number,
        "at": d.at,
        "author": d.author,
        "by": d.by,
        "run": d.run,
        "reason": d.reason,
        "why": d.why,
        "operations": len(d.operations),
        "fitting": len({c.index for c in w.changes}),
        "revision": w.revision.number,
        "as_proposed": w.as_proposed,
        "shown": w.shown,
        "untrusted": list(w.untrusted),
    }


def _json(w: WaitingDelta) -> dict[str, Any]:
    refused = {r.index: r.reason for r in w.refusals}
    return {
        **_head_json(w),
        "base": w.delta.base,
        "episodes": list(w.delta.episodes),
        "purged": list(w.purged),
        "judgements": [j.as_json() for j in w.delta.judgements],
        "operations": [{"number": i + 1, **o.as_json(), "refused": refused.get(i)} for i, o in enumerate(w.delta.operations)],
        "changes": [{"operation": c.index + 1, "before": _bullet(c.before), "after": _bullet(c.after)} for c in w.changes],
        "meanwhile": {id: {"then": _bullet(a), "now": _bullet(b)} for id, (a, b) in w.meanwhile.items()},
    }


def _bullet(b: Bullet | None) -> dict[str, Any] | None:
    if b is None:
        return None
    return {"id": b.id, "section": b.section, "text": b.text, "state": b.state.value, "pinned": b.pinned}
