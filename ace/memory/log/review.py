"""Reviewing: a delta that was held waits until a person accepts or refuses it.

What accepting would do is worked out on the playbook as it stands, by the rules of every commit: an operation on a bullet that
was changed meanwhile is refused. What a person was shown has a code; where the playbook has moved on so that something else
would be committed, the code does not fit any more and nothing is. A decision is a delta of its own, so the held one stays as
it was sealed.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlalchemy import Connection

from ace.bounds import shortened
from ace.errors import BadSetting, Conflict, NotFound
from ace.memory.bullets import history
from ace.memory.bullets.history import SortedShelf
from ace.memory.bullets.present import PresentShelf
from ace.memory.database import refs
from ace.memory.database.codec import now
from ace.memory.database.refs import Point
from ace.memory.database.sql import Sql
from ace.memory.log import decisions, deltas
from ace.memory.log.commit import NextRevision, advance, fitted
from ace.memory.log.deltas import DecidedDelta
from ace.memory.log.writer import Writer
from ace.memory.values import Committed, Revision, StoredDelta
from ace.playbooks.apply import Change, apply
from ace.playbooks.bullet import Bullet
from ace.playbooks.guards.judge import check_by_hand
from ace.playbooks.operations import PERSON, Delta, Refusal, Status
from ace.playbooks.sensitive.detectors import written
from ace.playbooks.undoing import same
from ace.types import JSON, Trust, digest

_BASE = Sql("SELECT number FROM revisions WHERE playbook = :playbook AND hash = :hash", int)
_PURGED = Sql("SELECT id FROM episodes WHERE id IN ({keys}) AND purged IS NOT NULL", str)
_CODE = 10
"""Characters of the code of what was shown."""
_NAMED = 12
"""Numbers of waiting deltas that a message names."""


@dataclass(frozen=True, slots=True)
class WaitingDelta:
    """A delta that waits for a person, and what accepting it would do to the playbook at its head, `revision`: the `changes` to
    bullets, and the `refusals` of what does not fit, each with its reason. `meanwhile` has the bullets that were changed since
    the delta was made, by id: as they were then and as they are now. `shown` is the code of all this. `as_proposed`: it is what
    was proposed, because nothing that it touches was changed since. Of the episodes behind it `purged` were purged, and
    `untrusted` are so: what rests on such alone stays distrusted when it is accepted."""

    number: int
    delta: StoredDelta
    revision: Revision
    changes: tuple[Change, ...]
    refusals: tuple[Refusal, ...]
    shown: str
    as_proposed: bool
    meanwhile: Mapping[str, tuple[Bullet | None, Bullet | None]] = field(default_factory=dict)
    purged: tuple[str, ...] = ()
    untrusted: tuple[str, ...] = ()

    @property
    def playbook(self) -> str:
        return self.delta.playbook


@dataclass(frozen=True, slots=True)
class Accepting:
    """How a held delta is accepted: the code of what was `shown` (empty: accept it as it was proposed), the numbers of the
    operations to take (`only`, from 1; all where none is named), by whom, and why."""

    shown: str = ""
    only: Collection[int] = ()
    by: str = ""
    reason: str = ""


class _Fitted(NamedTuple):
    """A held delta as it fits the playbook now."""

    present: Point
    shelf: PresentShelf
    changes: list[Change]
    refused: list[Refusal]


class Reviews:
    """The deltas of a store that wait for a person."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def waiting(self, name: str = "") -> list[WaitingDelta]:
        """What waits in playbook `name`, or in all of them, oldest first. Raises `NotFound`."""
        with self._writer.read() as c:
            names = [refs.head(c, name).revision.playbook] if name else [p.name for p in refs.playbooks(c)]
            return [w for n in names for w in _all_waiting(c, n)]

    def one(self, name: str, number: int) -> WaitingDelta:
        """The delta of playbook `name` with this number. Raises `NotFound`, and `Conflict` where it was decided before."""
        with self._writer.read() as c:
            return _told(c, _held(c, name, number))[0]

    def accept(self, name: str, number: int, how: Accepting) -> Committed:
        """Commit a held delta as it fits the playbook now. Raises `NotFound`; `Conflict` where it was decided before, where
        what would be committed is not what was shown, and where nothing of it fits any more; `BadSetting` for numbers of
        operations that there are not. Nothing is written then."""
        by, reason = self._writer.cleared((how.by, how.reason))
        with self._writer.read() as c:
            operations = _held(c, name, number).operations
        self._writer.warn(written(o for n, o in enumerate(operations, 1) if n in (how.only or (n,))), name)
        with self._writer.write() as c:
            held = _held(c, name, number)
            told, fits = _told(c, held)
            _require_shown(told, how.shown)
            if how.only:
                fits = _part(c, told, how.only, f"left out by {by or PERSON} in review")
            if not fits.changes:
                why = fits.refused[0].reason if fits.refused else "it changes nothing"
                raise Conflict(f"nothing of delta {number} of {name!r} fits the playbook now: {why}; refuse it in review")
            judged = replace(_judged(held, True, by, reason), refused=fits.refused, origins=held.origins)
            step = NextRevision(fits.present, judged, now())
            revision = advance(c, step, fits.changes, fits.shelf, self._writer.index)
            return Committed(revision, Status.ACCEPTED, tuple(fits.changes), tuple(fits.refused))

    def refuse(self, name: str, number: int, *, by: str = "", reason: str = "") -> None:
        """Write down that a held delta is refused. Raises `NotFound`, and `Conflict` where it was decided before."""
        by, reason = self._writer.cleared((by, reason))
        with self._writer.write() as c:
            held = _held(c, name, number)
            head = refs.head(c, name)
            judged = replace(_judged(held, False, by, reason), delta=Delta(head.revision.hash, (), PERSON, reason, by=by))
            deltas.write(c, head.playbook, replace(judged, run=None), now())


