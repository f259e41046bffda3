"""A reply of the wrong shape has one second chance, and what it cost is counted whatever comes then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ace.errors import ModelError, ModelRefused
from ace.models.contract import Message, Request
from ace.roles.ask import MAX_ECHO, ask
from ace.roles.replies import Move
from tests.answering import COST, move, scripted

REQUEST = Request("generator", (Message("system", "Act."), Message("user", "What now?")), seed=7)


async def test_a_good_reply_is_asked_for_once() -> None:
    model = scripted(move("open"))
    answer = await ask(model, REQUEST, Move)
    assert answer.value is not None
    assert (answer.value.action, answer.problem, answer.usage, len(model.asked)) == ("open", "", COST, 1)


async def test_a_bad_reply_is_shown_once_more_with_what_is_wrong_with_it() -> None:
    model = scripted('{"action": "open"}', move("open"))
    answer = await ask(model, REQUEST, Move)
    assert answer.value is not None
    assert (answer.value.action, answer.usage) == ("open", COST + COST)
    first, second = (r.messages for r in model.asked)
    assert second[: len(first)] == first == REQUEST.messages
    assert [m.role for m in second[2:]] == ["assistant", "user"]
    assert second[2].content == '{"action": "open"}'
    assert "cannot be used: thought: Field required; lesson_ids: Field required" in second[3].content


async def test_the_second_chance_goes_on_without_the_playbook_too() -> None:
    model, without = scripted("hm", move("open")), (Message("user", "What now, without?"),)
    await ask(model, replace(REQUEST, without=without), Move)
    first, second = model.asked
    assert first.without == without
    assert second.without == (*without, *second.messages[2:])
    await ask(model := scripted("hm", move("open")), REQUEST, Move)
    assert [r.without for r in model.asked] == [(), ()]


async def test_after_a_second_bad_reply_it_is_given_up() -> None:
    model = scripted("hm", '{"action": 3}', move("open"))
    answer = await ask(model, REQUEST, Move)
    assert (answer.value, answer.text, answer.usage, len(model.asked)) == (None, '{"action": 3}', COST + COST, 2)
    assert "thought" in answer.problem


@pytest.mark.parametrize("said", ["", "x" * 50_000])
async def test_what_is_shown_again_is_never_nothing_and_never_endless(said: str) -> None:
    model = scripted(said, move("open"))
    await ask(model, REQUEST, Move)
    assert 0 < len(model.asked[1].messages[2].content) <= MAX_ECHO


@pytest.mark.parametrize("fault", [ModelError("gone", usage=COST), ModelError("gone"), ModelRefused("no", usage=COST)])
async def test_a_bad_reply_is_counted_where_the_second_chance_meets_a_fault(fault: ModelError) -> None:
    own = fault.usage
    with pytest.raises(type(fault)) as met:
        await ask(scripted("hm", fault), REQUEST, Move)
    assert met.value.usage == (COST + own if own else COST)
