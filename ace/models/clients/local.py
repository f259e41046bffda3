"""`local:FILE.gguf`: a model in a file, run here by llama.cpp (the package xllamacpp, an optional extra).

llama.cpp's own server is started in this process, on a free port of the loopback interface, when the model is first asked,
and ended when it is closed. So everything that is known of servers holds: chat templates, schemas, usage, log-probabilities.
`local:FILE.gguf,threads=2,slots=4,context=8192` says how: `slots` requests are answered at the same time, each of at most
`context` tokens.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ace.errors import BadInput, BadSetting, UnknownName
from ace.installing import pip_install
from ace.models.clients.chat import Completion
from ace.models.clients.language import LanguageModel
from ace.models.clients.openai_client import OpenAIClient
from ace.models.contract import Model, Request
from ace.models.errors.faults import Fault, Place
from ace.models.errors.provider_words import summary
from ace.models.errors.too_long import says_too_long
from ace.models.loading import loading
from ace.models.proxy.engine import CONTEXT, cores
from ace.models.proxy.gguf import header
from ace.models.proxy.llama import EXTRA, let_threads_wait
from ace.models.reached import ModelSettings, Unopened
from ace.models.replies.structured import Rung
from ace.options import require_once

OFFERS = {"local:": "opened"}

SLOTS = 2
"""Requests that are answered at the same time."""
_MOST = {"threads": 1024, "slots": 256, "context": 10_000_000}
_CACHE_MB = 256
"""Megabytes in which llama.cpp keeps the beginnings of prompts that it has read."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A model's file and how it is run."""

    path: Path
    threads: int
    slots: int
    context: int


class LocalClient:
    """The model in `file`, called `name`, behind a server of its own."""

    def __init__(self, name: str, file: LocalFile) -> None:
        self.name, self.file = name, file
        self.load_seconds = 0.0
        self._guard = threading.Lock()
        self._server: Any = None
        self._inner: OpenAIClient | None = None

    @property
    def place(self) -> Place:
        return Place(self.name, self.file.path.stem)

    @property
    def slots(self) -> int:
        return self.file.slots

    def body(self, request: Request, rung: Rung) -> dict[str, Any]:
        return OpenAIClient(self.name, self.place.sent, "http://127.0.0.1/v1").body(request, rung)

    async def send(self, request: Request, rung: Rung) -> Completion | Fault:
        inner = await asyncio.to_thread(self._started)
        return self._told(await inner.send(request, rung))

    async def score(self, request: Request) -> Completion | Fault:
        inner = await asyncio.to_thread(self._started)
        return self._told(await inner.score(request))

    async def rest(self) -> None:
        if self._inner is not None:
            await self._inner.close()

    async def close(self) -> None:
        await self.rest()
        with self._guard:
            server, self._server, self._inner = self._server, None, None
        # Ended by being forgotten, which waits for its threads.
        ending = [server]
        del server
        await asyncio.to_thread(ending.clear)

    async def server(self) -> OpenAIClient:
        """The way to its server, which is started where it was not."""
        return await asyncio.to_thread(self._started)

    def _started(self) -> OpenAIClient:
        with self._guard:
            if self._inner is None:
                began = time.monotonic()
                self._server = _serve(self.file)
                self.load_seconds = time.monotonic() - began
                self._inner = OpenAIClient(self.name, self.place.sent, f"{self._server.listening_address}/v1")
            return self._inner

    def _told(self, answer: Completion | Fault) -> Completion | Fault:
        if isinstance(answer, Fault) and says_too_long(answer.text):
            told = f"{summary(answer.text)}; context=TOKENS behind the file's name sets that"
            return replace(answer, text=json.dumps({"error": {"message": told}}))
        return answer


def opened(rest: str, settings: ModelSettings) -> Model:
    """The model of the file that `rest` names, with how it is run behind commas. Nothing is loaded."""
    file = local_file(rest)
    if not settings.sending:
        return Unopened(f"local:{rest}")
    if find_spec("xllamacpp") is None:
        raise BadSetting(f"local:{rest} needs the package xllamacpp, which is not installed: {pip_install(EXTRA)}")
    return LanguageModel(f"local:{rest}", LocalClient(f"local:{rest}", file))


def local_file(rest: str) -> LocalFile:
    """What `FILE,threads=N,slots=N,context=N` names. Raises `BadInput` for a file that holds no model, and `BadSetting`."""
    path, said = _apart(rest)
    if not path.strip():
        raise BadSetting("local: needs a model's file; write local:FILE.gguf")
    file = Path(path).expanduser()
    head = header(file)
    if not head.template:
        raise BadInput(f"{path} has no chat template, so it cannot be asked as an agent is; name a model that was made to chat")
    most = head.context or CONTEXT
    context = said.get("context", min(CONTEXT, most))
    if context > most:
        raise BadSetting(f"context is {context}; {path} was made for {most} tokens at most")
    return LocalFile(file, said.get("threads", cores()), said.get("slots", SLOTS), context)


def _apart(rest: str) -> tuple[str, Mapping[str, int]]:
    """The path, and what is said behind it. A comma that no setting follows belongs to the path."""
    path, *parts = rest.split(",")
    said: dict[str, int] = {}
    while parts and ("=" not in parts[0]):
        path += f",{parts.pop(0)}"
    for part in parts:
        name, _, value = part.partition("=")
        if name not in _MOST:
            raise UnknownName("setting of a local model", name, list(_MOST))
        if not value.isascii() or not value.isdecimal() or len(value) > 12 or not 1 <= int(value) <= _MOST[name]:
            raise BadSetting(f"{name} is {value!r}; it must be a whole number from 1 to {_MOST[name]:,}")
        said[name] = int(value)
    require_once(f"local:{rest}", [part.partition("=")[0] for part in parts])
    return path, said


def _serve(file: LocalFile) -> Any:
    """A server of llama.cpp for `file`, at work. Raises `BadInput` where llama.cpp cannot load it."""
    let_threads_wait()
    # It has no types.
    xllamacpp: Any = import_module("xllamacpp")
    p = xllamacpp.CommonParams()
    p.model.path = str(file.path)
    p.hostnames, p.port = ["127.0.0.1"], 0
    p.n_parallel, p.n_ctx = file.slots, file.slots * file.context
    p.cpuparams.n_threads = p.cpuparams_batch.n_threads = file.threads
    p.verbosity, p.cache_ram_mib, p.ui, p.endpoint_slots = -1, _CACHE_MB, False, False
    p.endpoint_metrics = True
    loading(file.path)
    try:
        server = xllamacpp.Server(p)
        # It is there before it takes up its work, and one that is told to end in between never does. This waits for an answer.
        server.handle_metrics()
        return server
    # llama.cpp's errors have no class of their own.
    except Exception as error:
        fits = f"or has no room for {file.slots} x {file.context:,} tokens"
        raise BadInput(f"llama.cpp cannot load {file.path} ({error}); it does not know the model, {fits}") from error
