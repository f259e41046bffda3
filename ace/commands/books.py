"""Printing playbooks as they stand: list and show."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from ace.commands.common import count, opened, paged, print_json
from ace.commands.palette import CAME, MARKED, WENT
from ace.commands.prose import day, facts, line
from ace.commands.tables import Column, print_groups, print_table
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.render import by_section
from ace.types import Record

if TYPE_CHECKING:
    from rich.text import Text

    from ace.memory.values import PlaybookInfo, Revision

_BOOKS = (
    Column("playbook"),
    *(Column(name, right=True) for name in ("revision", "bullets", "retired", "deltas")),
    Column("changed (UTC)"),
)
COUNTERS = (Column("won", right=True, style=CAME), Column("lost", right=True, style=WENT))
"""How often a bullet was followed and won, and lost."""
_BULLETS = (*COUNTERS, Column("bullet", style="dim"), Column())


def list_books(store: str, as_json: bool) -> None:
    """All playbooks."""
    with opened(store) as db:
        books = db.playbooks()
    if as_json:
        print_json([_info(b) for b in books])
        return
    with paged() as screen:
        if books:
            print_table(screen, _BOOKS, [_book_cells(b) for b in books])
        else:
            screen.print("No playbooks yet. Make one with: ace run desk")


def _book_cells(b: PlaybookInfo) -> tuple[str, ...]:
    counts = (f"{n:,}" for n in (b.bullets, b.retired, b.deltas))
    return (b.name, str(b.head.number), *counts, day(b.head.at or b.created))


def _info(b: PlaybookInfo) -> dict[str, Any]:
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
    sections = groupby(by_section(bullets), key=lambda b: b.section)
    groups = [(line(name), [_cells(b, records.get(b.id, Record())) for b in group]) for name, group in sections]
    with paged() as screen:
        facts(screen, title(revision))
        screen.print()
        if bullets:
            print_groups(screen, _BULLETS, groups)
        else:
            screen.print(f"It has no bullets.{'' if retired else ' Those that were retired: add --retired.'}")


def title(r: Revision) -> list[str | Text]:
    """A revision in a few words."""
    from rich.text import Text

    return [Text(f"{r.playbook}@{r.number}", style="bold"), r.hash[:10], f"{day(r.at)} UTC", count(r.bullets, "bullet")]


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


def counters(r: Record) -> tuple[str, str]:
    """The cells of `COUNTERS`."""
    return f"{r.cited_won or '·'}", f"{r.cited_lost or '·'}"


def _cells(b: Bullet, r: Record) -> tuple[str, str, str, Text]:
    from rich.text import Text

    text = Text(line(b.text), style="dim strike" if b.state is State.RETIRED else "")
    for mark, holds in (("pinned", b.pinned), ("candidate", b.state is State.CANDIDATE), ("retired", b.state is State.RETIRED)):
        if holds:
            text.append(f"  ({mark})", style=WENT if mark == "retired" else MARKED)
    return (*counters(r), b.id, text)
