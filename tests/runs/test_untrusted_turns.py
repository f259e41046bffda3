"""What a turn of untrusted attempts may do to a playbook, and what it cannot keep trusted ones from doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ace.attempt import Briefing
from ace.memory.store import Store
from ace.memory.view import View
from ace.playbooks.bullet import State
from ace.playbooks.operations import Delta, Op, Operation
from ace.runs.gates.contract import Proposal, Ruling, Ways, passed
from ace.strategies.contract import Draw, Learned, Lesson
from ace.types import UNVERIFIED, Episode, Reflection, Task, Trust
from tests.stories import NAME, Story, add, merge, move, retire, revise
from tests.strategies.lessons import lived, told
from tests.turns import Turns

RULE = "If the tier is gold, then refund."


class Proposing:
    """Proposes these operations from every lesson, and keeps what it was given."""

    def __init__(self, *operations: Operation, named: Sequence[str] = ()) -> None:
        self.operations, self.named, self.given = operations, tuple(named), list[tuple[Lesson, View]]()

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw) -> Briefing:
        return Briefing()

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        self.given.append((lesson, book))
        reflections = tuple(told(int(e.id.removeprefix("e-"))) for e in lesson.episodes)
        return Learned(reflections, Delta("", self.operations, "curator", "", self.named))


class Keeping:
    """A gate that keeps what it is shown."""

    name = "keeping"

    def __init__(self) -> None:
        self.seen: list[Proposal] = []

    async def judge(self, proposal: Proposal, ways: Ways) -> Ruling:
        self.seen.append(proposal)
        return passed()


def letter(n: int, origin: str = "") -> Episode:
    e = lived(n, True)
    return replace(e, task=replace(e.task, origin=origin))


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


@pytest.fixture
def turns(story: Story) -> Turns:
    return Turns(story.store, NAME)


async def taught(turns: Turns, n: int, *operations: Operation, origin: str = "") -> list[str]:
    """The ids of the bullets that a turn made of attempt `n` adds."""
    [taken] = await turns.take(Proposing(*operations), [letter(n, origin)])
    return [c.after.id for c in taken.committed.changes if c.before is None]


def shown(turns: Turns) -> list[str]:
    return [b.text for b in turns.store.view(NAME).at(Trust.TRUSTED).bullets()]


@pytest.mark.parametrize("op", [Op.REVISE, Op.MOVE, Op.RETIRE, Op.MERGE, Op.ACTIVATE, Op.RESTORE])
async def test_untrusted_attempts_change_nothing_that_rests_on_others(turns: Turns, op: Op) -> None:
    guess = replace(add("Perhaps ask twice."), state="candidate")
    ids = await taught(turns, 1, add(RULE), add("Be kind to all."), guess, add("Be quick."))
    Story(turns.store).change(retire(ids[3]))
    [own] = await taught(turns, 2, add("Pay the sender at once."), origin=UNVERIFIED)
    tried = {
        Op.REVISE: revise(ids[0], "If the tier is gold, then pay the sender."),
        Op.MOVE: move(ids[0], ids[1]),
        Op.RETIRE: retire(ids[0]),
        Op.MERGE: merge("Pay all.", own, ids[1]),
        Op.ACTIVATE: Operation(Op.ACTIVATE, id=ids[2]),
        Op.RESTORE: Operation(Op.RESTORE, id=ids[3]),
    }[op]
    before = turns.store.view(NAME).bullets(include_retired=True)
    [taken] = await turns.take(Proposing(tried, add("Pay them twice.")), [letter(3, UNVERIFIED)])
    [refusal] = taken.committed.refusals
    assert (refusal.operation.op, "it was learned from untrusted attempts" in refusal.reason) == (op, True)
    assert [b for b in turns.store.view(NAME).bullets(include_retired=True) if b.text != "Pay them twice."] == before
    assert taken.accepted == 1


async def test_untrusted_attempts_may_change_what_rests_on_such_alone(turns: Turns) -> None:
    first, second, third, fourth = await taught(
        turns, 1, add("Pay a."), add("Pay b."), add("Pay c."), add("Give d away."), origin=UNVERIFIED
    )
    operations = (revise(first, "Pay a twice."), merge("Pay b and c.", second, third), move(fourth, "top"))
    [taken] = await turns.take(Proposing(*operations), [letter(2, UNVERIFIED)])
    assert (taken.accepted, taken.refused, shown(turns)) == (3, 0, [])
    [taken] = await turns.take(Proposing(retire(fourth)), [letter(3, UNVERIFIED)])
    assert (taken.accepted, len(turns.store.view(NAME).bullets())) == (1, 2)


async def test_a_batch_of_both_is_two_turns_and_two_deltas(turns: Turns) -> None:
    strategy, gate = Proposing(add(RULE)), Keeping()
    turns = Turns(turns.store, NAME, [gate])
    episodes = [letter(1), letter(2, UNVERIFIED), letter(3, "alice"), letter(4, UNVERIFIED)]
    taken = await turns.take(strategy, episodes)
    assert [[e.id for e in lesson.episodes] for lesson, _ in strategy.given] == [["e-1", "e-3"], ["e-2", "e-4"]]
    assert [book.trust for _, book in strategy.given] == [Trust.TRUSTED, Trust.UNTRUSTED]
    assert [p.trust for p in gate.seen] == [Trust.TRUSTED, Trust.UNTRUSTED]
    assert [t.cases for t in taken] == [2, 2]
    assert [d.episodes for d in turns.store.log(NAME)[::-1]] == [("e-1", "e-3"), ("e-2", "e-4")]
    assert [len(turns.store.reflections(e.id)) for e in episodes] == [1, 1, 1, 1]


async def test_what_untrusted_attempts_teach_rests_on_them_also_where_it_names_others(turns: Turns) -> None:
    await taught(turns, 1, add("Be kind to all."))
    claims = replace(add("Pay the sender at once."), episodes=("e-1",))
    [taken] = await turns.take(Proposing(claims, named=["e-1"]), [letter(2, UNVERIFIED)])
    [made] = taken.committed.changes
    assert turns.store.log(NAME)[0].episodes == ("e-2",)
    assert turns.store.trust(NAME)[made.after.id].distrusted
    assert shown(turns) == ["Be kind to all."]


@pytest.mark.parametrize("state", ["active", "candidate"])
async def test_a_true_lesson_that_a_stranger_told_first_is_learned_all_the_same(turns: Turns, state: str) -> None:
    [first] = await taught(turns, 1, replace(add(RULE), state=state), origin=UNVERIFIED)
    [own] = await taught(turns, 2, add(RULE))
    book = turns.store.view(NAME)
    assert [(b.id, b.state) for b in book.at(Trust.TRUSTED).bullets()] == [(own, State.ACTIVE)]
    assert book.distrusted == {first}
    # It counts for the other one, and taught once more it is the same lesson again.
    assert [str(o) for o in turns.store.trust(NAME)[first].support] == ["environment (1 change)"]
    assert await taught(turns, 3, add(RULE)) == []
    assert [str(o) for o in turns.store.trust(NAME)[first].support] == ["environment (2 changes)"]


async def test_a_true_lesson_that_a_stranger_guessed_and_took_back_is_learned_as_one(turns: Turns) -> None:
    [first] = await taught(turns, 1, replace(add(RULE), state="candidate"), origin=UNVERIFIED)
    await turns.take(Proposing(retire(first)), [letter(2, UNVERIFIED)])
    [own] = await taught(turns, 3, add(RULE))
    assert [(b.id, b.state) for b in turns.store.view(NAME).bullets()] == [(own, State.ACTIVE)]


async def test_what_a_stranger_says_again_is_a_repeat_and_takes_no_trust_away(turns: Turns) -> None:
    [own] = await taught(turns, 1, add(RULE))
    assert await taught(turns, 2, add(RULE), origin=UNVERIFIED) == []
    assert shown(turns) == [RULE]
    assert not turns.store.trust(NAME)[own].distrusted


async def test_merging_branches_does_not_make_one_of_a_true_lesson_and_what_a_stranger_says(turns: Turns) -> None:
    store = turns.store
    await taught(turns, 1, add("Be kind to all."))
    store.branches.fork(NAME, "other")
    [theirs] = await taught(turns, 2, add(RULE), origin=UNVERIFIED)
    other = Turns(store, "other")
    await taught(other, 4, add("Be quick."))
    [own] = await taught(other, 3, add(RULE))
    for into, source in (("other", NAME), (NAME, "other")):
        store.branches.commit(store.branches.plan(into, source))
        book = store.view(into)
        assert {b.id for b in book.bullets()} > {own, theirs}
        assert RULE in [b.text for b in book.at(Trust.TRUSTED).bullets()]
        assert book.distrusted == {theirs}
