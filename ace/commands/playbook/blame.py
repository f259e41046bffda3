"""Printing where each bullet of a playbook came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ace.commands.playbook.listing import unshown
from ace.commands.playbook.log import judged, judged_at_end
from ace.commands.terminal.common import opened, paged, print_json
from ace.commands.terminal.palette import MARKED, STYLES
from ace.commands.terminal.prose import attempt, cut, day, facts, line, marked, say
from ace.commands.terminal.tables import Column, print_groups
from ace.memory.log.lineage import BlamedBullet, BulletChange, Witness
from ace.playbooks.diff import diff
from ace.playbooks.render import by_section

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


_SHORT = (Column(), Column(style="dim"), Column(), Column(style="cyan"), Column())
_LEAST = 8
"""Characters that the word for a change takes, whichever there are."""
_NAME = 20
"""Characters that the author's name takes at most."""
Marks = Mapping[str, Sequence[str]]
"""By bullet, where it is not shown, in a few words each."""


def show_blame(ref: str, section: str, store: str, *, as_json: bool, long: bool) -> None:
    """The live bullets of a playbook at a revision, each with what made it what it is."""
    with opened(store) as db:
        revision = db.resolve(ref)
        found = {b.bullet.id: b for b in db.past.blame(ref, section)}
        view = db.view(revision)
        masks, doubted = view.masks(), view.distrusted
    marks = {id: unshown(masks.get(id, ()), id in doubted) for id in found}
    ordered = [found[b.id] for b in by_section(b.bullet for b in found.values())]
    if as_json:
        rows = [{"id": b.bullet.id, "section": b.bullet.section, "text": b.bullet.text, **blamed_json(b)} for b in ordered]
        rows = [{**r, "masked": list(masks.get(r["id"], ())), "distrusted": r["id"] in doubted} for r in rows]
        print_json({"playbook": revision.playbook, "revision": revision.number, "bullets": rows})
        return
    wide = widest(t for b in ordered for t in headed(b))
    with paged() as screen:
        screen.print(f"{revision.playbook}@{revision.number}", style="bold")
        if not ordered:
            screen.print("It has no bullets.")
        if not long:
            groups = groupby(ordered, key=lambda b: b.bullet.section)
            print_groups(screen, _SHORT, [(line(name), [_short(b, marks) for b in group]) for name, group in groups])
            return
        for name, group in groupby(ordered, key=lambda b: b.bullet.section):
            screen.print()
            screen.print(line(name), style="bold")
            for b in group:
                screen.print()
                _print_bullet(screen, b, wide, marks)


def _marked(b: BlamedBullet, marks: Marks) -> Text:
    """The text of a bullet, with marks that say where it is not shown."""
    from rich.text import Text

    text = Text(line(b.bullet.text))
    for mark in marks.get(b.bullet.id, ()):
        text.append(f"  ({mark})", style=MARKED)
    return text


def _short(b: BlamedBullet, marks: Marks) -> tuple[str | Text, ...]:
    """A bullet with the change that gave it its text."""
    last = next((t for t in reversed(b.touches) if t.reworded), None)
    if last is None:
        return ("–", "", "", b.bullet.id, _marked(b, marks))
    number = "–" if last.cause.revision is None else f"@{last.cause.revision}"
    return (number, day(last.cause.at)[:10], cut(last.cause.who, _NAME), b.bullet.id, _marked(b, marks))


def headed(b: BlamedBullet) -> list[BulletChange]:
    """The changes that have a heading each where a bullet is told of with all that it was merged from."""
    return [t for each in (b, *b.sources) for t in (*each.touches, *each.again) if t.reworded or t in each.again]


def widest(touches: Iterable[BulletChange]) -> int:
    """The characters that the words for any of these changes take."""
    return max((len(", ".join(kinds_of(t))) for t in touches), default=0)


def _print_bullet(screen: Console, b: BlamedBullet, wide: int, marks: Marks) -> None:
    from rich.text import Text

    say(screen, _marked(b, marks), first=Text(f"{b.bullet.id}  ", style="cyan"))
    print_wordings(screen, b.touches, 2, wide)
    print_again(screen, b, 2, wide)
    print_sources(screen, b, wide)


def print_wordings(screen: Console, touches: Iterable[BulletChange], indent: int, wide: int) -> None:
    """The changes of a bullet's text, oldest first, each with its delta, reason and episode."""
    wordings = [t for t in touches if t.reworded]
    for t in wordings:
        facts(screen, heading(t, wide), indent)
        if len(wordings) > 1:
            say(screen, wording(screen, t), indent + 4)
        print_reason(screen, t, indent + 4)


