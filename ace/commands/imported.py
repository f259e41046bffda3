"""Telling what an import did: how much came in, and of the rest why it did not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ace.commands.common import console, count
from ace.memory.importing import How, Imported, NearLine

_MOST = 10
"""Lines of each kind that are told."""


def tell(name: str, done: Imported, how: How) -> None:
    """Print what an import into playbook `name` did, or would do."""
    screen = console()
    at = name if done.revision is None else f"{name}@{done.revision.number}"
    verb = "would be added" if how.dry_run else "added"
    screen.print(f"{at}: {count(len(done.added), 'bullet')} {verb}")
    for what, lines in _also(done):
        screen.print(f"  {what}")
        for line in lines[:_MOST]:
            screen.print(f"    {line}", style="dim")
        if len(lines) > _MOST:
            screen.print(f"    and {len(lines) - _MOST:,} more", style="dim")


def imported_json(name: str, done: Imported, how: How) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "playbook": name,
        "revision": None if done.revision is None else done.revision.number,
        "dry_run": how.dry_run,
        "added": len(done.added),
        "present": len(done.present),
        "updated": [x.id for x in done.updated],
        "left": [b.id for _, b in done.left],
        "retired": [b.id for _, b in done.retired],
        "merged": len(done.merged),
        "bad": [{"place": x.place, "text": x.text, "reason": reason} for x, reason in done.bad],
        "near": [
            {"place": n.line.place, "text": n.line.text, "kind": n.kind.value, "bullet": n.of or None, "says": n.text}
            for n in done.near
        ],
    }


def _also(done: Imported) -> Iterator[tuple[str, list[str]]]:
    """What there is to tell besides: what, and a line for each."""
    if done.present:
        yield f"{len(done.present):,} there already", []
    if done.updated:
        updated = [f"{x.place}: [{x.id}] {x.text}" for x in done.updated]
        yield f"{len(done.updated):,} changed to the file's words and sections", updated
    if done.left:
        left = [f"{x.place}: [{b.id}] {b.text}" for x, b in done.left]
        kept = "read or stand otherwise here and were left so; --update takes the file's words and sections"
        yield f"{len(done.left):,} {kept}", left
    if done.retired:
        yield f"{len(done.retired):,} were retired here and stay so", [f"{x.place}: [{b.id}] {b.text}" for x, b in done.retired]
    if done.bad:
        yield f"{len(done.bad):,} left out", [f"{x.place}: {reason}" for x, reason in done.bad]
    if done.merged:
        yield f"{len(done.merged):,} not added: something else says the same", []
    if done.near:
        yield f"{len(done.near):,} near others", [f"{n.line.place}: {n.line.text} ({_near(n)})" for n in done.near]


def _near(n: NearLine) -> str:
    words = {"same": "says the same as", "contradicts": "contradicts", "alike": "is much like"}
    return f"{words[n.kind.value]} {f'[{n.of}] ' if n.of else ''}{n.text}"
