"""The strategy `frozen`: the playbook is shown as it is, and nothing comes of what happens."""

from __future__ import annotations

import pytest

from ace.memory.store import Store
from ace.strategies.contract import Learned, Lesson
from ace.strategies.frozen import Frozen
from ace.types import Vote
from tests.stories import NAME, Story, add
from tests.strategies.lessons import lived, pupil, roles, told

TASK = lived(0, False, about="the printers").task


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


async def test_it_asks_nobody_and_learns_nothing(story: Story) -> None:
    model = pupil()
    learned = await Frozen(roles(model)).learn(Lesson([lived(1, True), lived(2, False)], 5), story.store.view(NAME))
    assert learned == Learned()
    assert model.asked == []


async def test_what_was_reflected_between_two_attempts_is_kept(story: Story) -> None:
    lesson = Lesson([lived(1, False), lived(2, True)], 5, {"e-1": told(1), "e-9": told(9)})
    learned = await Frozen(roles(pupil())).learn(lesson, story.store.view(NAME))
    assert learned == Learned((told(1),))


def test_what_is_shown_does_not_change_with_what_happens(story: Story) -> None:
    """Counters would change at every step, and with them the part of the prompt that is stable."""
    [id] = story.added(add("Ask first."))
    before = Frozen(roles(pupil())).context(TASK, story.store.view(NAME), [])
    for n in range(4):
        story.play(n > 0, [id], [id], lesson="Ask.", votes=[(id, Vote.HELPFUL)])
    view = story.store.view(NAME)
    assert view.records([id])[id].cited_won == 3
    assert Frozen(roles(pupil())).context(TASK, view, []) == before
    assert before.stable == f"## Refunds\n- [{id}] Ask first."


def test_a_playbook_that_fits_is_stable_and_a_larger_one_is_searched_for_the_task(story: Story) -> None:
    topics = ("parcels", "invoices", "printers")
    ids = story.added(*(add(f"About {t}: see the page on {t} before you answer.", t) for t in topics))
    view = story.store.view(NAME)
    whole = Frozen(roles(pupil())).context(TASK, view, [])
    assert (whole.picked, [x.bullet for x in whole.render.exposures]) == ("", ids)
    few = Frozen(roles(pupil()), tokens=25).context(TASK, view, [])
    assert (few.stable, few.picked) == (
        "",
        f"## printers\n- [{ids[2]}] About printers: see the page on printers before you answer.",
    )
    assert [(x.bullet, x.policy) for x in few.render.exposures] == [(ids[2], "relevant")]
    assert few.render.text == few.picked


def test_earlier_attempts_at_the_case_are_shown_the_last_three(story: Story) -> None:
    earlier = [(lived(n, False), told(n)) for n in range(1, 6)]
    briefing = Frozen(roles(pupil())).context(TASK, story.store.view(NAME), earlier)
    assert [e.lesson for e in briefing.earlier] == ["lesson 3", "lesson 4", "lesson 5"]
