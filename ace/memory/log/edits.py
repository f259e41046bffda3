"""Changes by hand, as deltas that are ready to be committed.

Everything here is read and nothing written; what comes out is a delta like a curator's, with its base, so that a change in
between is noticed when it is committed. What cannot be done is said before, with the reason, and by whom and when it came to
be so.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from ace.errors import Conflict, NotFound
from ace.memory.bullets import guesses, history
from ace.memory.bullets.present import PresentShelf, all_bullets
from ace.memory.database import refs
from ace.memory.database.protocol import Database
from ace.memory.database.refs import Point
from ace.memory.database.sql import Sql
from ace.memory.log.changes import changes_of
from ace.memory.log.lineage import BulletChange
from ace.playbooks.apply import Change
from ace.playbooks.bullet import Bullet, State, clean
from ace.playbooks.formats.line import Line
from ace.playbooks.operations import PERSON, Delta, Op, Operation
from ace.playbooks.rewrites import inverse, operations_between
from ace.playbooks.sheet import read_sheet
from ace.playbooks.undoing import in_the_way

_IDS = Sql("SELECT id FROM bullets WHERE playbook = :playbook", str)
_SAYS = {"text": "the text", "section": "the section", "rank": "the place", "pinned": "the pin", "escalated": "its escalation"}
_UNDOING = Operation(Op.REVISE)
"""Stands for the operation behind a change where it is not needed."""


class Edits:
    """Turns what a person wants into deltas."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, name: str, op: Op, ids: Iterable[str], reason: str) -> Delta:
        """The delta that does `op`, which takes an id alone (retire, pin, escalate), to bullets; what was retired as a
        guess comes back as one. Raises `NotFound` for an unknown id, with the nearest; `Conflict` where it cannot be done to a
        bullet, with the reason."""
        with self._database.read() as c:
            present = refs.head(c, name)
            shelf = PresentShelf(c, present.playbook)
            wanted = list(dict.fromkeys(ids))
            shelf.fetch(wanted)
            for id in wanted:
                _require(c, present, shelf, id)
                _allow(c, present, op, shelf.get(id))
            waited = _retired_guesses(c, present, shelf, wanted) if op is Op.RESTORE else set()
        states = (State.CANDIDATE if id in waited else State.ACTIVE for id in wanted)
        operations = tuple(Operation(op, id=id, state=state.value) for id, state in zip(wanted, states, strict=True))
        return Delta(present.revision.hash, operations, PERSON, reason)

    def revise(self, name: str, id: str, text: str, reason: str) -> Delta:
        """The delta that gives a bullet another text. Raises `NotFound`, and `Conflict` where it is retired or reads so."""
        with self._database.read() as c:
            present = refs.head(c, name)
            shelf = PresentShelf(c, present.playbook)
            shelf.fetch([id])
            _require(c, present, shelf, id)
            b = shelf.get(id)
            _require_live(c, present, b)
        if b is not None and b.text == clean(text):
            raise Conflict(f"{id} has that text already")
        return Delta(present.revision.hash, (Operation(Op.REVISE, id=id, text=text),), PERSON, reason)

    def add(self, name: str, operation: Operation, reason: str) -> Delta:
        """The delta that adds one bullet. Raises `NotFound` and `Conflict` where the bullet it is to follow is not there, or in
        another section."""
        with self._database.read() as c:
            present = refs.head(c, name)
            if operation.after not in ("", "first", "top"):
                shelf = PresentShelf(c, present.playbook)
                _require(c, present, shelf, operation.after)
                _require_live(c, present, shelf.get(operation.after))
                _require_section(shelf.get(operation.after), clean(operation.section))
        return Delta(present.revision.hash, (operation,), PERSON, reason)

    def rewrite(self, ref: str, lines: Sequence[Line], reason: str) -> Delta:
        """The delta that makes of the revision `ref` what a sheet says. Raises `BadInput` naming the line."""
        with self._database.read() as c:
            point = refs.resolve(c, ref)
            stood = history.bullets_of(c, point)
            _require_no_tombstones(c, point, stood, lines)
        wanted = read_sheet(lines, {b.id: b for b in stood}, point.revision.digest)
        return Delta(point.revision.hash, tuple(operations_between(stood, wanted)), PERSON, reason)

    def revert(self, name: str, revision: str, reason: str = "") -> Delta:
        """The delta that undoes what the delta of one revision did. Raises `Conflict` where later ones depend on it."""
        with self._database.read() as c:
            present, point = refs.head(c, name), refs.resolve(c, f"{name}@{revision}")
            number = point.revision.number
            if not number:
                raise Conflict(f"revision 0 of {name!r} is the empty playbook: there is nothing to undo in it")
            changes = _changes(c, point)
            now = all_bullets(c, present.playbook)
            present_bullets = {b.id: b for b in now}
            undone = f"revision {number} of {name!r} is undone already: nothing of it is left"
            if changes and all(_is_undone(change, present_bullets.get(change.after.id)) for change in changes):
                raise Conflict(undone)
            _require_free(c, present, number, changes, present_bullets)
        operations = inverse(changes, now)
        if not operations:
            raise Conflict(undone)
        return Delta(present.revision.hash, tuple(operations), PERSON, reason or f"undo revision {number}")

    def rollback(self, name: str, revision: str, reason: str = "") -> Delta:
        """The delta after which the playbook reads as it did at an earlier revision: the same live bullets with the same texts,
        sections, states and pins, in the same order. What was added since is retired. Raises `Conflict` where it reads so."""
        with self._database.read() as c:
            present, point = refs.head(c, name), refs.resolve(c, f"{name}@{revision}")
            number = point.revision.number
            then, now = history.bullets_of(c, point), all_bullets(c, present.playbook)
        operations = operations_between(now, [b for b in then if b.state is not State.RETIRED])
        if not operations:
            raise Conflict(f"{name!r} already is as it was at revision {number}")
        return Delta(present.revision.hash, tuple(operations), PERSON, reason or f"back to revision {number}")


