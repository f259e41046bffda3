"""A playbook at one revision, to read from.

A view never changes. While its revision is the head it reads the present; once the head has moved on it reads the past, and
gives the same answers. What happened with the bullets (records, evidence) is as of now: it belongs to the bullet, not to a
revision.

A view has a trust: `at(Trust.TRUSTED)` gives the same revision as a trusted request may be shown it, without what rests on
untrusted origins alone: neither bullets nor attempts, nor counts of them. All that enters a request is read from a view.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from ace.evidence.cases import cases_of
from ace.evidence.drift import Demotion
from ace.evidence.effects import PlaybookEffects, masks, playbook_effects
from ace.evidence.fit import Fit, fit
from ace.memory.bullets import guesses, history
from ace.memory.bullets.history import SortedShelf
from ace.memory.bullets.present import PresentShelf, all_bullets, bullets_by_key, live_bullets
from ace.memory.bullets.search import RESCORED, Corpus, Indexed, SearchIndex
from ace.memory.database.protocol import Database
from ace.memory.database.refs import Point, numbered
from ace.memory.database.sql import Sql
from ace.memory.episodes import attempts, episodes, evidence
from ace.memory.episodes.drawn import anything_drawn, drawn_attempts
from ace.memory.episodes.rollouts import rollouts
from ace.memory.log import deltas
from ace.memory.log.standing import Doubts
from ace.memory.provenance.demotions import demotions, trials
from ace.memory.provenance.hidden import NOTHING_HIDDEN, Hidden, hidden
from ace.memory.values import Followed, Hit, Revision, StoredDelta
from ace.playbooks.apply import Shelf
from ace.playbooks.bullet import Bullet, State
from ace.types import Past, Record, Reflection, Trust

_HEAD = Sql("SELECT head FROM playbooks WHERE key = :playbook", int)

NEWEST = 3000
"""Attempts that a playbook is matched with, the newest."""
_KEPT = 2000
"""Bullets up to which a view keeps what it read: so small a playbook is shown whole, and read for every attempt."""


class _Bullet(NamedTuple):
    key: int
    id: str


_KEYS = Sql("SELECT key, id FROM bullets WHERE key IN ({keys})", _Bullet)


class View:
    """One playbook at one revision, of which `trust` says what may be seen: untrusted, all of it."""

    def __init__(
        self,
        database: Database,
        point: Point,
        index: SearchIndex,
        doubts: Doubts | None = None,
        trust: Trust = Trust.UNTRUSTED,
    ) -> None:
        self._database, self._point, self._index, self.trust = database, point, index, trust
        self._doubts = doubts or Doubts()
        self._corrections: tuple[int, dict[int, Indexed]] | None = None
        self._past: SortedShelf | None = None
        self._live: list[Bullet] | None = None
        self._masks: Mapping[str, tuple[str, ...]] | None = None
        self._trusted: View | None = None
        self._earlier: dict[int, View] = {}
        self._hidden: Hidden | None = None

    def at(self, trust: Trust) -> View:
        """The same revision as a request of `trust` may be shown it, which is never more than this view shows. The same view
        for each call."""
        if trust is self.trust or self.trust is Trust.TRUSTED:
            return self
        if self._trusted is None:
            self._trusted = View(self._database, self._point, self._index, self._doubts, trust)
        return self._trusted

    def past(self, number: int) -> View:
        """The playbook at an earlier revision, for a request of the same trust; the same view for each call. Raises
        `NotFound`."""
        if number == self.revision.number:
            return self
        if number not in self._earlier:
            with self._database.read() as c:
                point = numbered(c, self.revision.playbook, number)
            self._earlier[number] = View(self._database, point, self._index, self._doubts, self.trust)
        return self._earlier[number]

    def rollouts(self) -> Mapping[int, Mapping[str, bool]]:
        """By revision up to this one, and by the content hash of the task, whether further attempts at training cases were won
        that a strategy had made to compare revisions."""
        with self._database.read() as c:
            return rollouts(c, self._point.playbook, self.revision.number, self.trust)

    @property
    def distrusted(self) -> frozenset[str]:
        """The ids of the bullets, retired ones too, that rest on untrusted origins alone. Those of a trusted view are not seen
        in it."""
        return self._left_out().ids

    @property
    def revision(self) -> Revision:
        return self._point.revision

    @property
    def count(self) -> int:
        """How many bullets are not retired."""
        return self._point.revision.bullets - self._unseen.live

    @property
    def tokens(self) -> int:
        """Tokens of the live bullets' texts, estimated at four characters each."""
        return (self._point.chars - self._unseen.chars) // 4

    def bullets(self, include_retired: bool = False) -> list[Bullet]:
        """All bullets, in order."""
        if include_retired or self.count > _KEPT:
            return self._bullets(include_retired)
        if self._live is None:
            self._live = self._bullets(False)
        return [*self._live]

    def _bullets(self, include_retired: bool) -> list[Bullet]:
        with self._read() as (c, present):
            if not present:
                found = history.bullets_at(c, self._point.playbook, self.revision.number)
            elif include_retired:
                found = all_bullets(c, self._point.playbook)
            else:
                found = live_bullets(c, self._point.playbook)
        unseen = self._unseen.ids
        return [b for b in found if (include_retired or b.state is not State.RETIRED) and b.id not in unseen]

    def get(self, id: str) -> Bullet | None:
        """The bullet `id`, a tombstone too; `None` where there is none at this revision."""
        return None if id in self._unseen.ids else self._found(id)

    def _found(self, id: str) -> Bullet | None:
        with self._read() as (c, present):
            if present:
                return PresentShelf(c, self._point.playbook).get(id)
            return history.bullet_at(c, self._point.playbook, self.revision.number, id)

    def shelf(self) -> Shelf:
        """Read access for `apply` and for guards, to all bullets: an edit has its place among them."""
        return _ViewShelf(self)

    def relevant(self, text: str, limit: int = 20, rescored: int = RESCORED) -> list[Hit]:
        """The live bullets nearest to `text`, best first, equals in their order; `rescored` is how many candidates are looked
        at closely."""
        # Found out before the transaction: a store in memory has one connection, which cannot begin two.
        unseen = self._unseen
        with self._read() as (c, present):
            changed = {} if present else self._changed(c)
            words, left_out = self._point.words - unseen.words, history.without(c, self._point.playbook, unseen.ids)
            corpus = Corpus(self._point.playbook, self.count, words, {**changed, **left_out} if left_out else changed)
            hits = self._index.find(c, corpus, text, limit, rescored)
            keys = [key for key, _ in hits]
            if present:
                found = bullets_by_key(c, keys)
            else:
                ids = dict(_KEYS.among(c, keys))
                then = history.some_at(c, self._point.playbook, self.revision.number, ids.values())
                found = {key: then[id] for key, id in ids.items()}
        made = [Hit(found[key], score) for key, score in hits]
        return sorted(made, key=lambda hit: (-hit.score, hit.bullet.rank))

    def records(self, ids: Iterable[str]) -> dict[str, Record]:
        """How often each bullet was shown and used, and what came of it."""
        with self._database.read() as c:
            return evidence.records(c, self._point.playbook, ids, self.trust)

    def records_now(self, ids: Iterable[str]) -> dict[str, tuple[int, int]]:
        """How often each bullet was used with the text it has now, and won and lost; those that never were are left out."""
        with self._database.read() as c:
            return evidence.as_they_read_now(c, self._point.playbook, ids, self.trust)

    def followed(self, bullets: Iterable[Bullet]) -> dict[str, Followed]:
        """How often each bullet was followed with the text it is given with here, and with its other texts."""
        with self._database.read() as c:
            return evidence.followed(c, self._point.playbook, {b.id: b.text for b in bullets}, self.trust)

    def evidence(self, ids: Iterable[str], won: int = 20, lost: int = 20) -> dict[str, list[Past]]:
        """By bullet, the last `won` won and `lost` lost training episodes that used it or one it was merged from, oldest
        first."""
        with self._database.read() as c:
            return evidence.of_bullets(c, self._point.playbook, ids, (won, lost), self.trust)

    def uncited(self, won: int = 20, lost: int = 20) -> list[Past]:
        """The last training episodes that used no bullet that is live at this revision, oldest first."""
        with self._read() as (c, present):
            number = None if present else self.revision.number
            return evidence.uncited(c, self._point.playbook, number, (won, lost), self.trust)

    def guesses(self, texts: Collection[str]) -> dict[str, set[str]]:
        """For each of `texts` that a guess says too, a candidate or one that was retired as such, the ids of those guesses."""
        if not texts:
            return {}
        with self._database.read() as c:
            return guesses.guesses(c, self._point.playbook, texts, self._unseen.ids)

    def last_delta(self) -> StoredDelta | None:
        """The newest delta that a curator proposed, accepted or refused; `None` where there is none."""
        with self._database.read() as c:
            return deltas.last_of_curator(c, self._point.playbook, self.trust)

    def unanswered_delta(self, now: Collection[str] = ()) -> StoredDelta | None:
        """The newest delta that a curator proposed from attempts of the view's trust, where it was not asked about such
        attempts since, so that each is given for one batch; else `None`. `now` are the attempts that it is asked about now."""
        with self._database.read() as c:
            return deltas.last_unanswered(c, self._point.playbook, self.trust, now)

    def attempts(self, limit: int = NEWEST) -> list[Past]:
        """The newest `limit` valid training attempts at this playbook, each once, oldest first."""
        with self._database.read() as c:
            return attempts.attempts(c, self._point.playbook, limit, self.trust)

    def tasks(self) -> list[str]:
        """The texts of the tasks that were learned from at this playbook, each once, oldest first: those of its first `NEWEST`
        valid first attempts. Others come behind them, so a number of them stays the same."""
        with self._database.read() as c:
            return attempts.tasks_learned(c, self._point.playbook, NEWEST, self.trust)

    def fit(self, limit: int = NEWEST) -> Fit:
        """What the newest `limit` attempts say of the bullets, by the texts that they have at this revision."""
        return fit(self.bullets(), cases_of(self.attempts(limit)))

    def effects(self, kind: str = "") -> PlaybookEffects:
        """What showing each bullet does, by the draws of all training attempts, or of those of one kind. Raises `UnknownName`
        for a kind that no attempt has."""
        bullets = self.bullets(include_retired=True)
        with self._database.read() as c:
            return playbook_effects(bullets, drawn_attempts(c, self._point.playbook, self.trust), kind)

    def masks(self) -> Mapping[str, tuple[str, ...]]:
        """By bullet the kinds of tasks in which draws say that it harms, an empty one for tasks without a kind; those that are
        masked nowhere are left out. It rests on the draws of attempts that were shown this revision or an earlier one, as they
        were when this was first read of the view."""
        if self._masks is None:
            bullets = self.bullets()
            with self._database.read() as c:
                drawn = anything_drawn(c)
                known = drawn_attempts(c, self._point.playbook, self.trust, self.revision.number) if drawn else []
            self._masks = masks(bullets, known)
        return self._masks

    def trials(self) -> dict[str, list[tuple[str, bool]]]:
        """By bullet the trusted first attempts at training cases that followed it with the text it has here, oldest first: the
        id of each, and whether it was won."""
        versions = {b.id: b.version for b in self.bullets()}
        with self._database.read() as c:
            return trials(c, self._point.playbook, versions)

    def demotions(self) -> list[Demotion]:
        """The bullets that an alarm made guesses, up to this revision, oldest first."""
        with self._database.read() as c:
            found = demotions(c, self._point.playbook, self.revision.number)
        unseen = self._unseen.ids
        seen = [d for d in found if d.bullet not in unseen]
        return [replace(d, then=tuple(b for b in d.then if b.id not in unseen)) for d in seen] if unseen else seen

    def recent_reflections(self, task_key: str, n: int = 3) -> list[tuple[bool, Reflection]]:
        """The last `n` reflections on training episodes of the task with this content hash, oldest first, each with whether its
        episode was won."""
        with self._database.read() as c:
            return episodes.recent_reflections(c, self._point.playbook, task_key, n, self.trust)

    @property
    def _unseen(self) -> Hidden:
        return self._left_out() if self.trust is Trust.TRUSTED else NOTHING_HIDDEN

    def _left_out(self) -> Hidden:
        """What a trusted view leaves out; found out once."""
        if self._hidden is None:
            with self._database.read() as c:
                self._hidden = hidden(c, self._point, self._doubts)
        return self._hidden

    @contextmanager
    def _read(self) -> Iterator[tuple[Connection, bool]]:
        """A read transaction, and whether this view's revision is the head in it."""
        with self._database.read() as c:
            yield c, _HEAD.one(c, playbook=self._point.playbook) == self.revision.number

    def _changed(self, c: Connection) -> dict[int, Indexed]:
        head = _HEAD.one(c, playbook=self._point.playbook)
        if self._corrections is None or self._corrections[0] != head:
            made = history.corrections(c, self._point.playbook, self.revision.number, head)
            self._corrections = (head, made)
        return self._corrections[1]

    def _place(self, rank: str | None, section: str | None, *, last: bool) -> str | None:
        with self._read() as (c, present):
            shelf: Shelf = PresentShelf(c, self._point.playbook) if present else self._past_shelf(c)
            return shelf.last_rank() if last else shelf.rank_after(rank, section)

    def _past_shelf(self, c: Connection) -> SortedShelf:
        if self._past is None:
            self._past = SortedShelf(history.bullets_at(c, self._point.playbook, self.revision.number))
        return self._past


class _ViewShelf:
    """The shelf of a view: each question is a short read of its own."""

    def __init__(self, view: View) -> None:
        self._view = view

    def get(self, id: str) -> Bullet | None:
        return self._view._found(id)

    def last_rank(self) -> str | None:
        return self._view._place(None, None, last=True)

    def rank_after(self, rank: str | None, section: str | None = None) -> str | None:
        return self._view._place(rank, section, last=False)
