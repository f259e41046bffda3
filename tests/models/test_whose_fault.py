"""Whose fault an error is: the server's, the account's, or that of one request; in whatever form it comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ace.errors import ModelError, ModelRefused
from ace.models.retry import Patience, Retrying
from tests.models.asking import request, served
from tests.models.server import ModelServer, answer, says, sends, status

INSIDE: dict[str, Any] = {
    "null": {"id": "c-1", "choices": None},
    "empty": {"id": "c-1", "choices": []},
    "error beside choices": {**answer("there"), "error": {"message": "upstream timed out"}},
    "error beside no choices": {"choices": None, "error": {"message": "overloaded", "code": 503}},
    "error as text": {"error": "upstream timed out"},
    "error with a word for a code": {"error": {"code": "server_error", "message": "boom"}},
    "base_resp": {"base_resp": {"status_code": 1002, "status_msg": "rate limit"}, "choices": None},
    "base_resp beside choices": {"base_resp": {"status_code": 1000, "status_msg": "unknown"}, **answer("there")},
    "code and message": {"code": 50001, "message": "internal error"},
    "code as text": {"code": "503", "msg": "busy"},
}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


async def no_time(_: float) -> None:
    return None


@pytest.mark.parametrize("body", INSIDE.values(), ids=INSIDE)
async def test_a_servers_fault_inside_an_answer_is_tried_again(server: ModelServer, body: Any) -> None:
    server.then(sends(body), says("there"))
    model = Retrying(served(server), sleep=no_time)
    reply = await model.complete(request())
    await model.close()
    assert (reply.text, len(server.seen)) == ("there", 2)


@pytest.mark.parametrize("body", INSIDE.values(), ids=INSIDE)
async def test_a_servers_fault_that_stays_is_no_reply(server: ModelServer, body: Any) -> None:
    server.always = sends(body)
    model = Retrying(served(server), Patience(tries=2), sleep=no_time)
    with pytest.raises(ModelError) as caught:
        await model.complete(request())
    await model.close()
    assert caught.value.retryable


async def test_a_status_of_success_inside_is_an_answer(server: ModelServer) -> None:
    server.then(sends({**answer("there"), "base_resp": {"status_code": 0, "status_msg": ""}, "error": None}))
    model = served(server)
    assert (await model.complete(request())).text == "there"
    await model.close()


ACCOUNT = [
    (400, "Your credit balance is too low to access the API. Please go to Plans & Billing."),
    (402, "Payment Required"),
    (402, "Insufficient Balance"),
    (403, "insufficient credits"),
    (429, "You exceeded your current quota, please check your plan and billing details."),
    (400, "Access denied, please make sure your account is in good standing. Arrearage"),
]


@pytest.mark.parametrize(("code", "said"), ACCOUNT)
async def test_an_accounts_fault_stops_everything_even_after_answers(server: ModelServer, code: int, said: str) -> None:
    server.then(says("there"))
    model = Retrying(served(server), sleep=no_time)
    await model.complete(request())
    server.always = status(code, said)
    for _ in range(3):
        with pytest.raises(ModelRefused, match="add credit"):
            await model.complete(request())
    await model.close()
    assert len(server.seen) == 2


async def test_an_input_that_is_turned_down_is_one_requests_fault_once_others_were_answered(server: ModelServer) -> None:
    server.then(says("there"), status(403, "Your chosen model requires moderation and your input was flagged"), says("again"))
    model = Retrying(served(server), sleep=no_time)
    await model.complete(request())
    with pytest.raises(ModelError) as caught:
        await model.complete(request())
    assert not isinstance(caught.value, ModelRefused)
    assert (await model.complete(request())).text == "again"
    await model.close()


async def test_a_first_403_is_the_keys(server: ModelServer) -> None:
    server.always = status(403, "no")
    model = Retrying(served(server), sleep=no_time)
    with pytest.raises(ModelRefused):
        await model.complete(request())
    await model.close()
