"""Applying operations to a playbook.

Applying is a pure function from what the operations touch to a list of changes, each with the bullet before and after. It asks
for single bullets and neighbours through `Shelf`, so it costs the same on ten bullets and on a hundred thousand, in memory and
in a database alike; and a change undone is just the change the other way round.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ace.playbooks.bullet import DIGITS, Bullet, State, clean, is_id, new_id, rank_between
from ace.playbooks.operations import Op, Operation, Refusal


class Shelf(Protocol):
    """Read access to the bullets of one playbook, tombstones included."""

    def get(self, id: str) -> Bullet | None: ...

    def last_rank(self) -> str | None:
        """The highest rank in use, or `None` in an empty playbook."""
        ...

    def rank_after(self, rank: str | None, section: str | None = None) -> str | None:
        """The lowest rank above `rank` (`None`: the lowest of all), in `section` alone if given; `None` if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """What one operation did to one bullet. `before` is `None` for a new one. A `merge` gives one change for the new bullet
    and one for each source."""

    index: int
    operation: Operation
    before: Bullet | None
    after: Bullet


def growth(changes: Iterable[Change]) -> tuple[int, int, int]:
    """By how much the live bullets, the tombstones and the characters of live texts grew."""
    live = retired = chars = 0
    for change in changes:
        for bullet, sign in ((change.before, -1), (change.after, 1)):
            if bullet is None:
                continue
            if bullet.state is State.RETIRED:
                retired += sign
            else:
                live += sign
                chars += sign * len(bullet.text)
    return live, retired, chars


class Refused(Exception):
    """An operation cannot be applied; the message says why. Caught by `apply`, which records it."""


@dataclass(slots=True)
class _Overlay:
    """The shelf as it stands after the operations applied so far."""

    shelf: Shelf
    changed: dict[str, Bullet]
    left: set[str]
    """Ranks that bullets were moved away from; the shelf still has them."""
    highest: str = ""
    """The highest rank of what was changed. Kept, because an import asks for it once for every bullet."""

    def add(self, change: Change) -> None:
        id, rank = change.after.id, change.after.rank
        before = self.changed.get(id)
        self.changed[id] = change.after
        if change.before is not None and change.before.rank != rank:
            self.left.add(change.before.rank)
        lowered = before is not None and before.rank == self.highest and rank < before.rank
        self.highest = max(b.rank for b in self.changed.values()) if lowered else max(self.highest, rank)

    def get(self, id: str) -> Bullet | None:
        return self.changed.get(id) or self.shelf.get(id)

    def last_rank(self) -> str | None:
        return max(self.highest, self.shelf.last_rank() or "") or None

    def rank_after(self, rank: str | None, section: str | None = None) -> str | None:
        fresh = [
            b.rank
            for b in self.changed.values()
            if (rank is None or b.rank > rank) and (section is None or b.section == section)
        ]
        stored = self.shelf.rank_after(rank, section)
        while stored is not None and stored in self.left:
            stored = self.shelf.rank_after(stored, section)
        return min([*fresh, stored] if stored is not None else fresh, default=None)


def apply(shelf: Shelf, operations: Sequence[Operation], origin: str) -> tuple[list[Change], list[Refusal]]:
    """Apply `operations` in order to the bullets of `shelf`.

    `origin` is the hash of the revision they build on; with the place in the delta it makes the ids of new bullets. Gives the
    changes (empty where nothing applied) and the refusals; an operation either changes all it should or nothing.
    """
    overlay = _Overlay(shelf, {}, set())
    changes: list[Change] = []
    refusals: list[Refusal] = []
    for index, operation in enumerate(operations):
        try:
            made = list(_apply_one(overlay, operation, index, origin))
        except Refused as refused:
            refusals.append(Refusal(index, operation, str(refused)))
            continue
        for change in made:
            overlay.add(change)
        changes.extend(made)
    return changes, refusals


def _apply_one(shelf: _Overlay, o: Operation, index: int, origin: str) -> Iterable[Change]:
    if o.op is Op.ADD:
        return [Change(index, o, None, _added(shelf, o, index, origin))]
    if o.op is Op.MERGE:
        return _merged(shelf, o, index, origin)
    before = _existing(shelf, o.id)
    after = _edited(shelf, before, o)
    if after == before:
        raise Refused(f"{o.op.value} changes nothing in {o.id}")
    return [Change(index, o, before, after)]


def _existing(shelf: _Overlay, id: str) -> Bullet:
    if not id:
        raise Refused("no bullet id given")
    bullet = shelf.get(id)
    if bullet is None:
        raise Refused(f"there is no bullet {clean(id)[:80]}")
    return bullet


def _live(bullet: Bullet) -> Bullet:
    if bullet.state is State.RETIRED:
        raise Refused(f"{bullet.id} is retired")
    return bullet


def _text(text: str) -> str:
    kept = clean(text)
    if not kept:
        raise Refused("the text is empty")
    return kept


