"""The training attempts that a playbook knows, with the bullets that chance showed or left out.

Episodes of another branch count as far as the playbook knows of them (a fork begins with its origin's, a merge brings the
other's), each once. What a bullet said in an attempt is read from the branch that the attempt was played for.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from sqlalchemy import Connection

from ace.evidence.effects import BulletDraw, DrawnAttempt
from ace.memory.database.sql import Sql, Values
from ace.memory.episodes.inheritance import known_to
from ace.memory.episodes.seen import SEEN
from ace.types import Trust


class _Attempt(NamedTuple):
    key: int
    kind: str
    won: bool


class _Draw(NamedTuple):
    key: int
    bullet: str
    text: str
    shown: bool
    probability: float


_KNOWN = (
    "e.playbook = :source AND e.phase = 'learn' AND e.verdict IN ('success', 'failure') AND e.key <= :upto "
    f"AND e.purged IS NULL AND {SEEN} "
    "AND (:number < 0 OR NOT EXISTS (SELECT 1 FROM render_revisions s "
    "JOIN revisions r ON r.playbook = :playbook AND r.hash = s.revision WHERE s.episode = e.key AND r.number > :number))"
)
_ANY = Sql("SELECT EXISTS (SELECT 1 FROM exposures WHERE probability < 1)", int)
_ATTEMPTS = Sql(f"SELECT e.key, e.kind, e.verdict = 'success' AS won FROM episodes e WHERE {_KNOWN}", _Attempt)
_DRAWS = Sql(
    "SELECT e.key, x.bullet, coalesce((SELECT v.text FROM bullet_versions v WHERE v.playbook = e.playbook "
    "AND v.bullet = x.bullet AND v.version = x.version ORDER BY v.since DESC LIMIT 1), '') AS text, x.shown, x.probability "
    f"FROM episodes e JOIN exposures x ON x.episode = e.key WHERE {_KNOWN} AND x.probability < 1 ORDER BY e.key, x.ordinal",
    _Draw,
)


def anything_drawn(c: Connection) -> bool:
    """Whether chance decided of any bullet in the store whether it is shown."""
    return bool(_ANY.one(c))


def drawn_attempts(c: Connection, playbook: int, trust: Trust, number: int = -1) -> list[DrawnAttempt]:
    """All valid training attempts that `playbook` knows of and a request of `trust` may see, oldest first. With a `number`,
    those that were shown no later revision of it."""
    rows: list[_Attempt] = []
    drawn: dict[int, list[BulletDraw]] = defaultdict(list)
    for source, known in known_to(c, playbook).items():
        extent: Values = {"source": source, "upto": known.episodes}
        which: Values = {**extent, "playbook": playbook, "number": number, "least": trust.value}
        rows += _ATTEMPTS.all(c, **which)
        for row in _DRAWS.all(c, **which):
            drawn[row.key].append(BulletDraw(row.bullet, row.text, bool(row.shown), row.probability))
    return [DrawnAttempt(row.kind, bool(row.won), tuple(drawn.get(row.key, ()))) for row in sorted(rows)]
