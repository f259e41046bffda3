"""The argument RUN|NAME of a command: a run or a playbook."""

from __future__ import annotations

from dataclasses import dataclass

from ace.errors import BadSetting, NotFound, nearest
from ace.memory.database.prefixes import IdKind
from ace.memory.store import Store
from ace.memory.values import Run
from ace.types import Episode


@dataclass(frozen=True, slots=True)
class Subject:
    """A playbook, and the run that is meant of those that used it, if one is."""

    playbook: str
    run: Run | None = None

    @property
    def title(self) -> str:
        return f"run {self.run.id}, playbook {self.playbook}" if self.run else f"playbook {self.playbook}"

    def episodes(self, store: Store) -> list[Episode]:
        """The attempts of the run; else all in the store that were shown a revision of the playbook. Oldest first."""
        if self.run:
            return store.episodes(run=self.run.id, limit=None)[::-1]
        hashes = {r.hash for r in store.revisions(self.playbook)}
        return [e for e in store.every_episode(oldest_first=True) if hashes.intersection(e.render.revisions)]


def subject(store: Store, text: str) -> Subject:
    """The run whose id is or begins with `text`, or the playbook of that name. Raises `NotFound`, and `BadSetting` where it
    could be either or several runs."""
    book = next((p for p in store.playbooks() if p.name == text), None)
    id = store.whole(IdKind.RUN, text)
    run = next((r for r in store.runs() if r.id == id), None)
    if run and book:
        raise BadSetting(f"{text!r} is a playbook, and the beginning of run {run.id}; name the run by its whole id")
    if book:
        return Subject(text)
    if run is None:
        raise _neither(store, text)
    if "playbook" not in run.result:
        raise NotFound(f"run {run.id} was stopped before it had a playbook; there is nothing to look at")
    return Subject(str(run.result["playbook"]), run)


def _neither(store: Store, text: str) -> NotFound:
    books = [p.name for p in store.playbooks()]
    if (name := text.partition("@")[0]) in books and "@" in text:
        why = f"{text!r} is one revision of playbook {name}, and this looks at the attempts of all of them"
        return NotFound(f"{why}; name the playbook, {name}, or a run")
    known = books + [r.id for r in store.runs()]
    near = nearest(text, known)
    hint = f"did you mean {near[0]!r}?" if near else "ace run list and ace playbook list show both"
    return NotFound(f"{text!r} is neither a run nor a playbook in this store; {hint}")
