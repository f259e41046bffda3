"""Episodes and reflections: written once, read back exactly.

An episode's id says which unit of work it is, so writing it again changes nothing, and a run that is resumed cannot store an
episode twice. What was shown is kept by hash, once, however many episodes it was shown to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import Connection

from ace.errors import Conflict, NotFound
from ace.evidence import observed
from ace.memory.database import codec
from ace.memory.database.codec import StoredEpisode, StoredExposure, pack, unpack
from ace.memory.database.sql import Sql, Value, Values, columns, insertion
from ace.memory.database.tables import (
    EpisodeRow,
    ExposureRow,
    ReflectionRow,
    RenderRevisionRow,
    RenderRow,
    RenderTextRow,
    VoteRow,
)
from ace.memory.episodes.inheritance import known_to
from ace.memory.episodes.seen import SEEN
from ace.types import JSON, Episode, Exposure, Past, Reflection, Render, Trust, digest

_EPISODE = insertion(EpisodeRow, without=("key",))
_TEXT = insertion(RenderTextRow, tail="ON CONFLICT (hash) DO NOTHING")
_RENDER = insertion(RenderRow)
_DREW = insertion(RenderRevisionRow)
_EXPOSURE = insertion(ExposureRow)
_REFLECTION = insertion(ReflectionRow, without=("key",), tail="ON CONFLICT (episode, hash) DO NOTHING RETURNING key")
_VOTE = insertion(VoteRow)
_TELL = Sql("UPDATE episodes SET past = :past WHERE key = :key")


class _Identity(NamedTuple):
    id: str
    key: int
    hash: str
    playbook: int | None
    verdict: str
    past: str


class _Rendered(NamedTuple):
    episode: int
    body: str


class _Drew(NamedTuple):
    episode: int
    revision: str


class _Reflection(NamedTuple):
    id: str
    body: str


class _Recent(NamedTuple):
    key: int
    made: int
    id: str
    verdict: str
    body: str


class _Past(NamedTuple):
    key: int
    id: str
    verdict: str
    past: str


_KNOWN = Sql(f"SELECT {columns(_Identity)} FROM episodes WHERE id IN ({{keys}})", _Identity)
_SOME = Sql(f"SELECT {columns(StoredEpisode)} FROM episodes WHERE key IN ({{keys}})", StoredEpisode)
_RENDERS = Sql(
    "SELECT r.episode, t.body FROM renders r JOIN render_texts t ON t.hash = r.hash WHERE r.episode IN ({keys})", _Rendered
)
_DREWS = Sql("SELECT episode, revision FROM render_revisions WHERE episode IN ({keys}) ORDER BY episode, position", _Drew)
_EXPOSURES = Sql(
    f"SELECT {columns(StoredExposure)} FROM exposures WHERE episode IN ({{keys}}) ORDER BY episode, ordinal", StoredExposure
)
_REFLECTIONS = Sql(
    "SELECT e.id, r.body FROM reflections r JOIN episodes e ON e.key = r.episode WHERE e.id = :id ORDER BY r.key", _Reflection
)
_RECENT = Sql(
    "SELECT e.key, r.key AS made, e.id, e.verdict, r.body FROM episodes e JOIN reflections r ON r.episode = e.key "
    "WHERE e.playbook = :playbook AND e.task_key = :task_key AND r.key <= :upto "
    f"AND e.purged IS NULL AND {SEEN} ORDER BY e.key DESC, r.key DESC LIMIT :limit",
    _Recent,
)


@dataclass(frozen=True, slots=True)
class StoredAttempt:
    """A stored episode as evidence needs it: its key, the playbook it trains (or `None`), and how it ended."""

    key: int
    playbook: int | None
    verdict: str
    past: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """Whose episodes these are: the run, the playbook that learns from them (`None`: none does), and when."""

    run: str | None
    playbook: int | None
    at: str


def known(c: Connection, ids: Iterable[str]) -> dict[str, StoredAttempt]:
    return {r.id: StoredAttempt(r.key, r.playbook, r.verdict, r.past, r.hash) for r in _KNOWN.among(c, ids)}


def identity(e: Episode) -> str:
    """Hash of what happened in an episode: everything but the clock."""
    body = codec.episode_json(replace(e, usage=replace(e.usage, seconds=0.0)))
    shown = [[x.bullet, x.version, x.position, x.shown, x.probability, x.policy, x.cited] for x in e.render.exposures]
    where = [e.attempt, e.phase, e.epoch, e.seed, e.prompt_hash]
    by = [[e.origin, e.trust.value]] if e.origin or e.trust is not Trust.TRUSTED else []
    return digest(unpack(pack(body)), where, e.render.hash, list(e.render.revisions), shown, *by)


def add(c: Connection, episodes: Sequence[Episode], written: Written, task_keys: Mapping[str, str]) -> list[Episode]:
    """Write those of `episodes` that are not there yet, and give them. One that is there with other content is a
    `Conflict`. `task_keys` are the content hashes of the tasks by episode id, as the agent met them."""
    unique = {e.id: e for e in episodes}
    there = known(c, unique)
    hashes = {id: identity(e) for id, e in unique.items()}
    for id, k in there.items():
        if k.hash != hashes[id]:
            raise Conflict(f"episode {id} is already stored with other content; an episode is never overwritten")
    fresh = [e for id, e in unique.items() if id not in there]
    _EPISODE.many(c, [_row(e, written, hashes[e.id], task_keys[e.id]) for e in fresh])
    keys = {id: k.key for id, k in known(c, [e.id for e in fresh]).items()}
    _TEXT.many(c, [{"hash": h, "body": pack(t)} for h, t in {e.render.hash: e.render.text for e in fresh}.items()])
    _RENDER.many(c, [{"episode": keys[e.id], "hash": e.render.hash} for e in fresh])
    _DREW.many(
        c, [{"episode": keys[e.id], "position": i, "revision": r} for e in fresh for i, r in enumerate(e.render.revisions)]
    )
    _EXPOSURE.many(c, [row for e in fresh for row in _exposures(keys[e.id], e)])
    return fresh


def _row(e: Episode, written: Written, hash: str, task_key: str) -> Values:
    return {
        "id": e.id,
        "run": written.run,
        "playbook": written.playbook if e.phase == "learn" else None,
        "phase": e.phase,
        "epoch": e.epoch,
        "attempt": e.attempt,
        "seed": e.seed,
        "task_key": task_key,
        "verdict": e.outcome.verdict.value,
        "score": e.outcome.score,
        "seconds": e.seconds,
        "prompt_hash": e.prompt_hash,
        "hash": hash,
        "at": written.at,
        "purged": None,
        "past": _past(e, None),
        "body": pack(codec.episode_json(e)),
        "kind": e.task.kind,
        "origin": e.origin,
        "trust": e.trust.value,
    }


def _exposures(key: int, e: Episode) -> list[Values]:
    return [
        {
            "episode": key,
            "ordinal": i,
            "bullet": x.bullet,
            "version": x.version,
            "position": x.position,
            "shown": x.shown,
            "probability": x.probability,
            "policy": x.policy,
            "cited": x.cited,
        }
        for i, x in enumerate(e.render.exposures)
    ]


def _past(e: Episode, r: Reflection | None) -> str:
    """The episode in one line: in the reflector's words if there are any, else as it was observed."""
    situation = r.situation if r else observed.situation(e)
    choice = r.choice if r else observed.choice(e)
    return pack([situation, choice, e.outcome.feedback[:200], list(e.cited)])


