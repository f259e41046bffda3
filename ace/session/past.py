"""Attempts that were made elsewhere enter as those of the door do: stored under no revision, because none was shown to them.

An attempt's id derives from its file's own key and from what was said, so reading a file again adds nothing, also after a kill.
Where the file does not say who wrote a task, its origin is the file itself, by the channel of imports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ace.bounds import bounded
from ace.errors import BadSetting, Conflict, NotFound
from ace.memory.store import Store
from ace.origins import IMPORT, LONGEST_ORIGIN, named, origin_fault
from ace.session.episode import EpisodePlace, OpenEpisode
from ace.traces.attempt import Grading, PastAttempt
from ace.traces.reading import PastFile, attempts, checked, source
from ace.types import UNVERIFIED, Task, Trust, Verdict, digest


@dataclass(frozen=True, slots=True)
class ImportedAttempts:
    """What came in: `new` attempts were stored, `known` ones had been before; `read` says by file what stands in it."""

    new: int
    known: int
    read: tuple[PastFile, ...] = field(default=())

    @property
    def won(self) -> int:
        return sum(r.won for r in self.read)

    @property
    def lost(self) -> int:
        return sum(r.lost for r in self.read)

    @property
    def unknown(self) -> int:
        """Attempts that were left out, because nothing says what came of them."""
        return sum(r.unknown for r in self.read)


@dataclass(frozen=True, slots=True)
class PastFiles:
    """Files of attempts, read to their ends and found usable. `origin` is who wrote their tasks, where rows do not say it."""

    read: tuple[PastFile, ...]
    origin: str = ""


def past_files(
    paths: Sequence[str | Path], form: str = "", outcome: str = "", at_least: float = 1.0, *, origin: str = ""
) -> PastFiles:
    """The files, checked. Raises `BadInput` by file and line, `UnknownName` for a form or a scorer that there is not, and
    `BadSetting` for a threshold or an origin that cannot be."""
    if isinstance(at_least, bool) or not isinstance(at_least, int | float) or not 0 < at_least <= 1:
        value = f"{at_least:g}" if isinstance(at_least, float) else repr(at_least)
        raise BadSetting(f"at_least is {value}; it must be a score, more than 0 and at most 1")
    if fault := origin_fault(origin):
        raise BadSetting(fault)
    grading = Grading(outcome, float(at_least))
    return PastFiles(tuple(checked(source(Path(p), form, grading)) for p in paths), origin)


def import_attempts(place: EpisodePlace, files: PastFiles) -> ImportedAttempts:
    """Store the attempts of `files` that are not stored yet. Raises `Conflict` where one was stored with the other verdict."""
    new = known = 0
    for read in files.read:
        channel = named(IMPORT, read.source.path.name)[:LONGEST_ORIGIN]
        for past in attempts(read.source):
            if _stored(place, past, files.origin or channel):
                new += 1
            else:
                known += 1
    return ImportedAttempts(new, known, files.read)


def _stored(place: EpisodePlace, past: PastAttempt, otherwise: str) -> bool:
    """Whether `past` was stored just now; false where it is there already."""
    origin = past.origin or otherwise
    trust = Trust.UNTRUSTED if origin == UNVERIFIED else Trust.TRUSTED
    task = Task(f"t-{digest(past.task)[:10]}", bounded(past.task), kind=past.kind, origin=origin)
    opened = OpenEpisode(place, task, trust, id=_id(place.name, past))
    if _is_there(place.store, opened.id, past):
        return False
    opened.finish(past.grade.success, transcript=past.transcript, feedback=past.feedback, score=past.grade.score)
    return True


def _is_there(store: Store, id: str, past: PastAttempt) -> bool:
    """Whether the attempt is stored already. Raises `Conflict` where that is with the other verdict."""
    try:
        verdict = store.episode(id).outcome.verdict
    except NotFound:
        return False
    if verdict is not (Verdict.SUCCESS if past.grade.success else Verdict.FAILURE):
        raise Conflict(
            f"{past.where}: this attempt is stored as a {verdict.value}, and the file says otherwise; an episode is never "
            f"overwritten: remove it with `ace episode purge {id}`, or leave it out of the file"
        )
    return True


def _id(playbook: str, past: PastAttempt) -> str:
    return f"e-{digest('past', playbook, past.key, past.task, past.transcript)[:16]}"
