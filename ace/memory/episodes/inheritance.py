"""What a playbook knows of episodes that were played for another one: the one it was forked from, or that was merged into it.

An episode trains one playbook, and stays that one's. A fork begins with what its origin knew, a merge brings what the other
branch has learned since; how far that goes is written down by playbook, so that nothing is counted twice and every count can
be made again from the episodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.database.sql import Sql, insertion
from ace.memory.database.tables import COUNTS, InheritedRow


@dataclass(frozen=True, slots=True)
class Extent:
    """Up to which episode and which reflection (their keys) something is known."""

    episodes: int
    reflections: int

    def __or__(self, other: Extent) -> Extent:
        return Extent(max(self.episodes, other.episodes), max(self.reflections, other.reflections))


NOTHING = Extent(0, 0)


class _Inherited(NamedTuple):
    source: int
    episodes: int
    reflections: int


class _Now(NamedTuple):
    episodes: int
    reflections: int


_INHERITED = Sql("SELECT source, episodes, reflections FROM inherited WHERE playbook = :playbook ORDER BY source", _Inherited)
_NOW = Sql(
    "SELECT (SELECT coalesce(max(key), 0) FROM episodes) AS episodes, "
    "(SELECT coalesce(max(key), 0) FROM reflections) AS reflections",
    _Now,
)
_INHERIT = insertion(
    InheritedRow,
    tail="ON CONFLICT (playbook, source) DO UPDATE SET episodes = excluded.episodes, reflections = excluded.reflections",
)

_LEARNED = "e.playbook = :source AND e.phase = 'learn' AND e.verdict <> 'invalid'"
_BULLET = (
    "b.playbook = :playbook AND NOT EXISTS (SELECT 1 FROM bullet_versions w "
    "WHERE w.playbook = b.playbook AND w.bullet = b.id AND w.since < :since)"
)
"""A bullet of the playbook; of those alone that revision `since` made, or a later one, where that is not 0."""
_WON, _LOST = (
    "sum(CASE WHEN e.verdict = 'success' THEN 1 ELSE 0 END)",
    "sum(CASE WHEN e.verdict = 'failure' THEN 1 ELSE 0 END)",
)
_FRESH = "e.key > :after AND e.key <= :upto"
_CITED_IN = (
    "FROM episodes e JOIN citations t ON t.episode = e.key JOIN bullets old ON old.key = t.bullet AND old.playbook = :source "
    f"JOIN bullets b ON b.id = old.id AND {_BULLET} WHERE {_LEARNED} AND {_FRESH}"
)


def _counting(names: Sequence[str], values: Sequence[str], which: str) -> Sql[None]:
    """The statement that adds `values`, counted by bullet over the rows of `which`, to the columns `names` of the records."""
    columns = ", ".join(COUNTS)
    zeros = dict.fromkeys(COUNTS, "0") | dict(zip(names, values, strict=True))
    grow = ", ".join(f"{n} = records.{n} + excluded.{n}" for n in names)
    return Sql(
        f"INSERT INTO records (bullet, {columns}) SELECT b.key, {', '.join(zeros.values())} {which} "
        f"GROUP BY b.key ON CONFLICT (bullet) DO UPDATE SET {grow}"
    )


_SHOWN = _counting(
    ("shown_won", "shown_lost"),
    (_WON, _LOST),
    "FROM episodes e JOIN exposures x ON x.episode = e.key AND x.shown AND NOT EXISTS (SELECT 1 FROM exposures y "
    "WHERE y.episode = x.episode AND y.bullet = x.bullet AND y.shown AND y.ordinal < x.ordinal) "
    f"JOIN bullets b ON b.id = x.bullet AND {_BULLET} WHERE {_LEARNED} AND {_FRESH}",
)
_CITED = _counting(("cited_won", "cited_lost"), (_WON, _LOST), _CITED_IN)
_CITE = Sql(f"INSERT INTO citations (bullet, won, episode) SELECT b.key, t.won, t.episode {_CITED_IN} ON CONFLICT DO NOTHING")
_VOTED = _counting(
    ("helpful", "harmful", "neutral"),
    tuple(f"sum(CASE WHEN v.vote = '{vote}' THEN 1 ELSE 0 END)" for vote in ("helpful", "harmful", "neutral")),
    "FROM episodes e JOIN reflections r ON r.episode = e.key JOIN votes v ON v.reflection = r.key "
    f"JOIN bullets b ON b.id = v.bullet AND {_BULLET} WHERE {_LEARNED} AND r.key > :after AND r.key <= :upto "
    "AND NOT EXISTS (SELECT 1 FROM votes u WHERE u.reflection = v.reflection AND u.bullet = v.bullet "
    "AND u.position < v.position)",
)


def inherited(c: Connection, playbook: int) -> dict[int, Extent]:
    """The other playbooks whose episodes a playbook knows, each with how far."""
    return {source: Extent(episodes, reflections) for source, episodes, reflections in _INHERITED.all(c, playbook=playbook)}


def known_to(c: Connection, playbook: int) -> dict[int, Extent]:
    """All playbooks whose episodes a playbook knows as of now, itself among them."""
    return {**inherited(c, playbook), playbook: Extent(*_NOW.one(c))}


def write_down(c: Connection, playbook: int, known: Mapping[int, Extent]) -> None:
    """Note that a playbook knows what `known` says, its own episodes aside."""
    rows = [(source, k) for source, k in sorted(known.items()) if source != playbook]
    _INHERIT.many(
        c, [{"playbook": playbook, "source": s, "episodes": k.episodes, "reflections": k.reflections} for s, k in rows]
    )


def learn_from(c: Connection, playbook: int, other: int, since: int) -> None:
    """Count for the bullets of `playbook` what `other` knows and it did not know yet; for those bullets that it has only since
    its revision `since`, all of what it then knows."""
    before, wider = inherited(c, playbook), known_to(c, other)
    wider.pop(playbook, None)
    after = before | {source: before.get(source, NOTHING) | known for source, known in wider.items()}
    for source, known in after.items():
        mine = before.get(source, NOTHING)
        _count(c, (playbook, source), (mine, known), 0)
        _count(c, (playbook, source), (NOTHING, mine), since)
    write_down(c, playbook, after)


def _count(c: Connection, whose: tuple[int, int], span: tuple[Extent, Extent], since: int) -> None:
    """Count for a playbook what lies between two states of knowledge of a source."""
    if span[0] == span[1]:
        return
    which = {"playbook": whose[0], "source": whose[1], "since": since}
    for statement in (_SHOWN, _CITED, _CITE):
        statement(c, **which, after=span[0].episodes, upto=span[1].episodes)
    _VOTED(c, **which, after=span[0].reflections, upto=span[1].reflections)
