"""litellm with a playbook: calls are shown it and kept, and what ace itself asks is left alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI

import ace
from ace.errors import BadInput
from ace.models.clients.litellm_cache import note_others
from ace.models.clients.litellm_client import LiteLLMClient, load_litellm
from ace.session.playbook import Playbook
from ace.session.shown import GUIDE
from tests.integrations.conftest import break_store, reply
from tests.models.server import ModelServer, answer, sends, status
from tests.session.agents import play

ASKED = [{"role": "system", "content": "You are short."}, {"role": "user", "content": "Where is my order?"}]
PROVIDERS = ("openai/m", "hosted_vllm/m")


@pytest.fixture
async def callback(playbook: Playbook) -> AsyncIterator[Any]:
    """The callback, registered for one test; litellm's clients are closed in the loop that made them."""
    litellm = load_litellm()
    from ace.integrations.litellm_callback import AceCallback

    note_others(litellm)
    before, litellm.callbacks = litellm.callbacks, [AceCallback(playbook)]
    yield litellm.callbacks[0]
    litellm.callbacks = before
    await LiteLLMClient("", "").close()
    for client in litellm.in_memory_llm_clients_cache.cache_dict.values():
        if isinstance(client, OpenAI):
            client.close()
    litellm.in_memory_llm_clients_cache.flush_cache()


async def ask(server: ModelServer, model: str = "openai/m", **more: Any) -> Any:
    given = {"messages": ASKED, "api_base": server.url, "api_key": "key", "num_retries": 0, "max_retries": 0}
    return await load_litellm().acompletion(model=model, **{**given, **more})


def system_text(server: ModelServer) -> str:
    return str(server.bodies[-1]["messages"][0]["content"])


@pytest.mark.parametrize("model", PROVIDERS)
async def test_a_call_is_shown_the_playbook_and_waits_for_its_outcome(
    callback: Any, server: ModelServer, playbook: Playbook, model: str
) -> None:
    [bullet] = playbook.bullets()
    before = json.dumps(ASKED)
    server.then(reply("c-7", f"It is late, sorry [{bullet.id}]."))
    said = await ask(server, model)
    assert system_text(server).startswith("You are short.\n\n")
    assert f"- [{bullet.id}] Be kind." in system_text(server)
    assert set(server.bodies[-1]) <= {"model", "messages", "max_retries"}
    assert json.dumps(ASKED) == before
    episode = await playbook.areport(said.id, success=True)
    assert (episode.task.text, episode.cited) == ("Where is my order?", (bullet.id,))
    assert [(x.bullet, x.position, x.policy) for x in episode.render.exposures] == [(bullet.id, 0, "all")]
    assert episode.render.text in system_text(server)


async def test_calls_inside_an_attempt_belong_to_it(callback: Any, server: ModelServer, playbook: Playbook) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}
    server.then(reply("c-1", "", tool_calls=[call]), reply("c-2", "It is late."))
    async with playbook.episode("Order 1182") as ep:
        first = await ask(server)
        told = {"role": "tool", "tool_call_id": "1", "content": "it is late"}
        await ask(server, messages=[*ASKED, first.choices[0].message, told])
        episode = await ep.afinish(True)
    assert [s.action for s in episode.steps] == ["look_up({})", "It is late."]
    assert playbook.store.count_episodes() == 1


async def test_many_calls_at_once_are_kept_apart(callback: Any, server: ModelServer, playbook: Playbook) -> None:
    server.then(*(reply(f"c-{n}", "hm") for n in range(16)))
    asked = [[{"role": "user", "content": f"Question {n}"}] for n in range(16)]
    said = await asyncio.gather(*(ask(server, messages=messages) for messages in asked))
    came = [await playbook.areport(one.id, success=False) for one in said]
    assert [e.task.text for e in came] == [f"Question {n}" for n in range(16)]


async def test_a_synchronous_call_goes_through_the_callback(callback: Any, server: ModelServer, playbook: Playbook) -> None:
    server.then(reply("c-1", "It is late."))
    given = {"api_base": server.url, "api_key": "key", "max_retries": 0}
    said = await asyncio.to_thread(callback.completion, "openai/m", ASKED, **given)
    assert GUIDE in system_text(server)
    assert playbook.report(said.id, True).steps[0].action == "It is late."


