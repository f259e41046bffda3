"""A lesson that is taught twice stands once, and rests on both."""

from __future__ import annotations

import pytest

from ace.memory.exchange.neighbours import neighbours, warnings_for
from ace.memory.log.repeats import repeated
from ace.memory.store import Store
from ace.playbooks.operations import Delta, Op, Operation, Status
from ace.playbooks.similarity.compare import Kind
from tests.stories import NAME, Story, add, merge, retire, revise


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


def texts(store: Store) -> list[str]:
    return [b.text for b in store.view(NAME).bullets()]


def rests_on(store: Store, bullet: str) -> list[tuple[str, ...]]:
    with store._database.read() as c:
        return [o.episodes for _, o in repeated(c, 1, [bullet]).get(bullet, [])]


def test_the_same_lesson_again_makes_no_second_bullet_and_no_revision(store: Store, story: Story) -> None:
    [id] = story.added(add("Retry a failed request 3 times.", episodes=["e-1"]))
    again = story.change(add("retry the failed request three times", episodes=["e-2"]), episodes=["e-2"])
    assert again.status is Status.REFUSED
    assert [(r.reason, r.twin) for r in again.refusals] == [(f"it says the same as {id}", id)]
    assert texts(store) == ["Retry a failed request 3 times."]
    assert store.head(NAME).number == 1


def test_the_bullet_keeps_what_the_second_teaching_rested_on(store: Store, story: Story) -> None:
    [id] = story.added(add("Ask first.", episodes=["e-1"]))
    story.change(add("ask first", reason="It helped again.", episodes=["e-2", "e-3"]))
    story.change(add("Ask first!", episodes=["e-4"]), add("Ask last.", episodes=["e-5"]))
    assert rests_on(store, id) == [("e-2", "e-3"), ("e-4",)]
    assert [d.refusals[0].operation.reason for d in store.log(NAME)[1:2]] == ["It helped again."]
    assert store.verify(NAME) == []


@pytest.mark.parametrize("other", ["Retry 5 times.", "Do not retry 3 times.", "Retry 3 times, then stop.", "Retry 3 hours."])
def test_what_differs_in_a_number_a_negation_or_a_word_is_a_lesson_of_its_own(store: Store, story: Story, other: str) -> None:
    story.change(add("Retry 3 times."))
    assert story.change(add(other)).status is Status.ACCEPTED
    assert texts(store) == ["Retry 3 times.", other]


def test_one_lesson_twice_in_one_delta_is_added_once(store: Store, story: Story) -> None:
    done = story.change(add("Ask first.", episodes=["e-1"]), add("ask first", episodes=["e-2"]), add("Ask last."))
    assert texts(store) == ["Ask first.", "Ask last."]
    [id] = [c.after.id for c in done.changes if c.after.text == "Ask first."]
    assert [(r.index, r.twin) for r in done.refusals] == [(1, id)]
    assert rests_on(store, id) == [("e-2",)]


def test_a_lesson_is_not_lost_because_its_first_statement_could_not_be_placed(store: Store, story: Story) -> None:
    done = story.change(add("Ask first.", after="ref-zzzz0000"), add("ask first"))
    assert texts(store) == ["ask first"]
    assert [(r.index, r.reason) for r in done.refusals] == [(0, "there is no bullet ref-zzzz0000")]


def test_a_lesson_may_be_added_anew_where_the_old_bullet_goes(store: Store, story: Story) -> None:
    first, second = story.added(add("Ask first."), add("Ask last."))
    story.change(add("Ask first.", "Fees"), retire(first))
    story.change(add("Ask last.", "Fees"), revise(second, "Ask never."))
    story.change(add("Ask both.", "Fees"), merge("Ask both.", *[b.id for b in store.view(NAME).bullets()][:2]))
    assert [(b.section, b.text) for b in store.view(NAME).bullets()] == [
        ("Refunds", "Ask both."), ("Fees", "Ask last."), ("Fees", "Ask both."),
    ]  # fmt: skip


def test_a_retired_lesson_can_be_learned_again(store: Store, story: Story) -> None:
    [id] = story.added(add("Ask first."))
    story.change(retire(id))
    [new] = story.added(add("Ask first."))
    assert new != id
    assert texts(store) == ["Ask first."]


@pytest.mark.parametrize("author", ["person", "import"])
def test_what_a_person_adds_or_a_file_brings_is_added_whatever_there_is(store: Store, story: Story, author: str) -> None:
    story.change(add("Ask first."))
    assert story.change(add("Ask first."), author=author).status is Status.ACCEPTED
    assert texts(store) == ["Ask first.", "Ask first."]


def test_two_writers_with_the_same_lesson_and_the_same_base_add_it_once(store: Store, story: Story) -> None:
    base = store.head(NAME).hash
    for _ in range(2):
        from ace.memory.values import Batch

        store.commit(Batch(playbook=NAME, delta=Delta(base, (Operation(Op.ADD, section="S", text="Ask first."),))))
    assert texts(store) == ["Ask first."]
    assert store.verify(NAME) == []


def test_a_person_is_told_what_a_new_lesson_repeats_contradicts_and_is_like(store: Store, story: Story) -> None:
    same, turned, like, _ = story.added(
        add("Ask for the order number."),
        add("Never ask for the order number."),
        add("Ask gift buyers for the order number of the gift."),
        add("Round totals to cents."),
    )
    view = store.view(NAME)
    found = neighbours(view, "ask for the order number")
    assert [(n.bullet.id, n.likeness.kind) for n in found] == [
        (same, Kind.SAME), (turned, Kind.CONTRADICTS), (like, Kind.ALIKE),
    ]  # fmt: skip
    warnings = warnings_for(view, "ask for the order number")
    assert [f"[{id}]" in line for id, line in zip((same, turned, like), warnings, strict=True)] == [True, True, True]
    assert "contradicts" in warnings[1]
    assert warnings_for(view, "Water the seedlings in the morning.") == []


def test_neighbours_are_those_of_the_revision_that_is_looked_at(store: Store, story: Story) -> None:
    [id] = story.added(add("Retry 3 times."))
    story.change(revise(id, "Retry 7 times."), add("Ask first."))
    old, new = store.view(f"{NAME}@1"), store.view(NAME)
    assert [n.likeness.why for n in neighbours(old, "Retry 5 times.")] == ["5 against 3"]
    assert [n.likeness.why for n in neighbours(new, "Retry 5 times.")] == ["5 against 7"]
    assert neighbours(old, "Ask first.") == []
