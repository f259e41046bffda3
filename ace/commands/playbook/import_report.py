"""Telling what an import did: how much came in, and of the rest why it did not.

A line says what the file says at its place, because that is what the reader has to look at; what the playbook says stands
there under the same id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ace.commands.terminal.common import console, count
from ace.memory.exchange.imports import Imported, ImportSettings, NearLine
from ace.playbooks.formats.line import Line

if TYPE_CHECKING:
    from ace.playbooks.formats.rules import NotTaken

_MOST = 10
"""Lines of each kind that are told."""
_MOST_PASSAGES = 200


def tell(name: str, done: Imported, how: ImportSettings) -> None:
    """Print what an import into playbook `name` did, or would do."""
    screen = console()
    at = name if done.revision is None else f"{name}@{done.revision.number}"
    verb = "would be added" if how.dry_run else "added"
    screen.print(f"{at}: {count(len(done.added), 'bullet')} {verb}")
    for what, lines in _also(done, how):
        screen.print(f"  {what}")
        for line in lines[:_MOST]:
            screen.print(f"    {line}", style="dim")
        if len(lines) > _MOST:
            screen.print(f"    and {len(lines) - _MOST:,} more", style="dim")


def tell_not_taken(passages: Sequence[NotTaken]) -> None:
    """Print what of a file of rules did not become bullets, by line."""
    screen = console()
    if passages:
        screen.print("  not taken, because a bullet is an item of a list; --strict refuses such a file:")
    for n in passages[:_MOST_PASSAGES]:
        screen.print(f"    {n.place}: {n.kind}: {n.text}", style="dim")
    if len(passages) > _MOST_PASSAGES:
        screen.print(f"    and {len(passages) - _MOST_PASSAGES:,} more; --json lists all", style="dim")


def imported_json(name: str, done: Imported, how: ImportSettings, passages: Sequence[NotTaken] = ()) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "playbook": name,
        "revision": None if done.revision is None else done.revision.number,
        "dry_run": how.dry_run,
        "added": len(done.added),
        "present": len(done.present),
        "repeated": len(done.repeated),
        "updated": [x.id for x in done.updated],
        "left": [b.id for _, b in done.left],
        "pinned": [b.id for _, b in done.left if b.pinned],
        "retired": [b.id for _, b in done.retired],
        "merged": len(done.merged),
        "not_taken": [{"place": n.place, "line": n.number, "last": n.last, "kind": n.kind, "text": n.text} for n in passages],
        "bad": [{"place": x.place, "text": x.text, "reason": reason} for x, reason in done.bad],
        "near": [
            {"place": n.line.place, "text": n.line.text, "kind": n.kind.value, "bullet": n.of or None, "says": n.text}
            for n in done.near
        ],
    }


def _also(done: Imported, how: ImportSettings) -> Iterator[tuple[str, list[str]]]:
    """What there is to tell besides: what, and a line for each."""
    would = "would be " if how.dry_run else ""
    was, were = ("would be", "would be") if how.dry_run else ("was", "were")
    if done.present:
        yield f"{len(done.present):,} there already", []
    if done.repeated:
        yield f"{len(done.repeated):,} repeated in the file", _places(done.repeated)
    if done.updated:
        yield f"{len(done.updated):,} {would}changed to the file's words and sections", _places(done.updated)
    if others := [x for x, b in done.left if not b.pinned]:
        kept = _number(others, f"reads or stands otherwise here and {was}", f"read or stand otherwise here and {were}")
        yield f"{kept} left so; --update takes the file's words and sections", _places(others)
    if pinned := [x for x, b in done.left if b.pinned]:
        yield f"{_number(pinned, f'is pinned and {was}', f'are pinned and {were}')} left", _places(pinned)
    if retired := [x for x, _ in done.retired]:
        yield f"{_number(retired, 'was retired here and stays', 'were retired here and stay')} so", _places(retired)
    if done.bad:
        yield f"{len(done.bad):,} {would}left out", [f"{x.place}: {reason}" for x, reason in done.bad]
    if done.merged:
        yield f"{len(done.merged):,} not added: something else says the same", []
    if done.near:
        yield f"{len(done.near):,} near others", [f"{n.line.place}: {n.line.text} ({_near(n)})" for n in done.near]


def _number(lines: Sequence[Line], one: str, more: str) -> str:
    return f"{len(lines):,} {one if len(lines) == 1 else more}"


def _places(lines: Sequence[Line]) -> list[str]:
    return [f"{x.place}: {f'[{x.id}] ' if x.id else ''}{x.text}" for x in lines]


def _near(n: NearLine) -> str:
    words = {"same": "says the same as", "contradicts": "contradicts", "alike": "is much like"}
    return f"{words[n.kind.value]} {f'[{n.of}] ' if n.of else ''}{n.text}"
