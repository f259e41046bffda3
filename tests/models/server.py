"""A model server on loopback for tests: it answers validly, or as badly as it is told to, and counts what it is sent.

It runs in a thread of its own, so that clients meet real sockets. What a request gets is decided by, in this order: what was
scripted for the next requests, what it does always, the key (`wrong`), the model's name (`missing`), the share of faults.
"""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

Body = Mapping[str, Any]
Behaviour = Callable[[Body], Awaitable[web.StreamResponse]]


@dataclass
class Seen:
    """One request: its path, headers (lower case) and body."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Counts:
    """What was answered: calls, and the tokens in them."""

    calls: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0


@dataclass
class ModelServer:
    """`with ModelServer() as server:` listens at `server.url`. `seconds` is how long an answer takes; `faults` the share of
    requests that end in each (429, 500, hang, truncated, malformed, empty); `writes` gives the text of a valid answer."""

    seconds: float = 0.0
    writes: Callable[[Body], str] = field(default_factory=lambda: valid)
    port: int = 0
    faults: Mapping[str, float] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    met: dict[str, int] = field(default_factory=dict)
    script: deque[Behaviour] = field(default_factory=deque)
    always: Behaviour | None = None
    most_at_once: int = 0
    url: str = ""
    _now: int = 0
    _asked: Counter[str] = field(default_factory=Counter)
    _end: asyncio.Task[None] | None = None

    def then(self, *behaviours: Behaviour) -> None:
        """What the next requests get."""
        self.script.extend(behaviours)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [s.body for s in self.seen]

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._start())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._run(self._stopped())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _start(self) -> None:
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/{path:.*}", self._answer)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/{path:.*}", self._told)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=1024)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}/v1"

    async def _stopped(self) -> None:
        await (self._end or self._stop())

    async def _stop(self) -> None:
        await self._runner.cleanup()
        # Requests that were left hanging.
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _models(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"object": "list", "data": [{"id": "small"}, {"id": "large"}]})

    def tells(self, path: str) -> Any:
        """What stands at a path that is read, as JSON; nothing where it is `None`."""
        return None

    async def _told(self, request: web.Request) -> web.StreamResponse:
        found = self.tells(request.path)
        return web.json_response(found) if found is not None else web.Response(status=404)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        headers = {k.lower(): v for k, v in request.headers.items()}
        self.seen.append(Seen(request.path, headers, body))
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            return await self._behaviour(body, headers)(body)
        finally:
            self._now -= 1

    def _behaviour(self, body: Body, headers: Mapping[str, str]) -> Behaviour:
        if self.script:
            return self.script.popleft()
        if self.always is not None:
            return self.always
        if headers.get("authorization") == "Bearer wrong":
            return status(401, "Incorrect API key provided: wrong")
        if body.get("model") == "missing":
            return status(404, "The model `missing` does not exist")
        return self.by_chance

    async def by_chance(self, body: Body) -> web.StreamResponse:
        """A valid answer, or one of the faults: the same for the same messages asked as often, in whichever order they come."""
        asked = json.dumps(body["messages"])
        self._asked[asked] += 1
        draw = random.Random(f"{self._asked[asked]} {asked}")
        fault = next((name for name, share in self.faults.items() if draw.random() < share), "")
        if fault:
            self.met[fault] = self.met.get(fault, 0) + 1
        return await self._faulty(fault)(body)

    def _faulty(self, fault: str) -> Behaviour:
        if fault == "429":
            return status(429, "slow down", {"retry-after": "0.01"})
        if fault == "500":
            return status(500, "boom")
        if fault == "hang":
            return hang
        return lambda body: self._valid(body, fault)

    async def answers(self, body: Body) -> web.StreamResponse:
        """A valid answer, in the books."""
        return await self._valid(body, "")

    async def dies(self, body: Body) -> web.StreamResponse:
        """No answer, and nobody listens any more."""
        self._end = self._end or self._loop.create_task(self._stop())
        return await hang(body)

    async def _valid(self, body: Body, fault: str) -> web.StreamResponse:
        await asyncio.sleep(self.seconds)
        # It may take its time, and others are to be answered meanwhile.
        text = await asyncio.to_thread(self.writes, body)
        if fault == "truncated":
            return await self.says(body, text[: len(text) // 2], "length")
        if fault == "malformed":
            return await self.says(body, "Sure! " + text.replace('"', "'", 3))
        return await self.says(body, "" if fault == "empty" else text)

    async def says(self, body: Body, text: str, reason: str = "stop") -> web.StreamResponse:
        """An answer of that text, in the books."""
        prompt, completion = len(json.dumps(body["messages"])) // 4, len(text) // 4 + 1
        self.counts.calls += 1
        self.counts.prompt += prompt
        self.counts.cached += prompt // 2
        self.counts.completion += completion
        return web.json_response(answer(text, reason, usage(prompt, completion, prompt // 2)))


def valid(body: Body) -> str:
    """A text that satisfies what `body` asks for."""
    schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
    return json.dumps(fill(schema, schema.get("$defs", {}))) if schema else "ready"


def fill(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        return fill(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "enum" in schema:
        return schema["enum"][0]
    kinds: dict[str, Any] = {"string": "a word", "integer": 1, "number": 1.5, "boolean": True, "array": []}
    if schema["type"] == "object":
        return {name: fill(part, definitions) for name, part in schema["properties"].items()}
    return kinds[schema["type"]]


def usage(prompt: int, completion: int, cached: int = 0) -> dict[str, Any]:
    total = prompt + completion
    details = {"cached_tokens": cached}
    return {
        "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total, "prompt_tokens_details": details,
    }  # fmt: skip


def answer(text: str | None, reason: str = "stop", used: Mapping[str, Any] | None = None, **message: Any) -> dict[str, Any]:
    """A chat completion that says `text`."""
    said = {"role": "assistant", "content": text, **message}
    body: dict[str, Any] = {"id": "c-1", "object": "chat.completion", "created": 1, "model": "m"}
    body["choices"] = [{"index": 0, "finish_reason": reason, "message": said}]
    if used is not None:
        body["usage"] = used
    return body


def says(text: str | None, reason: str = "stop", **message: Any) -> Behaviour:
    """An answer of that text; 40 tokens of 100 are cached, 10 are written."""
    return sends(answer(text, reason, usage(100, 10, 40), **message))


def sends(body: Any, headers: Mapping[str, str] | None = None, code: int = 200) -> Behaviour:
    """An answer with that JSON body."""

    async def behave(_: Body) -> web.StreamResponse:
        return web.json_response(body, status=code, headers=headers)

    return behave


def page(text: str) -> Behaviour:
    """An answer that is a page of HTML."""

    async def behave(_: Body) -> web.StreamResponse:
        return web.Response(text=text, content_type="text/html")

    return behave


def status(code: int, message: str = "", headers: Mapping[str, str] | None = None, /, **error: Any) -> Behaviour:
    """An error of that status."""

    async def behave(_: Body) -> web.StreamResponse:
        body = {"error": {"message": message or f"status {code}", "type": "error", **error}}
        return web.json_response(body, status=code, headers=headers)

    return behave


async def hang(body: Body) -> web.StreamResponse:
    """No answer, for as long as anybody waits."""
    await asyncio.sleep(3600)
    return web.Response()


def refusing(*kinds: str, code: int = 400) -> Behaviour:
    """Refuse these kinds of `response_format`; answer everything else as well as can be."""

    async def behave(body: Body) -> web.StreamResponse:
        kind = (body.get("response_format") or {}).get("type")
        if kind in kinds:
            message = f"response_format type {kind} is not supported by this model"
            return web.json_response({"error": {"message": message, "type": "invalid_request_error"}}, status=code)
        return web.json_response(answer(json.dumps({"word": "a", "count": 1}), "stop", usage(100, 10)))

    return behave
