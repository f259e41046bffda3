"""The ladder of structured output: what an endpoint takes is found out once, and every rung gives checked replies."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from ace.errors import ModelError, ModelRefused
from ace.models.contract import Message, Request
from ace.models.replies.structured import strict_schema
from ace.models.wrappers.retry import Patience, Retrying
from ace.roles.ask import ask
from ace.roles.replies import Curation, Diagnosis, Move
from tests.models.asking import Word, arrived, formats, provided, request, served
from tests.models.clients.test_clients import BOTH, Opens
from tests.models.server import Behaviour, ModelServer, refusing, says, sends, status

QUICK = Patience(tries=5, first=0.001)


@BOTH
@pytest.mark.parametrize("code", [400, 422, 500])
async def test_a_server_without_schemas_is_asked_for_an_object_with_the_schema_in_words(
    server: ModelServer, opens: Opens, code: int
) -> None:
    server.always = refusing("json_schema", code=code)
    model = opens(server)
    reply = await Retrying(model, QUICK).complete(request(Word))
    assert reply.parsed == Word(word="a", count=1)
    assert reply.usage.calls == 2
    assert formats(server) == ["json_schema", "json_object"]
    told = server.bodies[1]["messages"][0]["content"]
    assert told.startswith("You count words.\n\nReply with one JSON object")
    assert json.loads(told.rpartition("\n")[2])["required"] == ["word", "count"]
    await model.close()


@BOTH
async def test_a_server_without_any_of_it_gets_instructions_alone(server: ModelServer, opens: Opens) -> None:
    server.always = refusing("json_schema", "json_object")
    model = opens(server)
    reply = await Retrying(model, QUICK).complete(request(Word))
    assert reply.parsed == Word(word="a", count=1)
    assert formats(server) == ["json_schema", "json_object", ""]
    await Retrying(model, QUICK).complete(request(Word, "another"))
    assert formats(server)[3:] == [""]
    await model.close()


async def test_however_many_ask_at_once_an_endpoint_is_tried_once(server: ModelServer) -> None:
    server.always = refusing("json_schema", "json_object")
    first, second = served(server, "tried-once"), served(server, "tried-once")
    asked = [Retrying(m, QUICK).complete(request(Word, str(i))) for i in range(16) for m in (first, second)]
    replies = await asyncio.gather(*asked)
    assert all(r.parsed for r in replies)
    assert formats(server).count("json_schema") == 1
    assert formats(server).count("json_object") == 1
    assert sum(r.usage.calls for r in replies) == len(server.seen) == 34
    await first.close()
    await second.close()


async def test_waiting_for_the_first_is_bounded(server: ModelServer) -> None:
    """A first request that hangs holds up nobody for long."""
    server.then(says_late)
    model = served(server)
    slow = asyncio.create_task(model.complete(request(Word, seconds=10)))
    await arrived(server)
    reply = await model.complete(request(Word, "the second"))
    assert reply.parsed
    assert not slow.done()
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)
    await model.close()


async def says_late(body: Any) -> Any:
    await asyncio.sleep(9)
    return await says("late")(body)


async def test_a_bad_request_for_another_reason_does_not_step_down(server: ModelServer) -> None:
    server.then(status(400, "temperature must be at most 1"))
    model = served(server)
    with pytest.raises(ModelRefused, match="temperature must be at most 1"):
        await model.complete(request(Word))
    assert (await model.complete(request(Word))).parsed
    assert formats(server) == ["json_schema", "json_schema"]
    await model.close()


async def test_a_server_fault_that_is_not_about_the_format_is_tried_again_on_the_same_rung(server: ModelServer) -> None:
    server.then(status(500, "boom"))
    model = served(server)
    assert (await Retrying(model, QUICK).complete(request(Word))).parsed
    assert formats(server) == ["json_schema", "json_schema"]
    await model.close()


async def test_a_reply_that_its_own_server_turned_down_is_asked_for_again(server: ModelServer) -> None:
    server.then(status(400, "Failed to validate JSON", code="json_validate_failed"))
    model = served(server)
    assert (await Retrying(model, QUICK).complete(request(Word))).parsed
    await model.close()


WORDS: list[tuple[int, Any]] = [
    (400, {"error": {"message": "Invalid JSON payload. Unknown name \"x\" at 'generation_config.response_schema'"}}),
    (
        400,
        [{"error": {"code": 400, "message": "Unknown name \"additionalProperties\" at 'generation_config.response_schema'"}}],
    ),
    (400, [{"error": {"message": 'Unknown name "additionalProperties": Cannot find field.'}}]),
    (400, {"error": {"message": "json_schema is not supported"}}),
    (400, {"error": {"message": "response_format.type must be 'text' or 'json_object'"}}),
    (400, {"error": {"message": "This response_format type is unavailable now"}}),
    (500, {"error": {"message": "guided decoding failed to start"}}),
    (400, {"error": "failed to compile grammar"}),
    (400, {"error": {"message": "this model does not support structured outputs"}}),
    (400, {"error": {"message": "Unsupported parameter", "param": "response_format"}}),
    (422, {"detail": [{"loc": ["body", "response_format", "type"], "msg": "Input should be 'text'"}]}),
    (404, {"error": {"message": "No endpoints found that support the requested parameters"}}),
    (200, {"error": {"code": 400, "message": "responseSchema is not enabled for this model"}}),
]


@pytest.mark.parametrize(("code", "body"), WORDS)
async def test_a_refused_schema_is_known_by_any_servers_words(server: ModelServer, code: int, body: Any) -> None:
    server.then(sends(body, code=code), says('{"word": "a", "count": 3}'))
    model = served(server)
    reply = await Retrying(model, QUICK).complete(request(Word))
    await model.close()
    assert reply.parsed == Word(word="a", count=3)
    assert formats(server) == ["json_schema", "json_object"]


async def test_an_error_in_a_list_is_told_by_its_message(server: ModelServer) -> None:
    server.then(sends([{"error": {"code": 400, "message": "API key not valid", "status": "INVALID_ARGUMENT"}}], code=400))
    model = served(server)
    with pytest.raises(ModelRefused, match=r"\(400: API key not valid\)"):
        await model.complete(request())
    await model.close()


def ignoring(text: str) -> Behaviour:
    return says(text)


async def test_a_server_that_ignores_the_schema_is_corrected_by_one_more_question(server: ModelServer) -> None:
    """Nothing is believed: what does not fit is asked for again, with what was wrong and the schema in words."""
    server.then(ignoring('{"word": "a"}'), ignoring('{"word": "a", "count": 3}'))
    model = served(server)
    asked = Request("reflector", (Message("user", "Count."),))
    got = await ask(model, asked, Word)
    assert got.value == Word(word="a", count=3)
    assert got.usage.calls == 2
    *before, echo, again = server.bodies[1]["messages"]
    assert before == server.bodies[0]["messages"]
    assert echo == {"role": "assistant", "content": '{"word": "a"}'}
    assert "count: Field required" in again["content"]
    assert '"required":["word","count"]' in again["content"]
    await model.close()


async def test_two_bad_replies_in_a_row_are_given_up_and_paid_for(server: ModelServer) -> None:
    server.then(says("no"), says('{"word": 3}'))
    model = served(server)
    got = await ask(model, request(), Word)
    assert got.value is None
    assert "count: Field required" in got.problem
    assert (got.usage.calls, got.usage.prompt_tokens) == (2, 200)
    await model.close()


async def test_an_endless_reply_is_not_sent_back_whole(server: ModelServer) -> None:
    server.then(says("x" * 150_000))
    model = served(server)
    assert (await ask(model, request(), Word)).value
    assert len(json.dumps(server.bodies[1])) < 20_000
    await model.close()


async def test_a_parameter_that_litellm_turns_down_by_itself_costs_no_request(server: ModelServer) -> None:
    from ace.models.contract import Sampling

    model = provided(server, "openai/gpt-5")
    with pytest.raises(ModelError) as caught:
        await model.complete(request(sampling=Sampling(temperature=0.0)))
    assert isinstance(caught.value, ModelRefused)
    assert "temperature" in str(caught.value)
    assert caught.value.usage is not None
    assert caught.value.usage.calls == len(server.seen) == 0
    await model.close()


class Leaf(BaseModel):
    kind: Literal["leaf"] = "leaf"
    size: float = 1.0


class Branch(BaseModel):
    kind: Literal["branch"] = "branch"
    leaves: list[Leaf] = []
    first: Leaf | None = None
    best: Leaf = Field(default=Leaf(), description="The best of them.")


class Tree(BaseModel):
    title: str = "none"
    root: Annotated[Leaf | Branch, Field(discriminator="kind")] = Leaf()
    notes: dict[str, int] = {}


@pytest.mark.parametrize("shape", [Move, Diagnosis, Curation, Tree])
def test_schemas_are_strict_all_the_way_down(shape: type[BaseModel]) -> None:
    schema = strict_schema(shape)

    def walk(node: Any, properties: bool = False) -> None:
        if isinstance(node, list):
            for part in node:
                walk(part)
        if not isinstance(node, dict):
            return
        if not properties:
            assert not {"default", "oneOf", "discriminator"} & set(node)
            if "$ref" in node:
                assert set(node) == {"$ref"}
            if "properties" in node:
                assert node["additionalProperties"] is False
                assert node["required"] == list(node["properties"])
        for name, part in node.items():
            walk(part, name in ("properties", "$defs"))

    walk(schema)
    assert json.loads(json.dumps(schema)) == schema


def test_a_field_called_title_is_kept() -> None:
    schema = strict_schema(Tree)
    assert schema["required"] == ["title", "root", "notes"]
    assert schema["properties"]["notes"] == {"type": "object", "additionalProperties": {"type": "integer"}}
