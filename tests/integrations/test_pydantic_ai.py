"""A Pydantic AI agent with a playbook: each run is an episode with what it was shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ace
from ace.errors import BadInput
from ace.session.playbook import Playbook
from ace.session.shown import GUIDE
from tests.integrations.conftest import break_store

pytest.importorskip("pydantic_ai", reason="pydantic-ai-slim is not installed: pip install 'evolving-playbook[pydantic-ai]'")

from pydantic_ai import Agent  # type: ignore[import-not-found,unused-ignore]
from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart, ToolReturnPart  # type: ignore[import-not-found,unused-ignore]
from pydantic_ai.models.function import FunctionModel  # type: ignore[import-not-found,unused-ignore]
from pydantic_ai.models.test import TestModel  # type: ignore[import-not-found,unused-ignore]

from ace.integrations.pydantic_ai import AceCapability


@pytest.fixture(autouse=True)
def loop() -> Iterator[None]:
    """The event loop that the framework's synchronous form takes; it would make one and leave it open."""
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield
    made.close()
    asyncio.set_event_loop(None)


class Scripted:
    """A model that looks an order up and then says what it was told; `instructions` are those of each request."""

    def __init__(self, says: str = "It is late.") -> None:
        self.says, self.instructions = says, list[str]()

    def answer(self, messages: list[Any], info: Any) -> ModelResponse:
        self.instructions.append(info.instructions or "")
        if any(isinstance(part, ToolReturnPart) for part in messages[-1].parts):
            return ModelResponse([TextPart(self.says)])
        return ModelResponse([ToolCallPart("look_up", {"order": 1182})])


def agent(playbook: Playbook, model: Any) -> Any:
    made = Agent(model, instructions="You are short.", capabilities=[AceCapability(playbook)])

    @made.tool_plain  # type: ignore[untyped-decorator,unused-ignore]
    def look_up(order: int) -> str:
        return f"order {order} is late"

    return made


def test_a_run_is_shown_the_playbook_and_waits_for_its_outcome(playbook: Playbook) -> None:
    [bullet] = playbook.bullets()
    script = Scripted(f"It is late, sorry [{bullet.id}].")
    result = agent(playbook, FunctionModel(script.answer)).run_sync("Where is my order?")
    assert result.output == f"It is late, sorry [{bullet.id}]."
    assert len(script.instructions) == 2
    assert all(i.startswith("You are short.") and f"- [{bullet.id}] Be kind." in i for i in script.instructions)
    assert playbook.store.count_episodes(playbook="support") == 0
    episode = playbook.report(result.run_id, success=True)
    assert (episode.task.text, episode.first.text, episode.cited) == ("Where is my order?", "Where is my order?", (bullet.id,))
    assert [(s.action, s.observation and s.observation.text) for s in episode.steps] == [
        ('look_up({"order":1182})', "order 1182 is late"),
        (f"It is late, sorry [{bullet.id}].", None),
    ]
    assert [(x.bullet, x.position, x.policy, x.cited) for x in episode.render.exposures] == [(bullet.id, 0, "all", True)]
    assert episode.render.text in script.instructions[0]


async def test_runs_inside_an_attempt_belong_to_it(playbook: Playbook) -> None:
    async with playbook.episode("Order 1182") as ep:
        result = await agent(playbook, FunctionModel(Scripted().answer)).run("Where is my order?")
        episode = await ep.afinish(True)
    assert (result.output, [s.action for s in episode.steps][-1]) == ("It is late.", "It is late.")
    assert (episode.task.text, len(episode.render.exposures)) == ("Order 1182", 1)
    assert playbook.store.count_episodes() == 1


async def test_many_runs_at_once_are_kept_apart(playbook: Playbook) -> None:
    made = agent(playbook, TestModel())
    results = await asyncio.gather(*(made.run(f"Question {n}") for n in range(16)))
    came = [await playbook.areport(r.run_id, success=False) for r in results]
    assert [e.task.text for e in came] == [f"Question {n}" for n in range(16)]


def test_an_empty_playbook_adds_no_instructions(playbook: Playbook) -> None:
    script = Scripted()
    agent(ace.open("new", store=playbook.store), FunctionModel(script.answer)).run_sync("Where is my order?")
    assert set(script.instructions) == {"You are short."}


async def test_a_streamed_run_is_taken_down_too(playbook: Playbook) -> None:
    made = Agent(TestModel(custom_output_text="It is late."), capabilities=[AceCapability(playbook)])
    async with made.run_stream("Where is my order?") as stream:
        assert await stream.get_output() == "It is late."
    assert [s.action for s in (await playbook.areport(stream.run_id, True)).steps] == ["It is late."]


def test_a_run_that_fails_is_the_caller_s_and_makes_no_episode(playbook: Playbook) -> None:
    def fails(messages: list[Any], info: Any) -> ModelResponse:
        raise ZeroDivisionError("by nothing")

    with pytest.raises(ZeroDivisionError):
        agent(playbook, FunctionModel(fails)).run_sync("Where is my order?")
    assert playbook.store.count_episodes() == 0


def test_a_store_that_breaks_costs_a_warning_and_not_the_run(playbook: Playbook, tmp_path: Path) -> None:
    script = Scripted()
    made = agent(playbook, FunctionModel(script.answer))
    break_store(playbook, tmp_path)
    with pytest.warns(ace.AceWarning, match="without its playbook"):
        assert made.run_sync("Where is my order?").output == "It is late."
    assert GUIDE not in script.instructions[0]


def test_what_is_no_playbook_is_refused_at_once() -> None:
    with pytest.raises(BadInput, match="is not a playbook"):
        AceCapability("support")  # type: ignore[arg-type,unused-ignore]
