"""OpenAI's interface through the openai client: OpenAI itself, and any server that speaks it.

The client carries requests and nothing more. Its own retries and timeouts are off, its typed layer (a quarter of what a call
costs) is passed by, and each event loop has a client of its own, closed where it was made.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from ace.errors import BadSetting
from ace.keys import resolved
from ace.models.clients.bodies import read
from ace.models.clients.bounded import ACCEPTED, TooLarge, bound
from ace.models.clients.chat import Completion, messages, parameters
from ace.models.clients.clock import sent
from ace.models.clients.scoring import way
from ace.models.clients.streams import whole
from ace.models.clients.surroundings import client_problem, on_this_machine, trusted
from ace.models.contract import Request
from ace.models.errors import faults
from ace.models.errors.faults import Fault, Place
from ace.models.replies.scores import scores_text
from ace.models.replies.structured import Rung

if TYPE_CHECKING:
    from openai import AsyncOpenAI

KEY = "OPENAI_API_KEY"
HOME = "https://api.openai.com/v1"
SOCKS = "socksio"
"""The module that the client needs for a SOCKS proxy."""
_PLACEHOLDER = "placeholder"
"""Sent where there is no key: servers of one's own want none, and the client wants one."""
_CONNECT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class OpenAIClient:
    """`sent`, as the person calls it `name`, at `address`. The key is taken from the environment when it is needed."""

    name: str
    sent: str
    address: str = HOME
    _clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncOpenAI] = field(
        default_factory=WeakKeyDictionary, repr=False, compare=False
    )

    @property
    def place(self) -> Place:
        return Place(self.name, self.sent, self.address, KEY, bool(key()))

    @property
    def limit(self) -> str:
        """The name of the limit on tokens: OpenAI's own models want a newer one, which not all other servers know."""
        return "max_completion_tokens" if self.address == HOME else "max_tokens"

    def body(self, request: Request, rung: Rung) -> dict[str, Any]:
        return {"model": self.sent, "messages": messages(request, rung), **parameters(request, rung, self.limit)}

    async def send(self, request: Request, rung: Rung) -> Completion | Fault:
        body, options = _apart({**self.body(request, rung), **resolved(request.sampling.extra)})
        client = self._client()
        try:
            return read(await client.post("/chat/completions", cast_to=str, body=body, options=options))
        # Exceptions of the client end here: their words may hold the key. They become a fault of ours.
        except Exception as error:  # noqa: BLE001
            return _fault(error)

    async def score(self, request: Request) -> Completion | Fault:
        """The scores of the request's options, as the text of an answer."""
        known = way(self.address, self.sent)
        await known.find(self.address, request.options, self._free)
        asked = known.body(messages(request, Rung.TEXT), request.options)
        extra = {name: value for name, value in request.sampling.extra.items() if name not in asked}
        body, options = _apart({**asked, "model": self.sent, **resolved(extra)})
        try:
            text: str = await self._client().post("/chat/completions", cast_to=str, body=body, options=options)
        # As for any request.
        except Exception as error:  # noqa: BLE001
            return _fault(error)
        found = read(text)
        if isinstance(found, Fault):
            return found
        return replace(found, text=scores_text(known.read(text, request.options), known.whole), stop="stop")

    async def _free(self, method: str, address: str, body: Mapping[str, Any] | None) -> str:
        """The text of an answer to what no run asks; empty where the server gives none."""
        client = self._client()
        try:
            if method == "GET":
                return str(await client.get(address, cast_to=str))
            return str(await client.post(address, cast_to=str, body=dict(body or {})))
        # What a server does not have tells which kind it is.
        except Exception:  # noqa: BLE001
            return ""

    async def timings(self, prompt: str, tokens: int) -> Mapping[str, Any]:
        """What the server says of its speed at reading `prompt` and writing so many tokens; nothing where it does not."""
        body = {"model": self.sent, "messages": [{"role": "user", "content": prompt}], "max_tokens": tokens}
        answer = whole(await self._free("POST", "/chat/completions", body))
        said = answer.get("timings") if isinstance(answer, Mapping) else None
        return said if isinstance(said, Mapping) else {}

    async def models(self) -> list[str]:
        """The models that the server says it has; none where it does not say."""
        try:
            listed = json.loads(await self._client().get("/models", cast_to=str))
            return sorted(str(row["id"]) for row in listed["data"])
        # A list is a courtesy: a server without one is as good.
        except Exception:  # noqa: BLE001
            return []

    async def rest(self) -> None:
        await self.close()

    async def close(self) -> None:
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()

    def _direct(self) -> dict[str, None]:
        """Where no proxy is used, in the words of the client's connections."""
        parts = urlsplit(self.address)
        host = parts.hostname or ""
        return {f"all://{f'[{host}]' if ':' in host else host}": None} if on_this_machine(host) else {}

    def _client(self) -> AsyncOpenAI:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

            # The caller bounds how long a request may take; here only how long a server may take to connect.
            patience = Timeout(None, connect=_CONNECT_SECONDS)
            try:
                client = AsyncOpenAI(
                    api_key=key() or _PLACEHOLDER,
                    base_url=self.address,
                    max_retries=0,
                    timeout=patience,
                    default_headers={"Accept-Encoding": ACCEPTED},
                    # Its own kind of connections, so that no other library's version matters.
                    http_client=DefaultAsyncHttpxClient(
                        timeout=patience, event_hooks=_HOOKS, mounts=self._direct(), verify=trusted()
                    ),
                )
            except Exception as error:
                raise client_problem(error) from error
            self._clients[loop] = client
        return client


async def _sending(request: Any) -> None:
    sent()


_HOOKS: dict[str, list[Any]] = {"request": [_sending], "response": [bound]}


def _apart(body: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """The body, and what the person gave for the request's headers and the address's parameters, named as in the client."""
    left = {name: value for name, value in body.items() if name not in ("extra_headers", "extra_query", "extra_body")}
    more = body.get("extra_body")
    options = {"headers": body.get("extra_headers"), "params": body.get("extra_query")}
    return left | (more if isinstance(more, dict) else {}), {name: value for name, value in options.items() if value}


def key() -> str:
    """The key in the environment, or nothing. Raises `BadSetting` for one that no header can carry."""
    found = os.environ.get(KEY, "").strip()
    if found and not (found.isascii() and found.isprintable()):
        raise BadSetting(f"the value of {KEY} is not a usable key: it holds a line break or a character that is not ASCII")
    return found


def home() -> str:
    """The address that the environment names, else OpenAI's own."""
    return os.environ.get("OPENAI_BASE_URL", "").strip() or os.environ.get("OPENAI_API_BASE", "").strip() or HOME


def _fault(error: Exception) -> Fault:
    """What the client, or the way to the server, says went wrong."""
    status, response = getattr(error, "status_code", None), getattr(error, "response", None)
    if isinstance(status, int) and response is not None:
        return Fault(str(response.text) or str(error), status, dict(response.headers))
    large = next((e for e in faults.chain(error) if isinstance(e, TooLarge)), None)
    if large is not None:
        return Fault(str(large), final=True)
    why = faults.unconnected(error)
    root = faults.chain(error)[-1]
    return Fault(why or f"{type(root).__name__}: {root}", sent=not why)
