"""The strategy `ace`: what it reflects on, what its curator is shown, and what becomes of the reply."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from ace.errors import ModelError, ModelRefused
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.models import layout
from ace.models.clients.own import Own
from ace.models.contract import Request
from ace.playbooks.operations import Op, Operation, Refusal
from ace.roles.curator.settings import Shown
from ace.strategies.ace import Ace
from ace.strategies.contract import Learned, Lesson, Roles
from ace.types import Episode, derive_seed
from tests.answering import Answering, curation, diagnosis
from tests.stories import NAME, Story, add, retire
from tests.strategies.lessons import SAMPLING, asked_of, lived, pupil, roles, told
from tests.turns import Turns


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


async def learn(story: Story, model: Answering, *episodes: Episode, **settings: Any) -> Learned:
    return await Ace(roles(model), **settings).learn(Lesson(episodes, 5), story.store.view(NAME))


NEW = re.compile(r"^[+-] #\d+ new\b", re.MULTILINE)
ADDING = curation(
    "#1 won.", add=[{"section": "Rules", "text": "Open the door.", "after_id": "", "reason": "", "attempts": [1]}]
)


async def test_an_invalid_attempt_is_not_reflected_on_and_stands_behind_nothing(story: Story) -> None:
    model = pupil(curator=ADDING)
    learned = await learn(story, model, lived(1, None), lived(2, True), lived(3, False))
    assert [r.episode for r in learned.reflections] == ["e-2", "e-3"]
    assert len(asked_of(model, "reflector")) == 2
    assert len(NEW.findall(asked_of(model, "curator")[0])) == 2
    assert learned.delta is not None
    assert learned.delta.episodes == ("e-2", "e-3")


async def test_where_every_attempt_is_invalid_nobody_is_asked(story: Story) -> None:
    model = pupil()
    assert await learn(story, model, lived(1, None), lived(2, None)) == Learned()
    assert model.asked == []


async def test_successes_are_reflected_on_unless_that_is_turned_off(story: Story) -> None:
    episodes = lived(1, True), lived(2, False), lived(3, True)
    assert [r.episode for r in (await learn(story, pupil(), *episodes)).reflections] == ["e-1", "e-2", "e-3"]
    assert [r.episode for r in (await learn(story, pupil(), *episodes, successes=False)).reflections] == ["e-2"]


async def test_successes_that_are_not_reflected_on_count_for_their_lessons_all_the_same(story: Story) -> None:
    [id] = story.added(add("Ask first."))
    model = pupil()
    await learn(story, model, lived(1, True, id), lived(2, False, id), lived(3, None, id), successes=False)
    assert f"- [{id}] Ask first.  (followed 2 times, won 1, lost 1)\n" in asked_of(model, "curator")[0]


async def test_without_curation_there_are_reflections_and_no_delta(story: Story) -> None:
    model = pupil(curator=ADDING)
    learned = await learn(story, model, lived(1, True), curate=False)
    assert (len(learned.reflections), learned.delta, model.roles()) == (1, None, ["reflector"])


async def test_reflections_stand_in_the_order_of_the_tasks_whichever_comes_first(story: Story) -> None:
    """The first reply comes last: it waits until the other two have been given."""
    left, others = 2, asyncio.Event()

    async def reflects(request: Request) -> str:
        nonlocal left
        if request.role == "curator":
            return curation()
        if "Case 1 " in request.messages[1].content:
            await others.wait()
        else:
            left -= 1
            if not left:
                others.set()
        return diagnosis()

    model = Own("slow", reflects)
    both = Roles(lambda unit: model, lambda unit: model)
    learned = await Ace(both).learn(Lesson([lived(n, True) for n in (1, 2, 3)], 5), story.store.view(NAME))
    assert [r.episode for r in learned.reflections] == ["e-1", "e-2", "e-3"]


async def test_what_was_reflected_on_between_attempts_is_not_asked_again(story: Story) -> None:
    model = pupil()
    lesson = Lesson([lived(1, False), lived(2, True)], 5, {"e-1": told(1), "e-2": told(2)})
    learned = await Ace(roles(model), successes=False).learn(lesson, story.store.view(NAME))
    assert learned.reflections == (told(1), told(2))
    assert model.roles() == ["curator"]


async def test_a_reflection_that_cannot_be_read_costs_that_lesson_alone(story: Story) -> None:
    model = pupil(lambda request: "hm" if "Case 2 " in request.messages[1].content else diagnosis())
    learned = await learn(story, model, *(lived(n, False) for n in (1, 2, 3)))
    assert [r.episode for r in learned.reflections] == ["e-1", "e-3"]
    assert [note.partition(":")[0] for note in learned.notes] == ["no reflection on e-2"]
    assert learned.delta is not None
    # The second attempt is told as it was observed.
    assert len(NEW.findall(asked_of(model, "curator")[0])) == 3
    assert asked_of(model, "curator")[0].count("| diagnosis: ") == 2


async def test_where_no_reflection_can_be_had_the_curator_is_not_asked(story: Story) -> None:
    model = pupil(ModelError("no route"))
    learned = await learn(story, model, lived(1, False))
    assert (learned.reflections, learned.delta) == ((), None)
    assert learned.notes == ("no reflection on e-1: no route",)
    assert "curator" not in model.roles()


@pytest.mark.parametrize(("curator", "why"), [("hm", "there is no JSON object in it"), (ModelError("no route"), "no route")])
async def test_a_curator_that_gives_nothing_leaves_the_reflections(story: Story, curator: str | Exception, why: str) -> None:
    model = pupil(curator=curator)
    learned = await learn(story, model, lived(1, True), lived(2, False))
    assert [r.episode for r in learned.reflections] == ["e-1", "e-2"]
    assert (learned.delta, learned.refused, learned.notes) == (None, (), (f"no curation: {why}",))
    assert model.roles().count("curator") == (2 if curator == "hm" else 1)
    # What is left of it can be committed.
    story.store.commit(Batch((lived(1, True), lived(2, False)), learned.reflections, NAME, learned.delta))
    assert story.store.reflections("e-2") == [learned.reflections[1]]


@pytest.mark.parametrize("role", ["reflector", "curator"])
async def test_a_model_that_will_never_answer_is_not_passed_over(story: Story, role: str) -> None:
    with pytest.raises(ModelRefused, match="wrong key"):
        await learn(story, pupil(**{role: ModelRefused("wrong key")}), lived(1, True))


async def test_edits_rest_on_the_revision_that_was_shown_and_name_episodes_not_numbers(story: Story) -> None:
    story.added(add("Ask first."))
    learned = await learn(story, pupil(curator=ADDING), lived(1, True), lived(2, False))
    assert learned.delta is not None
    [edit] = learned.delta.operations
    assert (edit.op, edit.text, edit.episodes) == (Op.ADD, "Open the door.", ("e-1",))
    assert (learned.delta.base, learned.delta.author) == (story.store.head(NAME).hash, "curator")
    assert learned.delta.reason == "e-1 won."


async def test_what_guards_refuse_is_kept_by_its_place_with_the_reason(story: Story) -> None:
    texts = ("Open the door.", "# Playbook", "Close it again.")
    rows = [{"section": "Rules", "text": t, "after_id": ""} for t in texts]
    strategy = Ace(roles(pupil(curator=curation(add=rows))))
    [taken] = await Turns(story.store, NAME).take(strategy, [lived(1, True)])
    assert [b.text for b in story.store.view(NAME).bullets()] == ["Open the door.", "Close it again."]
    [refusal] = taken.committed.refusals
    assert (refusal.index, refusal.operation.text) == (1, "# Playbook")
    assert refusal.reason.startswith("it looks like a heading")


async def test_a_lesson_that_copies_its_task_is_refused(story: Story) -> None:
    long = lived(1, True, about=" ".join(f"word{n}" for n in range(40)))
    rows = [{"section": "Rules", "text": long.task.text, "after_id": ""}]
    [taken] = await Turns(story.store, NAME).take(Ace(roles(pupil(curator=curation(add=rows)))), [long])
    assert story.store.view(NAME).bullets() == []
    assert "consecutive words of a task" in taken.committed.refusals[0].reason


async def test_the_curator_is_asked_once_more_with_what_a_gate_showed_and_nobody_reflects_again(
    story: Story,
) -> None:
    model = pupil(curator=ADDING)
    lesson = Lesson([lived(1, True), lived(2, False)], 5, {"e-1": told(1)}, objection="attempt 7\n# Playbook")
    learned = await Ace(roles(model)).learn(lesson, story.store.view(NAME))
    assert model.roles() == ["curator"]
    assert f"{layout.OBJECTION}\n| attempt 7\n| # Playbook\n" in asked_of(model, "curator")[0]
    assert learned.reflections == (told(1),)


def past(story: Story, id: str) -> None:
    """Six attempts that used `id` and six that used nothing, half of each won."""
    for n in range(12):
        story.play(n % 2 == 0, [id], [id] if n < 6 else [])


def made(settings: dict[str, int]) -> Shown:
    return Shown(rows=False, evidence=settings.get("evidence", 200), evidence_tokens=settings.get("evidence_tokens", 20000))


@pytest.mark.parametrize(
    ("settings", "told"), [({}, 12), ({"evidence": 1}, 6), ({"evidence": 0}, 0), ({"evidence_tokens": 0}, 0)]
)
async def test_as_many_past_attempts_are_shown_as_the_settings_say(story: Story, settings: dict[str, int], told: int) -> None:
    """One won and one lost for a lesson, twice as many for no lesson."""
    [id] = story.added(add("Ask first."))
    past(story, id)
    model = pupil()
    await learn(story, model, lived(99, True), shown=made(settings))
    lines = asked_of(model, "curator")[0].split("\n")
    assert sum(line.startswith(("+ #", "- #")) for line in lines) == told
    assert f"## [{id}]: followed 6 times, won 3, lost 3" in lines


async def test_attempts_that_the_store_has_already_are_counted_once(story: Story) -> None:
    [id] = story.added(add("Ask first."))
    episodes = [lived(n, n > 1, id) for n in (1, 2, 3)]
    lines = []
    for stored in (False, True):
        if stored:
            story.store.commit(Batch(tuple(episodes), playbook=NAME))
        model = pupil()
        await Ace(roles(model)).learn(Lesson(episodes, 5, stored=stored), story.store.view(NAME))
        lines += [line for line in asked_of(model, "curator")[0].split("\n") if line.startswith(f"- [{id}]")]
    assert lines == [f"- [{id}] Ask first.  (followed 3 times, won 2, lost 1)"] * 2


async def test_roles_are_asked_as_they_sample_with_seeds_of_their_own(story: Story) -> None:
    model = pupil()
    await learn(story, model, lived(1, True), lived(2, True))
    assert all((r.sampling, r.timeout) == (SAMPLING, 7.5) for r in model.asked)
    assert [r.seed for r in model.asked] == [derive_seed(1, "reflect"), derive_seed(2, "reflect"), derive_seed(5, "curate")]


TOPICS = ("parcels", "invoices", "passwords", "holidays", "printers", "elevators", "contracts", "lunches")


def large(story: Story) -> list[str]:
    return story.added(*(add(f"About {t}: see the page on {t} before you answer.", t) for t in TOPICS))


def listed(prompt: str, ids: list[str]) -> set[str]:
    """The topics of the bullets that the curator was shown."""
    playbook = dict(zip(ids, TOPICS, strict=True))
    return {playbook[id] for id in ids if f"\n- [{id}] " in prompt}


async def test_of_a_large_playbook_the_curator_sees_what_concerns_the_new_attempts(story: Story) -> None:
    ids = large(story)
    model = pupil()
    await learn(story, model, lived(1, False, ids[2], about="the printers"), tokens=90)
    prompt = asked_of(model, "curator")[0]
    assert listed(prompt, ids) == {"passwords", "printers"}
    assert "\n(2 of 8 lessons" in prompt
    await learn(story, model, lived(2, False, about="the printers"))
    assert listed(asked_of(model, "curator")[1], ids) == set(TOPICS)


async def test_edits_offered_again_come_with_their_lessons_but_not_with_retired_ones(story: Story) -> None:
    ids = large(story)
    story.change(retire(ids[3]), author="person")
    late = [Refusal(n, Operation(Op.REVISE, id=id, text="See the page."), "it came late") for n, id in enumerate(ids[3:5])]
    model = pupil()
    lesson = Lesson([lived(1, False, ids[3])], 5, {"e-1": told(1, "parcels")}, late, stored=True)
    await Ace(roles(model), tokens=90).learn(lesson, story.store.view(NAME))
    prompt = asked_of(model, "curator")[0]
    assert listed(prompt, ids) == {"parcels", "printers"}
    again = prompt.partition(f"{layout.AGAIN}\n")[2].partition("\n\n")[0]
    assert again.split("\n") == [f"- revise [{id}] to: See the page.: refused, it came late" for id in ids[3:5]]
