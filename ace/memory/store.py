"""The store: the one door through which anything is written.

Values in, values out. Every method is one short transaction; none is open while anybody thinks, so a model call never holds up
a writer. SQLite by default, in one file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from ace import bounds
from ace.binding import Sign
from ace.errors import BadSetting
from ace.evidence.standing import Standing
from ace.memory.branches.merge import Branches
from ace.memory.bullets import history
from ace.memory.bullets.search import Postings, SearchIndex
from ace.memory.database import prefixes, refs
from ace.memory.database.migrations import migrate
from ace.memory.database.prefixes import IdKind
from ace.memory.database.protocol import Database
from ace.memory.database.sql import Values
from ace.memory.database.sqlite import SQLite, check_place, place
from ace.memory.episodes import episodes, unlearned
from ace.memory.exchange.histories import Histories
from ace.memory.exchange.imports import Imports
from ace.memory.journal import journal
from ace.memory.journal.experiments import Experiments
from ace.memory.journal.leases import Leases
from ace.memory.log import deltas
from ace.memory.log import verify as verifying
from ace.memory.log.commit import check, commit
from ace.memory.log.edits import Edits
from ace.memory.log.review import Reviews
from ace.memory.log.standing import Doubts, standings_at
from ace.memory.log.writer import Writer
from ace.memory.maintenance.protocol import Maintenance
from ace.memory.maintenance.sqlite import SQLiteFile
from ace.memory.maintenance.upkeep import Upkeep
from ace.memory.provenance.past import Provenance
from ace.memory.values import Batch, Call, Committed, PlaybookInfo, Revision, RoleUsage, Run, RunStatus, StoredDelta
from ace.memory.view import View
from ace.origins import PURGED, origin_fault
from ace.playbooks.bullet import Bullet
from ace.playbooks.operations import Delta, Operation, Status
from ace.playbooks.sensitive.detectors import Detector, written
from ace.types import JSON, Episode, Reflection, Usage, Verdict

_NOTHING = Usage()
_PAGE = 200
"""Episodes read in one go."""


class Store:
    """Playbooks with their history, episodes, runs and the calls they made. Safe to share between threads; any number of
    processes may have the same file open."""

    def __init__(
        self,
        database: Database,
        files: Maintenance,
        hook: Callable[[str], str] | None = None,
        detectors: Iterable[Detector] = (),
    ) -> None:
        self._database = database
        self._index: SearchIndex = Postings()
        self._doubts = Doubts()
        self._writer = Writer(database, self._index, hook, detectors)
        self.upkeep = Upkeep(database, files, self._index)
        self.past = Provenance(database)
        self.imports = Imports(self._writer)
        self.histories = Histories(self._writer)
        self.branches = Branches(self._writer)
        self.edits = Edits(database)
        self.reviews = Reviews(self._writer)
        self.leases = Leases(database)
        self.experiments = Experiments(database, self._writer.cleared)
        self._found = database.changes

    @classmethod
    def open(
        cls,
        location: str | Path,
        *,
        create: bool = True,
        read_only: bool = False,
        redact: Callable[[str], str] | None = None,
        detectors: Iterable[Detector] = (),
    ) -> Self:
        """The store at a path, a `sqlite:///` URL or `:memory:`.

        `create` makes it where there is none; `redact` is given every free text of episodes, reflections, deltas (by hand,
        imported and merged ones too), replies and results before it is stored, and gives what is stored instead; what it has
        made itself it leaves as it is. `detectors` look for secrets and personal data in bullets, besides the stock one and
        those of installed packages: each is given a text and gives the kinds of what is in it, which are warned of. A run's
        configuration is kept as it is. An older schema is migrated, after a copy was kept. Raises `StoreUnusable` (StoreDamaged
        for a broken file) in one line.
        """
        where = place(location)
        check_place(where, create=create, reading=read_only)
        database = SQLite(where, read_only=read_only)
        files = SQLiteFile(database)
        try:
            if migrate(database, files.keep_before_change):
                files.checkpoint()
        except BaseException:
            database.close()
            raise
        return cls(database, files, redact, detectors)

    @property
    def changed(self) -> bool:
        """Whether anything was written through this object."""
        return self._database.changes != self._found

    def close(self) -> None:
        if self.changed:
            # Closing does the same, but for connections that something still holds; the file alone is then to hold it all.
            self.upkeep.keep_at_end()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # Playbooks

    def ensure_playbook(self, name: str) -> Revision:
        """The head of playbook `name`, which is made where there is none."""
        with self._database.write() as c:
            return refs.create(c, name, exist_ok=True).revision

    def playbooks(self) -> list[PlaybookInfo]:
        """All playbooks, by name."""
        with self._database.read() as c:
            return refs.playbooks(c)

    def head(self, name: str) -> Revision:
        """The present revision of a playbook. Raises `NotFound`."""
        with self._database.read() as c:
            return refs.head(c, name).revision

    def resolve(self, ref: str) -> Revision:
        """The revision that `NAME`, `NAME@NUMBER`, `NAME@HASH` or `NAME@head` names. Raises `NotFound`."""
        with self._database.read() as c:
            return refs.resolve(c, ref).revision

    def revisions(self, name: str) -> list[Revision]:
        """All revisions of a playbook, from the empty one to the head."""
        with self._database.read() as c:
            return [point.revision for point in refs.revisions(c, name)]

    def view(self, ref: str | Revision) -> View:
        """A playbook at one revision, to read from. Raises `NotFound`."""
        with self._database.read() as c:
            point = refs.numbered(c, ref.playbook, ref.number) if isinstance(ref, Revision) else refs.resolve(c, ref)
        return View(self._database, point, self._index, self._doubts)

    # The past

    def log(self, name: str, limit: int | None = None, *, run: str = "", author: str = "") -> list[StoredDelta]:
        """The deltas of a playbook, newest first: accepted, quarantined and refused ones; those of one run or author (a kind of
        author or a person's name) alone where given. Raises `NotFound` for a playbook, run or author that is not there."""
        with self._database.read() as c:
            return deltas.log(c, name, run=run, author=author, limit=limit)

    def verify(self, name: str) -> list[str]:
        """What is wrong with a playbook's hashes, digests and rows, a line each; nothing if all is well."""
        with self._database.read() as c:
            return verifying.verify(c, name)

    def changes_between(self, a: Revision, b: Revision) -> list[tuple[Bullet | None, Bullet | None, list[int]]]:
        """Bullets that differ between revisions `a` and `b` of one playbook: as in `a`, as in `b` (`None`: not there), and
        the ids of the deltas in between that changed them, oldest first. Costs what changed, not what there is."""
        with self._database.read() as c:
            first, second = refs.numbered(c, a.playbook, a.number), refs.numbered(c, b.playbook, b.number)
            low, high = sorted((a.number, b.number))
            touched = history.changed_between(c, first.playbook, low, high)
            before = history.some_at(c, first.playbook, a.number, touched)
            after = history.some_at(c, second.playbook, b.number, touched)
        pairs = [(before.get(id), after.get(id), made) for id, made in touched.items()]
        return [pair for pair in pairs if pair[0] != pair[1]]

    def trust(self, ref: str, ids: Collection[str] | None = None) -> dict[str, Standing]:
        """By bullet of the revision `NAME` or `NAME@REV`, of `ids` alone where given, what it rests on and whether that makes
        it distrusted; retired ones too. Raises `NotFound`."""
        with self._database.read() as c:
            return standings_at(c, refs.resolve(c, ref), ids)

    # Writing

    def sensitive(self, operations: Sequence[Operation]) -> list[str]:
        """What the bullets that `operations` write seem to hold of secrets and personal data, once redacted, a line each."""
        cleared = self._writer.cleared(Delta("", tuple(operations)))
        return self._writer.detectors.warnings(written(cleared.operations))

    def commit(self, batch: Batch) -> Committed:
        """Write a batch: its episodes, reflections, votes and delta, the revision it makes, and the units it ends; all or
        nothing. A delta made on an earlier revision is applied to the present one; operations that do not fit any more are
        refused, with the reason. Raises `NotFound` and `Conflict` for what cannot be part of this playbook's history."""
        check(batch)
        keys = {e.id: e.task.key for e in batch.episodes}
        batch = self._writer.cleared(batch)
        batch = replace(batch, episodes=tuple(map(bounds.episode, batch.episodes)))
        if batch.delta is not None and batch.status is Status.ACCEPTED:
            self._writer.warn(written(batch.delta.operations), batch.playbook)
        with self._database.write() as c:
            done = commit(c, batch, keys, self._index)
        self.upkeep.keep_hourly()
        return done

    # Episodes

    def episode(self, id: str) -> Episode:
        with self._database.read() as c:
            return episodes.one(c, id)

    def run_of(self, id: str) -> str:
        """The run that made the episode `id`; empty where a program reported it."""
        with self._database.read() as c:
            return episodes.run_of(c, id)

    def episodes(
        self,
        *,
        run: str | None = None,
        playbook: str | None = None,
        phase: str | None = None,
        verdict: Verdict | str | None = None,
        kind: str | None = None,
        origin: str | None = None,
        limit: int | None = 50,
    ) -> list[Episode]:
        """Episodes, newest first. `playbook` names those it learned from; `kind` and `origin` are their tasks', empty for those
        that have none."""
        with self._database.read() as c:
            filters = _filters(c, playbook, run=run, phase=phase, verdict=verdict, kind=kind, origin=origin)
            return episodes.read(c, episodes.listed(c, filters, limit))

    def every_episode(
        self,
        *,
        run: str | None = None,
        playbook: str | None = None,
        phase: str | None = None,
        verdict: Verdict | str | None = None,
        kind: str | None = None,
        origin: str | None = None,
        oldest_first: bool = False,
    ) -> Iterator[Episode]:
        """All episodes there are at the first step, read a page at a time, so that memory does not grow with their number.
        One that is purged meanwhile comes as it is by then."""
        with self._database.read() as c:
            keys = episodes.listed(
                c, _filters(c, playbook, run=run, phase=phase, verdict=verdict, kind=kind, origin=origin), None
            )
        if oldest_first:
            keys.reverse()
        for at in range(0, len(keys), _PAGE):
            with self._database.read() as c:
                page = episodes.read(c, keys[at : at + _PAGE])
            yield from page

    def count_episodes(
        self,
        *,
        run: str | None = None,
        playbook: str | None = None,
        phase: str | None = None,
        verdict: Verdict | str | None = None,
        kind: str | None = None,
        origin: str | None = None,
    ) -> int:
        with self._database.read() as c:
            return episodes.count(c, _filters(c, playbook, run=run, phase=phase, verdict=verdict, kind=kind, origin=origin))

    def tasks_played(self, run: str, phase: str) -> set[str]:
        """The content hashes of the tasks that were played in a phase of a run."""
        with self._database.read() as c:
            return episodes.tasks_played(c, run, phase)

    def tasks_learned(self, playbook: str) -> set[str]:
        """The content hashes of the tasks that a playbook learned from, what it was forked from or merged with included."""
        with self._database.read() as c:
            return episodes.tasks_learned(c, refs.head(c, playbook).playbook)

    def unlearned(self, playbook: str, limit: int | None = None) -> list[int]:
        """Keys of the episodes of `playbook` that wait to be learned from, oldest first, at most `limit`. Raises `NotFound`."""
        with self._database.read() as c:
            return unlearned.unlearned(c, playbook, limit)

    def episodes_of(self, keys: Sequence[int]) -> list[Episode]:
        """The episodes with these keys, in their order."""
        with self._database.read() as c:
            return episodes.read(c, keys)

    def reflections(self, episode_id: str) -> list[Reflection]:
        """The reflections on an episode, oldest first."""
        with self._database.read() as c:
            return episodes.reflections(c, episode_id)

    # Runs and the journal

    def bind_run(self, run: Run, sign: Sign) -> Run:
        """`run` as it is given, stored with the marks that `sign` makes."""
        with self._database.write() as c:
            return journal.bind(c, run, sign)

    def run(self, id: str) -> Run:
        with self._database.read() as c:
            return journal.run(c, id)

    def whole(self, kind: IdKind, text: str, playbook: str = "") -> str:
        """The id that `text` is or begins; `text` itself where none is. Raises `BadSetting` where several begin so."""
        with self._database.read() as c:
            return prefixes.whole(c, kind, text, playbook)

    def runs(self) -> list[Run]:
        """All runs, in the order they were started."""
        with self._database.read() as c:
            return journal.runs(c)

    def set_run(self, id: str, status: RunStatus, result: Mapping[str, JSON], *, backup: bool = True) -> None:
        """Write down how far a run has come. Where it has ended, a backup is made, unless it is one of many that end together
        (`backup` false)."""
        with self._writer.writing(dict(result)) as (c, kept):
            journal.set_run(c, id, status, kept)
        if backup and status is not RunStatus.RUNNING:
            self.upkeep.keep_at_end()

    def units(self, run: str) -> set[str]:
        """The units of work of a run that are done."""
        with self._database.read() as c:
            return journal.units(c, run)

    def write_calls(self, run: str, started: Iterable[Call], ended: Iterable[Call]) -> None:
        """Write down many calls in one transaction: those about to be made, then those that have ended."""
        with self._writer.writing(tuple(ended)) as (c, done):
            for call in started:
                journal.call_started(c, run, call)
            for call in done:
                journal.call_ended(c, run, call)

    def journaled(self, run: str, unit: str, role: str, ordinal: int, request_hash: str) -> Call | None:
        """The call made earlier for the same place with the same request, if it was answered."""
        with self._database.read() as c:
            return journal.journaled(c, run, Call(unit, role, ordinal, request_hash))

    def calls_of(self, unit: str) -> list[tuple[str, Call]]:
        """The calls made for a unit of work, oldest first, each with its run; of an episode also those in which it was one of
        several that were asked about. Reads all calls of the store."""
        with self._database.read() as c:
            return journal.calls_of(c, unit)

    def in_flight(self, run: str) -> list[Call]:
        """Calls that were started, never ended, and not made again since."""
        with self._database.read() as c:
            return journal.in_flight(c, run)

    def reply_forms(self, run: str) -> dict[str, int]:
        """How many replies of a run came in each form: clean, fenced, truncated, invalid and so on."""
        with self._database.read() as c:
            return journal.reply_forms(c, run)

    def usage(self, run: str) -> Usage:
        """What the ended calls of a run cost together, failed ones included."""
        with self._database.read() as c:
            return journal.usage(c, run)

    def usage_by_role(self, run: str) -> list[tuple[str, RoleUsage]]:
        """What the calls of a run cost by role, in the order in which the roles were first asked; each question whether a model
        is there by itself, with its unit (empty for all else)."""
        with self._database.read() as c:
            return journal.usage_by_role(c, run)


def _filters(c: Connection, playbook: str | None, **given: str | None) -> Values:
    if (kind := given.get("kind")) and (fault := bounds.kind_fault(kind)):
        raise BadSetting(fault)
    if (origin := given.get("origin")) and not origin.startswith(PURGED) and (fault := origin_fault(origin)):
        raise BadSetting(fault)
    filters: Values = {name: str(value) for name, value in given.items() if value is not None}
    return filters if playbook is None else {**filters, "playbook": refs.head(c, playbook).playbook}
