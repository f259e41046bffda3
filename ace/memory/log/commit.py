"""One turn of the loop made durable: the only place where a playbook changes.

Everything of a batch is in one transaction, taken after all thinking is done. A delta that was made on an earlier revision is
applied to the present one; an operation on a bullet that has changed in between is refused with that reason, so that no change
is overwritten unseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection

from ace.errors import BadSetting, Conflict, NotFound
from ace.memory.bullets import history
from ace.memory.bullets.present import Origin, PresentShelf, write_changes
from ace.memory.bullets.search import SearchIndex
from ace.memory.database import refs
from ace.memory.database.codec import now
from ace.memory.database.refs import Point
from ace.memory.database.sql import Sql, Values, insertion
from ace.memory.database.tables import ParentRow, RevisionRow
from ace.memory.episodes import episodes, evidence
from ace.memory.episodes.episodes import StoredAttempt, Written
from ace.memory.journal import journal
from ace.memory.log import deltas
from ace.memory.log.deltas import DecidedDelta
from ace.memory.log.repeats import repeats
from ace.memory.log.standing import distrusted
from ace.memory.values import Batch, Committed, Revision
from ace.playbooks.apply import Change, apply, growth
from ace.playbooks.book import revision_hash, updated_digest
from ace.playbooks.operations import AUTHORS, PERSON, Delta, Op, Operation, Refusal, Status
from ace.playbooks.undoing import same
from ace.types import Episode

_REVISION = insertion(RevisionRow, without=("key",), tail="RETURNING key")
_PARENT = insertion(ParentRow)
_MOVE_HEAD = Sql("UPDATE playbooks SET head = :number WHERE key = :playbook AND head = :before")
_BY_HASH = Sql("SELECT number FROM revisions WHERE playbook = :playbook AND hash = :hash", int)


class _Touched(NamedTuple):
    bullet: str
    since: int


_TOUCHED = Sql(
    "SELECT bullet, max(since) FROM bullet_versions WHERE playbook = :playbook AND since > :base AND bullet IN ({keys}) "
    "GROUP BY bullet",
    _Touched,
)


def commit(c: Connection, batch: Batch, task_keys: Mapping[str, str], index: SearchIndex) -> Committed:
    """Write `batch` within the transaction of `c`."""
    check(batch)
    at = now()
    present = refs.head(c, batch.playbook) if batch.playbook else None
    playbook = None if present is None else present.playbook
    fresh = episodes.add(c, batch.episodes, Written(batch.run, playbook, at), task_keys)
    if present is not None:
        _learned_from(c, batch, present.playbook, fresh, at)
    if batch.run is not None:
        journal.mark_units(c, batch.run, batch.units)
    if present is None:
        return Committed(None, batch.status)
    if batch.delta is None:
        return Committed(present.revision, batch.status, (), batch.refusals)
    return _judge(c, present, batch, at, index)


def check(batch: Batch) -> None:
    """Raise `BadSetting` where `batch` asks for what can never be committed."""
    if not batch.playbook and (batch.delta is not None or batch.reflections or batch.refusals):
        raise BadSetting("a batch without a playbook can hold episodes only; name the playbook to learn")
    if batch.delta is not None and batch.delta.author not in AUTHORS:
        raise BadSetting(f"a delta's author is {batch.delta.author!r}; it must be {', '.join(AUTHORS[:-1])} or {AUTHORS[-1]}")
    if batch.units and batch.run is None:
        raise BadSetting("a batch that ends units needs its run")


def _learned_from(c: Connection, batch: Batch, playbook: int, fresh: Sequence[Episode], at: str) -> None:
    found = episodes.known(c, [e.id for e in fresh] + [r.episode for r in batch.reflections])
    for r in batch.reflections:
        _may_learn(r.episode, found.get(r.episode), playbook)
    reflections = episodes.add_reflections(c, batch.reflections, found, at)
    if fresh or reflections:
        evidence.note(c, playbook, fresh, reflections, found)


def _may_learn(id: str, episode: StoredAttempt | None, playbook: int) -> None:
    if episode is None:
        raise NotFound(f"there is no episode {id!r} to reflect on; commit it before, or in the same batch")
    if episode.verdict == "invalid":
        raise Conflict(f"episode {id} is invalid: nothing is learned from it")
    if episode.playbook != playbook:
        raise Conflict(f"episode {id} was not played to train this playbook; nothing is learned from it here")


def _judge(c: Connection, present: Point, batch: Batch, at: str, index: SearchIndex) -> Committed:
    delta = batch.delta or Delta("", ())
    judged = DecidedDelta(
        delta, batch.status, guarded=batch.refusals, why=batch.why, run=batch.run, judgements=batch.judgements
    )
    if batch.status is not Status.ACCEPTED:
        held = list(enumerate(delta.operations))
        deltas.write(c, present.playbook, replace(judged, applied=held), at)
        return Committed(present.revision, batch.status, (), batch.refusals)
    shelf = PresentShelf(c, present.playbook)
    changes, refused, stale = fitted(c, present, delta, shelf)
    if not changes:
        if not refused and not batch.refusals:
            return Committed(present.revision, Status.ACCEPTED)
        none = replace(
            judged, status=Status.REFUSED, refused=refused, why=batch.why or "none of its operations could be applied"
        )
        deltas.write(c, present.playbook, none, at)
        return Committed(present.revision, Status.REFUSED, (), (*batch.refusals, *refused), stale)
    revision = advance(c, NextRevision(present, replace(judged, refused=refused), at), changes, shelf, index)
    return Committed(revision, Status.ACCEPTED, tuple(changes), (*batch.refusals, *refused), stale)


@dataclass(frozen=True, slots=True)
class NextRevision:
    """From the revision `present` to the next one, made by a judged delta; `merged` is a second parent, if there is one."""

    present: Point
    judged: DecidedDelta
    at: str
    merged: Point | None = None


def advance(c: Connection, step: NextRevision, changes: Sequence[Change], shelf: PresentShelf, index: SearchIndex) -> Revision:
    """Write the delta, what it changed, and the revision it makes; gives that revision."""
    present, applied = step.present, as_applied(changes)
    key = deltas.write(c, present.playbook, replace(step.judged, applied=applied, made=present.head + 1), step.at)
    words = write_changes(c, shelf, changes, Origin(present.playbook, key, present.head + 1), index)
    return _next(c, step, key, [o for _, o in applied], changes, words=words)


def as_applied(changes: Sequence[Change]) -> list[tuple[int, Operation]]:
    """The operations behind `changes` with their places, each once, the ids of new bullets filled in."""
    applied: dict[int, Operation] = {}
    for change in changes:
        if change.index not in applied:
            o, id = change.operation, change.after.id
            unnamed = o.op in (Op.ADD, Op.MERGE) and o.new_id != id
            applied[change.index] = replace(o, new_id=id) if unnamed else o
    return sorted(applied.items())


def fitted(
    c: Connection, present: Point, delta: Delta, shelf: PresentShelf, without: Mapping[int, str] = {}
) -> tuple[list[Change], list[Refusal], tuple[Refusal, ...]]:
    """Apply to the present. Where the delta was made on an earlier revision, operations on bullets that have changed since
    then are refused (they come last, once more), and so is what only a person may do or what a bullet says already. The
    operations `without` are refused with the reasons given."""
    shelf.fetch({id for o in delta.operations for id in (o.id, o.new_id, o.after, *o.sources) if id})
    stale = {i: reason for i, reason in _stale(c, present, delta, shelf).items() if i not in without}
    barred = {**without, **stale, **{i: r for i, r in _protected(delta, shelf).items() if i not in without}}
    unseen = partial(distrusted, c, present)
    said = {i: r for i, r in repeats(c, present.playbook, delta, unseen).items() if i not in barred}
    changes, refused = _around(shelf, delta, {*barred, *said}, present.revision.digest)
    made = {change.index: change.after.id for change in changes}
    if any(not r.bullet and r.of not in made for r in said.values()):
        # What they repeat was refused itself, so they are needed.
        said = {i: r for i, r in said.items() if r.bullet or r.of in made}
        changes, refused = _around(shelf, delta, {*barred, *said}, present.revision.digest)
    refused += [Refusal(i, delta.operations[i], reason) for i, reason in barred.items()]
    for i, r in said.items():
        twin = r.bullet or made[r.of]
        refused.append(Refusal(i, delta.operations[i], f"it says the same as {twin}", twin))
    ordered = sorted(refused, key=lambda r: r.index)
    return changes, ordered, tuple(r for r in ordered if r.index in stale)


def _around(shelf: PresentShelf, delta: Delta, barred: Set[int], origin: str) -> tuple[list[Change], list[Refusal]]:
    """Apply all operations but those at the places `barred`; the rest keep their places."""
    if not barred:
        return apply(shelf, delta.operations, origin)
    kept = [i for i in range(len(delta.operations)) if i not in barred]
    changes, refused = apply(shelf, [delta.operations[i] for i in kept], origin)
    return [replace(x, index=kept[x.index]) for x in changes], [replace(r, index=kept[r.index]) for r in refused]


def _protected(delta: Delta, shelf: PresentShelf) -> dict[int, str]:
    """The operations of anybody but a person on bullets that a person has pinned."""
    if delta.author == PERSON:
        return {}
    barred = {}
    for i, o in enumerate(delta.operations):
        touched = [shelf.get(id) for id in (o.id, *o.sources) if id] if o.op is not Op.ADD else []
        pinned = next((b.id for b in touched if b is not None and b.pinned), None)
        if pinned is not None:
            barred[i] = f"{pinned} is pinned: only a person changes it"
    return barred


def _stale(c: Connection, present: Point, delta: Delta, shelf: PresentShelf) -> dict[int, str]:
    if delta.base == present.revision.hash:
        return {}
    base = 0 if not delta.base else _BY_HASH.first(c, playbook=present.playbook, hash=delta.base)
    if base is None:
        raise Conflict(f"the delta was made on {delta.base[:12]}, which is not a revision of {present.revision.playbook!r}")
    ids = {id for o in delta.operations for id in (o.id, *o.sources) if id}
    touched = dict(_TOUCHED.among(c, sorted(ids), playbook=present.playbook, base=base))
    then = history.some_at(c, present.playbook, base, sorted(touched))
    # A change that was undone since is none: the bullet is what the delta's author saw.
    touched = {id: number for id, number in touched.items() if not same(then.get(id), shelf.get(id))}
    stale = {}
    for i, o in enumerate(delta.operations):
        hit = next((id for id in (o.id, *o.sources) if id in touched), None)
        if hit is not None:
            stale[i] = f"{hit} was changed by revision {touched[hit]}, after revision {base} that this delta was made on"
    return stale


def _next(
    c: Connection, step: NextRevision, delta: int, operations: Sequence[Operation], changes: Sequence[Change], *, words: int
) -> Revision:
    present, revision = step.present, step.present.revision
    live, retired, chars = growth(changes)
    counts = {
        "bullets": revision.bullets + live,
        "retired": present.retired + retired,
        "chars": present.chars + chars,
        "words": present.words + words,
    }
    parents = [present] if step.merged is None else [present, step.merged]
    hashes = tuple(p.revision.hash for p in parents)
    number, hash = present.head + 1, revision_hash(hashes, operations)
    digest = updated_digest(revision.digest, changes)
    made: Values = {"number": number, "hash": hash, "digest": digest, "at": step.at}
    key = _REVISION.one(c, playbook=present.playbook, delta=delta, **made, **counts)
    _PARENT.many(c, [{"revision": key, "position": i, "parent": p.key} for i, p in enumerate(parents)])
    if _MOVE_HEAD(c, playbook=present.playbook, number=number, before=present.head).rowcount != 1:
        raise Conflict(f"playbook {revision.playbook!r} was changed at the same moment; nothing was written, try again")
    return Revision(revision.playbook, number, hash, digest, hashes, counts["bullets"], step.at)
