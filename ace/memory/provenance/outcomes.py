"""What happened with a bullet and without it, in the training episodes that it could have been shown in.

With and without are compared over the same stretch of episodes, those played with a revision at which the bullet was live,
because what an agent met before there was such a bullet says nothing of it. Episodes that were played for another branch count
as far as the playbook knows of them, and no invalid one counts. Which episodes were shown a bullet was not drawn by lot: this
is observation, not a controlled comparison.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection

from ace.memory.database.sql import Sql, Values
from ace.memory.episodes.inheritance import known_to
from ace.memory.log.changes import witnesses_by_key
from ace.memory.log.lineage import BulletOutcomes, WinsAndLosses, Witness

LAST = 5
"""Episodes that saw a bullet which its life names."""
_ENDLESS = 1 << 62


class _State(NamedTuple):
    since: int
    state: str


class _Met(NamedTuple):
    verdict: str
    used: bool
    n: int


class _Played(NamedTuple):
    number: int
    verdict: str
    n: int


class _Exposed(NamedTuple):
    number: int
    verdict: str
    shown: bool
    n: int


class _Last(NamedTuple):
    key: int
    used: bool


_KEY = Sql("SELECT key FROM bullets WHERE playbook = :playbook AND id = :bullet", int)
_STATES = Sql("SELECT since, state FROM bullet_versions WHERE playbook = :playbook AND bullet = :bullet ORDER BY since", _State)
N = TypeVar("N", _Played, _Exposed)
_USED = "(x.cited OR EXISTS (SELECT 1 FROM citations t WHERE t.bullet = :key AND t.episode = e.key)) AS used"
_SHOWN = (
    "FROM exposures x JOIN episodes e ON e.key = x.episode "
    "WHERE x.bullet = :bullet AND x.shown AND e.playbook = :source AND e.key <= :upto"
)
_MET = Sql(
    f"SELECT verdict, used, count(*) AS n FROM (SELECT DISTINCT e.key, e.verdict, {_USED} {_SHOWN}) AS met "
    "GROUP BY verdict, used",
    _Met,
)
_DREW = "d.episode = e.key AND r.playbook = e.playbook AND r.hash = d.revision AND +r.number >= :since"
# CROSS JOIN and the plus keep SQLite from going through all episodes for every revision, or all revisions for every episode.
_PLAYED = Sql(
    "SELECT r.number, e.verdict, count(*) AS n FROM episodes e CROSS JOIN render_revisions d CROSS JOIN revisions r "
    f"WHERE e.playbook = :source AND e.key <= :upto AND {_DREW} GROUP BY r.number, e.verdict",
    _Played,
)
_EXPOSED = Sql(
    "SELECT r.number, e.verdict, x.shown, count(DISTINCT e.key) AS n FROM exposures x CROSS JOIN episodes e "
    "CROSS JOIN render_revisions d CROSS JOIN revisions r WHERE x.bullet = :bullet AND e.key = x.episode "
    f"AND e.playbook = :source AND e.key <= :upto AND {_DREW} GROUP BY r.number, e.verdict, x.shown",
    _Exposed,
)
_LAST = Sql(f"SELECT DISTINCT e.key, {_USED} {_SHOWN} ORDER BY e.key DESC LIMIT :limit", _Last)
_EVALUATED = Sql(
    "SELECT count(DISTINCT x.episode) FROM exposures x JOIN episodes e ON e.key = x.episode "
    "WHERE x.bullet = :bullet AND x.shown AND e.playbook IS NULL AND EXISTS (SELECT 1 FROM render_revisions d "
    "JOIN revisions r ON r.playbook = :playbook AND r.hash = d.revision WHERE d.episode = e.key)",
    int,
)


def outcomes_of(c: Connection, playbook: int, bullet: str) -> BulletOutcomes:
    """What happened with bullet `bullet` of a playbook and without it, as far as the playbook knows."""
    key = _KEY.first(c, playbook=playbook, bullet=bullet)
    met: list[_Met] = []
    last: list[_Last] = []
    absent, withheld = WinsAndLosses(), 0
    for source, known in known_to(c, playbook).items():
        which: Values = {"bullet": bullet, "source": source, "upto": known.episodes}
        met += _MET.all(c, **which, key=key)
        last += _LAST.all(c, **which, key=key, limit=LAST)
        live = stretches(c, source, bullet)
        if live:
            played = _within(live, _PLAYED.all(c, source=source, upto=known.episodes, since=live[0][0]))
            exposed = _within(live, _EXPOSED.all(c, **which, since=live[0][0]))
            absent += _tally(played) - _tally(row for row in exposed if row.shown)
            withheld += _tally(row for row in exposed if not row.shown).n
    return BulletOutcomes(
        followed=_tally(row for row in met if row.used),
        ignored=_tally(row for row in met if not row.used),
        absent=absent,
        withheld=withheld,
        evaluated=_EVALUATED.one(c, playbook=playbook, bullet=bullet),
        last=_witnesses(c, sorted(last, key=lambda row: -row.key)[:LAST]),
    )


def _within(live: Sequence[tuple[int, int | None]], rows: Iterable[N]) -> list[N]:
    """Those of `rows` that are of revisions at which the bullet was live."""
    return [row for row in rows if any(low <= row.number < (high or _ENDLESS) for low, high in live)]


def stretches(c: Connection, playbook: int, bullet: str) -> tuple[tuple[int, int | None], ...]:
    """From which revision a bullet was live, and from which it no longer was (`None`: it still is), each time."""
    found: list[tuple[int, int | None]] = []
    for number, state in _STATES.all(c, playbook=playbook, bullet=bullet):
        live, going = state != "retired", bool(found) and found[-1][1] is None
        if live and not going:
            found.append((number, None))
        elif going and not live:
            found[-1] = (found[-1][0], number)
    return tuple(found)


def _tally(rows: Iterable[_Met | _Played | _Exposed]) -> WinsAndLosses:
    won = lost = 0
    for row in rows:
        won += row.n if row.verdict == "success" else 0
        lost += row.n if row.verdict == "failure" else 0
    return WinsAndLosses(won, lost)


def _witnesses(c: Connection, rows: Sequence[_Last]) -> tuple[Witness, ...]:
    used = {row.key: bool(row.used) for row in rows}
    return tuple(replace(w, followed=f) for w, f in zip(witnesses_by_key(c, list(used)), used.values(), strict=True))
