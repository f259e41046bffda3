"""The past of a playbook as a reader asks about it: what was done when, who wrote this, and what became of it.

Everything is read, in one transaction for each question, and nothing is judged. A question about one bullet costs what
happened to that bullet, however large its playbook is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from ace.errors import NotFound
from ace.memory.bullets import history
from ace.memory.bullets.present import live_bullets
from ace.memory.database import refs
from ace.memory.database.protocol import Database
from ace.memory.database.refs import Point
from ace.memory.database.sql import Sql
from ace.memory.episodes import evidence
from ace.memory.log.changes import attested, behind, changes_of, taught_again
from ace.memory.log.lineage import BlamedBullet, BulletChange, BulletHistory, LoggedDelta
from ace.memory.log.standing import senders
from ace.memory.provenance.outcomes import outcomes_of, stretches
from ace.memory.values import Revision, StoredDelta
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Operation

_NOW = 1 << 62
"""A revision number that no playbook reaches: what holds at it holds at the head."""

_NAMES = Sql("SELECT name FROM playbooks ORDER BY name", str)
_HOLDERS = Sql(
    "SELECT p.name FROM playbooks p WHERE EXISTS (SELECT 1 FROM bullets b WHERE b.playbook = p.key AND b.id = :id) "
    "ORDER BY p.name",
    str,
)
_IDS = Sql("SELECT id FROM bullets WHERE playbook = :playbook", str)
_EVERY_ID = Sql("SELECT DISTINCT id FROM bullets", str)


class Provenance:
    """Reads what became of playbooks and their bullets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self) -> list[str]:
        """The names of all playbooks, damaged ones included."""
        with self._database.read() as c:
            return _NAMES.all(c)

    def told(self, name: str, found: Iterable[StoredDelta]) -> list[LoggedDelta]:
        """Deltas of playbook `name`, each with the bullets that its operations change, as they stood before it."""
        with self._database.read() as c:
            playbook = refs.head(c, name).playbook
            return [_told(c, playbook, delta) for delta in found]

    def between(self, a: Revision, b: Revision, ids: Iterable[str]) -> dict[str, list[BulletChange]]:
        """What was done to the bullets `ids` after revision `a` of a playbook up to its revision `b`, oldest first."""
        with self._database.read() as c:
            point = refs.numbered(c, b.playbook, b.number)
            return changes_of(c, point.playbook, ids, a.number, b.number)

    def blame(self, ref: str, section: str = "") -> list[BlamedBullet]:
        """The live bullets at a revision, in order, with what made each what it is. Raises `NotFound` for a section that is not
        there."""
        with self._database.read() as c:
            point = refs.resolve(c, ref)
            bullets = _bullets(c, point)
            if section:
                bullets = _of_section(bullets, section, point)
            return _blamed(c, point, bullets)

    def life(self, name: str, id: str) -> BulletHistory:
        """All that is known of a bullet of playbook `name`, live or retired. Raises `NotFound` naming the nearest ids."""
        with self._database.read() as c:
            point = refs.head(c, name)
            now = history.bullet_at(c, point.playbook, point.head, id)
            if now is None:
                near = _near(id, _IDS.all(c, playbook=point.playbook), f"its ids are in: ace playbook show {name}")
                raise NotFound(f"there is no bullet {id!r} in playbook {name!r}; {near}")
            return _life(c, point, _blamed(c, point, [now])[0])

    def holder(self, id: str) -> str:
        """The one playbook that has bullet `id`. Raises `NotFound` where none has it, or more than one."""
        with self._database.read() as c:
            names = _HOLDERS.all(c, id=id)
            if len(names) == 1:
                return names[0]
            if names:
                raise NotFound(f"bullet {id} is in {', '.join(names)}; say which: ace playbook why {names[0]} {id}")
            if id in (p.name for p in refs.playbooks(c)):
                raise NotFound(f"{id!r} is a playbook; name a bullet of it: ace playbook why {id} BULLET")
            raise NotFound(f"no playbook has a bullet {id!r}; {_near(id, _EVERY_ID.all(c), _LISTED)}")

    def senders(self, name: str) -> list[str]:
        """The origins of the training episodes of playbook `name` but the environment, in order."""
        with self._database.read() as c:
            return senders(c, refs.head(c, name).playbook)


