"""Both clients, on real sockets: what is sent, what is read, and what a fault is called."""

from __future__ import annotations

import asyncio
import datetime
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ace.errors import ModelError, ModelRefused
from ace.models.clients.language import LanguageModel
from ace.models.clients.openai_client import OpenAIClient
from ace.models.contract import Form, Message, Model, Request, Sampling
from tests.models.asking import Word, arrived, provided, request, served
from tests.models.server import Behaviour, ModelServer, answer, hang, page, says, sends, status, usage

Opens = Callable[[ModelServer], LanguageModel]
BOTH = pytest.mark.parametrize("opens", [served, provided], ids=["openai", "litellm"])


async def said(model: Model, asked: Request) -> Any:
    try:
        return await model.complete(asked)
    finally:
        await model.close()


async def fault(model: LanguageModel, asked: Request) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await said(model, asked)
    return caught.value


@BOTH
async def test_text_tokens_and_reason_are_the_providers(server: ModelServer, opens: Opens) -> None:
    server.then(says("Hello there."))
    reply = await said(opens(server), request())
    assert (reply.text, reply.stop, reply.form) == ("Hello there.", "stop", Form.CLEAN)
    used = reply.usage
    assert (used.calls, used.prompt_tokens, used.cached_tokens, used.completion_tokens) == (1, 100, 40, 10)
    assert used.cost_usd is None
    assert used.seconds > 0


@BOTH
async def test_a_reply_of_a_shape_is_asked_for_with_a_strict_schema_named_after_the_role(
    server: ModelServer, opens: Opens
) -> None:
    reply = await said(opens(server), request(Word))
    assert reply.parsed == Word(word="a word", count=1)
    form = server.bodies[0]["response_format"]
    assert form["type"] == "json_schema"
    assert form["json_schema"]["name"] == "generator_Word"
    assert form["json_schema"]["strict"] is True
    assert form["json_schema"]["schema"]["required"] == ["word", "count"]
    assert form["json_schema"]["schema"]["additionalProperties"] is False


@BOTH
async def test_sampling_effort_and_extra_parameters_pass_through(server: ModelServer, opens: Opens) -> None:
    extra = {"seed": 7, "logit_bias": {"50256": -100}}
    sampling = Sampling(0.25, 0.9, 321, "low", explore=0.5, extra=extra)
    await said(opens(server), request(sampling=sampling))
    body = server.bodies[0]
    assert (body["temperature"], body["top_p"], body["max_tokens"], body["reasoning_effort"]) == (0.25, 0.9, 321, "low")
    assert (body["seed"], body["logit_bias"]) == (7, {"50256": -100})
    assert "explore" not in json.dumps(body)


@BOTH
async def test_nothing_is_set_that_nobody_asked_for(server: ModelServer, opens: Opens) -> None:
    await said(opens(server), request())
    assert set(server.bodies[0]) <= {"model", "messages", "stream"}


@BOTH
async def test_requests_that_begin_alike_are_sent_alike_to_the_byte(server: ModelServer, opens: Opens) -> None:
    """Prefix caches hold only then."""
    model = opens(server)
    await model.complete(request(Word, "the first"))
    await said(model, request(Word, "the second"))
    first, second = (json.dumps(b["messages"]) for b in server.bodies)
    common = next(i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b)
    assert first[:common].endswith('"user", "content": "the ')
    assert "cache_control" not in first


@BOTH
@pytest.mark.parametrize(
    ("behaviour", "form", "stop"),
    [
        (says("", "stop"), Form.EMPTY, "stop"),
        (says(None, "stop"), Form.EMPTY, "stop"),
        (says('{"word": "a', "length"), Form.TRUNCATED, "length"),
        (says(None, "stop", refusal="I will not."), Form.REFUSED, "refusal"),
        (says("", "content_filter"), Form.REFUSED, "refusal"),
        (says('<think>so</think>{"word": "a", "count": 1}'), Form.THINKING, "stop"),
        (says('```json\n{"word": "a", "count": 1}\n```'), Form.FENCED, "stop"),
        (says('{"word": "a"}'), Form.INVALID, "stop"),
        (says("no json"), Form.MALFORMED, "stop"),
    ],
)
async def test_every_way_a_reply_can_come_is_told_apart(
    server: ModelServer, opens: Opens, behaviour: Behaviour, form: Form, stop: str
) -> None:
    server.then(behaviour)
    reply = await said(opens(server), request(Word))
    # litellm takes thoughts out by itself.
    assert reply.form is form or (opens is provided and form is Form.THINKING and reply.form is Form.CLEAN)
    assert reply.stop == stop
    assert (reply.parsed is None) == (form not in (Form.THINKING, Form.FENCED))
    assert reply.usage.prompt_tokens == 100


