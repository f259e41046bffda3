"""Whether a delta can still be undone.

Undoing may not take anything with it that came later. Where a bullet that the delta made, or what it changed of one, has been
changed since, nothing is undone and the bullet is named; `rewrites.inverse` does the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ace.playbooks.apply import Change
from ace.playbooks.bullet import Bullet, State

PARTS = ("text", "section", "state", "rank", "pinned", "escalated")
"""What of a bullet a delta changes."""


def same(one: Bullet | None, other: Bullet | None) -> bool:
    """Whether a reader finds the same in both: neither is there, or they differ in none of `PARTS`."""
    if one is None or other is None:
        return one is other
    return all(getattr(one, part) == getattr(other, part) for part in PARTS)


@dataclass(frozen=True, slots=True)
class Blocked:
    """Bullet `bullet` stands in the way: these `parts` of it were changed again."""

    bullet: str
    parts: tuple[str, ...]


def in_the_way(changes: Sequence[Change], now: Mapping[str, Bullet]) -> list[Blocked]:
    """The bullets that forbid to undo `changes`. `now` holds at least those that they touched, as they are."""
    first: dict[str, Bullet | None] = {}
    last: dict[str, Bullet] = {}
    for change in changes:
        first.setdefault(change.after.id, change.before)
        last[change.after.id] = change.after
    found = [Blocked(id, tuple(_changed_since(first[id], after, now[id]))) for id, after in last.items()]
    return [b for b in found if b.parts]


def _changed_since(before: Bullet | None, after: Bullet, now: Bullet) -> Iterable[str]:
    if before is None and now.state is State.RETIRED:
        return ()
    if before is not None and now.state is State.RETIRED is not after.state:
        return ("state",)
    concerned = [n for n in PARTS if before is None or getattr(before, n) != getattr(after, n)]
    undone = [] if before is None else [n for n in concerned if getattr(now, n) == getattr(before, n)]
    return [n for n in concerned if getattr(now, n) != getattr(after, n) and n not in undone]
