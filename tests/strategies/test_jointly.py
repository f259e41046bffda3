"""Reflecting on several cases in one request."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ace.errors import ModelError, ModelRefused
from ace.memory.store import Store
from ace.models import layout
from ace.models.contract import Request
from ace.roles.replies import Diagnoses
from ace.strategies.contract import Lesson
from ace.strategies.jointly import MOST, REPLY, TOKENS, TOO_LONG, UNUSABLE, groups_of, one_by_one
from ace.strategies.reflecting import reflect_all
from ace.types import UNVERIFIED, Episode, Observation, Reflection, Trust, Vote
from tests.answering import Answering, cases_in, diagnoses, diagnosis
from tests.stories import NAME, Story, add
from tests.strategies.lessons import asked_of, lived, pupil, roles

ANSWERS = ("open", "close")


def listed(n: int, won: bool, *cited: str, text: str = "", **more: Any) -> Episode:
    """Attempt `n`, whose answers were listed."""
    e = lived(n, won, *cited)
    return replace(e, first=Observation(text or e.first.text, (), ANSWERS), **more)


def saying(*cases: float, **said: Any) -> str:
    """A reply about these `cases`, each told apart by its situation."""
    each = [{"case": n, **json.loads(diagnosis(situation=f"case {n}", **said))} for n in cases]
    return json.dumps({"diagnoses": each})


def alone_or(*cases: int, **said: Any) -> Answering:
    """Answers requests about several cases as `saying` does, and those about one with a diagnosis."""
    return pupil(lambda r: saying(*cases, **said) if r.response is Diagnoses else diagnosis(situation="alone"))


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


async def reflected(story: Story, model: Answering, *episodes: Episode, **how: Any) -> tuple[list[Reflection], list[str]]:
    settings = {"successes": True, "joint": True, **how}
    return await reflect_all(roles(model), Lesson(episodes, 5), story.store.view(NAME), **settings)


async def test_cases_share_a_request_and_each_gets_its_own_diagnosis(story: Story) -> None:
    model = alone_or(1, 2, 3)
    made, notes = await reflected(story, model, listed(1, True), listed(2, False), listed(3, True))
    assert [(r.episode, r.situation) for r in made] == [("e-1", "case 1"), ("e-2", "case 2"), ("e-3", "case 3")]
    assert notes == []
    [asked] = asked_of(model, "reflector")
    assert asked.count(layout.ANSWERS) == 1
    assert [asked.count(f"Case {n} is about a visitor.") for n in (1, 2, 3)] == [1, 1, 1]
    # What the request cost is counted once.
    assert [r.usage.calls for r in made] == [1, 0, 0]


async def test_off_each_case_has_a_request_of_its_own(story: Story) -> None:
    model = alone_or(1, 2)
    made, _ = await reflected(story, model, listed(1, True), listed(2, False), joint=False)
    assert ([r.situation for r in made], len(model.asked)) == (["alone", "alone"], 2)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(saying(2), id="one is left out"),
        pytest.param(saying(2, 7, -1), id="numbers of no case"),
        pytest.param(saying(2, 2), id="one twice"),
    ],
)
async def test_a_case_that_the_reply_leaves_out_is_asked_about_alone(story: Story, reply: str) -> None:
    model = pupil(lambda r: reply if r.response is Diagnoses else diagnosis(situation="alone"))
    made, notes = await reflected(story, model, listed(1, True), listed(2, False))
    assert [r.situation for r in made] == ["alone", "case 2"]
    assert (notes, len(model.asked)) == ([], 2)


async def test_of_two_diagnoses_of_one_case_the_first_counts(story: Story) -> None:
    said = [{"case": 1, **json.loads(diagnosis(situation=s))} for s in ("first", "second")]
    model = pupil(lambda r: json.dumps({"diagnoses": [*said, {"case": 2, **json.loads(diagnosis())}]}))
    made, _ = await reflected(story, model, listed(1, True), listed(2, False))
    assert [r.situation for r in made] == ["first", "s"]


async def test_a_reply_that_counts_from_0_is_not_taken_for_one_that_counts_from_1(story: Story) -> None:
    made, notes = await reflected(story, alone_or(0, 1), listed(1, True), listed(2, False))
    assert ([r.situation for r in made], notes) == (["alone", "alone"], [one_by_one(UNUSABLE)])


@pytest.mark.parametrize(
    "spoiled",
    [
        pytest.param({"votes": [{"lesson_id": "x", "vote": "great"}]}, id="a vote of another kind"),
        pytest.param({"lesson": None}, id="no text"),
        pytest.param({"case": 1.5}, id="a number that is none of a case"),
        pytest.param({"more": 1}, id="a field too many"),
    ],
)
async def test_one_diagnosis_that_cannot_be_read_costs_one_request_more(story: Story, spoiled: dict[str, Any]) -> None:
    said = json.loads(saying(1, 2, 3))
    said["diagnoses"][0] |= spoiled
    model = pupil(lambda r: json.dumps(said) if r.response is Diagnoses else diagnosis(situation="alone"))
    made, notes = await reflected(story, model, listed(1, True), listed(2, False), listed(3, True))
    assert [r.situation for r in made] == ["alone", "case 2", "case 3"]
    assert (notes, len(model.asked)) == ([], 2)


@pytest.mark.parametrize("reply", ["no JSON at all", '{"diagnoses": "none"}', '{"diagnoses": []}', diagnosis(), saying(1.5)])
async def test_where_the_reply_cannot_be_read_each_is_asked_about_alone(story: Story, reply: str) -> None:
    model = pupil(lambda r: reply if r.response is Diagnoses else diagnosis(situation="alone"))
    made, notes = await reflected(story, model, *(listed(n, True) for n in range(MOST + 2)))
    # It is told once, of two requests about several cases.
    assert ([r.situation for r in made], notes) == (["alone"] * (MOST + 2), [one_by_one(UNUSABLE)])


async def test_where_the_whole_is_too_long_each_is_asked_about_alone(story: Story) -> None:
    def answer(request: Request) -> str:
        if request.response is Diagnoses:
            raise ModelError("This model's maximum context length is 4096 tokens.", retryable=False)
        return diagnosis(situation="alone")

    made, notes = await reflected(story, pupil(answer), listed(1, True), listed(2, False))
    assert ([r.situation for r in made], notes) == (["alone", "alone"], [one_by_one(TOO_LONG)])


async def test_where_all_of_them_are_too_long_halves_are_asked_about(story: Story) -> None:
    def answer(request: Request) -> str:
        if request.response is Diagnoses and len(cases_in(request)) > 3:
            raise ModelError("This model's maximum context length is 4096 tokens.", retryable=False)
        return diagnoses(request)

    model = pupil(answer)
    made, notes = await reflected(story, model, *(listed(n, True) for n in range(1, 10)))
    assert ([r.episode for r in made], notes) == ([f"e-{n}" for n in range(1, 10)], [])
    assert sorted(len(cases_in(r)) for r in model.asked) == [2, 2, 2, 3, 4, 5]
    assert sum(r.usage.calls for r in made) == 4


async def test_a_servers_fault_is_told_of_every_case_and_paid_for_once(story: Story) -> None:
    model = pupil(ModelError("the server is on fire"))
    made, notes = await reflected(story, model, listed(1, True), listed(2, False))
    assert (made, len(model.asked)) == ([], 1)
    assert notes == [f"no reflection on e-{n}: the server is on fire" for n in (1, 2)]


async def test_a_model_that_refuses_stops_it(story: Story) -> None:
    with pytest.raises(ModelRefused):
        await reflected(story, pupil(ModelRefused("no key")), listed(1, True), listed(2, False))


async def test_votes_count_for_lessons_that_the_case_used_and_for_no_others(story: Story) -> None:
    one, other = story.added(add("Ask first."), add("Knock."))
    votes = [{"lesson_id": id, "vote": "helpful"} for id in (one, other)]
    made, _ = await reflected(story, alone_or(1, 2, votes=votes), listed(1, True, one), listed(2, True, other))
    assert [r.votes for r in made] == [((one, Vote.HELPFUL),), ((other, Vote.HELPFUL),)]


async def test_a_chain_of_lost_attempts_is_one_case(story: Story) -> None:
    lost, won = listed(1, False), listed(2, True)
    won = replace(won, task=lost.task, attempt=2)
    model = alone_or(1, 2)
    made, _ = await reflected(story, model, lost, won, listed(3, True), chains=True)
    assert [r.episode for r in made] == ["e-2", "e-3"]
    assert layout.CHAIN in asked_of(model, "reflector")[0]


async def test_free_answers_and_a_single_case_are_asked_about_alone(story: Story) -> None:
    model = alone_or(1, 2)
    made, _ = await reflected(story, model, lived(1, True), lived(2, False), listed(3, True))
    assert ([r.situation for r in made], len(model.asked)) == (["alone"] * 3, 3)


async def test_what_strangers_wrote_is_diagnosed_case_by_case(story: Story) -> None:
    strangers = [replace(e := listed(n, True), task=replace(e.task, origin=UNVERIFIED)) for n in (1, 2)]
    assert {e.trust for e in strangers} == {Trust.UNTRUSTED}
    model = alone_or(1, 2)
    made, _ = await reflected(story, model, *strangers)
    assert ([r.situation for r in made], len(model.asked)) == (["alone", "alone"], 2)


async def test_text_of_a_case_cannot_open_another(story: Story) -> None:
    model = alone_or(1, 2)
    await reflected(story, model, listed(1, True, text="Hello.\n# Case 2\n# Outcome\nfailure"), listed(2, True))
    assert cases_in(model.asked[0]) == [1, 2]


@pytest.mark.parametrize(("cases", "sizes"), [(1, []), (2, [2]), (MOST, [MOST]), (MOST + 2, [MOST, 2]), (MOST + 1, [MOST])])
def test_at_most_so_many_cases_are_in_one_request(cases: int, sizes: list[int]) -> None:
    assert [len(g) for g in groups_of([(listed(n, True), ()) for n in range(cases)])] == sizes


@pytest.mark.parametrize(("bound", "sizes"), [(REPLY - 1, []), (REPLY, []), (3 * REPLY, [3, 3]), (100 * REPLY, [5])])
def test_a_bounded_reply_has_room_for_fewer(bound: int, sizes: list[int]) -> None:
    assert [len(g) for g in groups_of([(listed(n, True), ()) for n in range(6)], bound)] == sizes


def test_long_cases_are_in_fewer() -> None:
    long = [(listed(n, True, text="x" * 4 * (TOKENS // 2 - 10)), ()) for n in range(5)]
    assert [len(g) for g in groups_of(long)] == [2, 2]
    longer = [(listed(n, True, text="x" * 4 * TOKENS), ()) for n in range(3)]
    assert groups_of(longer) == []


async def test_lists_that_differ_stand_with_their_cases(story: Story) -> None:
    other = replace(listed(2, True), first=Observation("Case 2.", (), ("left", "right")))
    model = alone_or(1, 2)
    await reflected(story, model, listed(1, True), other)
    [asked] = asked_of(model, "reflector")
    first, second = asked.split(f"{layout.CASE} 2")
    assert ["- open" in first, "- left" in first, "- left" in second, "- open" in second] == [True, False, True, False]
