"""The log: deltas as they were judged, with their operations, refusals and episodes.

What was refused is kept beside what was applied, each with its reason; a delta that changed nothing is still part of what
happened.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlalchemy import Connection

from ace.errors import NotFound
from ace.memory.database import refs
from ace.memory.database.codec import of_stored, operation, pack, unpack
from ace.memory.database.sql import Sql, Values, columns, insertion
from ace.memory.database.tables import DeltaEpisodeRow, DeltaRow, OperationRow
from ace.memory.journal import journal
from ace.memory.log import decisions, endings, judgements, repeats
from ace.memory.log.seals import seal
from ace.memory.values import Revision, StoredDelta
from ace.origins import EpisodeOrigin
from ace.playbooks.operations import AUTHORS, Delta, Judgement, Operation, Refusal, Status
from ace.types import Trust

_DELTA = insertion(DeltaRow, without=("key",), tail="RETURNING key")
_EPISODE = insertion(DeltaEpisodeRow)
_OPERATION = insertion(OperationRow)


class _Delta(NamedTuple):
    key: int
    name: str
    status: str
    author: str
    base: str
    run: str | None
    revision: int | None
    at: str
    note: str


class StoredOperation(NamedTuple):
    """An operation as it stands in the log."""

    delta: int
    stage: str
    position: int
    refused: str | None
    body: str


class _Episode(NamedTuple):
    delta: int
    episode: str
    origin: str
    trust: str


class _Origin(NamedTuple):
    id: str
    origin: str
    trust: str


_ENVIRONMENT = EpisodeOrigin()
_ORIGINS = Sql("SELECT id, origin, trust FROM episodes WHERE id IN ({keys})", _Origin)
_FROM = f"SELECT {columns(_Delta, 'd', name='p.name')} FROM deltas d JOIN playbooks p ON p.key = d.playbook"
_LOG = Sql(f"{_FROM} WHERE p.name = :name AND (:run = '' OR d.run = :run) ORDER BY d.key DESC LIMIT :limit", _Delta)
_LAST = Sql(
    f"{_FROM} WHERE d.playbook = :playbook AND d.author = 'curator' AND (:least = 'untrusted' OR NOT EXISTS ("
    "SELECT 1 FROM delta_episodes x WHERE x.delta = d.key AND x.trust <> 'trusted')) ORDER BY d.key DESC LIMIT 1",
    _Delta,
)
_NEWEST = Sql(
    f"{_FROM} WHERE d.playbook = :playbook AND d.author = 'curator' AND :trust = CASE WHEN EXISTS ("
    "SELECT 1 FROM delta_episodes x WHERE x.delta = d.key AND x.trust <> 'trusted') THEN 'untrusted' ELSE 'trusted' END "
    "ORDER BY d.key DESC LIMIT 1",
    _Delta,
)
_SINCE = Sql(
    "SELECT DISTINCT e.id FROM reflections r JOIN episodes e ON e.key = r.episode "
    "WHERE e.playbook = :playbook AND e.trust = :trust AND r.key > (SELECT coalesce(max(q.key), "
    # Going back when a run ends rests on no episode.
    "(SELECT max(key) FROM reflections WHERE at <= :at), 0) FROM delta_episodes x "
    "JOIN episodes f ON f.id = x.episode JOIN reflections q ON q.episode = f.key WHERE x.delta = :delta) LIMIT :limit",
    str,
)
_SOME = Sql(f"{_FROM} WHERE d.key IN ({{keys}})", _Delta)
_OPERATIONS = Sql(
    f"SELECT {columns(StoredOperation)} FROM operations WHERE delta IN ({{keys}}) ORDER BY delta, stage, position",
    StoredOperation,
)
_EPISODES = Sql(f"SELECT {columns(_Episode)} FROM delta_episodes WHERE delta IN ({{keys}}) ORDER BY delta, position", _Episode)


@dataclass(frozen=True, slots=True)
class DecidedDelta:
    """A delta with what became of it. `applied` pairs the place of an operation in the delta with the operation as applied;
    `guarded` was turned down before the store saw the delta; `judgements` are those of all gates."""

    delta: Delta
    status: Status
    applied: Sequence[tuple[int, Operation]] = ()
    refused: Sequence[Refusal] = ()
    guarded: Sequence[Refusal] = ()
    why: str = ""
    run: str | None = None
    made: int | None = None
    judgements: Sequence[Judgement] = ()
    origins: Mapping[str, EpisodeOrigin] = field(default_factory=dict)
    """Of episodes that are not in the store, as a history names them."""


def write(c: Connection, playbook: int, judged: DecidedDelta, at: str) -> int:
    """Write a delta down; gives its key."""
    delta = judged.delta
    row: Values = {
        "status": judged.status.value,
        "author": delta.author,
        "base": delta.base,
        "run": judged.run,
        "revision": judged.made,
        "at": at,
        "note": pack([delta.reason, judged.why, *_besides(delta)]),
    }
    operations, episodes = _operations(judged), _episodes(c, judged)
    decided = judgements.rows(judged.judgements)
    sealed = seal(row, episodes, operations, decided)
    key = _DELTA.one(c, playbook=playbook, **row, seal=sealed)
    _EPISODE.many(c, [{"delta": key, **e} for e in episodes])
    _OPERATION.many(c, [{"delta": key, **o} for o in operations])
    judgements.write(c, key, decided, at)
    twins = {r.index: r.twin for r in judged.refused if r.twin}
    repeats.note(c, playbook, key, twins)
    if all(e["trust"] == Trust.TRUSTED for e in episodes):
        repeats.note_support(c, playbook, key, delta, {*twins, *(i for i, _ in judged.applied if judged.made)})
    return key


def _besides(delta: Delta) -> list[str]:
    """What a note holds besides the reasons: the person's name and the file's, as far as there are any."""
    return [delta.by, delta.file] if delta.file else [delta.by] if delta.by else []


def _episodes(c: Connection, judged: DecidedDelta) -> list[Values]:
    """The rows of the episodes behind a delta, each with its origin and trust as the store has them, else as given."""
    ids = judged.delta.episodes
    known = {**judged.origins, **{row.id: EpisodeOrigin(row.origin, row.trust) for row in _ORIGINS.among(c, ids)}}
    return [{"position": i, "episode": e, **known.get(e, _ENVIRONMENT)._asdict()} for i, e in enumerate(ids)]


def _operations(judged: DecidedDelta) -> list[Values]:
    """The rows of a delta's operations: those applied, those refused, and those turned down before."""
    rows: list[tuple[int, Operation, str | None]] = [(i, o, None) for i, o in judged.applied]
    rows += [(r.index, r.operation, pack(r.reason)) for r in judged.refused]
    made: list[Values] = [
        {"stage": "delta", "position": i, "refused": refused, "body": pack(o.as_json())} for i, o, refused in rows
    ]
    for place, r in enumerate(judged.guarded):
        body = pack([r.index, r.operation.as_json()])
        made.append({"stage": "guard", "position": place, "refused": pack(r.reason), "body": body})
    return made


