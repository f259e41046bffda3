"""Taking out the whole history of a playbook, and bringing it into another store.

What is brought in is applied, revision by revision, as it was the first time, and every hash and digest must come out as the
file says; so what is in the store afterwards needs no trust in the file. A merge has a second parent, in another playbook;
that one's history is in the file too, and becomes a playbook of its own where the store does not have it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import Connection

from ace.errors import BadInput, BadSetting
from ace.memory.bullets.present import PresentShelf
from ace.memory.database import refs
from ace.memory.database.codec import of_stored, unpack
from ace.memory.database.refs import Point
from ace.memory.database.sql import Sql
from ace.memory.log import deltas
from ace.memory.log.commit import NextRevision, advance
from ace.memory.log.deltas import DecidedDelta, StoredOperation
from ace.memory.log.writer import Writer
from ace.memory.values import Revision, StoredDelta
from ace.playbooks.book import applied_as_then
from ace.playbooks.formats.history import History, Made, PastDelta
from ace.playbooks.operations import Delta, Operation, Refusal
from ace.playbooks.sensitive.detectors import written


class _Twin(NamedTuple):
    delta: int
    position: int
    bullet: str


class _Numbered(NamedTuple):
    name: str
    number: int


_TWINS = Sql("SELECT delta, position, bullet FROM repeats WHERE delta IN ({keys})", _Twin)
_MERGED = Sql(
    "SELECT b.name, max(p.number) FROM revisions r JOIN revision_parents rp ON rp.revision = r.key AND rp.position > 0 "
    "JOIN revisions p ON p.key = rp.parent JOIN playbooks b ON b.key = p.playbook "
    "WHERE r.playbook = :playbook AND r.number <= :number GROUP BY b.name ORDER BY b.name",
    _Numbered,
)
_HOLDER = Sql(
    "SELECT p.name, r.number FROM revisions r JOIN playbooks p ON p.key = r.playbook WHERE r.hash = :hash "
    "ORDER BY r.key LIMIT 1",
    _Numbered,
)


class Histories:
    """Takes histories out of a store and brings them in."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def of(self, ref: str) -> list[History]:
        """The history of a playbook up to the revision `ref`, and after it those of the playbooks merged into it. Raises
        `NotFound`."""
        with self._writer.read() as c:
            first = refs.resolve(c, ref)
            upto = {first.revision.playbook: first}
            left = [first]
            while left:
                point = left.pop()
                for name, number in _MERGED.all(c, playbook=point.playbook, number=point.revision.number):
                    if name not in upto or upto[name].revision.number < number:
                        upto[name] = refs.numbered(c, name, number)
                        left.append(upto[name])
            return [_history(c, point) for point in upto.values()]

    def bring_in(self, histories: Sequence[History], name: str = "") -> Revision:
        """Make the first of `histories` playbook `name` (as it was called, if empty), and those merged into it playbooks beside
        it where the store does not have their revisions. Gives its head. All or nothing: raises `BadInput` where something does
        not come out as the file says, `Conflict` where there is a playbook of that name."""
        _require_merged(histories)
        given, histories = histories, self._writer.cleared(tuple(histories))
        _require_kept(given, histories)
        for h in histories:
            self._writer.warn((w for d in h.deltas if d.made for w in written(o for _, o in d.applied)), name or h.playbook)
        with self._writer.write() as c:
            main = _Arrival(refs.create(c, name or histories[0].playbook, exist_ok=False), histories[0])
            others = [(i, h) for i, h in enumerate(histories) if i and not _has(c, _last(h))]
            arrivals = [main, *(_Arrival(_beside(c, h, i), h) for i, h in others)]
            while any(a.left for a in arrivals):
                if not any(self._advanced(c, a) for a in arrivals):
                    raise BadInput(_stuck(next(a.left[0] for a in arrivals if a.left)))
            return refs.head(c, main.point.revision.playbook).revision

    def _advanced(self, c: Connection, arrival: _Arrival) -> bool:
        """Bring in deltas of one history until one must wait for another history; gives whether there were any."""
        began = len(arrival.left)
        while arrival.left:
            d = arrival.left[0]
            other = d.made.parents[1] if d.made and len(d.made.parents) > 1 else ""
            merged = _holder(c, other) if other else None
            if other and merged is None:
                break
            self._write(c, arrival, d, merged)
            del arrival.left[0]
        return len(arrival.left) < began

    def _write(self, c: Connection, arrival: _Arrival, d: PastDelta, merged: Point | None) -> None:
        point = arrival.point
        operations = tuple(o for _, o in d.applied)
        delta = Delta(d.base, operations, d.author, d.reason, d.episodes, d.by, d.file)
        judged = DecidedDelta(delta, d.status, d.applied, d.refused, d.guarded, d.why, d.run or None)
        judged = replace(judged, judgements=d.judgements, origins=d.origins)
        if d.made is None:
            deltas.write(c, point.playbook, judged, d.at)
            return
        shelf = PresentShelf(c, point.playbook)
        shelf.fetch({id for o in operations for id in (o.id, o.after, o.new_id, *o.sources) if id})
        before = point.revision.digest
        changes, refused = applied_as_then(shelf, operations, before, (before, d.made.digest))
        if refused:
            raise BadInput(f"{d.place}: operation {d.applied[refused[0].index][0]} cannot be applied: {refused[0].reason}")
        placed = [replace(x, index=d.applied[x.index][0]) for x in changes]
        made = advance(c, NextRevision(point, judged, d.at, merged), placed, shelf, self._writer.index)
        _require_same(d, d.made, made)
        arrival.point = refs.head(c, made.playbook)


