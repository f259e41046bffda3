"""What bullets rest on, read from the log: a few queries for any number of bullets, and one where nothing is untrusted.

A lineage may lead into another playbook, where branches were merged; as far as it does, that one's log is read too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from ace.evidence.cases import cases_of
from ace.evidence.effects import BulletEffect, playbook_effects
from ace.evidence.fit import Grounds
from ace.evidence.standing import Lineage, PastText, Place, Repeated, Standing, Teacher, standings
from ace.memory.bullets import history
from ace.memory.database.codec import of_stored, unpack_as
from ace.memory.database.refs import Point
from ace.memory.database.sql import Sql
from ace.memory.episodes.attempts import attempts
from ace.memory.episodes.drawn import drawn_attempts
from ace.memory.log.deltas import file_in, name_in
from ace.origins import EpisodeOrigin
from ace.playbooks.bullet import Bullet
from ace.playbooks.operations import REVIEW
from ace.types import Trust

_NEWEST = 3000
"""Attempts that the text of a bullet is matched with, the newest."""
_DOUBT = 0.1
"""The chance that showing a bullet harms, below which its effect is positive."""


class _Text(NamedTuple):
    bullet: str
    since: int
    delta: int
    text: str
    parents: str
    made: str | None


class _Repeat(NamedTuple):
    bullet: str
    delta: int
    body: str


class _Delta(NamedTuple):
    key: int
    author: str
    note: str


class _Episode(NamedTuple):
    delta: int
    episode: str
    origin: str
    trust: str


class _Accepted(NamedTuple):
    delta: int
    body: str


class _Merged(NamedTuple):
    delta: int
    playbook: int
    number: int


class _Family(NamedTuple):
    bullet: str
    parents: str


_FIELDS = (
    "SELECT v.bullet, v.since, v.delta, v.text, v.parents, o.body AS made FROM bullet_versions v LEFT JOIN operations o "
    "ON o.delta = v.delta AND o.stage = 'delta' AND o.position = v.position AND o.refused IS NULL "
    "WHERE v.playbook = :playbook AND v.since <= :high"
)
_ALL_TEXTS = Sql(f"{_FIELDS} ORDER BY v.bullet, v.since", _Text)
_TEXTS = Sql(f"{_FIELDS} AND v.bullet IN ({{keys}}) ORDER BY v.bullet, v.since", _Text)
_REPEATS = Sql(
    "SELECT r.bullet, r.delta, o.body FROM repeats r JOIN deltas d ON d.key = r.delta JOIN operations o ON o.delta = r.delta "
    "AND o.stage = 'delta' AND o.position = r.position WHERE r.playbook = :playbook AND coalesce(d.revision, 0) <= :high "
    "ORDER BY r.delta, r.position",
    _Repeat,
)
_DELTAS = Sql("SELECT key, author, note FROM deltas WHERE key IN ({keys})", _Delta)
_EPISODES = Sql(
    "SELECT delta, episode, origin, trust FROM delta_episodes WHERE delta IN ({keys}) ORDER BY delta, position", _Episode
)
_ACCEPTED = Sql(f"SELECT delta, body FROM judgements WHERE gate = '{REVIEW}' AND passed AND delta IN ({{keys}})", _Accepted)
_MERGED = Sql(
    "SELECT r.delta, p.playbook, p.number FROM revisions r JOIN revision_parents rp ON rp.revision = r.key "
    "AND rp.position > 0 JOIN revisions p ON p.key = rp.parent WHERE r.playbook = :playbook AND r.number <= :high",
    _Merged,
)
_ANY = Sql("SELECT 1 FROM delta_episodes WHERE trust <> 'trusted' LIMIT 1", int)
_TAUGHT = Sql(
    "SELECT DISTINCT v.bullet FROM delta_episodes x JOIN bullet_versions v ON v.delta = x.delta "
    "WHERE x.trust <> 'trusted' AND v.playbook = :playbook",
    str,
)
_BROUGHT = Sql(
    "SELECT DISTINCT v.bullet FROM revisions r JOIN revision_parents rp ON rp.revision = r.key AND rp.position > 0 "
    "JOIN bullet_versions v ON v.playbook = r.playbook AND v.since = r.number WHERE r.playbook = :playbook",
    str,
)
_LAST = Sql("SELECT coalesce(max(key), 0) FROM deltas", int)
_STATES = 16
"""States of the log whose doubts are kept."""
_SENDERS = Sql("SELECT DISTINCT origin FROM episodes WHERE playbook = :playbook AND origin <> '' ORDER BY origin", str)
_MADE = Sql("SELECT DISTINCT bullet, parents FROM bullet_versions WHERE playbook = :playbook AND parents <> '[]'", _Family)


def standings_at(c: Connection, point: Point, ids: Collection[str] | None = None) -> dict[str, Standing]:
    """By bullet, of `ids` alone where given, what it rests on at a revision, and whether it helps; retired ones too."""
    lineage = _read(c, point, ids)
    wanted = [(point.playbook, id) for id in ids] if ids is not None else [p for p in lineage.texts if p[0] == point.playbook]
    return _measured(c, point, {place[1]: standing for place, standing in standings(lineage, wanted).items()})


def _measured(c: Connection, point: Point, found: Mapping[str, Standing]) -> dict[str, Standing]:
    """`found`, with whether those help that have the support to be lifted."""
    waiting = [id for id, s in found.items() if s.trust is Trust.UNTRUSTED and s.supported]
    return {**found} | {id: replace(found[id], helped=True) for id in _helping(c, point, waiting)}


def _helping(c: Connection, point: Point, ids: Collection[str]) -> list[str]:
    """Those of the bullets `ids` that trusted attempts show to help: by their texts, or by the draws of them."""
    if not ids:
        return []
    bullets = list(history.some_at(c, point.playbook, point.revision.number, ids).values())
    grounds = Grounds(cases_of(attempts(c, point.playbook, _NEWEST, Trust.TRUSTED)))
    drawn = playbook_effects(bullets, drawn_attempts(c, point.playbook, Trust.TRUSTED))
    return [b.id for b in bullets if _right(grounds, b) or _helps(drawn.of(b.id))]


def _right(grounds: Grounds, b: Bullet) -> bool:
    """Whether more attempts show the text of a bullet right than wrong, by itself."""
    [found] = grounds.fit([b]).bullets
    return len(found.alone.right) > len(found.alone.wrong)


def _helps(found: BulletEffect | None) -> bool:
    return found is not None and found.effect is not None and found.effect.raw is not None and found.effect.harm < _DOUBT


def doubted(c: Connection, point: Point) -> dict[str, Standing]:
    """The standings of the bullets whose texts rest on untrusted origins, retired ones too. Where no lesson in the store does,
    this is one look into an index."""
    return _measured(c, point, _doubted(c, point))


def _doubted(c: Connection, point: Point) -> dict[str, Standing]:
    if _ANY.first(c) is None:
        return {}
    ids = set(_TAUGHT.all(c, playbook=point.playbook)) | set(_BROUGHT.all(c, playbook=point.playbook))
    if not ids:
        return {}
    wanted = _with_descendants(c, point.playbook, ids)
    found = standings(_read(c, point, wanted), [(point.playbook, id) for id in wanted])
    return {id: s for (_, id), s in found.items() if s.trust is Trust.UNTRUSTED}


def distrusted(c: Connection, point: Point) -> frozenset[str]:
    """The ids of the bullets, retired ones too, that are left out at this revision where work is done or measured."""
    return frozenset(id for id, s in doubted(c, point).items() if s.distrusted)


class Doubts:
    """What is doubted of playbooks, found out once for each state of the log: what the views of a store share, because an agent
    is served after every attempt."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str, int], dict[str, Standing]] = {}

    def distrusted(self, c: Connection, point: Point) -> frozenset[str]:
        """As the function."""
        state = (point.playbook, point.revision.hash, _LAST.one(c))
        found = self._known.get(state)
        if found is None:
            found = _doubted(c, point)
            if len(self._known) >= _STATES:
                self._known.clear()
            self._known[state] = found
        return frozenset(id for id, s in _measured(c, point, found).items() if s.distrusted)


