"""Printing playbooks as they stand: list, show, stats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ace.commands.common import console, count, opened, paged, print_json, share
from ace.commands.tables import Column, print_table
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.render import by_section
from ace.types import Record

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_BOOKS = (
    Column("playbook"),
    *(Column(name, right=True) for name in ("revision", "bullets", "retired", "deltas")),
    Column("changed"),
)
_BULLETS = (Column(right=True, style="green"), Column(right=True, style="red"), Column(style="dim"), Column())


def list_books(store: str, as_json: bool) -> None:
    """All playbooks."""
    with opened(store) as db:
        books = db.playbooks()
    if as_json:
        print_json([_info(b) for b in books])
        return
    if not books:
        console().print("No playbooks yet. Make one with: ace run desk")
        return
    rows = [
        (
            b.name,
            str(b.head.number),
            str(b.bullets),
            str(b.retired),
            str(b.deltas),
            (b.head.at or b.created)[:16].replace("T", " "),
        )
        for b in books
    ]
    print_table(console(), _BOOKS, rows)


def _info(b: Any) -> dict[str, Any]:
    return {
        "name": b.name,
        "revision": b.head.number,
        "hash": b.head.hash,
        "bullets": b.bullets,
        "retired": b.retired,
        "deltas": b.deltas,
        "created": b.created,
    }


def show_book(ref: str, retired: bool, store: str, as_json: bool) -> None:
    """The bullets of a playbook at a revision."""
    with opened(store) as db:
        view = db.view(ref)
        bullets = view.bullets(include_retired=retired)
        records = view.records([b.id for b in bullets])
        revision = view.revision
    if as_json:
        rows = [bullet_json(b, records.get(b.id, Record())) for b in bullets]
        digests = {"hash": revision.hash, "digest": revision.digest}
        print_json({"playbook": revision.playbook, "revision": revision.number, **digests, "bullets": rows})
        return
    live = sum(b.state is not State.RETIRED for b in bullets)
    with paged(2 * len(bullets)) as screen:
        screen.print(f"{revision.playbook}@{revision.number}  {revision.hash[:10]}  {count(live, 'bullet')}", style="bold")
        _print_sections(screen, by_section(bullets), records)
        if not bullets:
            screen.print("(empty)")


def bullet_json(b: Bullet, r: Record) -> dict[str, Any]:
    """A bullet with its record, as JSON."""
    return {
        "id": b.id,
        "section": b.section,
        "text": b.text,
        "state": b.state.value,
        "pinned": b.pinned,
        "version": b.version,
        "parents": list(b.parents),
        "shown": {"won": r.shown_won, "lost": r.shown_lost},
        "followed": {"won": r.cited_won, "lost": r.cited_lost},
        "votes": {"helpful": r.helpful, "harmful": r.harmful, "neutral": r.neutral},
    }


def _print_sections(screen: Console, bullets: Sequence[Bullet], records: Mapping[str, Record]) -> None:
    for section, group in groupby(bullets, key=lambda b: b.section):
        screen.print()
        screen.print(section, style="bold")
        print_table(screen, _BULLETS, [_cells(b, records.get(b.id, Record())) for b in group])


def _cells(b: Bullet, r: Record) -> tuple[str, str, str, Text]:
    from rich.text import Text

    text = Text(b.text, style="dim strike" if b.state is State.RETIRED else "")
    for mark, holds in (("pinned", b.pinned), ("candidate", b.state is State.CANDIDATE), ("retired", b.state is State.RETIRED)):
        if holds:
            text.append(f"  ({mark})", style="yellow")
    return f"{r.cited_won or '·'} won", f"{r.cited_lost or '·'} lost", b.id, text


def show_stats(ref: str, store: str, as_json: bool) -> None:
    """Sizes, growth and records of a playbook."""
    with opened(store) as db:
        view = db.view(ref)
        bullets = view.bullets(include_retired=True)
        records = view.records([b.id for b in bullets if b.state is not State.RETIRED])
        deltas = [d for d in db.log(view.revision.playbook) if d.revision is None or d.revision.number <= view.revision.number]
        learned = db.count_episodes(playbook=view.revision.playbook, phase="learn")
    operations: dict[str, int] = {}
    for d in deltas:
        for o in d.operations:
            operations[o.op.value] = operations.get(o.op.value, 0) + 1
    won, lost = sum(r.cited_won for r in records.values()), sum(r.cited_lost for r in records.values())
    facts = {
        "playbook": view.revision.playbook,
        "revision": view.revision.number,
        "bullets": view.count,
        "retired": sum(b.state is State.RETIRED for b in bullets),
        "sections": len({b.section for b in bullets if b.state is not State.RETIRED}),
        "tokens": view.tokens,
        "deltas": len(deltas),
        "operations": dict(sorted(operations.items())),
        "refused": sum(len(d.refusals) for d in deltas),
        "learning_episodes": learned,
        "followed": {"won": won, "lost": lost},
        "never_followed": sum(r.cited_won + r.cited_lost == 0 for r in records.values()),
    }
    if as_json:
        print_json(facts)
        return
    screen = console()
    screen.print(f"{facts['playbook']}@{facts['revision']}", style="bold")
    sections = count(len({b.section for b in bullets if b.state is not State.RETIRED}), "section")
    screen.print(f"  {count(view.count, 'bullet')} in {sections}, about {view.tokens:,} tokens")
    screen.print(f"  {facts['retired']} retired, {facts['never_followed']} never followed")
    edits = ", ".join(f"{n} {op}" for op, n in sorted(operations.items())) or "none"
    screen.print(f"  {count(len(deltas), 'delta')}: {edits}; {facts['refused']} operations refused")
    rate = f", {share(won / (won + lost))}" if won + lost else ""
    screen.print(f"  {count(learned, 'learning episode')}; bullets followed {won + lost} times, won {won}, lost {lost}{rate}")
