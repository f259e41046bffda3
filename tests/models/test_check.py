"""`ace model check`: one screen that says what a run would meet."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ace.commands.parts.model import app
from ace.errors import BadSetting, UnknownName
from ace.models.wrappers.replay import Recording
from tests.models.asking import Word, request, served
from tests.models.server import Behaviour, ModelServer, answer, refusing, says, sends, status

LEMON = '{"colour": "yellow", "letters": 6}'


def asked(server: ModelServer) -> list[Any]:
    """What the model was asked; besides, it is found out which server this is."""
    return [body for body in server.bodies if "messages" in body]


def check(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["check", *arguments])


def report(*arguments: str) -> tuple[int, dict[str, Any]]:
    result = check(*arguments, "--json")
    return result.exit_code, json.loads(result.stdout)


def test_a_model_that_answers_is_described_on_one_screen(server: ModelServer) -> None:
    result = check("openai/gpt-5-mini", "--api-base", server.url)
    assert result.exit_code == 0, result.output
    assert f"openai/gpt-5-mini at {server.url}" in result.stdout
    assert "yes, in " in result.stdout
    assert "a JSON schema, which its server enforces" in result.stdout
    assert "$0.25 for a million prompt tokens ($0.025 cached), $2 for a million completion tokens" in result.stdout
    assert "3 requests" in result.stdout
    assert len(result.stdout.splitlines()) < 12
    assert len(asked(server)) == 3


def without(*kinds: str) -> Behaviour:
    """A server that refuses these kinds of structured output."""
    refuses, lemon = refusing(*kinds), says(LEMON)

    async def behave(body: Any) -> Any:
        kind = (body.get("response_format") or {}).get("type")
        return await (refuses if kind in kinds else lemon)(body)

    return behave


@pytest.mark.parametrize(
    ("behaviour", "structured"),
    [
        (without(), "json_schema"),
        (without("json_schema"), "json_object"),
        (without("json_schema", "json_object"), "instructions"),
        (says(f"Well, {LEMON} I think."), "ignored"),
    ],
)
def test_what_structured_output_it_supports_is_found_out(server: ModelServer, behaviour: Behaviour, structured: str) -> None:
    server.always = behaviour
    code, found = report(f"openai/{structured}", "--api-base", server.url)
    assert (code, found["answers"], found["structured"], found["problem"]) == (0, True, structured, "")
    assert found["usage"]["calls"] == len(asked(server))
    assert found["usd_per_token"] is None


@pytest.mark.parametrize(
    ("behaviour", "code", "answers", "says"),
    [
        (status(401, "no such key"), 2, False, "wants a key"),
        (status(404, "no such model"), 2, False, "there is no model"),
        (status(503, "down for today", {"retry-after": "0"}), 1, False, "down for today"),
        (says("no json at all"), 1, True, "not of the shape asked for"),
        (says(""), 1, False, "empty text"),
        (sends({**answer("x"), "choices": []}), 1, False, "an answer without choices"),
    ],
)
def test_what_failed_is_said_in_a_line(server: ModelServer, behaviour: Behaviour, code: int, answers: bool, says: str) -> None:
    server.always = behaviour
    status, found = report("openai/failing", "--api-base", server.url)
    assert (status, found["answers"]) == (code, answers)
    assert says in found["problem"]
    assert "\n" not in found["problem"]
    assert found["usage"]["calls"] == len(server.seen)


def test_a_model_that_is_not_there_is_told_with_those_that_are(server: ModelServer) -> None:
    result = check("openai/missing", "--api-base", server.url)
    assert result.exit_code == 2
    assert "it offers   large, small" in result.stdout


def test_an_address_where_nothing_listens_is_named() -> None:
    code, found = report("openai/x", "--api-base", "http://127.0.0.1:9/v1")
    assert code == 2
    assert "http://127.0.0.1:9/v1" in found["problem"]
    assert found["usage"]["calls"] == 0


def test_local_models_are_described_and_not_asked(server: ModelServer, tmp_path: Path) -> None:
    async def record() -> None:
        model = Recording(served(server), tmp_path / "r")
        await model.complete(request(Word))
        await model.close()

    asyncio.run(record())
    assert "plays back 1 recorded replies" in check(f"replay:{tmp_path / 'r'}").stdout
    assert "answers are written by you" in check(f"manual:{tmp_path / 'inbox'}").stdout
    assert not list((tmp_path / "inbox").glob("*.request.md"))
    code, found = report("novice")
    assert (code, found["answers"], found["usage"]["calls"]) == (0, True, 0)


def test_a_name_that_opens_nothing_is_the_users_mistake() -> None:
    for name, error in (("novise", UnknownName), ("openai/gpt-5-mini", BadSetting)):
        assert isinstance(check(name).exception, error)
