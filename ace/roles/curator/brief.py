"""What lies before the curator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ace.playbooks.bullet import Bullet
from ace.playbooks.operations import Refusal
from ace.playbooks.similarity.pairs import Pair
from ace.types import Episode, Past, Record, Reflection


@dataclass(frozen=True, slots=True)
class Brief:
    """What lies before the curator: the relevant `bullets` in order out of `total`, their `records` (`now`: won and lost with
    the text they have now) and past attempts
    (`evidence` by bullet id, `uncited` for those that used none of them), the new attempts with their reflections, and the
    pairs of bullets that say nearly the same or contradict each other. `again` are its own edits that came too late. `played`
    are the attempts, reflected on or not, that `records` and `now` do not count yet. `objection` is what was shown to be wrong
    with the edits that were proposed from these attempts just before. `attempts` are all stored ones, oldest first, where the
    evidence is shown flat instead of by lesson."""

    bullets: Sequence[Bullet]
    total: int
    new: Sequence[tuple[Episode, Reflection]]
    records: Mapping[str, Record] = field(default_factory=dict)
    now: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    evidence: Mapping[str, Sequence[Past]] = field(default_factory=dict)
    uncited: Sequence[Past] = ()
    pairs: Sequence[Pair] = ()
    again: Sequence[Refusal] = ()
    played: Sequence[Episode] = ()
    objection: str = ""
    attempts: Sequence[Past] = ()
