"""What a trusted request is not shown of a playbook: the bullets that rest on untrusted origins alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.bullets import history
from ace.memory.bullets.search import length
from ace.memory.database.refs import Point
from ace.memory.database.sql import Sql
from ace.playbooks.bullet import State


class _Version(NamedTuple):
    bullet: str
    text: str
    delta: int


_UNTRUSTED = Sql("SELECT DISTINCT delta FROM delta_episodes WHERE trust <> 'trusted'", int)
_VERSIONS = Sql(
    "SELECT bullet, text, delta FROM bullet_versions WHERE playbook = :playbook AND since <= :number ORDER BY since", _Version
)


@dataclass(frozen=True, slots=True)
class Hidden:
    """The `ids` of bullets, tombstones among them; how many are `live`, and the `chars` and `words` of their texts."""

    ids: frozenset[str] = frozenset()
    live: int = 0
    chars: int = 0
    words: int = 0


NOTHING_HIDDEN = Hidden()


def hidden(c: Connection, point: Point) -> Hidden:
    """What is not shown of a playbook at a revision."""
    ids = _distrusted(c, point)
    if not ids:
        return NOTHING_HIDDEN
    found = history.some_at(c, point.playbook, point.revision.number, ids).values()
    texts = [b.text for b in found if b.state is not State.RETIRED]
    return Hidden(frozenset(ids), len(texts), sum(map(len, texts)), sum(map(length, texts)))


def _distrusted(c: Connection, point: Point) -> set[str]:
    """The bullets whose present text was written by a delta that rests on an untrusted episode."""
    untrusted = set(_UNTRUSTED.all(c))
    if not untrusted:
        return set()
    wrote: dict[str, tuple[str, int]] = {}
    for v in _VERSIONS.all(c, playbook=point.playbook, number=point.revision.number):
        if v.bullet not in wrote or wrote[v.bullet][0] != v.text:
            wrote[v.bullet] = (v.text, v.delta)
    return {id for id, (_, delta) in wrote.items() if delta in untrusted}