async def test_an_answer_without_choices_is_the_servers_fault_and_cost_money(server: ModelServer) -> None:
    server.then(sends({**answer("x", used=usage(100, 10)), "choices": []}))
    with pytest.raises(ModelError) as caught:
        await said(served(server), request(Word))
    assert caught.value.usage is not None
    assert (caught.value.retryable, caught.value.usage.calls, caught.value.usage.prompt_tokens) == (True, 1, 100)


async def test_text_that_comes_in_parts_is_put_together(server: ModelServer) -> None:
    body = answer("x")
    parts = ('{"word": "a", ', '"count": 1}')
    body["choices"][0]["message"]["content"] = [{"type": "text", "text": part} for part in parts]
    server.then(sends(body))
    reply = await said(served(server), request(Word))
    assert reply.parsed == Word(word="a", count=1)


async def test_halves_of_characters_do_not_reach_whoever_stores_the_reply(server: ModelServer) -> None:
    server.then(says("half \ud83d of one"))
    reply = await said(served(server), request())
    assert reply.text.encode().decode() == reply.text
    assert reply.text.startswith("half ")


async def test_a_known_price_counts_cached_tokens_at_their_own(server: ModelServer) -> None:
    server.then(says("x"))
    reply = await said(served(server, "gpt-5-mini"), request())
    assert reply.usage.cost_usd == pytest.approx(60 * 0.25e-6 + 40 * 0.025e-6 + 10 * 2e-6)


@BOTH
@pytest.mark.parametrize("used", [None, {}, {"prompt_tokens": 0, "completion_tokens": 0}, {"prompt_tokens": None}])
async def test_tokens_that_a_server_does_not_count_are_estimated_and_have_an_unknown_cost(
    server: ModelServer, opens: Opens, used: Any
) -> None:
    server.then(sends({**answer("x" * 400), "usage": used}))
    reply = await said(opens(server), request(user="y" * 4000))
    spent = reply.usage
    assert spent.prompt_tokens >= 1000
    assert spent.completion_tokens >= 100
    assert (spent.calls, spent.cost_usd) == (1, None)
    assert spent.estimated == spent.prompt_tokens + spent.completion_tokens


