"""A playbook in memory, and its content digest.

The digest of a playbook is the sum of its bullets' digests modulo 2**256, so that a delta updates it in the time of the delta,
not of the playbook.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ace.playbooks.apply import Change, Shelf, apply
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Operation, Refusal
from ace.types import digest

EMPTY_DIGEST = "0" * 64
_MODULUS = 1 << 256


def applied_as_then(
    shelf: Shelf, operations: Sequence[Operation], origin: str, digests: tuple[str, str]
) -> tuple[list[Change], list[Refusal]]:
    """Apply operations of a log. `digests` are the content before and, as the log says, after them; in a log from before
    joiners were kept, only the rule of that time gives the second one."""
    before, after = digests
    changes, refused = apply(shelf, operations, origin)
    if updated_digest(before, changes) == after:
        return changes, refused
    older, refused_then = apply(shelf, [o.before_joiners() for o in operations], origin)
    if updated_digest(before, older) != after:
        return changes, refused
    return [replace(x, operation=operations[x.index]) for x in older], refused_then


def updated_digest(current: str, changes: Iterable[Change]) -> str:
    """The content digest (hex) after `changes`, from the one before."""
    total = int(current, 16)
    for change in changes:
        total += int(change.after.content, 16) - (int(change.before.content, 16) if change.before else 0)
    return f"{total % _MODULUS:064x}"


def revision_hash(parents: Iterable[str], operations: Iterable[Operation]) -> str:
    """H(parent hashes, canonical operations): what identifies a revision. `operations` are the applied ones."""
    return digest(sorted(parents), [o.as_json() for o in operations])


class Book:
    """Bullets in memory, tombstones included. A `Shelf`."""

    def __init__(self, bullets: Iterable[Bullet] = ()) -> None:
        self._bullets = {b.id: b for b in bullets}

    def __len__(self) -> int:
        return sum(1 for b in self._bullets.values() if b.state is not State.RETIRED)

    def __iter__(self) -> Iterator[Bullet]:
        """Bullets that are not retired, in order."""
        return iter(sorted((b for b in self._bullets.values() if b.state is not State.RETIRED), key=lambda b: b.rank))

    def everything(self) -> list[Bullet]:
        """All bullets, tombstones too, in order."""
        return sorted(self._bullets.values(), key=lambda b: (b.rank, b.id))

    def get(self, id: str) -> Bullet | None:
        return self._bullets.get(id)

    def last_rank(self) -> str | None:
        return max((b.rank for b in self._bullets.values()), default=None)

    def rank_after(self, rank: str | None, section: str | None = None) -> str | None:
        return min(
            (
                b.rank
                for b in self._bullets.values()
                if (rank is None or b.rank > rank) and (section is None or b.section == section)
            ),
            default=None,
        )

    def with_changes(self, changes: Iterable[Change]) -> Book:
        """A new book after `changes`."""
        bullets = dict(self._bullets)
        for change in changes:
            bullets[change.after.id] = change.after
        return Book(bullets.values())

    @property
    def digest(self) -> str:
        return f"{sum(int(b.content, 16) for b in self._bullets.values()) % _MODULUS:064x}"
