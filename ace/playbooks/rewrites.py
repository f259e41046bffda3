"""The operations that lead from one list of bullets to another: editing by hand, rolling back, undoing.

Every change of a playbook is made of these operations, so what a person wrote in an editor, or wants back from the past, is
first turned into operations. They are few: what stayed the same gives none, and of the bullets that changed their order only
those outside a longest run that kept it are moved; where several runs are as long, one of bullets that were never moved stays.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from ace.playbooks.apply import Change
from ace.playbooks.bullet import Bullet, State, clean
from ace.playbooks.operations import Op, Operation

_UNDONE = ("section", "text", "state", "rank", "pinned", "escalated")


def operations_between(before: Iterable[Bullet], after: Iterable[Bullet]) -> list[Operation]:
    """The operations that, applied to the playbook `before` (tombstones included), give `after`: its texts, sections, states,
    marks and order.

    `after` is in the order wanted; its ranks are ignored; ids are unique. A bullet that it does not have is retired, one that
    only it has is added under its id and with its lineage. Texts and sections count as `clean` leaves them.
    """
    stood = {b.id: b for b in sorted(before, key=lambda b: (b.rank, b.id))}
    wanted = list(after)
    places = {id: place for place, id in enumerate(stood)}
    fixed = [b.id for b in wanted if b.id in stood and clean(b.section) == stood[b.id].section]
    steady = {b.id for b in wanted if b.id in stood and b.rank == stood[b.id].rank}
    still = set(steadiest_run(fixed, [places[id] for id in fixed], steady))
    named = {b.id for b in wanted}
    made = [_one(Op.RETIRE, b) for b in stood.values() if b.id not in named and b.state is not State.RETIRED]
    anchor = "top"
    for b in wanted:
        old = stood.get(b.id)
        made += _added(b, anchor) if old is None else _changed(old, b, "" if b.id in still else anchor)
        anchor = b.id
    return made


def inverse(changes: Sequence[Change], now: Iterable[Bullet]) -> list[Operation]:
    """The operations that undo `changes` in the playbook as it is `now` (tombstones included).

    Texts, sections, states, marks and places come back as they were; what the changes added is retired. Where something has
    been changed again since, the later change is kept; but a guess whose text comes back is one, though a newer text of it was
    confirmed.
    """
    first: dict[str, Bullet | None] = {}
    last: dict[str, Bullet] = {}
    for change in changes:
        first.setdefault(change.after.id, change.before)
        last[change.after.id] = change.after
    present = list(now)
    target = [_undone(b, first[b.id], last[b.id]) if b.id in last else b for b in present]
    return operations_between(present, sorted(target, key=lambda b: (b.rank, b.id)))


def _undone(now: Bullet, before: Bullet | None, after: Bullet) -> Bullet:
    if before is None:
        return replace(now, state=State.RETIRED)
    changed = [f for f in _UNDONE if getattr(before, f) != getattr(after, f) == getattr(now, f)]
    undone = replace(now, **{f: getattr(before, f) for f in changed})
    # What was confirmed since is the newer text.
    waits = "text" in changed and before.state is State.CANDIDATE and undone.state is State.ACTIVE
    return replace(undone, state=State.CANDIDATE) if waits else undone


def longest_run(ids: Sequence[str], places: Sequence[int]) -> list[str]:
    """The longest selection of `ids`, in their order, whose `places` rise."""
    ends: list[int] = []
    before: list[int | None] = []
    for i, place in enumerate(places):
        length = bisect_left(ends, place, key=lambda k: places[k])
        before.append(ends[length - 1] if length else None)
        ends[length : length + 1] = [i]
    chain: list[str] = []
    at = ends[-1] if ends else None
    while at is not None:
        chain.append(ids[at])
        at = before[at]
    return chain[::-1]


def steadiest_run(ids: Sequence[str], places: Sequence[int], steady: Collection[str]) -> list[str]:
    """A `longest_run`; of those that are as long, one with the most of `steady`."""
    if all(id in steady for id in ids):
        return longest_run(ids, places)
    nothing = (0, 0, -1)
    tree = [nothing] * (max(places) + 2)
    """The best run that ends at a place up to its index, as a tree of sums is kept (Fenwick 1994): how long it is, how many of
    it are steady, and its last element."""
    before: list[int] = []
    for i, (id, place) in enumerate(zip(ids, places, strict=True)):
        length, kept, last = max(tree[at] for at in _below(place + 1))
        before.append(last)
        run, at = (length + 1, kept + (id in steady), i), place + 1
        while at < len(tree):
            tree[at] = max(tree[at], run)
            at += at & -at
    chain: list[str] = []
    i = max(tree[at] for at in _below(len(tree)))[2]
    while i >= 0:
        chain.append(ids[i])
        i = before[i]
    return chain[::-1]


def _below(end: int) -> Iterator[int]:
    """The indices of the tree that together stand for all below `end`; 0, which is empty, among them."""
    at = end - 1
    while at > 0:
        yield at
        at -= at & -at
    yield 0


def _one(op: Op, b: Bullet) -> Operation:
    return Operation(op, id=b.id)


def _added(b: Bullet, after: str) -> Iterator[Operation]:
    state = State.CANDIDATE if b.state is State.CANDIDATE else State.ACTIVE
    yield Operation(Op.ADD, section=b.section, text=b.text, after=after, sources=b.parents, new_id=b.id, state=state.value)
    if b.pinned:
        yield _one(Op.PIN, b)
    if b.escalated:
        yield _one(Op.ESCALATE, b)
    if b.state is State.RETIRED:
        yield _one(Op.RETIRE, b)


def _changed(old: Bullet, b: Bullet, after: str) -> Iterator[Operation]:
    """The operations for a bullet that was there before; `after` is empty where it keeps its place."""
    edits = _edits(old, b, after)
    ends = b.state is State.RETIRED
    if old.state is State.RETIRED and (edits or not ends):
        yield _restored(b, State.ACTIVE if ends else b.state)
    elif old.state is State.ACTIVE and b.state is State.CANDIDATE:
        yield _one(Op.DEMOTE, b)
    elif old.state is State.CANDIDATE and b.state is State.ACTIVE:
        yield _one(Op.ACTIVATE, b)
    yield from edits
    if ends and (edits or old.state is not State.RETIRED):
        yield _one(Op.RETIRE, b)


def _restored(b: Bullet, state: State) -> Operation:
    return Operation(Op.RESTORE, id=b.id, state=state.value)


def _edits(old: Bullet, b: Bullet, after: str) -> list[Operation]:
    edits: list[Operation] = []
    if clean(b.text) != old.text:
        edits.append(Operation(Op.REVISE, id=b.id, text=b.text))
    if after:
        edits.append(Operation(Op.MOVE, id=b.id, section=b.section, after=after))
    if b.pinned != old.pinned:
        edits.append(_one(Op.PIN if b.pinned else Op.UNPIN, b))
    if b.escalated != old.escalated:
        edits.append(_one(Op.ESCALATE if b.escalated else Op.DEESCALATE, b))
    return edits
