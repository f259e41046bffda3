"""Whose fault an error is: the server's, the account's, or that of one request; in whatever form it comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ace.errors import ModelError, ModelRefused
from ace.models.wrappers.retry import Patience, Retrying
from tests.models.asking import provided, request, served
from tests.models.clients.test_clients import BOTH, Opens
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
    "a choice that is null": {"choices": [None]},
    "a choice without anything": {"choices": [{}]},
    "a choice whose message is null": {"choices": [{"message": None}]},
    "a choice whose message is empty": {"choices": [{"message": {}, "finish_reason": "stop"}]},
    "choices that are not a list": {"choices": {"message": {"content": "there"}}},
    "error inside a choice": {"choices": [{"error": {"message": "boom", "code": 502}, "message": {"content": "the"}}]},
    "a choice that an error ended": {"choices": [{"finish_reason": "error", "message": {"content": "the"}}]},
    "status beside choices": {**answer("there"), "code": 500},
    "status as text beside choices": {**answer("there"), "status_code": "503"},
    "failure beside choices": {**answer("there"), "success": False},
    "list of errors": [{"error": {"code": 503, "message": "busy"}}],
    "errors": {"errors": [{"message": "boom"}]},
    "errors beside choices": {**answer("there"), "errors": ["boom"]},
    "object error": {"object": "error", "message": "engine is dead", "code": 500},
    "base_resp alone": {"base_resp": {"status_code": 1013, "status_msg": "internal error"}},
    "status failed": {"status": "failed", "message": "no capacity"},
    "an error with capitals": {"Error": {"Message": "boom", "Code": "InternalError"}},
    "a response with an error": {"Response": {"Error": {"Code": "FailedOperation", "Message": "boom"}}},
    "a gateway's fault": {"fault": {"faultstring": "no target", "detail": {}}},
    "error_code beside choices": {**answer("there"), "error_code": 17, "error_msg": "busy"},
    "err_code beside choices": {**answer("there"), "err_code": 500, "err_msg": "busy"},
    "a negative number": {"ret": -1, "msg": "busy"},
    "statusCode": {"statusCode": 503, "message": "busy"},
    "error inside a message": {"choices": [{"message": {"content": "", "error": {"message": "boom"}}}]},
    **{
        f"an answer ended by {reason}": {"choices": [{"finish_reason": reason, "message": {"content": "the"}}]}
        for reason in ("abort", "network_error", "timeout", "insufficient_system_resource")
    },
}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


async def no_time(_: float) -> None:
    return None


@BOTH
@pytest.mark.parametrize("body", INSIDE.values(), ids=INSIDE)
async def test_a_servers_fault_inside_an_answer_is_tried_again(server: ModelServer, opens: Opens, body: Any) -> None:
    server.then(sends(body), says("there"))
    model = Retrying(opens(server), sleep=no_time)
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


FINE: list[Any] = [
    {**answer("there"), "base_resp": {"status_code": 0, "status_msg": ""}, "error": None},
    {**answer("there"), "error": {"code": 0, "message": ""}},
    {**answer("there"), "error": "", "errors": []},
    {**answer("there"), "code": 200, "status": "ok", "success": True},
    {**answer("there"), "code": 20000, "message": "Ok"},
    {**answer("there"), "error": {"code": 0, "message": "success"}},
    {**answer("there"), "error_code": 0, "error_msg": ""},
    {"choices": [{"text": "there", "finish_reason": "stop"}]},
]


FILTERED: list[Any] = [
    {"choices": [], "prompt_filter_results": [{"content_filter_results": {"hate": {"filtered": True}}}]},
    {"choices": [{"finish_reason": "content_filter"}]},
    {"promptFeedback": {"blockReason": "SAFETY"}},
]


@BOTH
@pytest.mark.parametrize("body", FILTERED)
async def test_a_filter_that_left_no_answer_turned_the_request_down(server: ModelServer, opens: Opens, body: Any) -> None:
    server.always = sends(body)
    model = Retrying(opens(server), sleep=no_time)
    with pytest.raises(ModelError, match="turned this request down"):
        await model.complete(request())
    await model.close()
    assert len(server.seen) == 1


@BOTH
@pytest.mark.parametrize("body", FINE)
async def test_a_status_of_success_inside_is_an_answer(server: ModelServer, opens: Opens, body: Any) -> None:
    if opens is provided and "message" not in body["choices"][0]:
        pytest.skip("litellm reads no answer that is a text alone")
    server.then(sends(body))
    model = opens(server)
    assert (await model.complete(request())).text == "there"
    await model.close()


REFUSED: dict[str, Any] = {
    "does not take the key|wants a key": {"base_resp": {"status_code": 1004, "status_msg": "login fail"}},
    "login fail": {"base_resp": {"status_code": 1004, "status_msg": "login fail"}, **answer("there")},
    "balance.*add credit": {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}},
    "too low.*add credit": {"error": {"message": "Your credit balance is too low"}},
    "there is no model": {"error": {"code": "model_not_found", "message": "no"}},
    "wrong.*set OPENAI_API_KEY": [{"error": {"code": 401, "message": "wrong", "status": "UNAUTHENTICATED"}}],
}


@pytest.mark.parametrize(("says", "body"), REFUSED.items())
async def test_an_error_inside_an_answer_that_never_heals_stops_at_once(server: ModelServer, says: str, body: Any) -> None:
    server.always = sends(body)
    model = Retrying(served(server), sleep=no_time)
    with pytest.raises(ModelRefused, match=says):
        await model.complete(request())
    await model.close()
    assert len(server.seen) == 1


ACCOUNT = [
    (400, "Your credit balance is too low to access the API. Please go to Plans & Billing."),
    (402, "Payment Required"),
    (402, "Insufficient Balance"),
    (403, "insufficient credits"),
    (429, "You exceeded your current quota, please check your plan and billing details."),
    (400, "Access denied, please make sure your account is in good standing. Arrearage"),
    (403, "Your account has been suspended, please contact support"),
    (403, "Key limit exceeded (total limit). Manage it using https://router.example/keys"),
    (400, "You have reached your specified API usage limits. You will regain access on 2027-01-01 at 00:00 UTC."),
    (429, "You have reached your monthly spending limit."),
    (429, "Your team has used all available credits or reached its monthly spending limit"),
    (429, "Billing hard limit has been reached"),
    (400, "Billing hard limit has been reached"),
    (401, "Your account is not active, please check your billing details on our website."),
    (429, "insufficient balance"),
    (503, "You exceeded your current quota"),
    (429, "Project quota exhausted: the credits are depleted. out of credits"),
    (403, "This organization has been disabled."),
    (429, "Your account org-1 <ak-2> is suspended, please check your plan and billing details"),
    (403, "This request requires more credits, or fewer max_tokens."),
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


RATES = [
    "Rate limit reached for requests. Limit: 3 / min. Please try again in 20s.",
    "Quota exceeded for metric generate_content_free_tier_requests. You exceeded your current quota. Please retry in 0.5s.",
    "slow down",
    "Request was throttled: token usage limit per minute",
]


@pytest.mark.parametrize("said", RATES)
async def test_a_limit_on_the_rate_is_waited_for(server: ModelServer, said: str) -> None:
    server.then(status(429, said), says("there"))
    model = Retrying(served(server), sleep=no_time)
    assert (await model.complete(request())).text == "there"
    await model.close()


async def test_what_a_request_says_of_money_is_not_the_accounts(server: ModelServer) -> None:
    """A server that repeats the request in its error."""
    body = {"detail": [{"loc": ["body"], "msg": "field required", "input": "the card had insufficient funds"}]}
    server.then(says("there"), sends(body, code=422), says("again"))
    model = Retrying(served(server), sleep=no_time)
    await model.complete(request())
    with pytest.raises(ModelError) as caught:
        await model.complete(request())
    assert not isinstance(caught.value, ModelRefused)
    assert (await model.complete(request())).text == "again"
    await model.close()


MODERATED = [
    (403, "Your chosen model requires moderation and your input was flagged"),
    (400, "The response was filtered due to the prompt triggering our content management policy"),
    (400, "Your request was rejected as a result of our safety system."),
    (403, "Content violates usage guidelines"),
    (451, "prohibited content"),
    (400, "Input data may contain inappropriate content."),
    (403, "blocked by a guardrail"),
]


@pytest.mark.parametrize(("code", "said"), MODERATED)
async def test_an_input_that_a_filter_turns_down_is_one_requests_fault_even_first(
    server: ModelServer, code: int, said: str
) -> None:
    server.then(status(code, said), says("there"))
    model = Retrying(served(server), sleep=no_time)
    with pytest.raises(ModelError, match="turned this request down") as caught:
        await model.complete(request())
    assert not isinstance(caught.value, ModelRefused)
    assert (await model.complete(request())).text == "there"
    await model.close()


async def test_an_account_that_a_filter_closed_is_the_accounts_fault(server: ModelServer) -> None:
    server.always = status(403, "Your account has been suspended for violating our usage policy")
    model = Retrying(served(server), sleep=no_time)
    with pytest.raises(ModelRefused, match="add credit"):
        await model.complete(request())
    await model.close()


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