def _held(c: Connection, name: str, number: int) -> StoredDelta:
    """The delta of playbook `name` that waits under `number`."""
    name = refs.head(c, name).revision.playbook
    reviews = decisions.reviews(c, name)
    key, review = next(((k, r) for k, r in reviews.items() if r.number == number), (0, None))
    if review is None:
        left = [str(r.number) for r in reviews.values() if r.decided is None]
        listed = ", ".join(left[:_NAMED]) + (" …" if len(left) > _NAMED else "")
        waits = (
            f"deltas {listed} wait there" if len(left) > 1 else f"delta {listed} waits there" if left else "nothing waits there"
        )
        raise NotFound(f"playbook {name!r} has no delta {number} that was held for review; {waits}")
    if review.decided is not None:
        raise Conflict(f"delta {number} of playbook {name!r} {review.told}")
    return deltas.some(c, [key])[0]


def _all_waiting(c: Connection, name: str) -> list[WaitingDelta]:
    keys = [key for key, r in decisions.reviews(c, name).items() if r.decided is None]
    return [_told(c, held)[0] for held in deltas.some(c, keys)]


def _told(c: Connection, held: StoredDelta) -> tuple[WaitingDelta, _Fitted]:
    """What accepting `held` would do."""
    fits = _fitted(c, held, {})
    present = fits.present
    base = _BASE.first(c, playbook=present.playbook, hash=held.base) or 0
    ids = {id for o in held.operations for id in (o.id, *o.sources) if id}
    then = history.some_at(c, present.playbook, base, ids)
    pairs = {id: (then.get(id), fits.shelf.get(id)) for id in sorted(ids)}
    told = WaitingDelta(
        number=_number(held),
        delta=held,
        revision=present.revision,
        changes=tuple(fits.changes),
        refusals=tuple(fits.refused),
        shown=_code(held, fits),
        as_proposed=base == present.head or _same_at(c, base, held, fits),
        meanwhile={id: pair for id, pair in pairs.items() if not same(*pair)},
        purged=tuple(_PURGED.among(c, held.episodes)),
        untrusted=tuple(e for e, of in held.origins.items() if of.trust != Trust.TRUSTED),
    )
    return told, fits