def _added(shelf: _Overlay, o: Operation, index: int, origin: str) -> Bullet:
    section, text = clean(o.section), _text(o.text)
    if not section:
        raise Refused("no section given")
    id = o.new_id or new_id(section, origin, index, text)
    if not is_id(id):
        raise Refused(f"{id!r} does not have the form of a bullet id")
    if shelf.get(id) is not None:
        raise Refused(f"the id {id} is taken")
    odd = next((s for s in o.sources if not is_id(s) or s == id), None)
    if odd is not None:
        raise Refused(f"{id} cannot have been merged from {odd!r}")
    return Bullet(id, section, text, _starting(o), _place(shelf, section, o.after), parents=tuple(dict.fromkeys(o.sources)))


def _starting(o: Operation) -> State:
    """The state that a new or restored bullet is to have."""
    if o.state not in (State.ACTIVE, State.CANDIDATE):
        raise Refused(f"a bullet cannot start as {o.state!r}; it can as active or candidate")
    return State(o.state)


def _place(shelf: _Overlay, section: str, after: str) -> str:
    return rank_between(*_gap(shelf, section, after))


def _gap(shelf: _Overlay, section: str, after: str) -> tuple[str | None, str | None]:
    """The ranks that a bullet placed by `after` comes to stand between; `None` is an open end."""
    if after == "top":
        return None, shelf.rank_after(None)
    first = shelf.rank_after(None, section) if after == "first" else None
    if first is not None:
        return _below(shelf, first), first
    if after in ("", "first"):
        return shelf.last_rank(), None
    anchor = _existing(shelf, after).rank
    return anchor, shelf.rank_after(anchor)


def _below(shelf: _Overlay, rank: str) -> str:
    """A place below `rank` with no bullet between the two, found digit by digit, because a shelf only looks upwards."""
    low = ""
    while shelf.rank_after(low) != rank:
        digits = [d for d in DIGITS if low + d < rank]
        free = bisect_left(digits, True, key=lambda d: shelf.rank_after(low + d) == rank)
        low += digits[min(free, len(digits) - 1)]
    return low


def _edited(shelf: _Overlay, b: Bullet, o: Operation) -> Bullet:
    match o.op:
        case Op.REVISE:
            text = _text(o.text)
            return b if text == _live(b).text else replace(b, text=text, version=b.version + 1)
        case Op.MOVE:
            return _moved(shelf, _live(b), o)
        case Op.RETIRE:
            return replace(_live(b), state=State.RETIRED)
        case Op.RESTORE:
            if b.state is not State.RETIRED:
                raise Refused(f"{b.id} is not retired")
            return replace(b, state=_starting(o))
        case Op.ACTIVATE:
            if b.state is not State.CANDIDATE:
                raise Refused(f"{b.id} is not a candidate")
            return replace(b, state=State.ACTIVE)
        case Op.DEMOTE:
            if _live(b).state is State.CANDIDATE:
                raise Refused(f"{b.id} is a candidate already")
            return replace(b, state=State.CANDIDATE)
        case Op.PIN:
            return replace(_live(b), pinned=True)
        case Op.UNPIN:
            return replace(b, pinned=False)
        case Op.ESCALATE:
            return replace(_live(b), escalated=True)
        case Op.DEESCALATE:
            return replace(b, escalated=False)
        case _:
            raise Refused(f"{o.op} is not an operation on one bullet")


def _moved(shelf: _Overlay, b: Bullet, o: Operation) -> Bullet:
    section = clean(o.section) or b.section
    if o.after == b.id:
        raise Refused(f"{b.id} cannot be placed after itself")
    gap = _gap(shelf, section, o.after)
    stays = section == b.section and b.rank in gap
    return b if stays else replace(b, section=section, rank=rank_between(*gap))


def _merged(shelf: _Overlay, o: Operation, index: int, origin: str) -> list[Change]:
    sources = tuple(dict.fromkeys(o.sources))
    if len(sources) < 2:
        raise Refused("a merge needs two or more bullets")
    bullets = [_live(_existing(shelf, s)) for s in sources]
    pinned = [b.id for b in bullets if b.pinned]
    if pinned:
        raise Refused(f"{pinned[0]} is pinned")
    text, section = _text(o.text), clean(o.section) or bullets[0].section
    id = o.new_id or new_id(section, origin, index, text)
    if not is_id(id):
        raise Refused(f"{id!r} does not have the form of a bullet id")
    if shelf.get(id) is not None:
        raise Refused(f"the id {id} is taken")
    place = _place(shelf, section, o.after or sources[0])
    # What was to be decided by the stronger model still is.
    escalated = any(b.escalated for b in bullets)
    new = Bullet(id, section, text, _starting(o), place, parents=sources, escalated=escalated)
    made = [Change(index, o, None, new)]
    made += [Change(index, o, b, replace(b, state=State.RETIRED)) for b in bullets]
    return made
