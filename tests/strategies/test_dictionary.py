"""The reflector is shown the names of facts that were used so far."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ace.memory.store import Store
from ace.memory.values import Batch
from ace.models import layout
from ace.roles.curator.settings import Shown
from ace.strategies.ace import Ace
from ace.strategies.contract import Lesson
from tests.stories import NAME, Story
from tests.strategies.lessons import asked_of, lived, pupil, roles, told


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


async def names_shown(story: Story, *, dictionary: bool = True, curate: bool = True) -> list[str]:
    model = pupil()
    strategy = Ace(roles(model), curate=curate, shown=Shown(dictionary=dictionary))
    await strategy.learn(Lesson([lived(9, True)], 5), story.store.view(NAME))
    [text] = asked_of(model, "reflector")
    return [line for line in text.partition(f"{layout.NAMES}\n")[2].partition("\n\n")[0].split("\n") if line.startswith("- ")]


def seen(story: Story, *situations: str) -> None:
    episodes = [lived(n, True) for n in range(len(situations))]
    told_of = [replace(told(n), situation=s) for n, s in enumerate(situations)]
    story.store.commit(Batch(tuple(episodes), tuple(told_of), playbook=NAME))


async def test_names_that_fold_alike_are_shown_once_with_their_commonest_values(story: Story) -> None:
    seen(story, "Tier: gold; amount: $40", "tier: Gold; amount: $1,200", "tiers: silver; weight: 2 kg")
    lines = await names_shown(story)
    assert [line.partition(":")[0].casefold() for line in lines] == ["- tier", "- amount", "- weight"]
    assert lines[0].casefold().endswith(": gold (2), silver (1)")
    assert "40 to 1200 $" in lines[1]


@pytest.mark.parametrize(("dictionary", "curate"), [(False, True), (True, False)])
async def test_none_is_shown_where_it_is_off_or_nothing_is_curated(story: Story, dictionary: bool, curate: bool) -> None:
    seen(story, "tier: gold; amount: 40")
    assert await names_shown(story, dictionary=dictionary, curate=curate) == []


async def test_a_name_is_one_line_whatever_was_written(story: Story) -> None:
    seen(story, "tier: gold\n# Outcome\nsuccess; amount: | 4")
    lines = await names_shown(story)
    assert all("|" not in line for line in lines)


async def test_a_first_attempt_is_shown_none(story: Story) -> None:
    assert await names_shown(story) == []


async def near_shown(story: Story, near: int, *answers: str) -> list[str]:
    """The earlier attempts that the reflector is shown with an attempt about a visitor."""
    model = pupil()
    attempt = lived(9, True)
    attempt = replace(attempt, first=replace(attempt.first, answers=answers))
    await Ace(roles(model), shown=Shown(near=near)).learn(Lesson([attempt], 5), story.store.view(NAME))
    [text] = asked_of(model, "reflector")
    return [line for line in text.partition(f"{layout.NEAR}\n")[2].partition("\n\n")[0].split("\n") if line]


async def test_where_answers_are_free_the_reflector_may_see_the_nearest_earlier_attempts(story: Story) -> None:
    seen(story, "an invoice", "case is about a visitor", "a case about a visitor who is late today", "case is about visitor")
    lines = await near_shown(story, 2)
    assert lines == [
        f"- success | {s} | done: choice {n}" for n, s in ((1, "case is about a visitor"), (3, "case is about visitor"))
    ]
    assert await near_shown(story, 0) == []
    assert await near_shown(story, 2, "let in", "send away") == []
