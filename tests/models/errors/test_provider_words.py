"""What providers' own words are taken for: the account's fault, the key's, a model's name, one input, its length, the rate."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ace.errors import ModelError, ModelRefused
from ace.models.clients.bodies import read
from ace.models.clients.language import LanguageModel
from ace.models.clients.litellm_client import load_litellm
from ace.models.errors import faults
from ace.models.errors.faults import Fault, Place
from ace.models.errors.too_long import is_too_long
from ace.models.replies.structured import Endpoint, Rung
from tests.models.asking import provided, request
from tests.models.server import ModelServer, says, sends, status


def told(message: str, code: str | int | None = None, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "code": code, **more}}


def typed(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}}


def status_in(code: int, message: str) -> dict[str, Any]:
    return {"choices": None, "base_resp": {"status_code": code, "status_msg": message}}


Row = tuple[int, Any]

ACCOUNT: list[Row] = [
    (429, told("You exceeded your current quota, please check your plan and billing details.", "insufficient_quota")),
    (429, told("no", "insufficient_quota")),
    (401, told("The account associated with this API key has been deactivated.", "account_deactivated")),
    (400, told("Your access was terminated due to violation of our policies", type="access_terminated")),
    (402, typed("billing_error", "There's an issue with your billing or payment information.")),
    (400, typed("invalid_request_error", "This organization has been disabled.")),
    (402, told("Insufficient Balance", "invalid_request_error")),
    (403, told("Key limit exceeded (total limit).", 403)),
    (400, told("Provider returned error", 400, metadata={"raw": '{"error": {"message": "Your credit balance is too low"}}'})),
    (403, told("Your subscription has been disabled", "AccessDenied")),
    (403, told("Permission denied: Consumer 'api_key:x' has been suspended.", 403, status="PERMISSION_DENIED")),
    (400, told("The free tier is not available in your country. Please enable billing on your project.", 400)),
    (403, [told("This API method requires billing to be enabled.", 403, details=[{"reason": "BILLING_DISABLED"}])]),
    (429, told("Your prepayment credits are depleted.", 429, status="RESOURCE_EXHAUSTED")),
    (429, told("Your project has exceeded its monthly spending cap.", 429, status="RESOURCE_EXHAUSTED")),
    (401, {"message": "Inactive subscription or usage limit reached"}),
    (400, told("Organization has been restricted. Please reach out to support.", "organization_restricted")),
    (400, told("blocked", "blocked_api_access")),
    (402, told("Credit limit exceeded, please add credit", "credit_limit_exceeded")),
    (403, {"code": "The caller does not have permission", "error": "Your team doesn't have any credits yet."}),
    (429, {"code": "exhausted", "error": "Your team has used all available credits or reached its monthly spending limit."}),
    (429, {"message": "You are using a Trial key, which is limited to 1000 API calls / month."}),
    (402, {"message": "Please add or update your payment method at the dashboard"}),
    (400, told("Access denied, please make sure your account is in good standing.", "Arrearage")),
    (403, told("The free tier of the model has been exhausted.", "AllocationQuota.FreeTierOnly")),
    (400, told("no", "CommodityNotPurchased")),
    (400, told("no", "PrepaidBillOverdue")),
    (403, told("You exceeded your current token quota: 5000, please check your account balance")),
    (429, told("Your account balance is insufficient, please recharge")),
    (200, status_in(1008, "insufficient balance")),
    (200, status_in(2056, "usage limit exceeded, 5-hour usage limit reached")),
    (429, told("余额不足或无可用资源包,请充值。", "1113")),
    (429, told("您的账户已欠费", "1113")),
    (403, told("该令牌额度已用尽")),
    (403, {"code": 30001, "message": "Sorry, your account balance is insufficient", "data": None}),
    (412, told("Account x is suspended, possibly due to failure to pay past invoices.")),
    (402, {"error": "You have exceeded your monthly included credits."}),
    (402, {"title": "Payment Required", "status": 402, "detail": "Account 'x': Cloud credits expired"}),
    (429, {"success": False, "errors": [{"code": 3036, "message": "you have used up your daily free allocation of neurons"}]}),
    (400, told("Budget has been exceeded! Current cost: 10.1, Max budget: 10.0", type="budget_exceeded")),
    (429, told("ExceededBudget: User=x over budget. Spend=1.0, Budget=0.5")),
    (403, told("The request failed because your account has an overdue balance.", "AccountOverdueError")),
    (429, told("Your account [x] has reached the set inference limit for the [m] model", "SetLimitExceeded")),
    (403, {"code": 403, "reason": "NOT_ENOUGH_BALANCE", "message": "no"}),
]
KEY: list[Row] = [
    (401, told("Incorrect API key provided: x.", "invalid_api_key")),
    (400, told("API key expired. Please renew the API key.", 400, details=[{"reason": "API_KEY_INVALID"}])),
    (400, [told("API key not valid. Please pass a valid API key.", 400, status="INVALID_ARGUMENT")]),
    (400, {"code": "Client specified an invalid argument", "error": "Incorrect API key provided: xa***bc."}),
    (403, {"code": "The caller does not have permission", "error": "The API key is blocked"}),
    (403, told("Your API key was reported as leaked. Please use another API key.", 403)),
    (401, {"message": "Unauthorized"}),
    (200, status_in(2049, "invalid api key")),
    (200, status_in(1004, "login fail")),
]
MODEL: list[Row] = [
    (404, told("The model `gpt-9` does not exist or you do not have access to it.", "model_not_found")),
    (403, told("Project `p` does not have access to model `gpt-4o`", "model_not_found")),
    (400, told("Model Not Exist", "invalid_request_error")),
    (400, told("foo is not a valid model ID", 400)),
    (400, {"object": "error", "message": "Invalid model: foo", "type": "invalid_model", "code": "1500"}),
    (400, told("The model `m-1.5` has been decommissioned and is no longer supported.", "model_decommissioned")),
    (400, {"code": 20012, "message": "Model does not exist. Please check it carefully.", "data": None}),
]
BARRED: list[Row] = [
    (400, told("User location is not supported for the API use.", 400, status="FAILED_PRECONDITION")),
    (403, told("Country, region, or territory not supported", "unsupported_country_region_territory")),
    (400, told("The model requires terms acceptance.", "model_terms_required")),
]
MODERATED: list[Row] = [
    (400, told("Invalid prompt: your prompt was flagged as potentially violating our usage policy.", "invalid_prompt")),
    (400, typed("invalid_request_error", "Output blocked by content filtering policy")),
    (400, told("Content Exists Risk", "invalid_request_error")),
    (403, told('It requires moderation. Your input was flagged for "violence". No credits were charged.', 403)),
    (400, told("bad", "content_filter")),
    (400, told("bad", None, innererror={"code": "ResponsibleAIPolicyViolation content_filter"})),
    (403, {"code": "The caller does not have permission", "error": "Content violates usage guidelines. API key ID: x"}),
    (498, {"message": "blocked input: no"}),
    (446, told("The guardrail checks defined in the config failed.")),
    (400, told("no", "data_inspection_failed")),
    (400, told("The request was rejected because it was considered high risk")),
    (200, status_in(1026, "input new_sensitive")),
    (200, status_in(1027, "output new_sensitive")),
    (400, told("系统检测到输入或生成内容可能包含不安全或敏感内容", "1301")),
    (400, told("The input text may contain sensitive information.", "SensitiveContentDetected")),
]
LONG: list[Row] = [
    (400, told("This model's maximum context length is 8192 tokens.", "context_length_exceeded")),
    (400, typed("invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum")),
    (400, typed("invalid_request_error", "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000")),
    (413, typed("request_too_large", "Request exceeds the maximum size")),
    (400, told("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", 400)),
    (400, {"message": "Prompt contains 40000 tokens, too large for model with 32768 maximum context length"}),
    (413, told("Request too large for model `x` on tokens per minute (TPM): Limit 6000, please reduce your message size")),
    (429, told("Request too large for m on tokens per min (TPM): Limit 30000, Requested 45000. It must be reduced.")),
    (422, told("Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens")),
    (422, {"error": "Input validation error: `inputs` must have less than 4096 tokens. Given: 5000"}),
    (400, {"error": "This model's maximum prompt length is 131072 but the request contains 140000 tokens."}),
    (400, {"message": "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000."}),
    (400, told("Range of input length should be [1, 129024]")),
    (400, told("Invalid request: Your request exceeded model token limit: 8192")),
    (400, told("the request exceeds the available context size.", 400, type="exceed_context_size_error")),
    (400, told("The decoder prompt (length 9000) is longer than the maximum model length of 4096.")),
    (400, {"object": "error", "message": "The input (9000 tokens) is longer than the model's context length (4096 tokens)."}),
    (200, status_in(2013, "invalid params, context window exceeds limit")),
]
PASSING: list[Row] = [
    (
        429,
        told("Rate limit reached for m on tokens per min (TPM): Limit 30000. Please try again in 2s.", "rate_limit_exceeded"),
    ),
    (
        429,
        typed(
            "rate_limit_error", "This request would exceed your organization's rate limit of 40,000 input tokens per minute."
        ),
    ),
    (529, typed("overloaded_error", "Overloaded")),
    (429, told("You exceeded your current quota, please check your plan.\nPlease retry in 36.5s.", 429)),
    (429, told("You exceeded your current quota.", 429, details=[{"retryDelay": "41s"}])),
    (429, told("Resource has been exhausted (e.g. check quota).", 429, status="RESOURCE_EXHAUSTED")),
    (429, told("have exceeded token rate limit of your current pricing tier. Please retry after 6 seconds.", "429")),
    (429, {"message": "Requests rate limit exceeded", "type": "rate_limited", "code": "1300"}),
    (429, told("Allocated quota exceeded, please increase your quota limit.", "Throttling.AllocationQuota")),
    (429, {"message": "You are using a Trial key, which is limited to 20 API calls / minute."}),
    (429, {"message": "Tokens per minute limit exceeded - too many tokens processed.", "code": "token_quota_exceeded"}),
    (429, {"message": "Too many tokens, please wait before trying again."}),
    (400, told("Failed to generate JSON. Please adjust your prompt.", "json_validate_failed")),
    (400, told("Generated JSON does not match the expected schema.", "json_validate_failed")),
    (200, status_in(1002, "rate limit exceeded(RPM)")),
    (200, status_in(1000, "unknown error")),
    (503, told("The model is overloaded. Please try again later.", 503)),
]
ONE: list[Row] = [
    (400, told("Unsupported value: 'temperature' does not support 0.2 with this model.", "unsupported_value")),
    (400, told("max_tokens is too large: 100000. This model supports at most 4096 completion tokens.")),
    (422, {"detail": [{"loc": ["body"], "msg": "field required", "input": "my API key is invalid, the model does not exist"}]}),
]


def ids(rows: list[Row]) -> list[str]:
    return [f"{code}-{json.dumps(body)[:70]}" for code, body in rows]


def error(row: Row, *, answers: bool = True) -> ModelError:
    """What `row` becomes at a model that has given answers before, or none."""
    code, body = row
    found = read(json.dumps(body)) if code == 200 else Fault(json.dumps(body), code)
    assert isinstance(found, Fault)
    # It is nothing that another form of the same request would mend.
    assert not Endpoint().refused(Rung.SCHEMA, found.status, found.text)
    return faults.error(Place("openai/m", "m", "http://there/v1", "KEY"), found, reached=True, answers=answers)


@pytest.mark.parametrize("answers", [False, True])
@pytest.mark.parametrize(
    ("says", "row"),
    [
        *(("the account behind .*add credit", row) for row in ACCOUNT),
        *(("does not take the key|may not use .*set KEY", row) for row in KEY),
        *(("there is no model", row) for row in MODEL),
        *(("does not accept|may not use", row) for row in BARRED),
    ],
)
def test_what_no_request_changes_stops_the_run_also_after_answers(says: str, row: Row, answers: bool) -> None:
    found = error(row, answers=answers)
    assert isinstance(found, ModelRefused)
    assert re.search(says, str(found)), str(found)


@pytest.mark.parametrize("row", MODERATED, ids=ids(MODERATED))
def test_an_input_that_a_filter_turned_down_is_one_requests_fault(row: Row) -> None:
    found = error(row, answers=False)
    assert not isinstance(found, ModelRefused)
    assert not found.retryable
    assert "turned this request down" in str(found)


@pytest.mark.parametrize("row", LONG, ids=ids(LONG))
def test_a_prompt_that_is_too_long_is_told_as_that(row: Row) -> None:
    found = error(row)
    assert not isinstance(found, ModelRefused)
    assert is_too_long(found)


@pytest.mark.parametrize("row", PASSING, ids=ids(PASSING))
def test_what_passes_is_tried_again(row: Row) -> None:
    assert error(row).retryable


@pytest.mark.parametrize("row", ONE, ids=ids(ONE))
def test_what_may_be_of_one_request_is_that_once_others_were_answered(row: Row) -> None:
    assert not isinstance(error(row), ModelRefused)
    assert not error(row).retryable
    assert isinstance(error(row, answers=False), ModelRefused)


FORMS: list[Row] = [
    (400, told("Invalid schema for response_format 'x': 'additionalProperties' is required to be supplied.")),
    (400, [told("Unknown name \"additionalProperties\" at 'generation_config.response_schema': Cannot find field.", 400)]),
    (400, typed("invalid_request_error", "output_format: Extra inputs are not permitted")),
    (400, {"message": "Invalid parameter: text.format is not supported"}),
    (400, told("structured outputs are not supported for this model")),
    (403, told("structured outputs are not enabled for your organization")),
    (404, told("No endpoints found that can handle the requested parameters.", 404)),
    (405, told("response_format is not supported")),
    (422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "response_format"], "msg": "not permitted"}]}),
    (400, {"error": "json mode is not supported with this model"}),
    (500, told("failed to parse grammar")),
    (400, told("The specified schema produces a constraint that has too many states for serving.")),
]


@pytest.mark.parametrize(("code", "body"), FORMS, ids=ids(FORMS))
def test_a_schema_that_is_refused_is_asked_for_in_another_way(code: int, body: Any) -> None:
    assert Endpoint().refused(Rung.SCHEMA, code, json.dumps(body))


def litellms(server: ModelServer, provider: str) -> LanguageModel:
    return provided(server, f"{provider}/m")


@pytest.mark.parametrize("provider", ["moonshot", "mistral"])
async def test_the_words_and_codes_of_a_body_are_read_also_where_litellm_tells_of_them_in_its_own(
    server: ModelServer, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{provider.upper()}_API_KEY", "k")
    server.then(sends(told("bad", "content_filter"), code=400), sends(told("denied", "Arrearage"), code=400))
    model = litellms(server, provider)
    with pytest.raises(ModelError, match="turned this request down"):
        await model.complete(request())
    with pytest.raises(ModelRefused, match="the account behind"):
        await model.complete(request())
    await model.close()


@pytest.mark.parametrize("provider", ["moonshot", "mistral", "hosted_vllm"])
async def test_a_model_that_was_closed_leaves_the_next_one_a_way_to_its_server(
    server: ModelServer, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """litellm keeps connections for a whole program, and hands out those that were closed."""
    monkeypatch.setenv(f"{provider.upper()}_API_KEY", "k")
    server.always = says("there")
    for _ in range(3):
        model = litellms(server, provider)
        assert (await model.complete(request())).text == "there"
        await model.close()


async def test_a_programs_own_connections_are_left_alone(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOONSHOT_API_KEY", "k")
    litellm = load_litellm()
    server.always = says("there")
    asked = {"model": "moonshot/own", "api_base": server.url, "messages": [{"role": "user", "content": "?"}], "num_retries": 0}
    await litellm.acompletion(**asked)
    model = litellms(server, "moonshot")
    await model.complete(request())
    await model.close()
    server.always = status(401, "wrong")
    with pytest.raises(litellm.AuthenticationError):
        await litellm.acompletion(**asked)
    await litellm.close_litellm_async_clients()
    litellm.in_memory_llm_clients_cache.flush_cache()
