"""The records that an alarm looks at, and the alarms there were: read from what attempts followed, and from the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from ace.evidence.drift import Demotion
from ace.memory.bullets.history import bullets_at
from ace.memory.database.codec import operation
from ace.memory.database.sql import Sql
from ace.playbooks.bullet import Bullet
from ace.playbooks.operations import Op


class _Trial(NamedTuple):
    key: int
    bullet: str
    version: int
    id: str
    won: bool


class _Marked(NamedTuple):
    number: int
    body: str


_TRIALS = Sql(
    "SELECT c.episode AS key, b.id AS bullet, x.version, e.id, c.won FROM bullets b JOIN citations c ON c.bullet = b.key "
    "JOIN exposures x ON x.episode = c.episode AND x.bullet = b.id AND x.shown JOIN episodes e ON e.key = c.episode "
    "WHERE b.playbook = :playbook AND b.id IN ({keys}) AND e.attempt <= 1 AND e.purged IS NULL AND e.trust = 'trusted'",
    _Trial,
)
_MARKED = Sql(
    "SELECT r.number, o.body FROM deltas d JOIN revisions r ON r.delta = d.key AND r.playbook = d.playbook "
    "JOIN operations o ON o.delta = d.key AND o.stage = 'delta' AND o.refused IS NULL "
    "WHERE d.playbook = :playbook AND r.number <= :number AND d.author <> 'import' "
    "AND (o.body LIKE '%\"demote\"%' OR o.body LIKE '%\"activate\"%') ORDER BY r.number, o.position",
    _Marked,
)


def trials(c: Connection, playbook: int, versions: Mapping[str, int]) -> dict[str, list[tuple[str, bool]]]:
    """By bullet the first attempts at cases that followed it at its version in `versions`, oldest first, each with whether it
    was won; those alone that are trusted."""
    found: dict[str, dict[str, bool]] = {}
    for row in sorted(_TRIALS.among(c, versions, playbook=playbook)):
        if versions[row.bullet] == row.version:
            found.setdefault(row.bullet, {})[row.id] = bool(row.won)
    return {id: list(of.items()) for id, of in found.items()}


def demotions(c: Connection, playbook: int, number: int) -> list[Demotion]:
    """The bullets that were made guesses because of attempts against them, up to revision `number`, oldest first."""
    found: list[Demotion] = []
    for row in _MARKED.all(c, playbook=playbook, number=number):
        o = operation(row.body)
        if o.op is Op.DEMOTE and o.episodes:
            found.append(Demotion(o.id, tuple(bullets_at(c, playbook, row.number - 1)), o.episodes))
        elif o.op is Op.ACTIVATE:
            found = [
                _confirmed(c, playbook, row.number, d, o.episodes) if d.bullet == o.id and not d.back else d for d in found
            ]
    return found


def _confirmed(c: Connection, playbook: int, number: int, d: Demotion, episodes: tuple[str, ...]) -> Demotion:
    """`d` after its bullet was confirmed by `episodes`: it is undone where there are none. Another text that was confirmed says
    nothing of the one that was doubted."""
    if not episodes:
        return replace(d, undone=True)
    same = _text(d.then, d.bullet) == _text(bullets_at(c, playbook, number), d.bullet)
    return replace(d, back=episodes) if same else d


def _text(bullets: tuple[Bullet, ...] | list[Bullet], id: str) -> str:
    return next((b.text for b in bullets if b.id == id), "")
