"""A batch reads the stored attempts once, with all that counts in them switched on."""

from __future__ import annotations

from typing import Any

from ace.memory.store import Store
from ace.memory.view import View
from ace.roles.curator.settings import Checked, Shown
from ace.runs.gates.contract import Decision, Proposal
from ace.runs.gates.fit import FitGate
from ace.strategies.ace import Ace
from ace.strategies.contract import Lesson
from ace.types import Past
from tests.answering import curation, diagnosis
from tests.stories import NAME, Story
from tests.strategies.lessons import pupil, roles
from tests.strategies.test_guesses import GOLD, added, attempt, guess, keep


class _Counted(View):
    """A view that counts how often attempts are read."""

    read = 0

    def attempts(self, limit: int = 3000) -> list[Past]:
        self.read += 1
        return super().attempts(limit)


async def test_a_batch_reads_all_attempts_once(store: Store) -> None:
    story = Story(store)
    story.change(guess(GOLD))
    keep(story, *(attempt(n, "gold", "refund", True) for n in range(4)))
    view: Any = store.view(NAME)
    view.__class__ = _Counted
    shown = Shown(whole=False, table=True, candidates=True, fit=True)
    model = pupil(diagnosis(), curation("", add=[added(text="Be kind.")]))
    batch = (attempt(8, "gold", "refund", True), attempt(9, "silver", "deny", True))
    learned = await Ace(roles(model), shown=shown, checked=Checked(check=True)).learn(Lesson(batch, 5), view)
    assert learned.delta
    assert {o.op.value for o in learned.delta.operations} == {"add", "activate"}
    ways: Any = None
    proposal = Proposal(learned.delta, view, batch, learned.reflections, 5, attempts=learned.attempts)
    ruling = await FitGate().judge(proposal, ways)
    assert (ruling.decision, ruling.figures["attempts"]) == (Decision.PASS, 6)
    assert view.read == 1
    # A gate that is to count in other attempts, or that no strategy told of any, reads its own.
    assert (await FitGate(attempts=3).judge(proposal, ways)).figures["attempts"] == 3
    alone = Proposal(learned.delta, view, batch, learned.reflections, 5)
    assert (await FitGate().judge(alone, ways)).figures == ruling.figures
    assert view.read == 3
