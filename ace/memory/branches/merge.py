"""Branches: playbooks that begin as another one was, and what becomes of it when they are merged again.

A merge is planned on what was read, and written only if that did not change, so nothing is locked while a person decides a
conflict. What is written is a delta like any other, on the first parent; the second parent says that the other branch is in
it, so that merging it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from ace.errors import BadSetting, Conflict
from ace.memory.branches import ancestry
from ace.memory.branches import fork as forking
from ace.memory.branches.origins import origins
from ace.memory.bullets import history
from ace.memory.bullets.present import PresentShelf
from ace.memory.database import refs
from ace.memory.database.codec import now
from ace.memory.database.refs import Point
from ace.memory.episodes.inheritance import learn_from
from ace.memory.log.changes import changes_of
from ace.memory.log.commit import NextRevision, advance
from ace.memory.log.deltas import DecidedDelta
from ace.memory.log.lineage import BulletChange
from ace.memory.log.standing import distrusted
from ace.memory.log.writer import Writer
from ace.memory.values import Committed, Revision
from ace.playbooks.apply import apply
from ace.playbooks.merge.order import SIDES, Side
from ace.playbooks.merge.three_way import MergeResult, merge
from ace.playbooks.merge.unions import Alike, alike
from ace.playbooks.operations import PERSON, Delta, Op, Operation, Status
from ace.playbooks.sensitive.detectors import written

NOTHING = MergeResult((), (), (), new=False)


@dataclass(frozen=True, slots=True)
class MergePlan:
    """A merge of `theirs` into `ours`, thought out and not yet written; `base` is the last revision that both come from. Where
    `merged.new` is false there is nothing to merge; where it has conflicts they are to be decided first. `alike` are the pairs
    among the additions of both sides that should be reviewed."""

    ours: Revision
    theirs: Revision
    base: Revision
    merged: MergeResult
    alike: tuple[Alike, ...] = ()


class Branches:
    """Forks playbooks and merges them."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def fork(self, ref: str, name: str) -> Revision:
        """A new playbook `name` that begins as the revision `ref` (`NAME` or `NAME@REV`), with the same revisions up to it, the
        same bullet ids and what is known of them. Raises `NotFound`, `Conflict` where there is a playbook of that name."""
        refs.check_name(name)
        with self._writer.write() as c:
            return forking.fork(c, refs.resolve(c, ref), name, self._writer.index).revision

    def origins(self) -> dict[str, str]:
        """By playbook that is a fork, the revision it began as: `NAME@NUMBER`."""
        with self._writer.read() as c:
            return origins(c)

    def plan(
        self, into: str, other: str, takes: Mapping[str, Side] | None = None, *, otherwise: Side | None = None
    ) -> MergePlan:
        """What merging the revision `other` into playbook `into` would do. `takes` decides conflicts by bullet id, `otherwise`
        all that are left. Raises `NotFound`, and `BadSetting` where a playbook would be merged into itself or `takes` names a
        bullet that is in no conflict."""
        with self._writer.read() as c:
            ours, theirs = refs.head(c, into), refs.resolve(c, other)
            if ours.playbook == theirs.playbook:
                raise BadSetting(f"{into!r} cannot be merged into itself; name another playbook, or go back with rollback")
            base = ancestry.common(c, ours, theirs)
            merged = NOTHING
            if base.revision.hash != theirs.revision.hash:
                b, o, t = (history.bullets_of(c, point) for point in (base, ours, theirs))
                hidden = distrusted(c, ours) | distrusted(c, theirs)
                merged = _attributed(c, theirs, merge(b, o, t, takes, otherwise=otherwise, distrusted=hidden))
        _require_conflicts(merged, takes or {})
        return MergePlan(ours.revision, theirs.revision, base.revision, merged, tuple(_alike(merged)))

    def commit(self, plan: MergePlan, reason: str = "", *, operations: Sequence[Operation] = (), by: str = "") -> Committed:
        """Write a merge, with `operations` after its own, for the person `by`. Nothing is written where there is nothing to
        merge. Raises `Conflict` where conflicts are left, or where the playbook has changed since the plan was made."""
        if plan.merged.conflicts:
            left = ", ".join(x.bullet for x in plan.merged.conflicts)
            raise Conflict(f"{plan.theirs.playbook!r} and {plan.ours.playbook!r} conflict over {left}; decide each")
        if not plan.merged.new:
            return Committed(plan.ours, Status.ACCEPTED)
        every = (*plan.merged.operations, *operations)
        delta = Delta(plan.ours.hash, every, PERSON, reason or f"merge of {plan.theirs.playbook}@{plan.theirs.number}", by=by)
        self._writer.warn(written(self._writer.cleared(delta).operations), plan.ours.playbook)
        with self._writer.writing(delta) as (c, kept):
            return self._write(c, plan, kept)

    def _write(self, c: Connection, plan: MergePlan, delta: Delta) -> Committed:
        ours = refs.head(c, plan.ours.playbook)
        if ours.revision.hash != plan.ours.hash:
            raise Conflict(
                f"{plan.ours.playbook!r} has gone on to revision {ours.head} from {plan.ours.number}, which the merge was made "
                "on; nothing was written, merge again"
            )
        theirs = refs.numbered(c, plan.theirs.playbook, plan.theirs.number)
        shelf = PresentShelf(c, ours.playbook)
        shelf.fetch({id for o in delta.operations for id in (o.id, o.after, *o.sources) if id})
        changes, refused = apply(shelf, delta.operations, ours.revision.digest)
        if refused:
            raise Conflict(f"the merge does not fit: {refused[0].reason}; nothing was written")
        step = NextRevision(ours, DecidedDelta(delta, Status.ACCEPTED), now(), theirs)
        revision = advance(c, step, changes, shelf, self._writer.index)
        learn_from(c, ours.playbook, theirs.playbook, revision.number)
        return Committed(revision, Status.ACCEPTED, tuple(changes))


def _alike(merged: MergeResult) -> list[Alike]:
    """The pairs among what the sides added, but for what the merge itself makes one."""
    gone = {id for o in merged.operations for id in o.sources if o.op is Op.MERGE}
    ours, theirs = ([b for b in merged.added.get(side, ()) if b.id not in gone] for side in SIDES)
    return alike(ours, theirs)


def _require_conflicts(merged: MergeResult, takes: Mapping[str, Side]) -> None:
    known = {x.bullet for x in (*merged.conflicts, *merged.decided)}
    for id in takes:
        if id not in known:
            has = f"the conflicts are over {', '.join(sorted(known))}" if known else "there are no conflicts"
            raise BadSetting(f"{id} is in no conflict, so no side can be taken; {has}")


def _attributed(c: Connection, theirs: Point, merged: MergeResult) -> MergeResult:
    """The operations with the reasons and episodes that the other branch had for them."""
    ids = {o.new_id or o.id for o in merged.operations}
    made = changes_of(c, theirs.playbook, ids, -1, theirs.revision.number)
    operations = tuple(_with_reason(o, made.get(o.new_id or o.id, ())) for o in merged.operations)
    return replace(merged, operations=operations)


def _with_reason(o: Operation, made: Sequence[BulletChange]) -> Operation:
    kinds = (Op.ADD, Op.MERGE) if o.op is Op.ADD else (Op.RETIRE, Op.MERGE) if o.op is Op.RETIRE else (o.op,)
    for touch in reversed(made):
        for behind in reversed(touch.operations):
            if behind.op in kinds and not o.reason:
                return replace(o, reason=behind.reason or touch.cause.reason, episodes=behind.episodes or touch.cause.episodes)
    return o
