"""Making a playbook that begins as another one was at some revision, with all of its past.

The decision behind it: the past is copied row by row, under the same revision hashes and bullet ids. So a fork is a playbook
like any other: its log replays from the empty playbook, and everything that reads a past reads its own. It costs as much as
there is to copy, once, and nothing afterwards.
"""

from __future__ import annotations

from sqlalchemy import Connection

from ace.memory.bullets.present import derived
from ace.memory.bullets.search import Indexed, SearchIndex
from ace.memory.database import refs
from ace.memory.database.refs import Point
from ace.memory.database.sql import Sql
from ace.memory.episodes.inheritance import known_to, write_down

_PORTION = 5000
"""Texts that are indexed at once."""
_END_OF_TIME = 1 << 62

_END = Sql("SELECT min(key) FROM deltas WHERE playbook = :source AND revision > :number")
_SHIFT = Sql("SELECT max(key) + 1 - (SELECT coalesce(min(key), 0) FROM deltas WHERE playbook = :source) FROM deltas")
_UPTO = "d.playbook = :source AND (d.revision <= :number OR (d.revision IS NULL AND d.key < :end))"
_LOG = tuple(
    Sql(f"{statement} WHERE {_UPTO}")
    for statement in (
        "INSERT INTO deltas (key, playbook, status, author, base, run, revision, at, note, seal) "
        "SELECT d.key + :shift, :playbook, d.status, d.author, d.base, d.run, d.revision, d.at, d.note, d.seal "
        "FROM deltas d",
        "INSERT INTO operations (delta, stage, position, refused, body) "
        "SELECT o.delta + :shift, o.stage, o.position, o.refused, o.body FROM deltas d JOIN operations o ON o.delta = d.key",
        "INSERT INTO delta_episodes (delta, position, episode) "
        "SELECT x.delta + :shift, x.position, x.episode FROM deltas d JOIN delta_episodes x ON x.delta = d.key",
        "INSERT INTO judgements (delta, position, gate, passed, at, body) "
        "SELECT j.delta + :shift, j.position, j.gate, j.passed, j.at, j.body "
        "FROM deltas d JOIN judgements j ON j.delta = d.key",
        "INSERT INTO repeats (playbook, bullet, delta, position) "
        "SELECT :playbook, t.bullet, t.delta + :shift, t.position FROM deltas d JOIN repeats t ON t.delta = d.key",
    )
)
_REVISIONS = Sql(
    "INSERT INTO revisions (playbook, number, hash, digest, bullets, retired, chars, words, delta, at) "
    "SELECT :playbook, number, hash, digest, bullets, retired, chars, words, delta + :shift, at FROM revisions "
    "WHERE playbook = :source AND number > 0 AND number <= :number ORDER BY number"
)
_PARENTS = Sql(
    "INSERT INTO revision_parents (revision, position, parent) SELECT r.key, 0, p.key FROM revisions r "
    "JOIN revisions p ON p.playbook = r.playbook AND p.number = r.number - 1 WHERE r.playbook = :playbook"
)
_MERGED = Sql(
    "INSERT INTO revision_parents (revision, position, parent) SELECT r.key, rp.position, rp.parent FROM revisions o "
    "JOIN revision_parents rp ON rp.revision = o.key AND rp.position > 0 "
    "JOIN revisions r ON r.playbook = :playbook AND r.number = o.number WHERE o.playbook = :source AND o.number <= :number"
)
_BULLET = "section, rank, state, pinned, version, parents, text"
_VERSIONS = Sql(
    f"INSERT INTO bullet_versions (playbook, bullet, since, until, delta, position, {_BULLET}) "
    f"SELECT :playbook, bullet, since, CASE WHEN until <= :number THEN until END, delta + :shift, position, {_BULLET} "
    "FROM bullet_versions WHERE playbook = :source AND since <= :number"
)
_BULLETS = Sql(
    f"INSERT INTO bullets (playbook, id, since, words, gist, {_BULLET}) SELECT :playbook, v.bullet, v.since, "
    f"CASE WHEN o.text = v.text THEN o.words ELSE -1 END, o.gist, {', '.join('v.' + n for n in _BULLET.split(', '))} "
    "FROM bullets o JOIN bullet_versions v ON v.playbook = :playbook AND v.bullet = o.id AND v.until IS NULL "
    "WHERE o.playbook = :source ORDER BY o.key"
)
_REWORDED = Sql("SELECT key, text FROM bullets WHERE playbook = :playbook AND words < 0")
_DERIVE = Sql("UPDATE bullets SET words = :words, gist = :gist WHERE key = :key")
_LIVE = Sql("SELECT key, text FROM bullets WHERE playbook = :playbook AND state <> 'retired' ORDER BY key")
_TWINS = "FROM bullets b JOIN bullets o ON o.playbook = :source AND o.id = b.id"
_RECORDS = Sql(
    "INSERT INTO records (bullet, shown_won, shown_lost, cited_won, cited_lost, helpful, harmful, neutral) "
    "SELECT b.key, r.shown_won, r.shown_lost, r.cited_won, r.cited_lost, r.helpful, r.harmful, r.neutral "
    f"{_TWINS} JOIN records r ON r.bullet = o.key WHERE b.playbook = :playbook"
)
_CITATIONS = Sql(
    "INSERT INTO citations (bullet, won, episode) SELECT b.key, t.won, t.episode "
    f"{_TWINS} JOIN citations t ON t.bullet = o.key WHERE b.playbook = :playbook"
)
_HEAD = Sql("UPDATE playbooks SET head = :number, origin = :origin WHERE key = :playbook")


def fork(c: Connection, source: Point, name: str, index: SearchIndex) -> Point:
    """Make playbook `name` out of the revision `source`; gives its head. Raises `Conflict` where there is one of that name."""
    made = refs.create(c, name, exist_ok=False).playbook
    number = source.revision.number
    which = {"source": source.playbook, "playbook": made, "number": number}
    _copy_past(c, which)
    _BULLETS(c, source=source.playbook, playbook=made)
    _DERIVE.many(c, [{"key": key, **derived(text)} for key, text in _REWORDED.all(c, playbook=made)])
    texts = _LIVE.all(c, playbook=made)
    for start in range(0, len(texts), _PORTION):
        index.update(c, made, [Indexed(row.key, None, row.text) for row in texts[start : start + _PORTION]])
    _RECORDS(c, source=source.playbook, playbook=made)
    _CITATIONS(c, source=source.playbook, playbook=made)
    write_down(c, made, known_to(c, source.playbook))
    _HEAD(c, playbook=made, number=number, origin=source.key)
    return refs.head(c, name)


def _copy_past(c: Connection, which: dict[str, int]) -> None:
    """Copy the log and the revisions up to the fork, refused deltas in between included, and the versions of bullets."""
    source, number = which["source"], which["number"]
    end = _END.value(c, source=source, number=number)
    shift = _SHIFT.value(c, source=source) or 0
    for statement in _LOG:
        statement(c, **which, shift=shift, end=_END_OF_TIME if end is None else end)
    _REVISIONS(c, **which, shift=shift)
    _PARENTS(c, playbook=which["playbook"])
    _MERGED(c, **which)
    _VERSIONS(c, **which, shift=shift)
