"""What differs between two revisions, or between two playbooks, as a reader of both would tell it.

A bullet is told to be moved where a reader finds it elsewhere, and not where it has another rank in the same place. Between
two playbooks nothing is told to be added or retired that the other one never had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ace.memory.log.lineage import BulletChange
from ace.playbooks.bullet import State
from ace.playbooks.diff import KINDS, BulletDiff, Kind, diff, stat
from ace.playbooks.merge.order import standing

if TYPE_CHECKING:
    from ace.memory.store import Store
    from ace.memory.view import View

_MOVED: Kind = "moved"


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs: the bullets, in what words each does (`kinds`, by bullet), how many do so in each way, and for revisions of
    one playbook what was done to each bullet in between."""

    found: Sequence[BulletDiff]
    kinds: Mapping[str, Sequence[str]]
    counts: Mapping[str, int]
    behind: Mapping[str, Sequence[BulletChange]] = field(default_factory=dict)


def compare(db: Store, left: View, right: View) -> Compared:
    """What differs from `left` to `right`."""
    if left.revision.playbook != right.revision.playbook:
        return _side_by_side(left, right)
    changed = db.changes_between(left.revision, right.revision)
    found = diff([x for x, _, _ in changed if x], [y for _, y, _ in changed if y])
    if any(_only_placed(d) for d in found):
        found = _seen(found, left, right)
    behind = db.past.between(left.revision, right.revision, [d.bullet for d in found])
    return Compared(found, {d.bullet: d.kinds for d in found}, {str(kind): n for kind, n in stat(found).items()}, behind)


def _only_placed(d: BulletDiff) -> bool:
    """Whether a bullet is told to be moved for its rank alone."""
    return _MOVED in d.kinds and d.before is not None and d.after is not None and d.before.section == d.after.section


def _seen(found: Sequence[BulletDiff], left: View, right: View) -> list[BulletDiff]:
    """`found` without the moves that no reader sees: what was moved and moved back has another rank in the same place."""
    old, new = ({b.id: b for b in view.bullets()} for view in (left, right))
    both = old.keys() & new.keys()
    fixed = {id for id in both if old[id].rank == new[id].rank}
    there = standing([id for id in old if id in both], [id for id in new if id in both], fixed)
    # The place of a retired bullet is not shown.
    hidden = {d.bullet for d in found if _only_placed(d) and (d.bullet in there or d.bullet not in both)}
    kept = [replace(d, kinds=tuple(k for k in d.kinds if k != _MOVED)) if d.bullet in hidden else d for d in found]
    return [d for d in kept if d.kinds]


def _side_by_side(left: View, right: View) -> Compared:
    """Two playbooks. What one has and the other has not, the other has retired or never had."""
    a, b = left.revision.playbook, right.revision.playbook
    ours, theirs = left.bullets(include_retired=True), right.bullets(include_retired=True)
    retired = {name: {x.id for x in bullets if x.state is State.RETIRED} for name, bullets in ((a, ours), (b, theirs))}
    live = ([x for x in bullets if x.state is not State.RETIRED] for bullets in (ours, theirs))
    found = diff(*live, whole=True)
    kinds: dict[str, Sequence[str]] = {}
    for d in found:
        has, other = (a, b) if d.before else (b, a)
        missing = f"retired in {other}" if d.bullet in retired[other] else f"only in {has}"
        kinds[d.bullet] = d.kinds if d.before and d.after else [missing]
    order = [f"only in {a}", f"only in {b}", f"retired in {a}", f"retired in {b}", *KINDS]
    counted = Counter(kind for told in kinds.values() for kind in told)
    return Compared(found, kinds, {kind: counted[kind] for kind in order})
