"""What lifts a lesson of strangers: three authenticated senders or a person, and a measured benefit; neither alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.operations import Delta, Op, Operation
from ace.types import UNVERIFIED, Reflection, Step, Trust
from tests.stories import NAME, Story, add
from tests.strategies.lessons import lived

RULE = "If the tier is gold, then refund."


class Letters(Story):
    """A story of letters, whose attempts show the rule right, wrong, or neither."""

    def letter(self, origin: str, *, right: bool | None = None) -> str:
        """One attempt at a letter by `origin`; its id."""
        self._played += 1
        e = lived(self._played, right is not False)
        task = replace(e.task, origin=origin)
        choice = "answer" if right is None else "refund"
        situation = "weather: fine" if right is None else f"tier: gold; number: {self._played}"
        told = Reflection(e.id, situation, choice, "d", "l")
        self.store.commit(Batch((replace(e, task=task, steps=(Step(choice),)),), (told,), self.name))
        return e.id

    def taught(self, origin: str, *, right: bool | None = None) -> None:
        self.change(add(RULE), episodes=[self.letter(origin, right=right)])


@pytest.fixture
def story(store: Store) -> Letters:
    made = Letters(store)
    made.taught(UNVERIFIED)
    return made


def hidden(story: Letters) -> bool:
    """Whether the stranger's bullet is left out where work is done."""
    return bool(story.store.view(NAME).distrusted)


def test_three_senders_and_attempts_that_show_it_right_lift_it(story: Letters) -> None:
    for sender in ("alice", "bob"):
        story.taught(sender, right=True)
    assert hidden(story)
    story.taught("Alice ", right=True)
    assert hidden(story), "the same sender, written otherwise"
    story.taught("carol", right=True)
    assert not hidden(story)


def test_three_senders_without_a_benefit_do_not_lift_it(story: Letters) -> None:
    for sender in ("alice", "bob", "carol", ""):
        story.taught(sender)
    assert hidden(story)
    for right in (True, False, False):
        story.letter("alice", right=right)
    assert hidden(story)
    for _ in range(2):
        story.letter("alice", right=True)
    assert not hidden(story)


def test_attempts_alone_never_lift_it_and_those_of_strangers_count_for_nothing(story: Letters) -> None:
    for _ in range(20):
        story.letter("alice", right=True)
    assert hidden(story)
    for sender in ("alice", "bob", "carol"):
        story.taught(sender, right=False)
    for _ in range(40):
        story.letter(UNVERIFIED, right=False)
    assert not hidden(story), "twenty trusted attempts show it right, and forty of strangers do not count"


def test_strangers_under_many_names_lift_nothing(story: Letters) -> None:
    for _ in range(5):
        story.taught(UNVERIFIED, right=True)
    for _ in range(5):
        story.letter("alice", right=True)
    assert hidden(story)


def test_a_person_and_a_benefit_lift_it(story: Letters) -> None:
    [id] = story.store.view(NAME).distrusted
    approve = Delta(story.store.head(NAME).hash, (Operation(Op.PIN, id=id),), "person", "it is true", by="Zoë")
    story.store.commit(Batch(playbook=NAME, delta=approve))
    assert hidden(story)
    story.letter("", right=True)
    assert not hidden(story)
    assert id in {b.id for b in story.store.view(NAME).at(Trust.TRUSTED).bullets()}
