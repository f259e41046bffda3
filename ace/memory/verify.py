"""Replaying the log, and checking what is stored against it.

The decision behind it: nothing is believed. The operations are applied again from the empty playbook, and every hash, digest
and row is compared with what comes out; a difference is named by the row it is in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Connection

from ace.memory import deltas, refs
from ace.memory.history import SortedShelf, bullets_at
from ace.memory.present import all_bullets
from ace.memory.refs import Point
from ace.memory.sql import Sql
from ace.playbooks.apply import apply
from ace.playbooks.book import EMPTY_DIGEST, revision_hash, updated_digest
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Operation

_DELTAS = Sql("SELECT key, revision FROM deltas WHERE playbook = :playbook AND revision IS NOT NULL ORDER BY revision")
_PORTION = 2000


@dataclass(slots=True)
class Replay:
    """A playbook as its operations make it, and what did not fit on the way."""

    shelf: SortedShelf
    digest: str
    problems: list[str]


def replay(c: Connection, name: str) -> Replay:
    """Apply all operations of playbook `name` to the empty playbook."""
    points = refs.revisions(c, name)
    state = Replay(SortedShelf(), EMPTY_DIGEST, [])
    if points[0].revision.hash != revision_hash([], []) or points[0].revision.digest != EMPTY_DIGEST:
        state.problems.append("revision 0: it is not the empty playbook")
    for before, point, operations in _steps(c, points):
        _step(state, before, point, operations)
    return state


def _steps(c: Connection, points: Sequence[Point]) -> Iterator[tuple[Point, Point, list[Operation]]]:
    made_by = {number: key for key, number in _DELTAS.all(c, playbook=points[0].playbook)}
    for start in range(1, len(points), _PORTION):
        part = range(start, min(start + _PORTION, len(points)))
        found = deltas.operations_of(c, [made_by[n] for i in part if (n := points[i].revision.number) in made_by])
        for i in part:
            key = made_by.get(points[i].revision.number)
            yield points[i - 1], points[i], [] if key is None else found.get(key, [])


def _step(state: Replay, before: Point, point: Point, operations: list[Operation]) -> None:
    r, where = point.revision, f"revision {point.revision.number}"
    if r.number != before.revision.number + 1:
        state.problems.append(f"{where}: it follows revision {before.revision.number}")
    if r.parents != (before.revision.hash,):
        state.problems.append(f"{where}: its parent is not revision {before.revision.number}")
    if r.hash != revision_hash(r.parents, operations):
        state.problems.append(f"{where}: its hash is not that of its parents and operations")
    changes, refused = apply(state.shelf, operations, before.revision.digest)
    state.problems += [f"{where}: operation {x.index} ({x.operation.op.value}) cannot be applied: {x.reason}" for x in refused]
    state.digest = updated_digest(state.digest, changes)
    for change in changes:
        state.shelf.put(change.after)
    if r.digest != state.digest:
        state.problems.append(f"{where}: its content digest is not that of its content")


def verify(c: Connection, name: str) -> list[str]:
    """What is wrong with playbook `name`, a line each; nothing if all is well."""
    state = replay(c, name)
    head = refs.head(c, name)
    present = {b.id: b for b in all_bullets(c, head.playbook)}
    state.problems += _differences("bullet", present, state.shelf.bullets)
    held = {b.id: b for b in bullets_at(c, head.playbook, head.head)}
    state.problems += _differences("version of bullet", held, state.shelf.bullets)
    live = [b for b in state.shelf.bullets.values() if b.state is not State.RETIRED]
    counts = (len(live), len(state.shelf.bullets) - len(live), sum(len(b.text) for b in live))
    if counts != (head.revision.bullets, head.retired, head.chars):
        state.problems.append(f"revision {head.head}: its counts are not those of its bullets")
    return state.problems


def _differences(what: str, stored: dict[str, Bullet], replayed: dict[str, Bullet]) -> list[str]:
    problems = [f"{what} {id}: it is missing; the log has it" for id in replayed if id not in stored]
    for id, b in stored.items():
        if id not in replayed:
            problems.append(f"{what} {id}: the log does not have it")
        elif b != replayed[id]:
            names = [f.name for f in fields(b) if getattr(b, f.name) != getattr(replayed[id], f.name)]
            problems.append(f"{what} {id}: {', '.join(names)} differ from what the log gives")
    return problems