def log(c: Connection, name: str, *, run: str = "", author: str = "", limit: int | None = None) -> list[StoredDelta]:
    """The deltas of a playbook, newest first, of one run or author alone where given. Raises `NotFound` for a playbook, run or
    author that is not there; an author that any playbook may have can have none."""
    refs.head(c, name)
    if run:
        journal.run(c, run)
    every = limit is None or bool(author)
    rows = _LOG.all(c, name=name, run=run, limit=-1 if every else limit)
    if author:
        rows = _by(rows, name, author)[:limit]
    return _with_ends(c, _stored(c, rows))


def _with_ends(c: Connection, found: Sequence[StoredDelta]) -> list[StoredDelta]:
    """`found`, the last change of each run with what gates decided when it ended."""
    ended = endings.at_end(c, {d.run for d in found})
    last = endings.last_revisions(c, ended)
    return [
        replace(d, at_end=endings.besides(ended[d.run], d.judgements))
        if d.run in ended and d.revision is not None and d.revision.number == last.get(d.run)
        else d
        for d in found
    ]


def some(c: Connection, keys: Sequence[int]) -> list[StoredDelta]:
    """The deltas of one playbook with these keys, oldest first."""
    return _stored(c, sorted(_SOME.among(c, keys)))


def last_of_curator(c: Connection, playbook: int, trust: Trust) -> StoredDelta | None:
    """The newest delta of a curator in the playbook with this key that a request of `trust` may see, `None` where there is
    none."""
    return next(iter(_stored(c, _LAST.all(c, playbook=playbook, least=trust.value))), None)


