"""A playbook as a delta would make it, to read from before the delta is committed.

A gate plays with a delta that may be refused, so nothing of it may be in the store. What changes is kept beside the view it
was made on. Its revision is the one that the delta makes if it is accepted whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ace.memory.bullets.search import RESCORED
from ace.memory.log.commit import as_applied
from ace.memory.store import Store
from ace.memory.values import Batch, Hit, Revision
from ace.memory.view import NEWEST, View
from ace.playbooks.apply import apply, growth
from ace.playbooks.book import revision_hash, updated_digest
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Delta, Op, Operation
from ace.types import Past, Record, Reflection, Trust

_NAME = "proposed"


class Proposed(View):
    """`book` with `operations` applied; those that do not apply are left out, as the store will leave them out."""

    def __init__(self, book: View, operations: Sequence[Operation]) -> None:
        changes, _ = apply(book.shelf(), operations, book.revision.digest)
        live, _, characters = growth(changes)
        self._book, self._after = book, {c.after.id: c.after for c in changes}
        self.trust = book.trust
        base = book.revision
        hash = revision_hash((base.hash,), [o for _, o in as_applied(changes)])
        made = replace(base, number=base.number + 1, hash=hash, digest=updated_digest(base.digest, changes))
        self._made = replace(made, parents=(base.hash,), bullets=base.bullets + live)
        self._more = characters // 4
        self._live: list[Bullet] | None = None

    def at(self, trust: Trust) -> View:
        """What a delta made of untrusted attempts adds is not shown to a trusted request, and it changes nothing else."""
        return self if trust is self.trust or self.trust is Trust.TRUSTED else self._book.at(trust)

    @property
    def revision(self) -> Revision:
        return self._made

    @property
    def count(self) -> int:
        return self._made.bullets

    @property
    def tokens(self) -> int:
        return self._book.tokens + self._more

    def _bullets(self, include_retired: bool) -> list[Bullet]:
        found = {b.id: b for b in self._book.bullets(include_retired)} | self._after
        kept = [b for b in found.values() if include_retired or b.state is not State.RETIRED]
        return sorted(kept, key=lambda b: b.rank)

    def masks(self) -> Mapping[str, tuple[str, ...]]:
        """As of `book`, without the bullets whose text changes."""
        was = {b.id: b.text for b in self._book.bullets()}
        same = {b.id for b in self.bullets() if was.get(b.id) == b.text and not b.pinned}
        return {id: kinds for id, kinds in self._book.masks().items() if id in same}

    def get(self, id: str) -> Bullet | None:
        return self._after.get(id) or self._book.get(id)

    def attempts(self, limit: int = NEWEST) -> list[Past]:
        return self._book.attempts(limit)

    def records(self, ids: Iterable[str]) -> dict[str, Record]:
        return self._book.records(ids)

    def recent_reflections(self, task_key: str, n: int = 3) -> list[tuple[bool, Reflection]]:
        return self._book.recent_reflections(task_key, n)

    def relevant(self, text: str, limit: int = 20, rescored: int = RESCORED) -> list[Hit]:
        """As of a view, but scored among the candidates alone: the nearest bullets that did not change, and those that did."""
        near = [h.bullet for h in self._book.relevant(text, limit + len(self._after), rescored)]
        unchanged = [b for b in near if b.id not in self._after]
        candidates = {b.id: b for b in (*unchanged, *self._after.values()) if b.state is not State.RETIRED}
        with Store.open(":memory:") as store:
            store.ensure_playbook(_NAME)
            adds = tuple(Operation(Op.ADD, section=b.section, text=b.text, new_id=b.id) for b in candidates.values())
            store.commit(Batch(playbook=_NAME, delta=Delta("", adds, "import")))
            hits = store.view(_NAME).relevant(text, limit, rescored)
        found = [Hit(candidates[h.bullet.id], h.score) for h in hits]
        return sorted(found, key=lambda hit: (-hit.score, hit.bullet.rank))
