"""Making a playbook that begins as another one was at some revision, with all of its past.

The past is copied row by row, under the same revision hashes and bullet ids. So a fork is a playbook like any other: its log
replays from the empty playbook, and everything that reads a past reads its own. It costs as much as there is to copy, once,
and nothing afterwards.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.bullets.present import derived
from ace.memory.bullets.search import Indexed, SearchIndex
from ace.memory.database import refs
from ace.memory.database.refs import Point
from ace.memory.database.sql import Sql, copying
from ace.memory.database.tables import (
    BulletRow,
    BulletVersionRow,
    CitationRow,
    DeltaEpisodeRow,
    DeltaRow,
    JudgementRow,
    OperationRow,
    RecordRow,
    RepeatRow,
    RevisionRow,
)
from ace.memory.episodes.inheritance import known_to, write_down

_PORTION = 5000
"""Texts that are indexed at once."""
_END_OF_TIME = 1 << 62

_END = Sql("SELECT min(key) FROM deltas WHERE playbook = :source AND revision > :number", int)
_SHIFT = Sql("SELECT max(key) + 1 - (SELECT coalesce(min(key), 0) FROM deltas WHERE playbook = :source) FROM deltas", int)
_UPTO = "d.playbook = :source AND (d.revision <= :number OR (d.revision IS NULL AND d.key < :end))"
_OF_LOG = "FROM deltas d JOIN {table} x ON x.delta = d.key WHERE " + _UPTO
_SHIFTED = "x.delta + :shift"
_LOG = (
    copying(DeltaRow, f"FROM deltas x WHERE {_UPTO.replace('d.', 'x.')}", key="x.key + :shift", playbook=":playbook"),
    copying(OperationRow, _OF_LOG.format(table="operations"), delta=_SHIFTED),
    copying(DeltaEpisodeRow, _OF_LOG.format(table="delta_episodes"), delta=_SHIFTED),
    copying(JudgementRow, _OF_LOG.format(table="judgements"), delta=_SHIFTED),
    copying(RepeatRow, _OF_LOG.format(table="repeats"), delta=_SHIFTED, playbook=":playbook"),
)
_REVISIONS = copying(
    RevisionRow,
    "FROM revisions x WHERE x.playbook = :source AND x.number > 0 AND x.number <= :number ORDER BY x.number",
    without=("key",),
    playbook=":playbook",
    delta=_SHIFTED,
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
_VERSIONS = copying(
    BulletVersionRow,
    "FROM bullet_versions x WHERE x.playbook = :source AND x.since <= :number",
    playbook=":playbook",
    until="CASE WHEN x.until <= :number THEN x.until END",
    delta=_SHIFTED,
)
_BULLETS = copying(
    BulletRow,
    "FROM bullets o JOIN bullet_versions x ON x.playbook = :playbook AND x.bullet = o.id AND x.until IS NULL "
    "WHERE o.playbook = :source ORDER BY o.key",
    without=("key",),
    id="x.bullet",
    words="CASE WHEN o.text = x.text THEN o.words ELSE -1 END",
    gist="o.gist",
)


class _Text(NamedTuple):
    key: int
    text: str


_REWORDED = Sql("SELECT key, text FROM bullets WHERE playbook = :playbook AND words < 0", _Text)
_DERIVE = Sql("UPDATE bullets SET words = :words, gist = :gist WHERE key = :key")
_LIVE = Sql("SELECT key, text FROM bullets WHERE playbook = :playbook AND state <> 'retired' ORDER BY key", _Text)
_TWINS = "FROM bullets b JOIN bullets o ON o.playbook = :source AND o.id = b.id"
_RECORDS = copying(RecordRow, f"{_TWINS} JOIN records x ON x.bullet = o.key WHERE b.playbook = :playbook", bullet="b.key")
_CITATIONS = copying(CitationRow, f"{_TWINS} JOIN citations x ON x.bullet = o.key WHERE b.playbook = :playbook", bullet="b.key")
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
    end = _END.first(c, source=source, number=number)
    shift = _SHIFT.first(c, source=source) or 0
    for statement in _LOG:
        statement(c, **which, shift=shift, end=_END_OF_TIME if end is None else end)
    _REVISIONS(c, **which, shift=shift)
    _PARENTS(c, playbook=which["playbook"])
    _MERGED(c, **which)
    _VERSIONS(c, **which, shift=shift)