def senders(c: Connection, playbook: int) -> list[str]:
    """The origins of a playbook's training episodes but the environment, in order."""
    return _SENDERS.all(c, playbook=playbook)


def _with_descendants(c: Connection, playbook: int, ids: set[str]) -> set[str]:
    made = [(row.bullet, set(_ids(row.parents))) for row in _MADE.all(c, playbook=playbook)]
    found, new = set(ids), set(ids)
    while new:
        new = {bullet for bullet, parents in made if parents & new} - found
        found |= new
    return found


def _read(c: Connection, point: Point, ids: Collection[str] | None) -> Lineage:
    """The past of bullets of a playbook up to a revision, with that of all that they came from."""
    merged: dict[int, tuple[int, int]] = {}
    reach = _reach(c, point, merged)
    texts: dict[Place, list[PastText]] = {}
    asked = set[str]() if ids is None else set(ids)
    for playbook, high in reach.items() if ids is None else ():
        _take(texts, playbook, _ALL_TEXTS.all(c, playbook=playbook, high=high))
    new = asked
    while new:
        for playbook, high in reach.items():
            _take(texts, playbook, _TEXTS.among(c, sorted(new), playbook=playbook, high=high))
        new = {p for past in texts.values() for t in past for p in t.parents} - asked
        asked |= new
    repeats: dict[Place, list[Repeated]] = {}
    for playbook, high in reach.items():
        for row in _REPEATS.all(c, playbook=playbook, high=high):
            if (playbook, row.bullet) in texts:
                repeats.setdefault((playbook, row.bullet), []).append(Repeated(row.delta, _operation(row.body)[1]))
    keys = {t.delta for past in texts.values() for t in past} | {r.delta for found in repeats.values() for r in found}
    return Lineage(texts, repeats, _teachers(c, keys, merged))


