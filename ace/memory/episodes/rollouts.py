"""Further attempts at training cases that were made to compare revisions of a playbook: what each revision came to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from ace.memory.database.sql import Sql
from ace.memory.episodes.seen import SEEN
from ace.types import Trust


class _Rollout(NamedTuple):
    number: int
    task_key: str
    won: bool


_ROLLOUTS = Sql(
    "SELECT r.number, e.task_key, e.verdict = 'success' AS won FROM episodes e "
    "JOIN render_revisions s ON s.episode = e.key "
    "JOIN revisions r ON r.playbook = :playbook AND r.hash = s.revision "
    "WHERE e.phase = 'rollout' AND e.verdict IN ('success', 'failure') AND e.purged IS NULL "
    f"AND r.number BETWEEN 1 AND :upto AND {SEEN} ORDER BY e.key",
    _Rollout,
)


def rollouts(c: Connection, playbook: int, upto: int, trust: Trust) -> Mapping[int, Mapping[str, bool]]:
    """By revision of `playbook`, from 1 to `upto`, whether the last such attempt at each task was won, by the content hash of
    the task. Revision 0 is empty, and the same in every playbook."""
    found: defaultdict[int, dict[str, bool]] = defaultdict(dict)
    for row in _ROLLOUTS.all(c, playbook=playbook, upto=upto, least=trust.value):
        found[row.number][row.task_key] = bool(row.won)
    return found