def _is_undone(change: Change, now: Bullet | None) -> bool:
    """Whether nothing of `change` is left in the bullet as it is `now`. What came back has a new place of the same order, so
    places count only where nothing else was changed."""
    if now is None or change.before is None:
        return False
    parts = [
        p for p in ("section", "text", "state", "pinned", "escalated") if getattr(change.before, p) != getattr(change.after, p)
    ]
    return all(getattr(now, p) == getattr(change.before, p) for p in parts or ["rank"])


def _changes(c: Connection, point: Point) -> list[Change]:
    """What the delta of a revision did, as one change for each bullet."""
    number = point.revision.number
    ids = history.changed_between(c, point.playbook, number - 1, number)
    before = history.some_at(c, point.playbook, number - 1, ids)
    after = history.some_at(c, point.playbook, number, ids)
    return [Change(0, _UNDOING, before.get(id), after[id]) for id in ids]


def _require_no_tombstones(c: Connection, point: Point, stood: Sequence[Bullet], lines: Sequence[Line]) -> None:
    retired = {b.id for b in stood if b.state is State.RETIRED}
    for line in lines:
        if line.id in retired:
            raise Conflict(f"line {line.number}: {_brought_back(c, point, line.id)}")


def _require_free(c: Connection, present: Point, number: int, changes: Sequence[Change], now: dict[str, Bullet]) -> None:
    """Raise `Conflict` where a later delta depends on what `changes` of revision `number` did."""
    later = changes_of(c, present.playbook, [change.after.id for change in changes], number, present.head)
    cannot = f"revision {number} of {present.revision.playbook!r} cannot be undone by itself"
    for b in in_the_way(changes, now):
        by, parts = next((t, found) for t in reversed(later[b.bullet]) if (found := _changed(t, b.parts)))
        raise Conflict(f"{cannot}: revision {by.cause.revision} {_did(by, parts)}; undo that first, or edit by hand")
    for change in changes:
        end = next((t for t in reversed(later.get(change.after.id, ())) if t.retired), None)
        union = next((o.new_id for o in end.operations if o.op is Op.MERGE), "") if end else ""
        if change.before is None and end and union in now and now[union].state is not State.RETIRED:
            merged = f"revision {end.cause.revision} merged {change.after.id} into {union}"
            raise Conflict(f"{cannot}: {merged}; undo that first")