def add_reflections(
    c: Connection, reflections: Sequence[Reflection], found: Mapping[str, StoredAttempt], at: str
) -> list[Reflection]:
    """Write those reflections that are not there yet, and give them. `found` are their episodes."""
    fresh = []
    for r in reflections:
        body = codec.reflection_json(r)
        hash = reflection_hash(body)
        episode = found[r.episode]
        key = _REFLECTION.first(c, episode=episode.key, hash=hash, at=at, body=pack(body))
        if key is None:
            continue
        fresh.append(r)
        _VOTE.many(c, [{"reflection": key, "position": i, "bullet": b, "vote": v.value} for i, (b, v) in enumerate(r.votes)])
        _, _, revealed, cited = unpack(episode.past)
        _TELL(c, key=episode.key, past=pack([r.situation, r.choice, revealed, cited]))
    return fresh


def reflection_hash(body: Mapping[str, JSON]) -> str:
    """Hash of what a reflection says, from its JSON: everything but what it cost."""
    return digest({k: v for k, v in body.items() if k != "usage"})


def read(c: Connection, keys: Sequence[int]) -> list[Episode]:
    """The episodes of `keys`, in that order. What a purged one was shown may be gone."""
    texts = {key: unpack(body) for key, body in _RENDERS.among(c, keys)}
    drew: dict[int, list[str]] = {}
    for key, revision in _DREWS.among(c, keys):
        drew.setdefault(key, []).append(revision)
    shown: dict[int, list[Exposure]] = {}
    for x in _EXPOSURES.among(c, keys):
        shown.setdefault(x.episode, []).append(codec.exposure(x))
    found = {}
    for row in _SOME.among(c, keys):
        render = Render(texts.get(row.key, ""), tuple(drew.get(row.key, ())), tuple(shown.get(row.key, ())))
        found[row.key] = codec.episode(row, render)
    return [found[key] for key in keys if key in found]