def print_again(screen: Console, b: BlamedBullet, indent: int, wide: int) -> None:
    """The deltas that were to teach what the bullet said already."""
    for t in b.again:
        facts(screen, heading(t, wide), indent)
        print_reason(screen, t, indent + 4)


def print_sources(screen: Console, b: BlamedBullet, wide: int) -> None:
    """The bullets that `b` was merged from, near and far."""
    from rich.text import Text

    for s in b.sources:
        made_from = f"  (from {', '.join(s.bullet.parents)})" if s.bullet.parents else ""
        first = Text("merged from  ", style=STYLES["merge"]).append(f"{s.bullet.id}  ", style="cyan")
        say(screen, Text(line(s.bullet.text)).append(made_from, style="dim"), 2, first=first)
        print_wordings(screen, s.touches, 6, wide)
        print_again(screen, s, 6, wide)
    unknown = [p for p in b.bullet.parents if p not in {s.bullet.id for s in b.sources}]
    if unknown:
        say(screen, f"merged from {', '.join(unknown)}, in another playbook", 2, style="dim")


def heading(t: BulletChange, wide: int) -> list[str | Text]:
    """A change in a few words: the revision, what it was (`wide` characters), when, by whom, in which run."""
    from rich.text import Text

    kinds = kinds_of(t)
    made = Text(f"{', '.join(kinds):<{max(wide, _LEAST)}}", style=STYLES.get(kinds[0], "") if kinds else "")
    run = [f"run {t.cause.run}"] if t.cause.run else []
    number = "–" if t.cause.revision is None else f"@{t.cause.revision}"
    return [Text(f"{number:<5}", style="bold"), made, f"{day(t.cause.at)} UTC", line(t.cause.who), *run]


def kinds_of(t: BulletChange) -> list[str]:
    """What a change was, in the words of a difference."""
    found = diff([t.before] if t.before else [], [t.after])
    return list(found[0].kinds) if found else ["taught again"]


def wording(screen: Console, t: BulletChange) -> Text:
    """The text that a change left, with the words marked that it changed."""
    from rich.text import Text

    return Text(line(t.after.text)) if t.before is None else marked(line(t.before.text), line(t.after.text), screen)


def print_reason(screen: Console, t: BulletChange, indent: int) -> None:
    """Why a change was made, and the episode that tells it best."""
    for reason in t.reasons:
        say(screen, line(reason), indent, style="dim")
    if t.witness:
        print_witness(screen, t.witness, indent)


def print_judgements(screen: Console, t: BulletChange, indent: int, later: Sequence[BulletChange] = ()) -> None:
    """What gates decided on the delta behind a change, and at the end of its run, unless one of those `later` tells it."""
    for text in map(judged, t.cause.judgements):
        say(screen, text, indent, style="dim")
    if t.cause.run not in {after.cause.run for after in later}:
        for text in map(judged_at_end, t.cause.at_end):
            say(screen, text, indent, style="dim")


def print_witness(screen: Console, w: Witness, indent: int) -> None:
    """An episode, with the lesson drawn from it under it."""
    first, told = attempt(w, 160)
    say(screen, told, indent, first=first)
    if w.lesson:
        say(screen, line(w.lesson, 320), indent + 2)


def blamed_json(b: BlamedBullet) -> dict[str, Any]:
    """What made a bullet what it is, as JSON."""
    return {
        "wordings": touches_json([t for t in b.touches if t.reworded]),
        "taught_again": touches_json(b.again),
        "merged_from": [{"id": s.bullet.id, "text": s.bullet.text, **_source_json(s)} for s in b.sources],
    }


def _source_json(s: BlamedBullet) -> dict[str, Any]:
    return {"parents": list(s.bullet.parents), "wordings": touches_json([t for t in s.touches if t.reworded])}


def touches_json(touches: Sequence[BulletChange]) -> list[dict[str, Any]]:
    """Changes of a bullet as JSON, oldest first."""
    return [
        {
            "revision": t.cause.revision,
            "at": t.cause.at,
            "author": t.cause.author,
            "by": t.cause.by,
            "run": t.cause.run,
            "kinds": kinds_of(t),
            "text": t.after.text,
            "reasons": list(t.reasons),
            "delta_reason": t.cause.reason,
            "judgements": [j.as_json() for j in t.cause.judgements],
            "at_end": [j.as_json() for j in t.cause.at_end],
            "operations": [o.as_json() for o in t.operations],
            "episode": None if t.witness is None else witness_json(t.witness),
        }
        for t in touches
    ]


def witness_json(w: Witness) -> dict[str, Any]:
    """An episode in a few words, as JSON."""
    return {
        "episode": w.episode,
        "verdict": w.verdict,
        "situation": w.situation,
        "choice": w.choice,
        "lesson": w.lesson,
        "named": w.named,
        "purged": w.purged or None,
    }
