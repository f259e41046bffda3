"""Which stored attempts leave, and why others do not.

An attempt that says nothing (invalid, purged, played without a model) never leaves. Held-out tasks and untrusted attempts leave
where that was asked for: what is trained on them can no longer be measured on them, and what strangers wrote would be learned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from ace.attempt import NOT_ASKED
from ace.errors import BadInput
from ace.memory.store import Store
from ace.memory.values import Run
from ace.runs.asked import purged
from ace.types import SPLITS, Episode, Split, Trust


class WhyNot(StrEnum):
    """Why attempts do not leave; the text stands after their number."""

    PURGED = "purged"
    INVALID = "invalid"
    UNASKED = "played without a model"
    UNREAD = "without a reply that could be read"
    HELD_OUT = "of held-out tasks (--held-out exports them)"
    UNTRUSTED = "untrusted (--untrusted exports them)"
    SHARED = "of training tasks whose content is that of a held-out one"


_OF_ONE = {
    WhyNot.PURGED: "it is purged",
    WhyNot.INVALID: "it is invalid, so it says nothing of the agent",
    WhyNot.UNASKED: "it was played without a model",
    WhyNot.UNREAD: "it has no reply that could be read",
    WhyNot.HELD_OUT: "its task is held out; --held-out exports it",
    WhyNot.UNTRUSTED: "it is untrusted; --untrusted exports it",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """The attempts of `run`; or of all runs on `playbook`, and those that programs reported to it; or those of `ids`.
    `held_out` and `untrusted` ones leave where that is said."""

    playbook: str = ""
    run: Run | None = None
    ids: tuple[str, ...] = ()
    held_out: bool = False
    untrusted: bool = False

    def why_not(self, e: Episode) -> WhyNot | None:
        """Why `e` does not leave; `None` where it does."""
        if purged(e):
            return WhyNot.PURGED
        if not e.outcome.valid:
            return WhyNot.INVALID
        if any(s.thought == NOT_ASKED for s in e.steps):
            return WhyNot.UNASKED
        if not e.steps:
            return WhyNot.UNREAD
        if e.task.split != "train" and not self.held_out:
            return WhyNot.HELD_OUT
        if e.trust is Trust.UNTRUSTED and not self.untrusted:
            return WhyNot.UNTRUSTED
        return None


@dataclass(frozen=True, slots=True)
class AttemptOfRun:
    """A stored attempt with the run that made it; `None` where a program reported it."""

    run: Run | None
    episode: Episode


@dataclass(slots=True)
class Surveyed:
    """What was looked at: attempts that leave by split, those that do not by the reason, and the content hashes of held-out
    tasks among all."""

    leaving: Counter[Split] = field(default_factory=Counter)
    left_out: Counter[WhyNot] = field(default_factory=Counter)
    held_out: set[str] = field(default_factory=set)

    @property
    def splits(self) -> list[Split]:
        """Those that attempts leave of."""
        return [s for s in SPLITS if self.leaving[s]]

    @property
    def reasons(self) -> str:
        """How many attempts do not leave, reason by reason; empty where all do."""
        return ", ".join(f"{n:,} {why.value}" for why, n in self.left_out.most_common())


class AttemptSource:
    """The attempts of a choice in a store, read anew each time, a page at a time."""

    def __init__(self, store: Store, choice: Selection) -> None:
        self.store, self.choice, self.seen = store, choice, Surveyed()
        self._runs: dict[str, Run] = {r.id: r for r in store.runs()}

    def require_named(self) -> None:
        """Raise `BadInput` for an attempt that was named and may not leave."""
        for id in self.choice.ids:
            if why := self.choice.why_not(self.store.episode(id)):
                raise BadInput(f"episode {id} cannot be exported: {_OF_ONE[why]}")

    def look(self) -> Surveyed:
        """What is there, and what of it leaves. Done once, before anything is read to leave."""
        for a in self._all():
            if a.episode.task.split != "train" and not purged(a.episode):
                self.seen.held_out.add(a.episode.task.key)
        for a in self._all():
            if why := self._why_not(a.episode):
                self.seen.left_out[why] += 1
            else:
                self.seen.leaving[a.episode.task.split] += 1
        return self.seen

    def leaving(self, split: Split) -> Iterator[AttemptOfRun]:
        """The attempts at tasks of `split` that leave, in the order of their runs and in that of playing."""
        return (a for a in self._all() if a.episode.task.split == split and not self._why_not(a.episode))

    def attempt(self, id: str) -> AttemptOfRun | None:
        """The attempt `id`; `None` where it may not leave any more, as one that was purged meanwhile."""
        e = self.store.episode(id)
        return None if self._why_not(e) else AttemptOfRun(self._run_of(id), e)

    def _why_not(self, e: Episode) -> WhyNot | None:
        why = self.choice.why_not(e)
        return WhyNot.SHARED if why is None and e.task.split == "train" and e.task.key in self.seen.held_out else why

    def _all(self) -> Iterator[AttemptOfRun]:
        if self.choice.ids:
            yield from (AttemptOfRun(self._run_of(id), self.store.episode(id)) for id in self.choice.ids)
            return
        name, one = self.choice.playbook, self.choice.run
        for run in [one] if one else [r for r in self._runs.values() if r.result.get("playbook") == name]:
            for e in self.store.every_episode(run=run.id, oldest_first=True):
                yield AttemptOfRun(run, e)
        if one is None:
            for e in self.store.every_episode(playbook=name, oldest_first=True):
                if not self.store.run_of(e.id):
                    yield AttemptOfRun(None, e)

    def _run_of(self, id: str) -> Run | None:
        return self._runs.get(self.store.run_of(id))
