"""Printing playbooks as they stand: list and show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ace.commands.terminal.common import count, opened, paged, print_json
from ace.commands.terminal.palette import CAME, MARKED, WENT
from ace.commands.terminal.prose import day, facts, line, other_texts, say
from ace.commands.terminal.tables import Column, print_groups, print_table
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.render import by_section
from ace.types import Record

if TYPE_CHECKING:
    from rich.text import Text

    from ace.memory.store import Store
    from ace.memory.values import Followed, PlaybookInfo, Revision

_BOOKS = (
    Column("playbook"),
    *(Column(name, right=True) for name in ("revision", "bullets", "retired", "deltas")),
    Column("changed (UTC)"),
)
_FORKED = Column("forked from")
_AS_OF_NOW = "as of now"
COUNTERS = (Column("won", right=True, style=CAME), Column("lost", right=True, style=WENT))
"""How often a bullet was followed with the text it is shown with, and won, and lost."""
_BULLETS = (*COUNTERS, Column("bullet", style="dim"), Column())


def list_books(store: str, as_json: bool, *, every: bool) -> None:
    """The playbooks; of those that runs of experiments learned only the number, unless `every` one is wanted. JSON has all."""
    with opened(store) as db:
        books, forks = db.playbooks(), db.branches.origins()
        cells = {
            str(r.result.get("playbook", "")): str(r.config["experiment"]) for r in db.runs() if r.config.get("experiment")
        }
    if as_json:
        print_json([_info(b, forks.get(b.name), cells.get(b.name)) for b in books])
        return
    shown = [b for b in books if every or b.name not in cells]
    with paged() as screen:
        if shown:
            print_table(screen, (*_BOOKS, _FORKED) if forks else _BOOKS, [_book_cells(b, forks) for b in shown])
        elif not books:
            screen.print("No playbooks yet. Make one with: ace run desk")
        if hidden := len(books) - len(shown):
            more = f"{count(hidden, 'playbook')} that runs of experiments learned"
            say(screen, f"{more} {'is' if hidden == 1 else 'are'} not listed; --all lists them", style="dim")


def _book_cells(b: PlaybookInfo, forks: Mapping[str, str]) -> tuple[str, ...]:
    counts = (f"{n:,}" for n in (b.bullets, b.retired, b.deltas))
    origin = (forks.get(b.name, ""),) if forks else ()
    return (b.name, str(b.head.number), *counts, day(b.head.at or b.created), *origin)


def _info(b: PlaybookInfo, origin: str | None, experiment: str | None) -> dict[str, Any]:
    return {
        "name": b.name,
        "revision": b.head.number,
        "hash": b.head.hash,
        "bullets": b.bullets,
        "retired": b.retired,
        "deltas": b.deltas,
        "created": b.created,
        "forked_from": origin,
        "experiment": experiment,
    }


def show_book(ref: str, retired: bool, store: str, as_json: bool) -> None:
    """The bullets of a playbook at a revision."""
    with opened(store) as db:
        shown = _shown(db, ref, retired)
    if as_json:
        print_json(_shown_json(shown))
        return
    sections = groupby(by_section(shown.bullets), key=lambda b: b.section)
    groups = [(line(name), [_cells(b, shown.followed[b.id], shown.marks(b)) for b in group]) for name, group in sections]
    with paged() as screen:
        origin = [f"forked from {shown.origin}"] if shown.origin else []
        facts(screen, [*title(shown.revision, shown.tombstones if retired else 0), *origin])
        if shown.past:
            say(screen, f"Counts are {_AS_OF_NOW}, not of this revision.", style="dim")
        if any(b.id in shown.distrusted for b in shown.bullets):
            say(screen, "Distrusted: not shown where work is done or measured; ace playbook trust says why.", style="dim")
        screen.print()
        if groups:
            print_groups(screen, _BULLETS, groups)
            if not any(shown.followed[b.id].won or shown.followed[b.id].lost for b in shown.bullets):
                ref = line(ref)
                say(screen, f"No attempt named a bullet as it stands; by their texts: ace playbook fit {ref}", style="dim")
        else:
            hidden = shown.tombstones and not retired
            screen.print(f"It has no bullets.{' Those that were retired: add --retired.' if hidden else ''}")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A playbook at a revision with what is known of its bullets; `past`: it is not the head. `tombstones` are counted where
    they are asked for, or are all there is."""

    revision: Revision
    bullets: Sequence[Bullet]
    tombstones: int
    records: Mapping[str, Record]
    followed: Mapping[str, Followed]
    masks: Mapping[str, Sequence[str]]
    distrusted: Set[str]
    past: bool
    origin: str | None

    def record(self, b: Bullet) -> Record:
        return self.records.get(b.id, Record())

    def marks(self, b: Bullet) -> list[str]:
        """Where it is not shown, in a few words each."""
        return unshown(self.masks.get(b.id, ()), b.id in self.distrusted)