async def test_a_synchronous_call_that_does_not_is_warned_of(callback: Any, server: ModelServer, playbook: Playbook) -> None:
    server.then(reply("c-1", "It is late."))
    given = {"model": "openai/m", "messages": ASKED, "api_base": server.url, "api_key": "key", "max_retries": 0}
    with pytest.warns(ace.AceWarning, match="use AceCallback.completion"):
        await asyncio.to_thread(load_litellm().completion, **given)
    assert server.bodies[-1]["messages"] == ASKED


async def test_messages_given_by_position_are_warned_of(callback: Any, server: ModelServer, playbook: Playbook) -> None:
    server.then(reply("c-1", "It is late."))
    with pytest.warns(ace.AceWarning, match="only as messages="):
        await load_litellm().acompletion("openai/m", ASKED, api_base=server.url, api_key="key", max_retries=0)
    assert server.bodies[-1]["messages"] == ASKED


# What litellm says of its own types when it reads a stream.
@pytest.mark.filterwarnings("ignore:Item .* on TypedDict class:UserWarning")
async def test_a_stream_is_shown_the_playbook_and_passed_on(callback: Any, server: ModelServer, playbook: Playbook) -> None:
    from tests.integrations.test_openai import chunks

    server.then(chunks("It is ", "late."))
    async with playbook.episode("Order 1182") as ep:
        said = "".join([part.choices[0].delta.content or "" async for part in await ask(server, stream=True)])
        episode = await ep.afinish(True, transcript=said)
    assert (said, len(episode.render.exposures), GUIDE in system_text(server)) == ("It is late.", 1, True)


async def test_what_ace_asks_while_it_learns_is_left_alone(
    callback: Any, server: ModelServer, playbook: Playbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTED_VLLM_API_BASE", server.url)
    monkeypatch.setenv("HOSTED_VLLM_API_KEY", "key")
    play(playbook, range(3))
    await ask(server)
    before = len(server.seen)
    result = await playbook.alearn("hosted_vllm/large")
    assert result.reflections == 3
    assert all(GUIDE not in json.dumps(b["messages"]) for b in server.bodies[before:])
    assert playbook.store.count_episodes(phase="waiting") == 1
    # The program's own clients, which share the loop, go on working.
    for model in PROVIDERS:
        server.then(reply(model, "still here"))
        assert (await ask(server, model)).choices[0].message.content == "still here"


async def test_an_error_of_the_provider_is_the_caller_s_and_makes_no_episode(
    callback: Any, server: ModelServer, playbook: Playbook
) -> None:
    server.then(status(400, "no such thing"))
    with pytest.raises(load_litellm().BadRequestError, match="no such thing"):
        await ask(server)
    assert playbook.store.count_episodes() == 0


async def test_a_store_that_breaks_costs_a_warning_and_not_the_call(
    callback: Any, server: ModelServer, playbook: Playbook, tmp_path: Path
) -> None:
    break_store(playbook, tmp_path)
    server.then(reply("c-1", "It is late."))
    with pytest.warns(ace.AceWarning, match="without its playbook"):
        said = await ask(server)
    assert (said.choices[0].message.content, server.bodies[-1]["messages"]) == ("It is late.", ASKED)


async def test_what_is_no_playbook_is_refused_at_once(callback: Any) -> None:
    with pytest.raises(BadInput, match="is not a playbook"):
        type(callback)("support")


@pytest.mark.parametrize("model", PROVIDERS)
async def test_a_servers_fault_beside_a_reply_is_no_failure_of_the_agents(
    callback: Any, server: ModelServer, playbook: Playbook, model: str
) -> None:
    server.then(sends({**answer("there"), "id": "c-9", "base_resp": {"status_code": 1000, "status_msg": "boom"}}))
    with pytest.warns(ace.AceWarning, match="boom"):
        said = await ask(server, model)
    assert (await playbook.areport(said.id, success=False)).outcome.verdict.value == "invalid"
