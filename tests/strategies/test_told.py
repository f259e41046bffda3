"""What the settings put into the curator's request, through a store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ace.memory.store import Store
from ace.memory.values import Batch
from ace.models import layout
from ace.playbooks.operations import Delta, Op, Operation
from ace.roles.curator.settings import Shown
from ace.strategies.ace import Ace
from ace.strategies.contract import Lesson
from ace.types import Episode, Observation, Reflection
from tests.stories import NAME, Story, add
from tests.strategies.lessons import asked_of, lived, pupil, roles, told


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


def listed(n: int, won: bool) -> tuple[Episode, Reflection]:
    e = lived(n, won)
    return replace(e, first=Observation(e.first.text, (), ("open", "ring"))), told(n)


async def shown(story: Story, left: int | None = None, **settings: bool) -> str:
    """What the curator is asked about one more attempt with listed answers."""
    made: Any = Shown
    model = pupil()
    await Ace(roles(model), shown=made(**settings)).learn(Lesson([listed(99, True)[0]], 5, left=left), story.store.view(NAME))
    return asked_of(model, "curator")[0]


async def test_the_last_delta_is_told_with_what_was_refused(story: Story) -> None:
    [id] = story.added(add("Ask first."))
    delta = Delta(story.store.head(NAME).hash, (Operation(Op.RETIRE, id=id), Operation(Op.RETIRE, id="rul-0009")))
    story.store.commit(Batch(playbook=NAME, delta=delta))
    text = await shown(story, left=2)
    assert f"{layout.LAST}\n(at most 2 more batches of attempts will follow this one)\n- retire [{id}]: done\n" in text
    assert "- retire [rul-0009]: refused, there is no bullet rul-0009" in text
    assert layout.LAST not in await shown(story, left=2, last_edits=False)


@pytest.mark.parametrize("rows", [True, False])
async def test_counts_and_lists_found_are_shown_where_they_are_asked_for(story: Story, rows: bool) -> None:
    pairs = [listed(n, n % 2 == 0) for n in range(12)]
    said = [replace(r, situation=f"tier: {'gold' if e.outcome.success else 'silver'}", choice="open") for e, r in pairs]
    story.store.commit(Batch(tuple(e for e, _ in pairs), tuple(said), playbook=NAME))
    text = await shown(story, rows=rows, table=True, candidates=True)
    assert f"{layout.COUNTED}\n- all attempts: open 6 won 6 lost" in text
    assert f"{layout.FOUND}\n(Found by counting alone" in text
    assert "\n- list 1: " in text
    assert (layout.ROWS in text) == rows
    plain = await shown(story, rows=rows, candidates=False)
    assert layout.COUNTED not in plain
    assert layout.FOUND not in plain
