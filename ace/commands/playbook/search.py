"""Printing what search finds, and what verifying finds wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ace.commands.playbook.listing import COUNTERS, bullet_json, counters, unshown
from ace.commands.terminal.common import count, opened, paged, print_json
from ace.commands.terminal.palette import CAME, MARKED, WENT
from ace.commands.terminal.prose import line, other_texts, say
from ace.commands.terminal.tables import Column, print_table
from ace.errors import BadSetting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from ace.memory.values import Followed, Hit

_HITS = (Column("score", right=True), *COUNTERS, Column("bullet", style="dim"), Column())


def show_hits(ref: str, text: str, limit: int, store: str, as_json: bool) -> None:
    """The bullets of a playbook that concern `text`, the nearest first."""
    from ace.memory.bullets.words import words

    wanted = set(words(text))
    if not wanted:
        raise BadSetting(f"{text!r} has no word to search for; give a few words, or a whole task")
    with opened(store) as db:
        view = db.view(ref)
        hits = view.relevant(text, limit)
        records = view.records([h.bullet.id for h in hits])
        followed = view.followed([h.bullet for h in hits])
        masks, doubted = view.masks(), view.distrusted
    if as_json:
        of = ((h, h.bullet.id) for h in hits)
        rows = [(h, bullet_json(h.bullet, records[id], followed[id], masks.get(id, ()), id in doubted)) for h, id in of]
        print_json([{"score": round(h.score, 4), **row} for h, row in rows])
        return
    marks = {h.bullet.id: unshown(masks.get(h.bullet.id, ()), h.bullet.id in doubted) for h in hits}
    cells = [_hit_cells(h, followed[h.bullet.id], marks[h.bullet.id], wanted) for h in hits]
    with paged() as screen:
        if cells:
            print_table(screen, _HITS, cells)
        else:
            say(screen, f"No bullet of {view.revision.playbook}@{view.revision.number} contains any of these words.")


def _hit_cells(h: Hit, f: Followed, marks: Sequence[str], wanted: set[str]) -> tuple[str | Text, ...]:
    text = _lit(line(h.bullet.text), wanted).append(other_texts(f), style="dim")
    for mark in marks:
        text.append(f"  ({mark})", style=MARKED)
    return f"{h.score:.2f}", *counters(f), h.bullet.id, text


def _lit(text: str, wanted: set[str]) -> Text:
    """`text` with the words that were searched for lit up."""
    import re

    from rich.text import Text

    from ace.memory.bullets.words import words

    made = Text(text)
    for found in re.finditer(r"[^\s]+", text):
        if wanted.intersection(words(found[0])):
            made.stylize("bold", *found.span())
    return made


def verify_books(name: str, store: str, as_json: bool) -> bool:
    """Whether playbook `name`, or every playbook, is what its log makes of it; every fault is printed."""
    with opened(store) as db:
        found = {each: db.verify(each) for each in ([name] if name else db.past.names())}
        sound = {each: db.head(each) for each, faults in found.items() if not faults}
    if as_json:
        print_json([{"playbook": each, "faults": faults} for each, faults in found.items()])
        return len(sound) == len(found)
    with paged() as screen:
        for each, faults in found.items():
            if each in sound:
                head = sound[each]
                sizes = f"{count(head.number, 'revision')}, {count(head.bullets, 'bullet')}"
                say(screen, f"all is well ({sizes})", first=f"{each}@{head.number}: ", style=CAME)
            for fault in faults:
                say(screen, line(fault), first=f"{each}: ", style=WENT)
        if not found:
            screen.print("No playbooks yet: nothing to verify.")
    return len(sound) == len(found)
