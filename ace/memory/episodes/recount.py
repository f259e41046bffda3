"""Counting again what was counted of bullets as episodes were committed.

The counts are made again from the episodes in one pass over each table, and compared. Of a playbook that also knows the
episodes of others, a bullet may have come later than they did, so it may have counted fewer, never more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.database.sql import Sql
from ace.memory.database.tables import COUNTS
from ace.memory.episodes.inheritance import inherited, known_to


class _Shown(NamedTuple):
    bullet: str
    won: bool
    n: int


class _Voted(NamedTuple):
    bullet: str
    vote: str
    n: int


class _Bullet(NamedTuple):
    key: int
    id: str


_STORED = Sql(
    f"SELECT r.bullet, {', '.join(COUNTS)} FROM bullets b JOIN records r ON r.bullet = b.key WHERE b.playbook = :playbook",
    tuple[int, ...],
)
_EXISTING = Sql("SELECT key, id FROM bullets WHERE playbook = :playbook", _Bullet)
_LEARNED = "e.playbook = :source AND e.phase = 'learn' AND e.verdict <> 'invalid' AND e.key <= :episodes"
_SHOWN = Sql(
    "SELECT x.bullet, e.verdict = 'success' AS won, count(DISTINCT x.episode) FROM episodes e "
    f"JOIN exposures x ON x.episode = e.key WHERE {_LEARNED} AND x.shown GROUP BY x.bullet, e.verdict = 'success'",
    _Shown,
)
_CITED = Sql(
    "SELECT b.id AS bullet, c.won, count(*) FROM bullets b JOIN citations c ON c.bullet = b.key WHERE b.playbook = :playbook "
    "GROUP BY b.id, c.won",
    _Shown,
)
_VOTED = Sql(
    "SELECT v.bullet, v.vote, count(*) FROM episodes e JOIN reflections r ON r.episode = e.key "
    "JOIN votes v ON v.reflection = r.key "
    "WHERE e.playbook = :source AND e.phase = 'learn' AND e.verdict <> 'invalid' AND r.key <= :reflections AND NOT EXISTS ("
    "SELECT 1 FROM votes a WHERE a.reflection = v.reflection AND a.bullet = v.bullet AND a.position < v.position) "
    "GROUP BY v.bullet, v.vote",
    _Voted,
)


def faults(c: Connection, playbook: int) -> Iterator[str]:
    """The counts of bullets of `playbook` that are not what the episodes give, a line each."""
    given, exact = _counted(c, playbook), not inherited(c, playbook)
    ids = dict(_EXISTING.all(c, playbook=playbook))
    stored = {ids[row[0]]: Counter(dict(zip(COUNTS, row[1:], strict=True))) for row in _STORED.all(c, playbook=playbook)}
    for id in sorted(given.keys() | stored.keys()):
        mine, theirs = stored.get(id, Counter()), given.get(id, Counter())
        for name in COUNTS:
            if mine[name] > theirs[name] or (exact and mine[name] < theirs[name]):
                yield f"bullet {id}: {name.replace('_', ' and ')} is {mine[name]}; the episodes give {theirs[name]}"


def _counted(c: Connection, playbook: int) -> dict[str, Counter[str]]:
    known = {row.id for row in _EXISTING.all(c, playbook=playbook)}
    found: dict[str, Counter[str]] = {}
    for source, upto in known_to(c, playbook).items():
        for bullet, won, n in _SHOWN.all(c, source=source, episodes=upto.episodes):
            found.setdefault(bullet, Counter())["shown_won" if won else "shown_lost"] += n
        for bullet, vote, n in _VOTED.all(c, source=source, reflections=upto.reflections):
            found.setdefault(bullet, Counter())[vote] += n
    for bullet, won, n in _CITED.all(c, playbook=playbook):
        found.setdefault(bullet, Counter())["cited_won" if won else "cited_lost"] += n
    return {id: counts for id, counts in found.items() if id in known}