def _number(held: StoredDelta) -> int:
    if held.review is None:
        raise ValueError(f"delta {held.id} was not held")
    return held.review.number


def _fitted(c: Connection, held: StoredDelta, without: Mapping[int, str]) -> _Fitted:
    present = refs.head(c, held.playbook)
    shelf = PresentShelf(c, present.playbook)
    # A history brought in from outside may hold texts that no guard has seen.
    never = {} if not held.operations else dict(check_by_hand(held.operations, shelf)[0])
    changes, refused, _ = fitted(c, present, _delta(held), shelf, {**never, **without})
    return _Fitted(present, shelf, changes, refused)


def _delta(held: StoredDelta) -> Delta:
    return Delta(held.base, held.operations, held.author, held.reason, held.episodes, held.by)


def _part(c: Connection, told: WaitingDelta, only: Collection[int], reason: str) -> _Fitted:
    """The operations with the numbers `only`, which must come to what was shown of them."""
    count = len(told.delta.operations)
    if odd := sorted(n for n in only if not 1 <= n <= count):
        raise BadSetting(f"delta {told.number} has no operation {odd[0]}; it has {count}, numbered from 1")
    places = {n - 1 for n in only}
    fits = _fitted(c, told.delta, {i: reason for i in range(count) if i not in places})
    whole = [row for row in _content(told.changes) if row[0] in places]
    if _content(fits.changes) != whole:
        raise BadSetting(
            f"these operations of delta {told.number} come to something else without the others; accept them together"
        )
    return fits


def _content(changes: Sequence[Change]) -> list[list[JSON]]:
    """What a reader sees of changes: everything but the ids of new bullets and the places among the others, which depend on
    what else stands there."""

    def side(b: Bullet | None) -> JSON:
        return None if b is None else [b.section, b.text, b.state.value, b.pinned, *(["escalated"] if b.escalated else [])]

    return [[x.index, x.before.id if x.before else "", side(x.before), side(x.after)] for x in changes]


def _code(held: StoredDelta, fits: _Fitted) -> str:
    refused = [r.index for r in fits.refused]
    operations = [o.as_json() for o in held.operations]
    return digest([held.playbook, _number(held), operations, _content(fits.changes), refused])[:_CODE]


def _same_at(c: Connection, base: int, held: StoredDelta, fits: _Fitted) -> bool:
    """Whether the delta comes to the same now as at revision `base`, whole."""
    if fits.refused:
        return False
    stood = history.bullets_at(c, fits.present.playbook, base)
    then, refused = apply(SortedShelf(stood), held.operations, held.base)
    return not refused and _content(then) == _content(fits.changes)


def _require_shown(told: WaitingDelta, shown: str) -> None:
    again = f"look at it again: ace review show {shlex.quote(told.playbook)} {told.number}"
    if shown and shown != told.shown:
        raise Conflict(
            f"what delta {told.number} of {told.playbook!r} would change at revision {told.revision.number}, the head, is not "
            f"what was shown under the code {shortened(shown, 20)!r}; nothing was committed; {again}"
        )
    if not shown and not told.as_proposed:
        raise Conflict(
            f"delta {told.number} of {told.playbook!r} is not what was proposed any more, because the playbook has changed (it "
            f"is at revision {told.revision.number}); nothing was committed; {again}, then accept that with --shown CODE"
        )


def _judged(held: StoredDelta, accepted: bool, by: str, reason: str) -> DecidedDelta:
    status = Status.ACCEPTED if accepted else Status.REFUSED
    judgement = decisions.decision(_number(held), accepted, by, reason)
    return DecidedDelta(_delta(held), status, run=held.run, judgements=(judgement,))
