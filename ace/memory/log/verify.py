"""Checking what is stored of a playbook against what its log makes of it.

Every row that holds what a bullet says, now or in the past, is compared with the replayed log, and a difference is named by
the row it is in and by what of it differs. A row may have been changed into anything at all, so reading one never fails: what
cannot be read is a fault like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import pairwise

from sqlalchemy import Connection

from ace.errors import NotFound, StoreDamaged
from ace.memory.bullets.present import BulletColumns, PlacedBullet, StoredVersion, bullet
from ace.memory.database import refs
from ace.memory.database.refs import Point
from ace.memory.database.sql import Sql, columns
from ace.memory.log.replay import ReplayedPlaybook, Version, replay
from ace.memory.log.seals import broken
from ace.playbooks.bullet import Bullet

__all__ = ["replay", "verify"]

_BOOK = Sql("SELECT head FROM playbooks WHERE name = :name", int)
_BULLETS = Sql(f"SELECT {columns(PlacedBullet)} FROM bullets WHERE playbook = :playbook ORDER BY rank, id", PlacedBullet)
_VERSIONS = Sql(
    f"SELECT {columns(StoredVersion, id='bullet')} FROM bullet_versions WHERE playbook = :playbook ORDER BY bullet, since",
    StoredVersion,
)


def verify(c: Connection, name: str) -> list[str]:
    """What is wrong with playbook `name`, a line each; nothing if all is well. Raises `NotFound`."""
    try:
        head = refs.head(c, name)
    except NotFound:
        number = _BOOK.first(c, name=name)
        if number is None:
            raise
        return [f"revision {number}, the head: its row is missing; bring back a backup with `ace store restore`"]
    state = replay(c, name)
    if head.head != state.last:
        state.problems.append(f"the head is revision {head.head}, but the log goes on to revision {state.last}")
    return [*state.problems, *broken(c, head.playbook), *_present(c, head, state), *_past(c, head, state)]


def _present(c: Connection, head: Point, state: ReplayedPlaybook) -> Iterator[str]:
    """What differs between the bullets as stored and as replayed."""
    stored = {row.id: row for row in _BULLETS.all(c, playbook=head.playbook)}
    for id, made in state.versions.items():
        if id not in stored:
            yield f"bullet {id}: it is missing; the log has it"
        else:
            yield from _differences(f"bullet {id}", stored[id], made[-1].bullet)
            if stored[id].since != made[-1].since:
                yield f"bullet {id}: since differs from what the log gives"
    yield from (f"bullet {id}: the log does not have it" for id in stored if id not in state.versions)


def _past(c: Connection, head: Point, state: ReplayedPlaybook) -> Iterator[str]:
    """What differs between the versions of bullets as stored and as replayed."""
    expected = dict(_expected(state.versions))
    for row in _VERSIONS.all(c, playbook=head.playbook):
        where = f"version of bullet {row.id} since revision {row.since}"
        found = expected.pop((row.id, row.since), None)
        if found is None:
            yield f"{where}: the log does not have it"
            continue
        version, until = found
        yield from _differences(where, row, version.bullet)
        if (row.until, row.delta, row.position) != (until, version.delta, version.position):
            yield f"{where}: its end or its delta differs from what the log gives"
    for id, since in expected:
        yield f"version of bullet {id} since revision {since}: it is missing; the log has it"


def _expected(versions: Mapping[str, list[Version]]) -> Iterator[tuple[tuple[str, int], tuple[Version, int | None]]]:
    """Every version by bullet and first revision, with the first revision it no longer holds for."""
    for id, made in versions.items():
        for version, following in pairwise([*made, None]):
            if version is not None:
                yield (id, version.since), (version, following.since if following else None)


def _differences(where: str, row: BulletColumns, replayed: Bullet) -> Iterator[str]:
    try:
        stored = bullet(row)
    except StoreDamaged:
        yield f"{where}: its row cannot be read"
        return
    names = [f.name for f in fields(stored) if getattr(stored, f.name) != getattr(replayed, f.name)]
    if names:
        yield f"{where}: {', '.join(names)} {'differs' if len(names) == 1 else 'differ'} from what the log gives"