OTHER_NAMES: dict[str, Any] = {
    "responses": {"usage": {"input_tokens": 100, "output_tokens": 10, "input_tokens_details": {"cached_tokens": 40}}},
    "anthropic": {"usage": {"input_tokens": 60, "cache_read_input_tokens": 40, "output_tokens": 10}},
    "google": {"usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 7, "thoughtsTokenCount": 3}},
    "ollama": {"prompt_eval_count": 100, "eval_count": 10},
    "texts": {"usage": {"prompt_tokens": "100", "completion_tokens": "10"}},
    "floats": {"usage": {"prompt_tokens": 100.0, "completion_tokens": 9.5}},
    "null and another name": {
        "usage": {"prompt_tokens": None, "completion_tokens": None, "inputTokens": 100, "outputTokens": 10}
    },
    "nested": {"usage": {"tokens": {"input_tokens": 100, "output_tokens": 10}}},
    "billed": {"meta": {"tokens": {"input_tokens": 100, "output_tokens": 10}}},
    "groq": {"x_groq": {"usage": {"prompt_tokens": 100, "completion_tokens": 10}}},
    "total and prompt": {"usage": {"prompt_tokens": 100, "total_tokens": 110}},
    "total and completion": {"usage": {"completion_tokens": 10, "total_tokens": 110}},
    "capitals": {"usage": {"PromptTokens": 100, "CompletionTokens": 10}},
    "short names": {"usage": {"input": 100, "output": 10}},
    "metrics": {"amazon-bedrock-invocationMetrics": {"inputTokenCount": 100, "outputTokenCount": 10}},
    "commas": {"usage": {"prompt_tokens": "1,00", "completion_tokens": 10}},
    "inside a response": {"response": {"usage": {"input_tokens": 100, "output_tokens": 10}}},
}


@BOTH
@pytest.mark.parametrize("more", OTHER_NAMES.values(), ids=OTHER_NAMES)
async def test_tokens_are_read_by_their_other_names(server: ModelServer, opens: Opens, more: Any) -> None:
    server.then(sends({**answer("x"), **more}))
    spent = (await said(opens(server), request())).usage
    assert (spent.prompt_tokens, spent.completion_tokens, spent.estimated) == (100, 10, 0)


async def test_a_total_alone_is_kept_and_its_parts_are_estimated(server: ModelServer) -> None:
    server.then(sends({**answer("x"), "usage": {"total_tokens": 110}}))
    spent = (await said(served(server, "gpt-5-mini"), request())).usage
    assert (spent.prompt_tokens + spent.completion_tokens, spent.estimated, spent.cost_usd) == (110, 110, None)


RETRYABLE = (408, 409, 423, 424, 425, 429, 499, 500, 502, 503, 504, 529)
REFUSED = (400, 401, 402, 403, 404, 413, 422)


@BOTH
async def test_a_fault_is_retryable_by_its_status_and_one_request_is_sent_for_it(server: ModelServer, opens: Opens) -> None:
    # What is asked for without a shape steps down no ladder.
    for code in (*RETRYABLE, *REFUSED):
        server.then(status(code, "because"))
        before = len(server.seen)
        error = await fault(opens(server), request())
        assert len(server.seen) == before + 1, code
        assert error.retryable is (code in RETRYABLE), code
        assert isinstance(error, ModelRefused) is (code in REFUSED), code
        assert error.usage is not None
        assert error.usage.calls == 1
        assert str(code) in str(error)
        assert "because" in str(error)
        assert "\n" not in str(error)


@BOTH
async def test_one_request_that_a_working_model_turns_down_does_not_stop_the_others(server: ModelServer, opens: Opens) -> None:
    """Too long, or against a policy: trying again is no use, and neither is giving up on the model."""
    model = opens(server)
    await model.complete(request())
    for code in (400, 413, 422):
        server.then(status(code, "too long"))
        with pytest.raises(ModelError, match="too long") as caught:
            await model.complete(request())
        assert not caught.value.retryable
        assert not isinstance(caught.value, ModelRefused)
    server.then(status(401, "revoked"))
    sent = len(server.seen) + 1
    for _ in range(3):
        with pytest.raises(ModelRefused, match="revoked"):
            await model.complete(request())
    assert len(server.seen) == sent
    await model.close()


@BOTH
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({}, None),
    ],
)
async def test_the_wait_that_a_server_asks_for_is_read(
    server: ModelServer, opens: Opens, headers: Mapping[str, str], wait: float | None
) -> None:
    server.then(status(429, "slow", headers))
    assert (await fault(opens(server), request())).retry_after == wait


async def test_a_wait_given_as_a_date_is_read(server: ModelServer) -> None:
    when = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=90)
    server.then(status(503, "later", {"retry-after": when.strftime("%a, %d %b %Y %H:%M:%S GMT")}))
    error = await fault(served(server), request())
    assert error.retry_after == pytest.approx(90, abs=30)


async def test_a_quota_that_is_used_up_is_not_asked_again(server: ModelServer) -> None:
    server.then(status(429, "You exceeded your current quota", code="insufficient_quota"))
    error = await fault(served(server), request())
    assert isinstance(error, ModelRefused)
    assert "add credit" in str(error)


@BOTH
async def test_no_answer_in_time_is_a_fault_that_counts_as_sent(server: ModelServer, opens: Opens) -> None:
    server.then(hang)
    error = await fault(opens(server), request(seconds=0.3))
    assert error.retryable
    assert error.usage is not None
    assert error.usage.calls == 1
    assert "0.3 seconds" in str(error)


@BOTH
async def test_cancelling_a_call_cancels_it(server: ModelServer, opens: Opens) -> None:
    server.then(hang)
    model = opens(server)
    call = asyncio.create_task(model.complete(request()))
    await arrived(server)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await model.close()


@BOTH
async def test_an_address_where_nothing_listens_is_named_and_costs_nothing(server: ModelServer, opens: Opens) -> None:
    model = opens(ModelServer(url="http://127.0.0.1:9/v1"))
    error = await fault(model, request())
    assert isinstance(error, ModelRefused)
    assert error.exit_status == 2
    assert "http://127.0.0.1:9/v1" in str(error)
    assert error.usage is not None
    assert error.usage.calls == 0


async def test_a_server_that_dies_later_is_worth_another_try() -> None:
    with ModelServer() as server:
        model = served(server)
        await model.complete(request())
    error = await fault(model, request())
    assert error.retryable


