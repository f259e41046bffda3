"""Replaying the log: a playbook as its operations alone make it.

Nothing is believed. The operations are applied again from the empty playbook, and every hash, digest and count is compared
with what comes out. What does not fit is said where it begins and taken as it stands from there on, so that one changed row
gives one complaint, not one for every later revision.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection

from ace.errors import StoreDamaged
from ace.memory.bullets.history import SortedShelf
from ace.memory.database import refs
from ace.memory.database.codec import operation
from ace.memory.database.refs import Point
from ace.memory.database.sql import Sql
from ace.playbooks.apply import growth
from ace.playbooks.book import EMPTY_DIGEST, applied_as_then, revision_hash, updated_digest
from ace.playbooks.bullet import Bullet
from ace.playbooks.operations import Operation


class _Made(NamedTuple):
    revision: int
    key: int


class _Operation(NamedTuple):
    delta: int
    position: int
    body: str


_DELTAS = Sql("SELECT revision, key FROM deltas WHERE playbook = :playbook AND revision IS NOT NULL ORDER BY revision", _Made)
_OPERATIONS = Sql(
    "SELECT delta, position, body FROM operations WHERE delta IN ({keys}) AND stage = 'delta' AND refused IS NULL "
    "ORDER BY delta, position",
    _Operation,
)
_FATHERLESS = Sql(
    "SELECT r.number FROM revisions r JOIN playbooks p ON p.key = r.playbook WHERE p.name = :name AND r.number > 0 "
    "AND NOT EXISTS (SELECT 1 FROM revision_parents rp WHERE rp.revision = r.key AND rp.position = 0)",
    int,
)
_PORTION = 2000
_TEXTS = ("id", "section", "text", "after", "reason", "new_id", "state")


@dataclass(frozen=True, slots=True)
class Version:
    """A bullet as the operation at `position` of a delta left it, in revision `since`."""

    since: int
    delta: int
    position: int
    bullet: Bullet


@dataclass(slots=True)
class ReplayedPlaybook:
    """A playbook as its operations make it, every version of its bullets on the way, and what did not fit."""

    shelf: SortedShelf = field(default_factory=SortedShelf)
    digest: str = EMPTY_DIGEST
    counts: tuple[int, int, int] = (0, 0, 0)
    """Live bullets, tombstones, characters of the live texts."""
    versions: dict[str, list[Version]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    last: int = 0


@dataclass(frozen=True, slots=True)
class _Step:
    """Revision `number`: the one before it and its own row (`None`: missing), its delta's key and operations."""

    number: int
    before: Point | None
    point: Point | None
    delta: int
    operations: Sequence[tuple[int, Operation]]


def replay(c: Connection, name: str) -> ReplayedPlaybook:
    """Apply all operations of playbook `name` to the empty playbook."""
    points = {p.revision.number: p for p in refs.revisions(c, name)}
    state = ReplayedPlaybook()
    if not _is_empty(points.get(0)):
        state.problems.append("revision 0: it is not the empty playbook")
    fatherless = set(_FATHERLESS.all(c, name=name))
    for step in _steps(c, points, state.problems):
        _check(state, step)
        if step.point is not None and step.number in fatherless:
            state.problems.append(f"revision {step.number}: it has no first parent")
        _apply(state, step)
        state.last = step.number
    return state


def _is_empty(first: Point | None) -> bool:
    if first is None:
        return False
    r, counts = first.revision, (first.revision.bullets, first.retired, first.chars, first.words)
    return (r.hash, r.digest, r.parents, counts) == (revision_hash([], []), EMPTY_DIGEST, (), (0, 0, 0, 0))


def _steps(c: Connection, points: Mapping[int, Point], problems: list[str]) -> Iterator[_Step]:
    playbook = next(iter(points.values())).playbook
    made_by = dict(_DELTAS.all(c, playbook=playbook))
    last = max([*points, *made_by])
    for start in range(1, last + 1, _PORTION):
        part = range(start, min(start + _PORTION, last + 1))
        found: dict[int, list[tuple[int, str]]] = {}
        for delta, position, body in _OPERATIONS.among(c, [made_by[n] for n in part if n in made_by]):
            found.setdefault(delta, []).append((position, body))
        for n in part:
            delta = made_by.get(n, 0)
            read = [(i, o) for i, body in found.get(delta, ()) if (o := _read(body, n, i, problems)) is not None]
            yield _Step(n, points.get(n - 1), points.get(n), delta, read)


def _read(body: str, number: int, position: int, problems: list[str]) -> Operation | None:
    try:
        o = operation(body)
    except StoreDamaged:
        o = None
    if o is None or not all(isinstance(t, str) for t in (*(getattr(o, n) for n in _TEXTS), *o.sources, *o.episodes)):
        problems.append(f"revision {number}: operation {position} of its delta cannot be read")
        return None
    return o


def _check(state: ReplayedPlaybook, step: _Step) -> None:
    """Compare a revision's row with its parents and operations."""
    if step.point is None:
        state.problems.append(f"revision {step.number}: its row is missing; the log has it")
        return
    r, where = step.point.revision, f"revision {step.number}"
    if step.before is not None and r.parents[:1] != (step.before.revision.hash,):
        state.problems.append(f"{where}: its parent is not revision {step.number - 1}")
    if len(r.parents) > 2:
        state.problems.append(f"{where}: it has {len(r.parents)} parents; a merge has two")
    if r.hash != revision_hash(r.parents, [o for _, o in step.operations]):
        state.problems.append(f"{where}: its hash is not that of its parents and operations")


def _apply(state: ReplayedPlaybook, step: _Step) -> None:
    where, places = f"revision {step.number}", [i for i, _ in step.operations]
    origin = step.before.revision.digest if step.before else ""
    wanted = "" if step.point is None else step.point.revision.digest
    changes, refused = applied_as_then(state.shelf, [o for _, o in step.operations], origin, (state.digest, wanted))
    for x in refused:
        state.problems.append(f"{where}: operation {places[x.index]} ({x.operation.op}) cannot be applied: {x.reason}")
    for change in changes:
        state.shelf.put(change.after)
    for change in {x.after.id: x for x in changes}.values():
        version = Version(step.number, step.delta, places[change.index], change.after)
        state.versions.setdefault(change.after.id, []).append(version)
    state.digest = updated_digest(state.digest, changes)
    live, retired, chars = (had + grown for had, grown in zip(state.counts, growth(changes), strict=True))
    state.counts = live, retired, chars
    if step.point is not None:
        _settle(state, step.point)


def _settle(state: ReplayedPlaybook, point: Point) -> None:
    """Compare a revision's row with its content, and go on from what the row says."""
    r, where = point.revision, f"revision {point.revision.number}"
    if r.digest != state.digest:
        state.problems.append(f"{where}: its content digest is not that of its content")
        state.digest = r.digest if _is_hex(r.digest) else state.digest
    counts = (r.bullets, point.retired, point.chars)
    if counts != state.counts:
        state.problems.append(f"{where}: its counts are not those of its bullets")
        state.counts = counts


def _is_hex(text: str) -> bool:
    try:
        return len(text) == 64 and int(text, 16) >= 0
    except ValueError:
        return False
