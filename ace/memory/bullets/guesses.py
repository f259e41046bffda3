"""The guesses that say what given texts say: candidates, and tombstones that were candidates when they were retired.

A guess is lifted by an operation with its reason and never by being written anew, so what a delta adds is compared with them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.database.sql import Sql
from ace.playbooks.similarity.compare import Kind, compare, gist


class _Known(NamedTuple):
    id: str
    text: str
    gist: int
    state: str
    since: int


_SAME_GIST = Sql(
    "SELECT b.id, b.text, b.gist, coalesce(v.state, b.state) AS state, r.since FROM bullets b "
    "JOIN bullet_versions r ON r.playbook = b.playbook AND r.bullet = b.id AND r.until IS NULL "
    "LEFT JOIN bullet_versions v ON b.state = 'retired' AND v.playbook = b.playbook AND v.bullet = b.id AND v.until = r.since "
    "WHERE b.playbook = :playbook AND b.gist IN ({keys}) AND b.state <> 'active'",
    _Known,
)


def guesses(c: Connection, playbook: int, texts: Iterable[str], unseen: Container[str] = ()) -> dict[str, set[str]]:
    """For each of `texts` that a guess says too, the ids of those, but for those `unseen`. Of several tombstones the last one
    retired counts."""
    gists = {text: gist(text) for text in texts}
    known = (row for row in _SAME_GIST.among(c, gists.values(), playbook=playbook) if row.id not in unseen)
    rows = sorted(known, key=lambda row: row.since)
    found: dict[str, set[str]] = {}
    for text, number in gists.items():
        same = [r for r in rows if r.gist == number and compare(r.text, text).kind is Kind.SAME]
        if same and same[-1].state == "candidate":
            found[text] = {r.id for r in same if r.state == "candidate"}
    return found