async def test_a_page_where_a_model_should_be_is_a_wrong_address_at_first_and_a_fault_later(server: ModelServer) -> None:
    model = served(server)
    server.then(page("<html><b>Welcome</b></html>"))
    first = await fault(model, request())
    assert isinstance(first, ModelRefused)
    assert "Welcome" in str(first)
    assert "/v1" in str(first)
    await model.complete(request())
    server.then(page("<html>Bad gateway</html>"))
    assert (await fault(model, request())).retryable


async def test_an_error_inside_an_answer_is_an_error(server: ModelServer) -> None:
    server.then(sends({"error": {"message": "overloaded", "code": 429}}), sends({"error": "it broke"}))
    model = served(server)
    first = await fault(model, request())
    second = await fault(model, request())
    assert (first.status, first.retryable, second.status, second.retryable) == (429, True, 500, True)


async def test_a_wrong_key_is_told_from_a_missing_one_and_names_the_variable(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "wrong")
    error = await fault(served(server), request())
    assert isinstance(error, ModelRefused)
    assert "does not take the key (401" in str(error)
    assert "set OPENAI_API_KEY" in str(error)
    monkeypatch.delenv("OPENAI_API_KEY")
    server.then(status(401, "no key"))
    assert "wants a key" in str(await fault(served(server), request()))


async def test_an_unknown_model_is_named_as_it_was_sent(server: ModelServer) -> None:
    error = await fault(served(server, "missing"), request())
    assert isinstance(error, ModelRefused)
    assert f"no model 'missing' at {server.url}" in str(error)


async def test_a_model_opened_once_works_in_one_event_loop_after_another(server: ModelServer) -> None:
    model = served(server)

    def elsewhere() -> str:
        return str(asyncio.run(said(model, request())).text)

    answers = await asyncio.gather(*(asyncio.to_thread(elsewhere) for _ in range(4)))
    assert (await said(model, request())).text == "ready"
    assert answers == ["ready"] * 4


async def test_cache_markers_go_to_providers_that_read_them_and_to_no_other(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-12345")
    claude = {"type": "message", "role": "assistant", "model": "c", "stop_reason": "end_turn", "id": "1"}
    used = {"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 80, "cache_creation_input_tokens": 0}
    server.then(sends({**claude, "content": [{"type": "text", "text": '{"word": "a", "count": 1}'}], "usage": used}))
    reply = await said(provided(server, "anthropic/claude-sonnet-4-5"), request(Word))
    assert reply.parsed == Word(word="a", count=1)
    assert (reply.usage.prompt_tokens, reply.usage.cached_tokens) == (90, 80)
    assert reply.usage.cost_usd == pytest.approx(10 * 3e-6 + 80 * 0.3e-6 + 5 * 15e-6)
    [marked] = server.bodies[0]["system"]
    assert marked == {"type": "text", "text": "You count words.", "cache_control": {"type": "ephemeral"}}
    assert json.dumps(server.bodies[0]).count("cache_control") == 1
    await said(provided(server), request(Word))
    await said(served(server), request(Word))
    assert "cache_control" not in json.dumps(server.bodies[1:])


async def test_the_limit_on_tokens_has_the_name_its_server_knows() -> None:
    for address, word in (("https://api.openai.com/v1", "max_completion_tokens"), ("http://127.0.0.1:9/v1", "max_tokens")):
        client = OpenAIClient("openai/x", "x", address)
        assert client.limit == word


async def test_many_requests_are_in_flight_at_once() -> None:
    with ModelServer(seconds=1.0) as server:
        model = served(server)
        asked = [Request("generator", (Message("user", str(i)),), timeout=60) for i in range(200)]
        replies = await asyncio.gather(*(model.complete(r) for r in asked))
        await model.close()
    assert len(replies) == 200
    assert server.most_at_once == 200


class Heavy(OpenAIClient):
    """A client that takes its time to be made, as the first one of a process does."""

    def _client(self) -> Any:
        if asyncio.get_running_loop() not in self._clients:
            time.sleep(3.0)
        return super()._client()


async def test_the_seconds_of_a_request_do_not_count_the_making_of_its_client(server: ModelServer) -> None:
    model = LanguageModel("openai/heavy", Heavy("openai/heavy", "heavy", server.url))
    reply = await model.complete(request())
    await model.close()
    assert 0 < reply.usage.seconds < 3.0