def _reach(c: Connection, point: Point, merged: dict[int, tuple[int, int]]) -> dict[int, int]:
    """By playbook, up to which revision a lineage may lead into it; notes in `merged` which deltas lead there."""
    reach: dict[int, int] = {}
    left = [(point.playbook, point.revision.number)]
    while left:
        playbook, number = left.pop()
        if number <= reach.get(playbook, -1):
            continue
        reach[playbook] = number
        for row in _MERGED.all(c, playbook=playbook, high=number):
            merged[row.delta] = (row.playbook, row.number)
            left.append((row.playbook, row.number))
    return reach


@of_stored
def _take(texts: dict[Place, list[PastText]], playbook: int, rows: Iterable[_Text]) -> None:
    for row in rows:
        op, named = _operation(row.made) if row.made else ("", ())
        past = PastText(row.since, row.delta, row.text, _ids(row.parents), op, named)
        texts.setdefault((playbook, row.bullet), []).append(past)


@of_stored
def _operation(body: str) -> tuple[str, tuple[str, ...]]:
    """What an operation does, and the episodes that it names."""
    row = json.loads(body)
    return row["op"], tuple(row.get("episodes", ()))


def _ids(parents: str) -> tuple[str, ...]:
    return () if parents == "[]" else tuple(map(str, unpack_as(list, parents)))


@of_stored
def _teachers(c: Connection, keys: Iterable[int], merged: dict[int, tuple[int, int]]) -> dict[int, Teacher]:
    wanted = sorted(keys)
    episodes: dict[int, dict[str, EpisodeOrigin]] = {}
    for delta, episode, origin, trust in _EPISODES.among(c, wanted):
        episodes.setdefault(delta, {})[episode] = EpisodeOrigin(origin, trust)
    accepted = {row.delta: unpack_as(list, row.body)[2].get("by", "") for row in _ACCEPTED.among(c, wanted)}
    found = {}
    for row in _DELTAS.among(c, wanted):
        note: Sequence[str] = unpack_as(list, row.note)
        name = name_in(note) if row.author == "person" else file_in(note)
        found[row.key] = Teacher(row.author, name, episodes.get(row.key, {}), merged.get(row.key), accepted.get(row.key))
    return found
