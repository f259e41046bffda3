"""What lies before the curator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ace.evidence.attempts import Attempts
from ace.evidence.drift import BulletDrift
from ace.evidence.fit import Fit
from ace.playbooks.bullet import Bullet
from ace.playbooks.operations import Operation, Refusal
from ace.playbooks.similarity.pairs import Pair
from ace.types import Episode, Past, Record, Reflection


@dataclass(frozen=True, slots=True)
class LastDelta:
    """The curator's last delta: the operations that were done, and those that were refused."""

    done: Sequence[Operation] = ()
    refused: Sequence[Refusal] = ()


@dataclass(frozen=True, slots=True)
class Brief:
    """What lies before the curator: the relevant `bullets` in order out of `total`, their `records` (`now`: won and lost with
    the text they have now) and past attempts
    (`evidence` by bullet id, `uncited` for those that used none of them), the new attempts with their reflections, and the
    pairs of bullets that say nearly the same or contradict each other. `again` are its own edits that came too late. `played`
    are the attempts, reflected on or not, that `records` and `now` do not count yet. `objection` is what was shown to be wrong
    with the edits that were proposed from these attempts just before. `attempts` are all of them, stored and new, where the
    evidence is shown flat instead of by lesson; `None`: the new ones alone. `last` is the last delta that the
    curator proposed, `left` the batches that follow this one, where these are told; `measured` is what a gate that refused all
    of the last delta has measured. `table` and `candidates` are lines counted from the attempts. `fit`, where that is shown,
    is what all attempts say of the playbook. `alarms` are lessons that were right and no longer are, `stale` counts the
    attempts that are left out because they say nothing of the present."""

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
    attempts: Attempts | None = None
    last: LastDelta | None = None
    measured: str = ""
    left: int | None = None
    table: Sequence[str] = ()
    candidates: Sequence[str] = ()
    fit: Fit | None = None
    alarms: Sequence[BulletDrift] = ()
    stale: int = 0

    @property
    def flat(self) -> Attempts:
        """The attempts of a flat table."""
        if self.attempts is not None:
            return self.attempts
        return Attempts.of((*self.played, *(e for e, _ in self.new)), (r for _, r in self.new))
