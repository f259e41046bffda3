"""The strategy `pareto`: a population of playbooks on a per-task front, as the fast channel of Learning, Fast and Slow has it
(Tiwari et al. 2026, arXiv:2605.12484), chosen as GEPA does (Agrawal et al. 2025, arXiv:2507.19457).

The population are revisions of the one playbook. Each was played on the same training cases when it was proposed, and the front
is read from these attempts in the store, so a run that is resumed has the same one. While learning, each case is shown a
member of the front, drawn by how many cases it is best on; when measuring and serving, all are shown the head. After a batch
the curator edits one member; what comes of it becomes the head if it is on the front itself, else two members are merged, or
nothing is changed. Of candidates that win the same cases the one stays whose texts explain more of all stored attempts. The
last batch ends with the best member as the head, by a delta like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

from ace.attempt import Briefing
from ace.evidence.attempts import Attempts
from ace.memory.view import View
from ace.models.contract import Model
from ace.options import Least
from ace.playbooks.apply import apply
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Delta, Operation
from ace.playbooks.rewrites import operations_between
from ace.roles.curator.settings import STOCK_CHECKED, STOCK_SHOWN, Checked, Shown
from ace.strategies.ace import Ace
from ace.strategies.contract import MEASURED, Draw, Learned, Lesson, Rehearsing, Roles
from ace.strategies.front import Wins, complementary, dominated, drawn, members, shares, wins_of, woven
from ace.strategies.reflecting import CHAINS, EXPLORE, JOINT, Chains, Explore, Joint, Successes
from ace.strategies.shown import BulletTokens
from ace.types import Episode, Reflection, Task, Trust, derive_seed, digest

OFFERS = {"pareto": "Pareto"}


class Pareto:
    """Keeps a front of the playbook's revisions, judged task by task; shows one of them for each case."""

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        cases: Annotated[int, Least(1), "Training cases on which every candidate is played; the last ones of the run."] = 10,
        size: Annotated[int, Least(1), "The most candidates that are kept."] = 4,
        tokens: BulletTokens = 1800,
        successes: Successes = True,
        explore: Explore = EXPLORE,
        chains: Chains = CHAINS,
        joint: Joint = JOINT,
        shown: Shown = STOCK_SHOWN,
        checked: Checked = STOCK_CHECKED,
    ) -> None:
        self._ace = Ace(
            roles,
            tokens=tokens,
            successes=successes,
            explore=explore,
            chains=chains,
            joint=joint,
            shown=shown,
            checked=checked,
        )
        self._cases, self._size = cases, size
        self.checks = self._ace.checks
        # The head where it was not measured, the child, and a merge.
        self.replayed = 3 * cases
        self._read: tuple[View, Mapping[int, int]] | None = None

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        return self._ace.context(task, self._member(task, book) if draw.learning else book, earlier, draw)

    def _member(self, task: Task, book: View) -> View:
        """The member of the front that is shown for `task`, the same for all attempts at it in one batch."""
        if self._read is None or self._read[0] is not book:
            results = book.rollouts()
            # The newest that was measured says on which cases.
            tasks = list(results[max(results)]) if results else []
            wins = wins_of(results, tasks)
            self._read = book, shares(wins, members(wins, self._size), tasks)
        weights = self._read[1]
        if not weights:
            return book
        return book.past(drawn(weights, derive_seed("pareto", book.revision.hash, task.key) / 2**63))

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        if lesson.again or lesson.objection or lesson.rehearsal is None or lesson.trust is Trust.UNTRUSTED:
            return await self._ace.learn(lesson, book)
        turn = _Turn(book, lesson.rehearsal, self._cases, self._size)
        await turn.measure_head()
        parent = turn.parent(derive_seed(lesson.seed, "parent") / 2**63)
        learned = await self._ace.learn(lesson, book.past(parent))
        turn.attempts = learned.attempts or turn.attempts
        proposed = await turn.child(parent, learned.delta) or await turn.merged()
        found = turn.best(proposed) if lesson.left == 0 else proposed
        delta = None
        if found is not None and (edits := turn.edits_to(found.bullets)):
            rests = learned.delta.episodes if learned.delta else tuple(e.id for e in lesson.episodes)
            delta = Delta(book.revision.hash, tuple(edits), "curator", found.reason[:2000], rests)
        return replace(
            learned,
            delta=delta,
            checks=self.checks if delta else (),
            notes=(*learned.notes, *turn.notes),
            played=tuple(turn.played),
        )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What a playbook could become: its live bullets, what it won of the front's cases (`None` where an attempt was invalid),
    and why it was made."""

    bullets: Sequence[Bullet]
    wins: Wins | None
    reason: str


def _as_it_is(model: Model) -> Model:
    return model


@dataclass(slots=True)
class _Turn:
    """One batch's way from the front to a new candidate. `wins` are those of the revisions that were measured."""

    book: View
    rehearsal: Rehearsing
    cases: int
    size: int
    played: list[Episode] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    attempts: Attempts = Attempts()
    tasks: Sequence[Task] = ()
    wins: dict[int, Wins] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tasks = self.rehearsal.tasks[-self.cases :]
        self.wins = wins_of(self.book.rollouts(), self.keys)

    @property
    def keys(self) -> list[str]:
        return [t.key for t in self.tasks]

    @property
    def front(self) -> list[int]:
        return members(self.wins, self.size)

    @property
    def head(self) -> int:
        return self.book.revision.number

    async def measure_head(self) -> None:
        """Have the head played, where it was not: it was there before the run, or became so by a person's or a gate's hand."""
        if self.book.count and self.head and self.head not in self.wins:
            wins = await self._wins((), "head")
            if wins is not None:
                self.wins[self.head] = wins

    def parent(self, chance: float) -> int:
        """The revision that is edited; the head where none was measured."""
        return drawn(shares(self.wins, self.front, self.keys), chance) if self.front else self.head

    async def child(self, parent: int, delta: Delta | None) -> _Candidate | None:
        """What the edits of `delta` make of revision `parent`, if it is on the front; else `None`."""
        if delta is None or not delta.operations:
            return None
        view = self.book.past(parent)
        changes, _ = apply(view.shelf(), delta.operations, view.revision.hash)
        after = {b.id: b for b in view.bullets()} | {c.after.id: c.after for c in changes}
        live = sorted((b for b in after.values() if b.state is not State.RETIRED), key=lambda b: (b.rank, b.id))
        return await self._tried(live, f"an edit of revision {parent}", delta.reason)

    async def merged(self) -> _Candidate | None:
        """Two members that win more together than the better one of them, as one list, if it is on the front."""
        pair = complementary(self.wins, self.front)
        if pair is None:
            return None
        first, second = (self.book.past(n).bullets() for n in pair)
        return await self._tried(woven(first, second), f"revisions {pair[0]} and {pair[1]} merged", "")

    def best(self, new: _Candidate | None) -> _Candidate | None:
        """The candidate that wins most, `new` or a revision; of equals the one that explains most attempts, then the newest.
        `None` where that is the head."""

        def rank(n: int) -> tuple[int, int, int]:
            return len(self.wins[n]), self._explained(self.book.past(n).bullets()), n

        known = max(self.wins, key=rank, default=None)
        if known is None or (new is not None and new.wins is None):
            return new
        if new is not None and new.wins is not None and (len(new.wins), self._explained(new.bullets)) >= rank(known)[:2]:
            return new
        if known == self.head:
            return None
        won = f"the best of {len(self.wins)} candidates: revision {known} won {self._of(self.wins[known])}"
        return _Candidate(self.book.past(known).bullets(), self.wins[known], f"pareto: {won}")

    def edits_to(self, bullets: Sequence[Bullet]) -> list[Operation]:
        """The operations that lead from the head to `bullets`; what is pinned stays as it is."""
        present = self.book.bullets()
        pinned = {b.id: b for b in present if b.pinned}
        wanted = [pinned.get(b.id, replace(b, pinned=False)) for b in bullets]
        ids = {b.id for b in wanted}
        kept = woven(wanted, [b for b in present if b.pinned or b.id in ids])
        return operations_between(self.book.bullets(include_retired=True), kept)

    async def _tried(self, bullets: Sequence[Bullet], what: str, why: str) -> _Candidate | None:
        edits = self.edits_to(bullets)
        wins = await self._wins(edits, digest([[b.id, b.text] for b in bullets])) if edits else self.wins.get(self.head)
        if wins is not None and self._beaten(wins, bullets):
            why = "a candidate wins all of these and more, or the same and explains more attempts"
            self.notes.append(f"pareto dropped {what}: it won {self._of(wins)}, and {why}")
            return None
        won = "" if wins is None else f", won {self._of(wins)}"
        return _Candidate(bullets, wins, f"pareto: {what}{won}" + (f". {why}" if why else ""))

    def _beaten(self, wins: Wins, bullets: Sequence[Bullet]) -> bool:
        equals = [n for n, other in self.wins.items() if other == wins]
        best = max((self._explained(self.book.past(n).bullets()) for n in equals), default=None)
        return dominated(wins, self.wins.values()) or (best is not None and self._explained(bullets) < best)

    def _explained(self, bullets: Sequence[Bullet]) -> int:
        """How many more of all attempts `bullets` explain than speak against them; costs no call."""
        found = self.attempts.grounds.fit(bullets)
        return len(found.right) - len(found.wrong)

    async def _wins(self, edits: Sequence[Operation], label: str) -> Wins | None:
        """What the head with `edits` wins; `None` where an attempt was invalid."""
        episodes = await self.rehearsal.play(edits, self.tasks, f"pareto/{self.book.revision.hash}/{label}", _as_it_is)
        self.played += episodes
        if any(not e.outcome.valid for e in episodes):
            return None
        return frozenset(e.task.key for e in episodes if e.outcome.success)

    def _of(self, wins: Wins) -> str:
        return f"{len(wins)} of {len(self.tasks)} cases"
