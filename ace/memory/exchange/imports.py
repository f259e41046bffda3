"""Bringing the bullets of a file into a playbook.

An import is one delta, sorted out and written in the same transaction, so that two imports of one file at once do not bring it
in twice, and a fault leaves nothing behind, not even an empty playbook. What takes long and needs no lock (guards, near
duplicates) is done before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from sqlalchemy import Connection

from ace.errors import BadSetting, Conflict, NotFound
from ace.memory.bullets.present import all_bullets
from ace.memory.database import refs
from ace.memory.database.refs import Point
from ace.memory.exchange.neighbours import neighbours
from ace.memory.log.commit import commit
from ace.memory.log.standing import distrusted
from ace.memory.log.writer import Writer
from ace.memory.values import Batch, Revision
from ace.memory.view import View
from ace.playbooks.bullet import Bullet, clean
from ace.playbooks.formats.intake import Intake, Vetted, operations_for, sorted_out
from ace.playbooks.formats.line import Line
from ace.playbooks.operations import Delta
from ace.playbooks.sensitive.detectors import NewText
from ace.playbooks.similarity.compare import Kind, compare, gist
from ace.types import Trust

AUTHOR = "import"
"""The author of the deltas that imports make."""
_LONGEST_FILE = 100
"""Characters of a file's name that are kept."""
Near = Literal["ignore", "report", "merge"]
"""Near-duplicate policy: ignore, report, or merge (leave out those that say the same, and report all)."""


def near_of(name: str) -> Near:
    """What is to become of near duplicates, by its name. Raises `BadSetting`."""
    for known in get_args(Near):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise BadSetting(
        f"near is {name!r}, which is not a way to treat near duplicates; it must be one of {', '.join(get_args(Near))}"
    )


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """How to import. `reason` is the delta's. `update` gives bullets of the same id the file's text and section. `dry_run`
    writes nothing. `by` is the name of the person who imports, `file` that of the file without its folder: the origin of what
    it brings."""

    reason: str = ""
    update: bool = False
    near: Near = "ignore"
    dry_run: bool = False
    by: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class NearLine:
    """A line that is like a bullet of the playbook, or like an earlier line (`of` is empty): how, and what that one says."""

    line: Line
    kind: Kind
    of: str
    text: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do. `revision` is the head afterwards, `None` where a new playbook was not made. `present`
    are lines that the playbook says already, `repeated` those that an earlier line says already. `updated` are bullets that got
    the file's words, `left` those that say something else and kept their own, pinned ones always; `bad` were skipped with their
    reasons; `merged` were not added because another bullet says the same."""

    revision: Revision | None
    added: tuple[Line, ...] = ()
    present: tuple[Line, ...] = ()
    repeated: tuple[Line, ...] = ()
    updated: tuple[Line, ...] = ()
    left: tuple[tuple[Line, Bullet], ...] = ()
    retired: tuple[tuple[Line, Bullet], ...] = ()
    bad: tuple[tuple[Line, str], ...] = ()
    near: tuple[NearLine, ...] = ()
    merged: tuple[Line, ...] = ()


class Imports:
    """Brings lines into playbooks."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def bullets(self, name: str, vetted: Vetted, how: ImportSettings = ImportSettings()) -> Imported:
        """Add to playbook `name`, which is made where there is none, those of the vetted lines that it does not have."""
        refs.check_name(name)
        vetted = replace(vetted, lines=self._writer.cleared(vetted.lines))
        reason, by, file = self._writer.cleared((how.reason, how.by, clean(how.file)[:_LONGEST_FILE]))
        how = replace(how, reason=reason, by=by, file=file)
        near = self._near(name, vetted.lines) if how.near != "ignore" else []
        dropped = {n.line.number for n in near if n.kind is Kind.SAME} if how.near == "merge" else set()
        done = self._bring(name, [x for x in vetted.lines if x.number not in dropped], how)
        merged = tuple(x for x in vetted.lines if x.number in dropped)
        return replace(done, bad=vetted.bad, near=tuple(near), merged=merged)

    def _bring(self, name: str, lines: Sequence[Line], how: ImportSettings) -> Imported:
        if how.dry_run:
            with self._writer.read() as c:
                point = _found(c, name)
                return _told(_sorted(c, point, lines), how, None if point is None else point.revision)
        self._warn(name, lines)
        with self._writer.write() as c:
            point = refs.create(c, name, exist_ok=True)
            intake = _sorted(c, point, lines)
            return _told(intake, how, self._write(c, point, intake, how))

    def _write(self, c: Connection, point: Point, intake: Intake, how: ImportSettings) -> Revision:
        there = {b.id for b in all_bullets(c, point.playbook)}
        operations = operations_for(intake, there, point.revision.digest, update=how.update)
        delta = Delta(point.revision.hash, tuple(operations), AUTHOR, how.reason, by=how.by, file=how.file)
        batch = Batch(playbook=point.revision.playbook, delta=delta if operations else None)
        done = commit(c, batch, {}, self._writer.index)
        if done.refusals:
            raise Conflict(f"the import does not fit: {done.refusals[0].reason}; nothing was written")
        return done.revision or point.revision

    def _warn(self, name: str, lines: Sequence[Line]) -> None:
        """Warn of secrets and personal data in lines that the playbook does not have yet."""
        found = [x for x in lines if [*self._writer.detectors.lines(_written(x), {})]]
        if found:
            with self._writer.read() as c:
                intake = _sorted(c, _found(c, name), found)
            fresh = (*intake.added, *(x for x, _ in intake.differing))
            self._writer.warn(map(_written, fresh), name)

    def _near(self, name: str, lines: Sequence[Line]) -> list[NearLine]:
        """The lines to add that are like a bullet that is there, and those that say the same as an earlier line."""
        with self._writer.read() as c:
            point = _found(c, name)
            fresh = _sorted(c, point, lines).added
        there = point is not None and point.revision.bullets
        view = View(self._writer.database, point, self._writer.index).at(Trust.TRUSTED) if point and there else None
        earlier: dict[int, Line] = {}
        return [near for x in fresh for near in (_like_bullet(view, x) or _like_line(earlier, x))]


def _written(x: Line) -> NewText:
    return NewText(f"the bullet of {x.place}", x.text, x.section)


def _like_bullet(view: View | None, x: Line) -> list[NearLine]:
    found = neighbours(view, x.text, 1) if view is not None else []
    return [NearLine(x, n.likeness.kind, n.bullet.id, n.bullet.text) for n in found]


def _like_line(earlier: dict[int, Line], x: Line) -> list[NearLine]:
    first = earlier.setdefault(gist(x.text), x)
    same = first is not x and compare(first.text, x.text).kind is Kind.SAME
    return [NearLine(x, Kind.SAME, "", first.text)] if same else []


def _found(c: Connection, name: str) -> Point | None:
    try:
        return refs.head(c, name)
    except NotFound:
        return None


def _sorted(c: Connection, point: Point | None, lines: Sequence[Line]) -> Intake:
    """A distrusted bullet does not stand for what a file says: it is not shown where work is done."""
    if point is None:
        return sorted_out(lines, [])
    return sorted_out(lines, all_bullets(c, point.playbook), distrusted(c, point))


def _told(intake: Intake, how: ImportSettings, revision: Revision | None) -> Imported:
    changes = [how.update and not b.pinned for _, b in intake.differing]
    updated = tuple(x for (x, _), will in zip(intake.differing, changes, strict=True) if will)
    left = tuple(pair for pair, will in zip(intake.differing, changes, strict=True) if not will)
    return Imported(revision, intake.added, intake.present, intake.repeated, updated, left, intake.retired)