def _told(c: Connection, playbook: int, delta: StoredDelta) -> LoggedDelta:
    named = {id for o in _every(delta) for id in (o.id, o.after, *o.sources) if id}
    number = delta.revision.number - 1 if delta.revision else _NOW
    return LoggedDelta(delta, history.some_at(c, playbook, number, sorted(named)))


def _every(delta: StoredDelta) -> Iterable[Operation]:
    return [*delta.operations, *(r.operation for r in delta.refusals)]


def _bullets(c: Connection, point: Point) -> list[Bullet]:
    if point.revision.number == point.head:
        return live_bullets(c, point.playbook)
    found = history.bullets_at(c, point.playbook, point.revision.number)
    return [b for b in found if b.state is not State.RETIRED]


def _of_section(bullets: Sequence[Bullet], section: str, point: Point) -> list[Bullet]:
    found = [b for b in bullets if b.section.casefold() == section.casefold()]
    if not found:
        names = list(dict.fromkeys(b.section for b in bullets))
        has = f"its sections are {', '.join(map(repr, names))}" if names else "it has no bullets"
        raise NotFound(f"{point.revision.playbook}@{point.revision.number} has no section {section!r}; {has}")
    return found


def _blamed(c: Connection, point: Point, bullets: Sequence[Bullet]) -> list[BlamedBullet]:
    """`bullets` with what was done to them and to all that they were merged from."""
    family = _family(c, point, bullets)
    made = changes_of(c, point.playbook, family, -1, point.revision.number)
    again = taught_again(c, point.playbook, made, point.revision.number)
    told = iter(attested(c, [t for id in made for t in (*made[id], *again.get(id, ()))]))
    whole = {}
    for id, found in made.items():
        own = tuple(next(told) for _ in found)
        whole[id] = BlamedBullet(family[id], own, tuple(next(told) for _ in again.get(id, ())))
    return [replace(whole.get(b.id, BlamedBullet(b)), sources=_sources(b, whole)) for b in bullets]


def _family(c: Connection, point: Point, bullets: Sequence[Bullet]) -> dict[str, Bullet]:
    """`bullets` and all that they were merged from, near and far, by id."""
    found = {b.id: b for b in bullets}
    asked = {p for b in bullets for p in b.parents} - found.keys()
    while asked:
        new = history.some_at(c, point.playbook, point.revision.number, sorted(asked))
        found |= new
        asked = {p for b in new.values() for p in b.parents} - found.keys()
    return found


def _sources(b: Bullet, known: Mapping[str, BlamedBullet]) -> tuple[BlamedBullet, ...]:
    """All that a bullet was merged from, the nearest first."""
    found: dict[str, BlamedBullet] = {}
    asked = b.parents
    while asked:
        new = {p: known[p] for p in asked if p in known and p not in found}
        found |= new
        asked = tuple(p for s in new.values() for p in s.bullet.parents)
    return tuple(found.values())


def _life(c: Connection, point: Point, blamed: BlamedBullet) -> BulletHistory:
    id = blamed.bullet.id
    return BulletHistory(
        playbook=point.revision.playbook,
        head=point.head,
        blamed=blamed,
        behind=tuple(behind(c, blamed.touches[0])) if blamed.touches else (),
        live=stretches(c, point.playbook, id),
        observed=outcomes_of(c, point.playbook, id),
        record=evidence.records(c, point.playbook, [id])[id],
        followed=evidence.followed(c, point.playbook, {id: blamed.bullet.text})[id],
    )


_LISTED = "ids are in: ace playbook show NAME (names: ace playbook list)"


def _near(id: str, ids: Sequence[str], listed: str) -> str:
    """The ids that read like `id`, else where they are `listed`."""
    from rapidfuzz import process

    near = [found for found, _, _ in process.extract(id, ids, limit=3, score_cutoff=60)]
    return f"did you mean {' or '.join(near)}?" if near else listed
