"""A guess is a state: the curator says it by a field, prompts show it, and only an operation with a reason lifts it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ace.memory.store import Store
from ace.memory.values import Batch
from ace.models.contract import Request
from ace.playbooks.bullet import State
from ace.playbooks.operations import Delta, Op, Operation
from ace.roles.curator.settings import Checked, Shown
from ace.strategies.ace import Ace
from ace.types import Episode, Observation, Reflection, Render, Step, Task, failure, success
from tests.answering import curation, diagnosis
from tests.runs.test_turn import Proposing
from tests.stories import NAME, Story, add, merge, retire
from tests.strategies.lessons import asked_of, lived, pupil, roles
from tests.turns import Turns

GOLD = 'When "tier" is "gold": choose "refund".'
OTHERS = 'In every other case: choose "deny".'


def guess(text: str, section: str = "Rules") -> Operation:
    return Operation(Op.ADD, section=section, text=text, state=State.CANDIDATE.value)


def attempt(n: int, tier: str, choice: str, won: bool) -> Episode:
    seen = Observation(f"tier: {tier}; number: {n}", (), ("refund", "deny"))
    came = success() if won else failure()
    return Episode(f"e-{n}", Task(f"t-{n}", seen.text), 1, "learn", 0, n, seen, (Step(choice),), came, Render(""))


def keep(story: Story, *episodes: Episode) -> None:
    told = tuple(Reflection(e.id, e.first.text, e.steps[-1].action, "", "") for e in episodes)
    story.store.commit(Batch(episodes, told, NAME))


EDITS = Shown(whole=False)
Make = Callable[..., Operation]


def states(story: Story) -> dict[str, str]:
    return {b.text: b.state.value for b in story.store.view(NAME).bullets()}


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


def added(**more: Any) -> dict[str, Any]:
    return {"section": "Rules", "text": GOLD, "after_id": "", "reason": "", "attempts": [1], **more}


async def curated(story: Story, reply: str, *episodes: Episode, **settings: Any) -> list[str]:
    """What the curator was asked when it replied with `reply` to a batch of `episodes`."""

    def reflects(request: Request) -> str:
        tier = "gold" if "| tier: gold;" in request.messages[-1].content else "silver"
        return diagnosis(situation=f"tier: {tier}", choice="refund")

    model = pupil(reflects, reply)
    strategy = Ace(roles(model), **{"shown": EDITS, **settings})
    await _take(story, strategy, episodes or (attempt(90, "silver", "refund", False),))
    return asked_of(model, "curator")


async def _take(story: Story, strategy: Any, episodes: tuple[Episode, ...]) -> None:
    await Turns(story.store, NAME).take(strategy, episodes)


async def test_the_curator_adds_a_guess_by_a_field_and_the_prompts_say_it(story: Story) -> None:
    await curated(story, curation("a guess", add=[added(guess=True)]))
    assert states(story) == {GOLD: "candidate"}
    [request] = await curated(story, curation("nothing"))
    assert f"] {GOLD}  (a guess)" in request
    shown = Ace(roles(pupil())).context(Task("t", "a case"), story.store.view(NAME), ())
    assert f"] {GOLD}  (a guess)" in shown.stable


async def test_words_in_a_text_make_no_guess(story: Story) -> None:
    await curated(story, curation("sure", add=[added(text=f"{GOLD} (a guess)")]))
    assert states(story) == {GOLD: "active"}


async def test_a_guess_stays_one_in_the_log_and_in_a_history_that_is_replayed(story: Story) -> None:
    await curated(story, curation("a guess", add=[added(guess=True)]))
    [made] = story.store.log(NAME, limit=1)[0].operations
    assert made.as_json()["state"] == "candidate"
    assert not story.store.verify(NAME)


async def test_rewording_a_guess_lifts_nothing(story: Story) -> None:
    [id] = story.added(guess(GOLD))
    await curated(
        story, curation("wider", revise=[{"lesson_id": id, "text": f"{OTHERS}  (a guess)", "reason": "", "attempts": []}])
    )
    assert states(story) == {OTHERS: "candidate"}


async def test_the_curator_confirms_a_guess_with_its_reason(story: Story) -> None:
    [id] = story.added(guess(GOLD))
    confirm = [{"lesson_id": id, "reason": "#1 won by it.", "attempts": [1]}]
    await curated(story, curation("it holds", confirm=confirm), attempt(1, "gold", "refund", True))
    assert states(story) == {GOLD: "active"}
    [made] = story.store.log(NAME, limit=1)[0].operations
    assert (made.op, made.reason, made.episodes) == (Op.ACTIVATE, "e-1 won by it.", ("e-1",))


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"guess": False, "reason": "#1 won by it."}, "active"),
        ({"guess": True, "reason": "#1 won by it."}, "candidate"),
        ({"guess": False, "reason": ""}, "candidate"),
        ({"guess": False, "reason": "#1 won by it.", "text": f"{GOLD}  (a guess)"}, "active"),
        ({"guess": False, "reason": "#1 won by it.", "text": OTHERS}, "candidate"),
    ],
)
async def test_a_list_as_a_whole_confirms_a_guess_with_a_reason_and_never_by_rewording(
    story: Story, said: dict[str, Any], state: str
) -> None:
    [id] = story.added(guess(GOLD))
    entry = {"lesson_id": id, "section": "Rules", "text": "", "attempts": [1], **said}
    reply = json.dumps({"reasoning": "", "lessons": [entry], "retire": []})
    await curated(story, reply, attempt(1, "gold", "refund", True), shown=Shown())
    assert list(states(story).values()) == [state]


async def test_a_list_as_a_whole_adds_a_guess_by_its_field(story: Story) -> None:
    entry = {"lesson_id": "", "section": "Rules", "text": GOLD, "guess": True, "reason": "", "attempts": []}
    await curated(story, json.dumps({"reasoning": "", "lessons": [entry], "retire": []}), shown=Shown())
    assert states(story) == {GOLD: "candidate"}


@pytest.mark.parametrize("rows", [True, False])
async def test_the_request_shows_the_fit_of_a_lesson_that_is_read_and_how_often_others_were_followed(
    story: Story, rows: bool
) -> None:
    _, free = story.added(add(GOLD), add("Greet the customer."))
    keep(story, *(attempt(n, "gold", "refund", n > 0) for n in range(4)))
    shown = Shown(whole=False, rows=rows, fit=True)
    [request] = await curated(story, curation("nothing"), attempt(8, "gold", "refund", True), lived(9, True, free), shown=shown)
    assert "of past attempts it decides, 4 show it right, 1 wrong, 0 neither" in request
    assert request.count("of past attempts it decides") == 1
    assert "followed 1 times, won 1, lost 0" in request


async def test_confirming_what_is_no_guess_is_refused_and_the_log_says_why(story: Story) -> None:
    [id] = story.added(add(GOLD))
    await curated(story, curation("it holds", confirm=[{"lesson_id": id, "reason": "", "attempts": []}]))
    [refusal] = story.store.log(NAME, limit=1)[0].refusals
    assert refusal.reason == f"{id} is not a candidate"


async def test_three_right_attempts_and_none_wrong_lift_a_guess(story: Story) -> None:
    [id] = story.added(guess(GOLD))
    keep(story, attempt(1, "gold", "refund", True), attempt(2, "gold", "refund", True), attempt(3, "gold", "deny", False))
    await curated(story, curation("nothing"), attempt(5, "silver", "deny", True), successes=False)
    assert states(story) == {GOLD: "candidate"}, "two are not enough"
    await curated(story, curation("nothing"), attempt(4, "gold", "refund", True))
    assert states(story) == {GOLD: "active"}
    [made] = story.store.log(NAME, limit=1)[0].operations
    assert (made.op, made.id, made.episodes) == (Op.ACTIVATE, id, ("e-1", "e-2", "e-4"))
    assert made.reason == "Of the attempts that it decides, 3 show it right and none wrong."


@pytest.mark.parametrize(
    ("checked", "state"),
    [
        (Checked(), "candidate"),
        (Checked(lift_wrong=1), "active"),
        (Checked(lift_wrong=1, lift_right=4), "candidate"),
        (Checked(lift_wrong=1, lift_right=0), "candidate"),
    ],
)
async def test_one_wrong_attempt_keeps_a_guess_waiting_unless_it_is_set_otherwise(
    story: Story, checked: Checked, state: str
) -> None:
    story.change(guess(GOLD))
    keep(story, *(attempt(n, "gold", "refund", n > 0) for n in range(4)))
    await curated(story, curation("nothing"), checked=checked)
    assert states(story) == {GOLD: state}


async def test_a_guess_that_another_lesson_decides_before_is_not_lifted(story: Story) -> None:
    story.change(add(GOLD), guess('When "tier" is "gold" and "number" is at least 0: choose "refund".'))
    keep(story, *(attempt(n, "gold", "refund", True) for n in range(4)))
    await curated(story, curation("nothing"))
    assert sorted(states(story).values()) == ["active", "candidate"]


async def test_a_guess_that_is_reworded_now_is_judged_by_its_new_text_next_time(story: Story) -> None:
    [id] = story.added(guess(GOLD))
    keep(story, *(attempt(n, "gold", "refund", True) for n in range(4)))
    revised = [{"lesson_id": id, "text": OTHERS, "reason": "", "attempts": []}]
    await curated(story, curation("wider", revise=revised))
    assert states(story) == {OTHERS: "candidate"}


@pytest.mark.parametrize(
    ("first", "second", "made"),
    [(guess, guess, "candidate"), (guess, add, "candidate"), (add, guess, "candidate"), (add, add, "active")],
)
async def test_a_merge_with_a_guess_is_a_guess_whichever_strategy_proposes_it(
    story: Story, first: Make, second: Make, made: str
) -> None:
    one, two = story.added(first("one"), second("two"))
    await _take(story, Proposing(Delta("", (merge("both", one, two),), "curator", "alike")), (lived(1, True),))
    assert states(story) == {"both": made}
    assert not story.store.verify(NAME)


REWRITTEN = [GOLD, GOLD.upper(), f"{GOLD}  (a guess)", f"  {GOLD.rstrip('.')} "]


def entry(text: str, id: str = "", reason: str = "") -> dict[str, Any]:
    return {"lesson_id": id, "section": "Rules", "text": text, "guess": False, "reason": reason, "attempts": []}


def wanted(*entries: dict[str, Any]) -> str:
    """The reply that asks for these lessons and no others."""
    return json.dumps({"reasoning": "", "lessons": entries, "retire": []})


@pytest.mark.parametrize("text", REWRITTEN)
async def test_a_guess_that_a_list_writes_anew_is_the_guess_still(story: Story, text: str) -> None:
    [id] = story.added(guess(GOLD))
    await curated(story, wanted(entry(text)), shown=Shown())
    [left] = story.store.view(NAME).bullets()
    assert (left.id, left.state) == (id, State.CANDIDATE)


@pytest.mark.parametrize("text", REWRITTEN)
@pytest.mark.parametrize("whole", [True, False])
async def test_a_guess_that_was_retired_and_is_added_again_is_a_guess(story: Story, text: str, whole: bool) -> None:
    story.change(retire(*story.added(guess(GOLD))), add(OTHERS))
    reply = wanted(entry(OTHERS), entry(text, reason="It won.")) if whole else curation("", add=[added(text=text)])
    await curated(story, reply, shown=Shown(whole=whole))
    assert sorted(states(story).values()) == ["active", "candidate"]
    assert states(story)[OTHERS] == "active"
    assert not story.store.verify(NAME)


async def test_a_guess_that_is_retired_and_added_in_one_delta_is_a_guess(story: Story) -> None:
    [id] = story.added(guess(GOLD))
    gone = [{"lesson_id": id, "reason": "", "attempts": []}]
    await curated(story, curation("anew", retire=gone, add=[added()]))
    assert states(story) == {GOLD: "candidate"}


@pytest.mark.parametrize("kept", [True, False])
async def test_a_lesson_that_takes_the_text_of_a_guess_makes_room_for_the_guess(story: Story, kept: bool) -> None:
    """The list keeps the id of a lesson with the words of a guess, beside that guess or instead of it."""
    lesson, other, waiting = story.added(add("Be kind."), add("Be quick."), guess(GOLD))
    rest = [entry(GOLD, waiting)] if kept else []
    await curated(story, wanted(entry(GOLD, lesson, "It won."), entry("", other), *rest), shown=Shown())
    assert sorted(states(story).items()) == [("Be quick.", "active"), (GOLD, "candidate")]
    assert not story.store.verify(NAME)


async def test_what_was_confirmed_before_it_was_retired_is_a_lesson_when_it_is_added_again(story: Story) -> None:
    [id] = story.added(guess(GOLD))
    story.change(Operation(Op.ACTIVATE, id=id))
    story.change(retire(id))
    await curated(story, curation("", add=[added()]))
    assert states(story) == {GOLD: "active"}


@pytest.mark.parametrize(
    "change",
    [
        lambda id, *two: merge(GOLD, *two),
        lambda id, *two: Operation(Op.RESTORE, id=id),
        lambda id, *two: Operation(Op.REVISE, id=two[0], text=GOLD),
    ],
)
async def test_no_operation_of_any_strategy_makes_a_lesson_of_a_retired_guess(story: Story, change: Make) -> None:
    ids = story.added(guess(GOLD), add("one"), add("two"))
    story.change(retire(ids[0]))
    await _take(story, Proposing(Delta("", (change(*ids),), "curator", "")), (lived(1, True),))
    assert states(story)[GOLD] == "candidate"
    assert not story.store.verify(NAME)


@pytest.mark.parametrize("section", ["Rules", "Last"])
async def test_a_lesson_that_gets_a_guess_for_a_text_stands_where_the_list_has_it(story: Story, section: str) -> None:
    """It is retired for the guess, and what is moved, or stands behind it, goes by the place that it was given."""
    [waited] = story.added(guess(OTHERS))
    story.added(retire(waited))
    first, second = story.added(add(GOLD, "Rules"), add('When "tier" is "silver": choose "deny".', "Rules"))
    said = [
        {"lesson_id": second, "section": "Rules", "text": ""},
        {"lesson_id": first, "section": section, "text": OTHERS},
        {"lesson_id": "", "section": section, "text": 'When "tier" is "bronze": choose "refund".'},
    ]
    entries = [{"guess": False, "reason": "#1", "attempts": [1], **entry} for entry in said]
    reply = json.dumps({"reasoning": "", "lessons": entries, "retire": []})
    await curated(story, reply, attempt(1, "gold", "refund", True), shown=Shown())
    bullets = story.store.view(NAME).bullets()
    texts = ['When "tier" is "silver": choose "deny".', OTHERS, 'When "tier" is "bronze": choose "refund".']
    assert [b.text for b in bullets] == texts
    assert [b.section for b in bullets] == ["Rules", section, section]
    assert [b.state.value for b in bullets] == ["active", "candidate", "active"]
    assert not story.store.verify(NAME)
