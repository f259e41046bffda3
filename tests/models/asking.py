"""Asking models in tests: a shape, requests, and the model that a server is."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from ace.models.clients.language import LanguageModel
from ace.models.clients.litellm_client import LiteLLMClient, load_litellm
from ace.models.clients.openai_client import OpenAIClient
from ace.models.contract import Message, Request, Sampling
from tests.models.server import ModelServer

_numbers = itertools.count()


class Word(BaseModel):
    """A word and how often it stands there."""

    model_config = ConfigDict(extra="forbid")

    word: str
    count: int


def request(
    shape: type[BaseModel] | None = None,
    user: str = "Which word?",
    seconds: float = 20.0,
    sampling: Sampling | None = None,
    **fields: Any,
) -> Request:
    messages = (Message("system", "You count words.", stable=True), Message("user", user))
    return Request("generator", messages, shape, sampling or Sampling(), timeout=seconds, **fields)


def served(server: ModelServer, model: str = "") -> LanguageModel:
    """A model of the server, through the openai client; each call gives one that nothing is known of yet."""
    sent = model or f"m{next(_numbers)}"
    return LanguageModel(f"openai/{sent}", OpenAIClient(f"openai/{sent}", sent, server.url))


def provided(server: ModelServer, model: str = "") -> LanguageModel:
    """A model of the server, through litellm. It is loaded first, as where a model is opened: that is no request's time."""
    load_litellm()
    name = model or f"hosted_vllm/m{next(_numbers)}"
    address = server.url if not name.startswith("anthropic/") else server.url.removesuffix("/v1")
    return LanguageModel(name, LiteLLMClient(name, name.partition("/")[0], address, "SOME_API_KEY"))


def formats(server: ModelServer) -> Sequence[str]:
    """The kinds of structured output that the server was asked for, request by request."""
    return [(body.get("response_format") or {}).get("type", "") for body in server.bodies]


async def arrived(server: ModelServer, count: int = 1) -> None:
    """Wait until so many requests have reached the server."""
    # The server lives in another thread and another event loop.
    while len(server.seen) < count:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