def last_unanswered(c: Connection, playbook: int, trust: Trust, now: Collection[str]) -> StoredDelta | None:
    """The newest delta of a curator that rests on attempts of `trust`, unless such attempts, other than those that are learned
    from `now`, were reflected on after those that it was made from; else `None`."""
    rows = _NEWEST.all(c, playbook=playbook, trust=trust.value)
    if not rows:
        return None
    about = {"playbook": playbook, "trust": trust.value, "limit": len(now) + 1}
    since = _SINCE.all(c, delta=rows[0].key, at=rows[0].at, **about)
    return _stored(c, rows)[0] if set(since) <= set(now) else None


def _by(rows: Sequence[_Delta], name: str, author: str) -> list[_Delta]:
    """Those of `rows` that were made by `author`, a kind of author or the name of a person."""
    authors = [{row.author, name_in(unpack(row.note))} - {""} for row in rows]
    known = sorted({a for found in authors for a in found})
    if author not in (*known, *AUTHORS):
        has = f"its authors are {', '.join(known)}" if known else "it has no deltas yet"
        raise NotFound(f"playbook {name!r} has no delta by {author!r}; {has}")
    return [row for row, found in zip(rows, authors, strict=True) if author in found]


def operations(c: Connection, keys: Iterable[int]) -> dict[int, list[StoredOperation]]:
    """The operations of deltas as they stand in the log, by the deltas' keys."""
    found: dict[int, list[StoredOperation]] = {}
    for row in _OPERATIONS.among(c, keys):
        found.setdefault(row.delta, []).append(row)
    return found


@of_stored
def _stored(c: Connection, rows: Sequence[_Delta]) -> list[StoredDelta]:
    keys = [row.key for row in rows]
    applied: dict[int, list[Operation]] = {}
    refused: dict[int, list[Refusal]] = {}
    for delta, stage, position, reason, body in _OPERATIONS.among(c, keys):
        if stage == "guard":
            index, guarded = unpack(body)
            refused.setdefault(delta, []).append(Refusal(index, Operation.from_json(guarded), unpack(reason or "")))
        elif reason is not None:
            refused.setdefault(delta, []).append(Refusal(position, operation(body), unpack(reason)))
        else:
            applied.setdefault(delta, []).append(operation(body))
    episodes: dict[int, list[str]] = {}
    origins: dict[int, dict[str, EpisodeOrigin]] = {}
    for delta, episode, *whose in _EPISODES.among(c, keys):
        episodes.setdefault(delta, []).append(episode)
        if (of := EpisodeOrigin(*whose)) != _ENVIRONMENT:
            origins.setdefault(delta, {})[episode] = of
    made = _made(c, rows)
    decided = judgements.of_deltas(c, keys)
    held = decisions.reviews(c, rows[0].name) if any(row.status == Status.QUARANTINED for row in rows) else {}
    return [
        StoredDelta(
            id=row.key,
            playbook=row.name,
            status=Status(row.status),
            author=row.author,
            reason=(note := unpack(row.note))[0],
            base=row.base,
            at=row.at,
            run=row.run,
            revision=made.get(row.key),
            operations=tuple(applied.get(row.key, ())),
            refusals=tuple(refused.get(row.key, ())),
            episodes=tuple(episodes.get(row.key, ())),
            why=note[1],
            by=name_in(note),
            judgements=decided.get(row.key, ()),
            review=held.get(row.key) if row.status == Status.QUARANTINED else None,
            file=file_in(note),
            origins=origins.get(row.key, {}),
        )
        for row in rows
    ]


def name_in(note: Sequence[str]) -> str:
    """The name of the person behind a delta, from its note."""
    return note[2] if len(note) > 2 else ""


def file_in(note: Sequence[str]) -> str:
    """The name of the file that a delta was imported from, from its note."""
    return note[3] if len(note) > 3 else ""


def _made(c: Connection, rows: Sequence[_Delta]) -> dict[int, Revision]:
    by_delta = refs.made_by(c, [row.key for row in rows if row.revision is not None])
    return {key: point.revision for key, point in by_delta.items()}