def _shown(db: Store, ref: str, retired: bool) -> _Shown:

    view = db.view(ref)
    every = view.bullets(include_retired=retired or not view.count)
    bullets = [b for b in every if retired or b.state is not State.RETIRED]
    name, number = view.revision.playbook, view.revision.number
    return _Shown(
        revision=view.revision,
        bullets=bullets,
        tombstones=len(every) - view.count,
        records=view.records([b.id for b in bullets]),
        followed=view.followed(bullets),
        masks=view.masks(),
        distrusted=view.distrusted,
        past=db.head(name).number != number,
        origin=db.branches.origins().get(name),
    )


def _shown_json(s: _Shown) -> dict[str, Any]:
    r = s.revision
    counts = {"counts": _AS_OF_NOW} if s.past else {}
    rows = [bullet_json(b, s.record(b), s.followed[b.id], s.masks.get(b.id, ()), b.id in s.distrusted) for b in s.bullets]
    digests = {"hash": r.hash, "digest": r.digest}
    return {"playbook": r.playbook, "revision": r.number, **digests, "forked_from": s.origin, **counts, "bullets": rows}


def title(r: Revision, retired: int = 0) -> list[str | Text]:
    """A revision in a few words; how many `retired` bullets are shown with the others is said where there are any."""
    from rich.text import Text

    size = count(r.bullets, "bullet") + (f" and {retired:,} retired" if retired else "")
    return [Text(f"{r.playbook}@{r.number}", style="bold"), r.hash[:10], f"{day(r.at)} UTC", size]


def bullet_json(b: Bullet, r: Record, f: Followed, masked: Sequence[str], distrusted: bool) -> dict[str, Any]:
    """A bullet with its record, as JSON. `shown` and `followed` are of all texts it has had."""
    return {
        "id": b.id,
        "section": b.section,
        "text": b.text,
        "state": b.state.value,
        "pinned": b.pinned,
        "escalated": b.escalated,
        "masked": list(masked),
        "distrusted": distrusted,
        "version": b.version,
        "parents": list(b.parents),
        "shown": {"won": r.shown_won, "lost": r.shown_lost},
        "followed": {"won": r.cited_won, "lost": r.cited_lost},
        "followed_with_this_text": {"won": f.won, "lost": f.lost},
        "votes": {"helpful": r.helpful, "harmful": r.harmful, "neutral": r.neutral},
    }


def counters(f: Followed) -> tuple[str, str]:
    """The cells of `COUNTERS`."""
    return f"{f.won or '·'}", f"{f.lost or '·'}"


def masked_words(kinds: Sequence[str]) -> str:
    """In which tasks a bullet is masked, in a few words; an empty kind stands for tasks without one."""
    return f"masked for {', '.join(line(kind) or 'tasks without a kind' for kind in kinds)}"


def unshown(masked: Sequence[str], distrusted: bool) -> list[str]:
    """Where a bullet is not shown, in a few words each."""
    return [*(["distrusted"] if distrusted else []), *([masked_words(masked)] if masked else [])]


def _cells(b: Bullet, f: Followed, marks: Sequence[str]) -> tuple[str, str, str, Text]:
    from rich.text import Text

    text = Text(line(b.text), style="dim strike" if b.state is State.RETIRED else "").append(
        other_texts(f), style="dim not strike"
    )
    candidate, retired = (b.state is state for state in (State.CANDIDATE, State.RETIRED))
    said = (("pinned", b.pinned), ("escalated", b.escalated), ("candidate", candidate), ("retired", retired))
    for mark, holds in said:
        if holds:
            text.append(f"  ({mark})", style=WENT if mark == "retired" else MARKED)
    for mark in marks:
        text.append(f"  ({mark})", style=MARKED)
    return (*counters(f), b.id, text)