@dataclass(slots=True)
class _Arrival:
    """A history on its way in: the playbook as far as it has come, and the deltas that are left."""

    point: Point
    left: list[PastDelta]

    def __init__(self, point: Point, history: History) -> None:
        self.point, self.left = point, list(history.deltas)


def _history(c: Connection, point: Point) -> History:
    """The log of a playbook up to one of its revisions, refused deltas in between included."""
    past: list[StoredDelta] = []
    for d in reversed(deltas.log(c, point.revision.playbook)):
        if d.revision is not None and d.revision.number > point.revision.number:
            break
        past.append(d)
    rows = deltas.operations(c, [d.id for d in past])
    twins: dict[tuple[int, int], list[str]] = {}
    for delta, place, bullet in _TWINS.among(c, [d.id for d in past]):
        twins.setdefault((delta, place), []).append(bullet)
    return History(point.revision.playbook, tuple(_past(d, rows.get(d.id, ()), twins) for d in past))


@of_stored
def _past(d: StoredDelta, rows: Sequence[StoredOperation], twins: Mapping[tuple[int, int], Sequence[str]]) -> PastDelta:
    applied, refused, guarded = list[tuple[int, Operation]](), list[Refusal](), list[Refusal]()
    for _, stage, place, reason, body in rows:
        value = unpack(body)
        if stage == "guard":
            guarded.append(Refusal(value[0], Operation.from_json(value[1]), unpack(reason or "")))
        elif reason is not None:
            said = str(unpack(reason))
            # Others are distrusted bullets that it counts for.
            twin = next((id for id in twins.get((d.id, place), ()) if id in said), "")
            refused.append(Refusal(place, Operation.from_json(value), said, twin))
        else:
            applied.append((place, Operation.from_json(value)))
    r = d.revision
    return PastDelta(
        author=d.author,
        at=d.at,
        base=d.base,
        status=d.status,
        reason=d.reason,
        why=d.why,
        run=d.run or "",
        episodes=d.episodes,
        applied=tuple(applied),
        refused=tuple(refused),
        guarded=tuple(guarded),
        made=None if r is None else Made(r.number, r.hash, r.digest, r.parents),
        by=d.by,
        judgements=d.judgements,
        file=d.file,
        origins=d.origins,
    )


def _require_same(d: PastDelta, said: Made, made: Revision) -> None:
    came = Made(made.number, made.hash, made.digest, made.parents)
    for what in ("number", "parents", "hash", "digest"):
        if getattr(said, what) != getattr(came, what):
            raise BadInput(
                f"{d.place}: the {what} of revision {made.number} does not come out as the file says; it was changed"
            )


def _require_kept(given: Sequence[History], kept: Sequence[History]) -> None:
    """Raise `BadInput` where redaction changes what hashes are made of."""
    for history, cleared in zip(given, kept, strict=True):
        for d, now in zip(history.deltas, cleared.deltas, strict=True):
            if d.made is not None and d.applied != now.applied:
                raise BadInput(f"{d.place}: it holds text that this store redacts, and redacted its hashes would not come out")


def _last(history: History) -> str:
    return next((d.made.hash for d in reversed(history.deltas) if d.made), "")


def _has(c: Connection, hash: str) -> bool:
    return not hash or _HOLDER.first(c, hash=hash) is not None


def _holder(c: Connection, hash: str) -> Point | None:
    row = _HOLDER.first(c, hash=hash)
    return None if row is None else refs.numbered(c, row.name, row.number)


def _require_merged(histories: Sequence[History]) -> None:
    """Raise `BadInput` where a history after the first one belongs to no merge: it would become a playbook that was not asked
    for."""
    deltas = [d for h in histories for d in h.deltas]
    merged = {d.made.parents[1] for d in deltas if d.made and len(d.made.parents) > 1}
    odd = next((i for i, h in enumerate(histories) if i and _last(h) and _last(h) not in merged), None)
    if odd is not None:
        raise BadInput(f"histories[{odd}]: it is merged into none of the others; import it from a file of its own")


def _beside(c: Connection, history: History, place: int) -> Point:
    """A new playbook for a history that was merged into another one."""
    try:
        return refs.create(c, _free(c, history.playbook), exist_ok=False)
    except BadSetting as error:
        raise BadInput(f"histories[{place}].playbook: {error}") from None


def _free(c: Connection, name: str) -> str:
    """`name`, or the first of `name-2`, `name-3`, ... that cannot be taken for the name of a playbook there is."""
    names, free, count = {_alike(p.name) for p in refs.playbooks(c)}, name, 1
    while _alike(free) in names:
        count += 1
        free = f"{name[: refs.MAX_NAME - len(f'-{count}')]}-{count}"
    return free


def _alike(name: str) -> str:
    """What names that look the same have in common, as far as their characters are encodings of the same ones."""
    return unicodedata.normalize("NFKC", name).casefold()


def _stuck(d: PastDelta) -> str:
    other = d.made.parents[1][:12] if d.made and len(d.made.parents) > 1 else "another one"
    return f"{d.place}: it merges revision {other}, which is neither in the file nor in the store"