def one(c: Connection, id: str) -> Episode:
    found = known(c, [id])
    if not found:
        raise NotFound(f"there is no episode {id!r}; `ace episode list` shows the newest (--run RUN, --playbook NAME: fewer)")
    return read(c, [found[id].key])[0]


# An attempt that was kept for later stands as `w-...`, and once its outcome is reported as `e-...` as well.
_ONCE = "NOT (phase = 'waiting' AND EXISTS (SELECT 1 FROM episodes d WHERE d.id = 'e-' || substr(episodes.id, 3)))"


def listed(c: Connection, filters: Mapping[str, Value], limit: int | None) -> list[int]:
    """Keys of the episodes whose columns equal `filters`, newest first; an attempt whose outcome came later is one."""
    where = " AND ".join([_ONCE, *(f"{name} = :{name}" for name in filters)])
    statement = Sql(f"SELECT key FROM episodes WHERE {where} ORDER BY key DESC LIMIT :limit", int)
    return statement.all(c, **filters, limit=-1 if limit is None else limit)


def count(c: Connection, filters: Mapping[str, Value]) -> int:
    where = " AND ".join([_ONCE, *(f"{name} = :{name}" for name in filters)])
    return Sql(f"SELECT count(*) FROM episodes WHERE {where}", int).one(c, **filters)


_RUN_OF = Sql("SELECT coalesce(run, '') FROM episodes WHERE id = :id", str)


def run_of(c: Connection, id: str) -> str:
    """The run that made the episode `id`; empty where none did."""
    return _RUN_OF.first(c, id=id) or ""


_TASKS_PLAYED = Sql("SELECT DISTINCT task_key FROM episodes WHERE run = :run AND phase = :phase", str)
_TASKS_LEARNED = Sql("SELECT DISTINCT task_key FROM episodes WHERE playbook = :playbook", str)


def tasks_played(c: Connection, run: str, phase: str) -> set[str]:
    """The content hashes of the tasks that were played in a phase of a run."""
    return set(_TASKS_PLAYED.all(c, run=run, phase=phase))


def tasks_learned(c: Connection, playbook: int) -> set[str]:
    """The content hashes of the tasks that a playbook, or one that it was forked from or merged with, learned from."""
    return {key for source in known_to(c, playbook) for key in _TASKS_LEARNED.all(c, playbook=source)}


def reflections(c: Connection, id: str) -> list[Reflection]:
    return [codec.reflection(episode, body) for episode, body in _REFLECTIONS.all(c, id=id)]


def recent_reflections(c: Connection, playbook: int, task_key: str, n: int, trust: Trust) -> list[tuple[bool, Reflection]]:
    """The last `n` reflections on training episodes of one task that a request of `trust` may see, oldest first, each with
    whether its episode was won."""
    found: list[_Recent] = []
    for source, known in known_to(c, playbook).items():
        found += _RECENT.all(c, playbook=source, task_key=task_key, upto=known.reflections, limit=n, least=trust.value)
    last = sorted(found, key=lambda row: (row.key, row.made))[-n:] if n else []
    return [(row.verdict == "success", codec.reflection(row.id, row.body)) for row in last]


_PASTS = Sql("SELECT key, id, verdict, past FROM episodes WHERE key IN ({keys})", _Past)


def pasts(c: Connection, keys: Iterable[int]) -> dict[int, Past]:
    return {key: codec.past(id, verdict == "success", past) for key, id, verdict, past in _PASTS.among(c, keys)}
