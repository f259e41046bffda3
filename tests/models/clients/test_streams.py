"""A server that streams, though no stream was asked for: its pieces are an answer, and its errors are errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from ace.errors import ModelError, ModelRefused
from ace.models.errors.provider_words import summary
from tests.models.asking import request
from tests.models.clients.test_clients import BOTH, Opens, fault, said
from tests.models.server import Behaviour, Body, ModelServer, answer, usage


def streams(*events: Any, end: bool = True, before: str = "") -> Behaviour:
    """These events, and the mark at the end."""
    lines = [f"data: {json.dumps(event)}\n\n" for event in events] + (["data: [DONE]\n\n"] if end else [])
    return sends_text(before + "".join(lines))


def sends_text(text: str, kind: str = "text/event-stream") -> Behaviour:
    async def behave(_: Body) -> web.StreamResponse:
        return web.Response(text=text, content_type=kind)

    return behave


def piece(text: str, reason: str | None = None) -> dict[str, Any]:
    return {"id": "c-1", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": reason}]}


COUNTED = {"id": "c-1", "choices": [], "usage": usage(100, 10, 40)}
WHOLE: dict[str, Behaviour] = {
    "pieces": streams(piece("the"), piece("re"), piece("", "stop"), COUNTED),
    "no mark at the end": streams(piece("there", "stop"), COUNTED, end=False),
    "comments between": streams(piece("the"), piece("re", "stop"), COUNTED, before=": waiting\n\n: waiting\n\n"),
    "one event": streams(answer("there", "stop", usage(100, 10, 40))),
    "a body behind comments": sends_text(": waiting\n\n" + json.dumps(answer("there", "stop", usage(100, 10, 40)))),
    "a mark of the byte order": sends_text(
        "\ufeff" + json.dumps(answer("there", "stop", usage(100, 10, 40))), "application/json"
    ),
}


@BOTH
@pytest.mark.parametrize("behaviour", WHOLE.values(), ids=WHOLE)
async def test_the_pieces_of_an_answer_are_put_together(server: ModelServer, opens: Opens, behaviour: Behaviour) -> None:
    server.then(behaviour)
    reply = await said(opens(server), request())
    assert (reply.text, reply.stop) == ("there", "stop")
    assert (reply.usage.prompt_tokens, reply.usage.cached_tokens, reply.usage.completion_tokens) == (100, 40, 10)


@BOTH
async def test_a_stream_that_breaks_off_is_a_servers_fault(server: ModelServer, opens: Opens) -> None:
    server.then(streams(piece("the"), end=False))
    error = await fault(opens(server), request())
    assert error.retryable
    assert "ended before the answer did" in str(error)


@BOTH
async def test_an_error_in_a_stream_is_that_error(server: ModelServer, opens: Opens) -> None:
    server.then(streams(piece("the"), {"error": {"message": "overloaded", "code": 503}}))
    error = await fault(opens(server), request())
    assert (error.retryable, error.status) == (True, 503)
    server.then(
        sends_text('event: error\ndata: {"type": "error", "error": {"message": "Insufficient Balance", "code": 402}}\n\n')
    )
    assert isinstance(await fault(opens(server), request()), ModelRefused)


@BOTH
@pytest.mark.parametrize("text", ["<html><title>Sign in</title></html>", "", "null", "[]", "data: \n\n", ": waiting\n\n"])
async def test_what_is_no_answer_is_none(server: ModelServer, opens: Opens, text: str) -> None:
    server.then(sends_text(text, "text/html"))
    assert isinstance(await fault(opens(server), request()), ModelError)
    assert len(summary(text)) < 100
