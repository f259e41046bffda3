"""What a trusted request is not shown of a playbook: the bullets that rest on untrusted origins alone."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ace.memory.bullets import history
from ace.memory.bullets.search import length
from ace.memory.database.refs import Point
from ace.memory.log.standing import Doubts
from ace.playbooks.bullet import State


@dataclass(frozen=True, slots=True)
class Hidden:
    """The `ids` of bullets, tombstones among them; how many are `live`, and the `chars` and `words` of their texts."""

    ids: frozenset[str] = frozenset()
    live: int = 0
    chars: int = 0
    words: int = 0


NOTHING_HIDDEN = Hidden()


def hidden(c: Connection, point: Point, doubts: Doubts) -> Hidden:
    """What is not shown of a playbook at a revision."""
    ids = doubts.distrusted(c, point)
    if not ids:
        return NOTHING_HIDDEN
    found = history.some_at(c, point.playbook, point.revision.number, ids).values()
    texts = [b.text for b in found if b.state is not State.RETIRED]
    return Hidden(ids, len(texts), sum(map(len, texts)), sum(map(length, texts)))
