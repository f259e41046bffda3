"""What was done to bullets, by which deltas, and from which episodes it was learned.

The versions of a bullet say which delta made each, and at which place in it, so a life is read by key: it costs what happened
to the bullet, however large its playbook, and however many others the same delta changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.bullets.present import StoredVersion, bullet
from ace.memory.database.codec import of_stored, operation, past, reflection, unpack
from ace.memory.database.sql import Sql, columns
from ace.memory.log.deltas import name_in
from ace.memory.log.endings import at_end, besides
from ace.memory.log.judgements import of_deltas
from ace.memory.log.lineage import BulletChange, Cause, Witness
from ace.memory.log.repeats import repeated
from ace.playbooks.bullet import Bullet
from ace.playbooks.operations import Op, Operation


class _Delta(NamedTuple):
    key: int
    author: str
    run: str | None
    at: str
    note: str
    revision: int | None


class _Batch(NamedTuple):
    delta: int
    episode: str


class _Episode(NamedTuple):
    id: str
    key: int
    verdict: str
    purged: str | None
    past: str


class _Reflection(NamedTuple):
    episode: int
    body: str


_VERSIONS = Sql(
    f"SELECT {columns(StoredVersion, id='bullet')} FROM bullet_versions "
    "WHERE playbook = :playbook AND since <= :high AND bullet IN ({keys}) ORDER BY bullet, since",
    StoredVersion,
)
_DELTAS = Sql(f"SELECT {columns(_Delta)} FROM deltas WHERE key IN ({{keys}})", _Delta)
_BATCHES = Sql("SELECT delta, episode FROM delta_episodes WHERE delta IN ({keys}) ORDER BY delta, position", _Batch)
_AT = Sql(
    "SELECT body FROM operations WHERE delta = :delta AND stage = 'delta' AND position = :position AND refused IS NULL", str
)
_OF = Sql("SELECT body FROM operations WHERE delta = :delta AND stage = 'delta' AND refused IS NULL ORDER BY position", str)
_EPISODES = Sql(f"SELECT {columns(_Episode)} FROM episodes WHERE id IN ({{keys}})", _Episode)
_BY_KEY = Sql(f"SELECT {columns(_Episode)} FROM episodes WHERE key IN ({{keys}})", _Episode)
_REFLECTIONS = Sql("SELECT episode, body FROM reflections WHERE episode IN ({keys}) ORDER BY key DESC", _Reflection)

_FIELDS = ("section", "text", "state", "rank", "pinned", "escalated")
_EXPLAINS = {
    Op.REVISE: {"text"},
    Op.MOVE: {"section", "rank"},
    Op.RETIRE: {"state"},
    Op.RESTORE: {"state"},
    Op.ACTIVATE: {"state"},
    Op.DEMOTE: {"state"},
    Op.PIN: {"pinned"},
    Op.UNPIN: {"pinned"},
    Op.ESCALATE: {"escalated"},
    Op.DEESCALATE: {"escalated"},
    Op.MERGE: {"state"},
    Op.ADD: set[str](),
}
"""What an operation on a bullet that was there before can change of it."""


def changes_of(c: Connection, playbook: int, ids: Iterable[str], low: int, high: int) -> dict[str, list[BulletChange]]:
    """By bullet, what was done to it after revision `low` up to revision `high`, oldest first."""
    rows: dict[str, list[StoredVersion]] = {}
    for row in _VERSIONS.among(c, ids, playbook=playbook, high=high):
        rows.setdefault(row.id, []).append(row)
    new = {row.delta for found in rows.values() for row in found if row.since > low}
    told, scanned = causes(c, new), dict[int, list[Operation]]()
    made: dict[str, list[BulletChange]] = {}
    for id, found in rows.items():
        before: Bullet | None = None
        for row in found:
            after = bullet(row)
            if row.since > low:
                operations = _operations(c, row.delta, row.position, (before, after), scanned)
                made.setdefault(id, []).append(BulletChange(told[row.delta], before, after, operations))
            before = after
    return made


def _operations(
    c: Connection, delta: int, position: int, change: tuple[Bullet | None, Bullet], scanned: dict[int, list[Operation]]
) -> tuple[Operation, ...]:
    """The operations behind a change. The last one stands at `position`; all of the delta are read where it alone does not
    account for what changed."""
    body = _AT.first(c, delta=delta, position=position)
    last = None if body is None else operation(body)
    if last is None or _accounts(last, *change):
        return () if last is None else (last,)
    if delta not in scanned:
        scanned[delta] = [operation(body) for body in _OF.all(c, delta=delta)]
    id = change[1].id
    return tuple(o for o in scanned[delta] if id in (o.id, o.new_id, *o.sources))


def _accounts(o: Operation, before: Bullet | None, after: Bullet) -> bool:
    if before is None:
        return after.id == o.new_id
    return {f for f in _FIELDS if getattr(before, f) != getattr(after, f)} <= _EXPLAINS[o.op]


def taught_again(
    c: Connection, playbook: int, made: Mapping[str, Sequence[BulletChange]], high: int
) -> dict[str, list[BulletChange]]:
    """By bullet of `made`, the deltas up to revision `high` that were to teach what it said already."""
    found = repeated(c, playbook, made)
    told = causes(c, {delta for rows in found.values() for delta, _ in rows})
    again: dict[str, list[BulletChange]] = {}
    for id, rows in found.items():
        for delta, o in rows:
            if (told[delta].revision or 0) <= high:
                now = made[id][-1].after
                again.setdefault(id, []).append(BulletChange(told[delta], now, now, (o,)))
    return again


@of_stored
def causes(c: Connection, keys: Iterable[int]) -> dict[int, Cause]:
    """The deltas of `keys`."""
    wanted = sorted(keys)
    batches: dict[int, list[str]] = {}
    for delta, episode in _BATCHES.among(c, wanted):
        batches.setdefault(delta, []).append(episode)
    notes = [(row, unpack(row.note)) for row in _DELTAS.among(c, wanted)]
    decided, ended = of_deltas(c, wanted), at_end(c, {row.run for row, _ in notes})
    return {
        row.key: Cause(
            row.revision,
            row.at,
            row.author,
            row.run,
            note[0],
            tuple(batches.get(row.key, ())),
            name_in(note),
            made := decided.get(row.key, ()),
            besides(ended.get(row.run or "", ()), made),
        )
        for row, note in notes
    }


def attested(c: Connection, found: Sequence[BulletChange]) -> list[BulletChange]:
    """`found`, each with the episode that tells best why."""
    known = _verdicts(c, (e for t in found for e in _behind(t)))
    chosen = [next(iter(_ranked(t, known)), "") for t in found]
    seen = witnesses(c, [id for id in chosen if id])
    return [replace(t, witness=_named(t, seen[id]) if id in seen else None) for t, id in zip(found, chosen, strict=True)]


def behind(c: Connection, touch: BulletChange) -> list[Witness]:
    """The episodes that a change rests on, failures first: those its operations name, else those of its delta."""
    ranked = _ranked(touch, _verdicts(c, _behind(touch)))
    seen = witnesses(c, ranked)
    return [_named(touch, seen[id]) for id in ranked]


def _named(t: BulletChange, w: Witness) -> Witness:
    return replace(w, named=any(w.episode in o.episodes for o in t.operations))


def _behind(t: BulletChange) -> Iterator[str]:
    named = [e for o in t.operations for e in o.episodes]
    return iter(dict.fromkeys(named or t.cause.episodes))


def _ranked(t: BulletChange, verdicts: Mapping[str, str]) -> list[str]:
    """The stored episodes behind a change: failures before successes, those that were new to the delta before older ones."""
    new, order = set(t.cause.episodes), {"failure": 0, "success": 1}
    ids = [id for id in _behind(t) if id in verdicts]
    return sorted(ids, key=lambda id: (order.get(verdicts[id], 2), id not in new))


def _verdicts(c: Connection, ids: Iterable[str]) -> dict[str, str]:
    return {row.id: row.verdict for row in _EPISODES.among(c, ids)}


def witnesses(c: Connection, ids: Iterable[str]) -> dict[str, Witness]:
    """The stored episodes of `ids` in a few words."""
    return {w.episode: w for w in _witnesses(c, _EPISODES.among(c, ids))}


def witnesses_by_key(c: Connection, keys: Sequence[int]) -> list[Witness]:
    """The episodes of `keys` in a few words, in that order."""
    rows = {row.key: row for row in _BY_KEY.among(c, keys)}
    return list(_witnesses(c, [rows[key] for key in keys]))


def _witnesses(c: Connection, rows: Sequence[_Episode]) -> Iterator[Witness]:
    bodies = dict(_REFLECTIONS.among(c, [row.key for row in rows if not row.purged]))
    for row in rows:
        if row.purged:
            yield Witness(row.id, row.verdict, purged=row.purged)
            continue
        p = past(row.id, row.verdict == "success", row.past)
        r = reflection(row.id, bodies[row.key]) if row.key in bodies else None
        yield Witness(row.id, row.verdict, p.situation, p.choice, (r.lesson or r.diagnosis) if r else "")
