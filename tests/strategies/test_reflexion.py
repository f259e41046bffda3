"""The strategy `reflexion`: an attempt is told what was reflected on the same task, and nothing of others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ace.memory.store import Store
from ace.memory.values import Batch
from ace.roles.curator.settings import Shown
from ace.strategies.contract import Lesson
from ace.strategies.reflexion import Reflexion
from ace.types import Episode, Reflection
from tests.answering import curation
from tests.stories import NAME, Story, add
from tests.strategies.lessons import lived, pupil, roles, told

TASK = lived(0, False).task


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


def attempts(*numbers: int) -> list[tuple[Episode, Reflection]]:
    """Lost attempts at one task with their reflections."""
    return [(replace(lived(n, False), task=TASK), told(n)) for n in numbers]


def keep(story: Story, *pairs: tuple[Episode, Reflection]) -> None:
    story.store.commit(Batch(tuple(e for e, _ in pairs), tuple(r for _, r in pairs), NAME))


def shown(story: Story, *earlier: tuple[Episode, Reflection]) -> list[str]:
    briefing = Reflexion(roles(pupil())).context(TASK, story.store.view(NAME), earlier)
    return [e.lesson for e in briefing.earlier]


def test_the_last_three_reflections_on_the_same_task_are_shown_oldest_first(story: Story) -> None:
    assert shown(story) == []
    keep(story, *attempts(1, 2, 3, 4, 5), (lived(7, False), told(7)))
    assert shown(story) == ["lesson 3", "lesson 4", "lesson 5"]


def test_those_of_this_very_case_come_last_and_push_older_ones_out(story: Story) -> None:
    keep(story, *attempts(1, 2, 3))
    assert shown(story, *attempts(8, 9)) == ["lesson 3", "lesson 8", "lesson 9"]
    assert shown(story, *attempts(6, 7, 8, 9)) == ["lesson 7", "lesson 8", "lesson 9"]


def test_a_reflection_is_not_shown_twice(story: Story) -> None:
    keep(story, *attempts(1, 2))
    assert shown(story, *attempts(2)) == ["lesson 1", "lesson 2"]


def test_how_each_attempt_of_the_case_ended_is_told(story: Story) -> None:
    [(lost, first)] = attempts(1)
    won = replace(lived(2, True), task=TASK)
    earlier = Reflexion(roles(pupil())).context(TASK, story.store.view(NAME), [(lost, first), (won, told(2))]).earlier
    assert [(e.won, e.situation, e.choice, e.diagnosis) for e in earlier] == [
        (False, "situation 1", "choice 1", "diagnosis 1"),
        (True, "situation 2", "choice 2", "diagnosis 2"),
    ]


def test_so_is_how_attempts_before_this_case_ended(story: Story) -> None:
    [lost] = attempts(1)
    keep(story, lost, (replace(lived(2, True), task=TASK), told(2)))
    earlier = Reflexion(roles(pupil())).context(TASK, story.store.view(NAME), []).earlier
    assert [(e.won, e.lesson) for e in earlier] == [(False, "lesson 1"), (True, "lesson 2")]


def test_settings_of_curating_are_said_to_have_no_effect_where_it_does_not_curate() -> None:
    idle = Reflexion(roles(pupil()), explore=False, shown=Shown(rows=False)).cautions()
    assert idle == ["explore, rows have no effect with curate=false"]
    assert Reflexion(roles(pupil()), curate=True, explore=False, shown=Shown(rows=False)).cautions() == []


def test_the_playbook_is_shown_too(story: Story) -> None:
    [id] = story.added(add("Ask first."))
    briefing = Reflexion(roles(pupil())).context(TASK, story.store.view(NAME), [])
    assert briefing.stable == f"## Refunds\n- [{id}] Ask first."
    assert [x.bullet for x in briefing.render.exposures] == [id]


@pytest.mark.parametrize(("successes", "reflected"), [(False, ["e-2"]), (True, ["e-1", "e-2"])])
async def test_it_reflects_on_failures_and_on_successes_where_asked_to(
    story: Story, successes: bool, reflected: list[str]
) -> None:
    model = pupil()
    lesson = Lesson([lived(1, True), lived(2, False), lived(3, None)], 5)
    learned = await Reflexion(roles(model), successes=successes).learn(lesson, story.store.view(NAME))
    assert [r.episode for r in learned.reflections] == reflected
    assert (learned.delta, "curator" in model.roles()) == (None, False)


async def test_where_asked_to_it_curates_what_it_reflected(story: Story) -> None:
    rows = [{"section": "Rules", "text": "Open the door.", "after_id": "", "attempts": [2]}]
    lesson = Lesson([lived(1, True), lived(2, False)], 5)
    strategy = Reflexion(roles(pupil(curator=curation(add=rows))), curate=True)
    learned = await strategy.learn(lesson, story.store.view(NAME))
    assert [r.episode for r in learned.reflections] == ["e-2"]
    assert learned.delta is not None
    assert [(o.text, o.episodes) for o in learned.delta.operations] == [("Open the door.", ("e-2",))]


async def test_a_reflection_that_cannot_be_read_is_noted(story: Story) -> None:
    learned = await Reflexion(roles(pupil("hm"))).learn(Lesson([lived(2, False)], 5), story.store.view(NAME))
    assert (learned.reflections, learned.delta) == ((), None)
    assert learned.notes == ("no reflection on e-2: there is no JSON object in it",)
