"""An openai client with a playbook: the calling code is the same, and each call is an episode with what it was shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from openai import APIStatusError, AsyncOpenAI, OpenAI
from pydantic import BaseModel

import ace
from ace.errors import BadInput, NotFound
from ace.integrations.openai_client import wrap
from ace.session.playbook import Playbook
from ace.session.shown import GUIDE
from tests.integrations.conftest import break_store, reply
from tests.models.server import Body, ModelServer, answer, sends, status
from tests.session.agents import add

ASKED: list[Any] = [{"role": "system", "content": "You are short."}, {"role": "user", "content": "Where is my order?"}]


@pytest.fixture
def plain(server: ModelServer) -> Iterator[OpenAI]:
    with OpenAI(base_url=server.url) as client:
        yield client


def ask(client: OpenAI, **more: Any) -> Any:
    return client.chat.completions.create(model="m", messages=ASKED, **more)


def system_text(server: ModelServer) -> str:
    return str(server.bodies[-1]["messages"][0]["content"])


def test_a_call_is_shown_the_playbook_and_waits_for_its_outcome(plain: OpenAI, server: ModelServer, playbook: Playbook) -> None:
    client = wrap(plain, playbook)
    [bullet] = playbook.bullets()
    server.then(reply("c-7", f"It is late, sorry [{bullet.id}]."))
    before = json.dumps(ASKED)
    said = ask(client)
    assert said.choices[0].message.content == f"It is late, sorry [{bullet.id}]."
    assert system_text(server).startswith("You are short.\n\n")
    assert f"- [{bullet.id}] Be kind." in system_text(server)
    assert server.bodies[-1]["messages"][1:] == ASKED[1:]
    assert json.dumps(ASKED) == before
    assert playbook.store.count_episodes(playbook="support") == 0
    episode = playbook.report(said.id, success=True)
    assert (episode.task.text, episode.first.text) == ("Where is my order?", "Where is my order?")
    assert [s.action for s in episode.steps] == [f"It is late, sorry [{bullet.id}]."]
    assert [(x.bullet, x.position, x.policy, x.cited) for x in episode.render.exposures] == [(bullet.id, 0, "all", True)]
    assert episode.render.text in system_text(server)
    assert playbook.store.view("support").records([bullet.id])[bullet.id].cited_won == 1


async def test_the_async_client_does_the_same(server: ModelServer, playbook: Playbook) -> None:
    async with wrap(AsyncOpenAI(base_url=server.url), playbook) as client:
        server.then(*(reply(f"c-{n}", f"answer {n}") for n in range(20)))
        said = await asyncio.gather(
            *(
                client.chat.completions.create(model="m", messages=[{"role": "user", "content": f"Question {n}"}])
                for n in range(20)
            )
        )
    assert all(GUIDE in b["messages"][0]["content"] for b in server.bodies)
    for one in said:
        await playbook.areport(one.id, success=False)
    assert {e.task.text for e in playbook.store.episodes()} >= {f"Question {n}" for n in range(20)}
    assert playbook.store.count_episodes(playbook="support", verdict="failure") == 20


def test_calls_inside_an_attempt_belong_to_it(plain: OpenAI, server: ModelServer, playbook: Playbook) -> None:
    client = wrap(plain, playbook)
    call = {"id": "1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}
    server.then(reply("c-1", "", tool_calls=[call]), reply("c-2", "It is late."), reply("c-3", "Summary: late."))
    with playbook.episode("Order 1182") as ep:
        messages: list[Any] = [*ASKED]
        first = client.chat.completions.create(model="m", messages=messages)
        messages += [first.choices[0].message, {"role": "tool", "tool_call_id": "1", "content": "it is late"}]
        client.chat.completions.create(model="m", messages=messages)
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Sum up."}])
        episode = ep.finish(True)
    assert [(s.action, s.observation and s.observation.text) for s in episode.steps] == [
        ("look_up({})", "it is late"),
        ("It is late.", "Sum up."),
        ("Summary: late.", None),
    ]
    assert len(episode.render.exposures) == 1
    assert playbook.store.count_episodes() == 1
    with pytest.raises(NotFound):
        playbook.report("c-2", True)


async def test_attempts_at_the_same_time_keep_their_calls_apart(server: ModelServer, playbook: Playbook) -> None:
    client = wrap(AsyncOpenAI(base_url=server.url), playbook)

    async def echo(body: Body) -> web.StreamResponse:
        await asyncio.sleep(0.01)
        return await reply("same", "you said " + body["messages"][-1]["content"])(body)

    server.always = echo

    async def attempt(n: int) -> tuple[str, str]:
        async with playbook.episode(f"Task {n}") as ep:
            await client.chat.completions.create(model="m", messages=[{"role": "user", "content": f"say {n}"}])
            episode = await ep.afinish(True)
        return episode.task.text, episode.steps[0].action

    came = await asyncio.gather(*(attempt(n) for n in range(10)))
    await client.close()
    assert came == [(f"Task {n}", f"you said say {n}") for n in range(10)]


def test_parsed_and_raw_answers_come_as_they_are(plain: OpenAI, server: ModelServer, playbook: Playbook) -> None:
    class Late(BaseModel):
        late: bool

    client = wrap(plain, playbook).with_options(timeout=30)
    server.then(reply("c-1", '{"late": true}'), reply("c-2", "It is late."))
    parsed = client.chat.completions.parse(model="m", messages=ASKED, response_format=Late)
    raw = client.chat.completions.with_raw_response.create(model="m", messages=ASKED)
    assert parsed.choices[0].message.parsed == Late(late=True)
    assert (raw.status_code, raw.parse().id) == (200, "c-2")
    assert [playbook.report(id, True).steps[0].action for id in ("c-1", "c-2")] == ['{"late": true}', "It is late."]
    assert all(GUIDE in b["messages"][0]["content"] for b in server.bodies)


def chunks(*texts: str) -> Any:
    async def behave(body: Body) -> web.StreamResponse:
        rows = [
            {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, "delta": d}]}
            for d in ({"role": "assistant", "content": text} for text in texts)
        ]
        text = "".join(f"data: {json.dumps(row)}\n\n" for row in rows) + "data: [DONE]\n\n"
        return web.Response(text=text, content_type="text/event-stream")

    return behave


def test_a_stream_is_shown_the_playbook_and_passed_on_untouched(plain: OpenAI, server: ModelServer, playbook: Playbook) -> None:
    client = wrap(plain, playbook)
    server.then(chunks("It is ", "late."), chunks("It is ", "late."))
    with playbook.episode("Order 1182") as ep:
        said = "".join(part.choices[0].delta.content or "" for part in ask(client, stream=True))
        episode = ep.finish(True, transcript=said)
    assert (said, len(episode.render.exposures), GUIDE in system_text(server)) == ("It is late.", 1, True)
    assert "".join(part.choices[0].delta.content or "" for part in ask(client, stream=True)) == "It is late."
    assert playbook.store.count_episodes() == 1


def test_the_responses_interface_is_shown_the_playbook_as_instructions(
    plain: OpenAI, server: ModelServer, playbook: Playbook
) -> None:
    body = {
        "id": "resp-1", "object": "response", "created_at": 1, "model": "m", "status": "completed",
        "parallel_tool_calls": False, "tools": [], "tool_choice": "auto",
        "output": [
            {"id": "1", "type": "message", "role": "assistant", "status": "completed",
             "content": [{"type": "output_text", "text": "It is late.", "annotations": []}]}
        ],
    }  # fmt: skip
    client = wrap(plain, playbook)
    server.then(sends(body), sends({**body, "id": "resp-2"}))
    said = client.responses.create(model="m", instructions="You are short.", input="Where is my order?")
    client.responses.create(model="m", input=[{"role": "user", "content": "And now?"}])
    assert said.output_text == "It is late."
    assert server.bodies[0]["instructions"].startswith(f"You are short.\n\n{GUIDE}")
    assert server.bodies[1]["instructions"].startswith(GUIDE)
    first, second = playbook.report("resp-1", True), playbook.report("resp-2", False)
    assert [(e.task.text, e.steps[0].action) for e in (first, second)] == [
        ("Where is my order?", "It is late."),
        ("And now?", "It is late."),
    ]


def test_an_empty_playbook_changes_nothing_in_a_request(plain: OpenAI, server: ModelServer, playbook: Playbook) -> None:
    server.then(reply("c-1", "hm"), reply("c-2", "hm"), reply("c-3", "hm"))
    ask(plain)
    ask(wrap(plain, ace.open("new", store=playbook.store)))
    assert server.bodies[0] == server.bodies[1]
    # The client that was given was left as it was.
    wrap(plain, playbook)
    ask(plain)
    assert server.bodies[2] == server.bodies[0]


def test_a_playbook_that_is_in_the_prompt_already_is_not_put_there_again(
    plain: OpenAI, server: ModelServer, playbook: Playbook
) -> None:
    client = wrap(wrap(plain, playbook), playbook)
    server.then(reply("c-1", "hm"))
    with playbook.episode("Order 1182") as ep:
        client.chat.completions.create(model="m", messages=[{"role": "system", "content": ep.context}])
        ep.finish(True)
    assert system_text(server).count(GUIDE) == 1


def test_two_playbooks_can_stand_in_one_prompt(plain: OpenAI, server: ModelServer, playbook: Playbook) -> None:
    style = ace.open("style", store=playbook.store)
    add(style, "Use short words.")
    client = wrap(wrap(plain, playbook), style)
    server.then(reply("c-1", "hm"))
    ask(client)
    assert "Be kind." in system_text(server)
    assert "Use short words." in system_text(server)
    assert playbook.report("c-1", True).render.text != style.report("c-1", True).render.text


def test_an_error_of_the_provider_is_the_caller_s_and_makes_no_episode(
    plain: OpenAI, server: ModelServer, playbook: Playbook
) -> None:
    client = wrap(plain.with_options(max_retries=0), playbook)
    server.then(status(400, "no such thing"))
    with pytest.raises(APIStatusError, match="no such thing"):
        ask(client)
    assert playbook.store.count_episodes() == 0


def test_a_store_that_breaks_costs_a_warning_and_not_the_call(
    plain: OpenAI, server: ModelServer, playbook: Playbook, tmp_path: Path
) -> None:
    client = wrap(plain, playbook)
    break_store(playbook, tmp_path)
    server.then(reply("c-1", "It is late."))
    with pytest.warns(ace.AceWarning, match="without its playbook: Store.*: .* is"):
        said = ask(client)
    assert said.choices[0].message.content == "It is late."
    assert server.bodies[-1]["messages"] == ASKED


def test_an_answer_is_not_lost_where_warnings_are_errors(
    plain: OpenAI, server: ModelServer, playbook: Playbook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = wrap(plain, playbook)

    async def breaks(body: Body) -> web.StreamResponse:
        break_store(playbook, tmp_path)
        return await reply("c-1", "It is late.")(body)

    server.then(breaks)
    assert ask(client).choices[0].message.content == "It is late."
    assert "a call could not be kept" in caplog.text


def test_ids_that_a_server_gives_twice_are_warned_of(plain: OpenAI, server: ModelServer, playbook: Playbook) -> None:
    client = wrap(plain, playbook)
    server.then(reply("same", "one"), reply("same", "two"))
    ask(client)
    with pytest.warns(ace.AceWarning, match="the key 'same' was used before"):
        assert ask(client).choices[0].message.content == "two"


def test_other_endpoints_are_left_alone(plain: OpenAI, server: ModelServer, playbook: Playbook) -> None:
    client = wrap(plain, playbook)
    server.then(sends({"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}], "model": "m"}))
    assert client.embeddings.create(model="m", input="text", encoding_format="float").data[0].embedding == [0.5]
    assert [m.id for m in client.models.list()] == ["small", "large"]
    assert set(server.bodies[-1]) == {"model", "input", "encoding_format"}


def test_what_is_no_client_or_playbook_is_refused_at_once(plain: OpenAI, playbook: Playbook) -> None:
    with pytest.raises(BadInput, match="is not a client"):
        wrap("client", playbook)  # type: ignore[type-var]
    with pytest.raises(BadInput, match="is not a playbook"):
        wrap(plain, "support")  # type: ignore[arg-type]


FAULTS: dict[str, Any] = {
    "no choices": {"id": "c-1", "choices": None},
    "a choice that is null": {"id": "c-1", "choices": [None]},
    "a choice without a message": {"id": "c-1", "choices": [{}]},
    "an error beside choices": {**answer("there"), "error": {"message": "boom"}},
    "an error inside a choice": {"id": "c-1", "choices": [{"error": {"message": "boom"}, "message": None}]},
    "a status beside choices": {**answer("there"), "code": 500},
    "an error": {"id": "c-1", "error": {"message": "boom"}},
    "another gateway's": {"id": "c-1", "base_resp": {"status_code": 1002, "status_msg": "rate limit"}},
}


@pytest.mark.parametrize("body", FAULTS.values(), ids=FAULTS)
def test_a_servers_fault_in_place_of_a_reply_is_no_failure_of_the_agents(
    plain: OpenAI, server: ModelServer, playbook: Playbook, body: Any
) -> None:
    client = wrap(plain, playbook)
    server.always = sends(body)
    with pytest.warns(ace.AceWarning, match="a call got no reply"):
        ask(client)
    with playbook.episode("Order 1182") as ep:
        with pytest.warns(ace.AceWarning, match="a call got no reply"):
            ask(client)
        joined = ep.finish(False)
    alone = playbook.report("c-1", success=False)
    for episode in (joined, alone):
        assert episode.outcome.verdict.value == "invalid"
        assert "the model's server failed" in episode.outcome.reason
    assert playbook.store.count_episodes(playbook="support", verdict="failure") == 0


def test_a_fault_that_a_later_call_makes_good_leaves_the_verdict_alone(
    plain: OpenAI, server: ModelServer, playbook: Playbook
) -> None:
    client = wrap(plain, playbook)
    server.then(sends({"choices": None}), reply("c-2", "It is late."), sends([{"error": {"message": "boom"}}]))
    with playbook.episode("Order 1182") as ep:
        with pytest.warns(ace.AceWarning):
            ask(client)
        ask(client)
        assert ep.finish(False).outcome.verdict.value == "failure"
    with pytest.warns(ace.AceWarning):
        ask(client)
    [spoiled] = [e for e in playbook.store.episodes() if e.outcome.verdict.value == "invalid"]
    assert "boom" in spoiled.outcome.reason


def test_a_response_that_failed_is_no_failure_of_the_agents(plain: OpenAI, server: ModelServer, playbook: Playbook) -> None:
    server.then(sends({"id": "r-1", "object": "response", "status": "failed", "error": {"message": "boom"}, "output": []}))
    with pytest.warns(ace.AceWarning, match="boom"):
        wrap(plain, playbook).responses.create(model="m", input="Where is it?")
    assert playbook.report("r-1", success=False).outcome.verdict.value == "invalid"