def _changed(t: BulletChange, parts: Iterable[str]) -> list[str]:
    """Those of `parts` that `t` changed."""
    return [part for part in parts if t.before is None or getattr(t.before, part) != getattr(t.after, part)]


def _did(t: BulletChange, parts: Sequence[str]) -> str:
    """What `t` did to these `parts` of its bullet, in words."""
    told = [_became(t)] if "state" in parts else []
    others = " and ".join(_SAYS[part] for part in parts if part != "state")
    return " and ".join([*told, f"changed {others} of {t.after.id} again"] if others else told)


def _became(t: BulletChange) -> str:
    if t.after.state is not State.RETIRED and t.before and t.before.state is State.RETIRED:
        return f"restored {t.after.id}"
    verbs = {State.RETIRED: "retired", State.ACTIVE: "activated", State.CANDIDATE: "demoted"}
    return f"{verbs[t.after.state]} {t.after.id}"


def _require(c: Connection, present: Point, shelf: PresentShelf, id: str) -> None:
    if shelf.get(id) is not None:
        return
    from rapidfuzz import process

    ids = _IDS.all(c, playbook=present.playbook)
    near = [found for found, _, _ in process.extract(id, ids, limit=3, score_cutoff=60)]
    name = present.revision.playbook
    hint = f"did you mean {' or '.join(near)}?" if near else f"its ids are in: ace playbook show {name}"
    raise NotFound(f"there is no bullet {clean(id)!r} in playbook {name!r}; {hint}")


def _require_live(c: Connection, present: Point, b: Bullet | None) -> None:
    if b is not None and b.state is State.RETIRED:
        raise Conflict(_brought_back(c, present, b.id))


def _require_section(b: Bullet | None, section: str) -> None:
    if b is not None and b.section != section:
        raise Conflict(
            f"{b.id} stands in section {b.section!r}, and the new bullet is to stand in {section!r}; "
            "let it follow a bullet of its own section, or say `first`"
        )


def _allow(c: Connection, present: Point, op: Op, b: Bullet | None) -> None:
    if b is None:
        return
    if op is Op.RESTORE and b.state is not State.RETIRED:
        raise Conflict(f"{b.id} is not retired; there is nothing to restore")
    if op in (Op.RETIRE, Op.PIN, Op.ACTIVATE, Op.DEMOTE, Op.ESCALATE):
        _require_live(c, present, b)
    if op is Op.ACTIVATE and b.state is not State.CANDIDATE:
        raise Conflict(f"{b.id} is not a guess; there is nothing to confirm")
    if op is Op.DEMOTE and b.state is State.CANDIDATE:
        raise Conflict(f"{b.id} is a guess already; there is nothing to demote")
    if op in (Op.PIN, Op.UNPIN) and b.pinned is (op is Op.PIN):
        raise Conflict(f"{b.id} is {'pinned already' if b.pinned else 'not pinned'}")
    if op in (Op.ESCALATE, Op.DEESCALATE) and b.escalated is (op is Op.ESCALATE):
        raise Conflict(f"{b.id} is {'escalated already' if b.escalated else 'not escalated'}")


def _retired_guesses(c: Connection, present: Point, shelf: PresentShelf, ids: Iterable[str]) -> set[str]:
    """Those of the retired bullets `ids` that were candidates."""
    texts = [b.text for id in ids if (b := shelf.get(id)) is not None]
    return {id for found in guesses.guesses(c, present.playbook, texts).values() for id in found}


def _brought_back(c: Connection, point: Point, id: str) -> str:
    """When, by whom and why a bullet was retired, and what brings it back."""
    name = shlex.quote(point.revision.playbook)
    return f"{id} {_ended(c, point, id)}; bring it back with: ace playbook restore {name} {id}"


def _ended(c: Connection, point: Point, id: str) -> str:
    """When, by whom and why a bullet was retired."""
    made: list[BulletChange] = changes_of(c, point.playbook, [id], -1, point.revision.number).get(id, [])
    t = next((t for t in reversed(made) if t.retired), None)
    if t is None:
        return "is retired"
    said = next((o.reason for o in reversed(t.operations) if o.reason), t.cause.reason)
    why = f": {clean(said).rstrip('.')}" if said else ""
    return f"was retired by revision {t.cause.revision} ({t.cause.at[:10]}, {t.cause.who}){why}"
