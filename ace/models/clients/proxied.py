"""A model client for proxy decoding: each reply is written here, token by token, from the logits of two prompts.

Requests are answered one at a time, in a thread of their own. A request without a playbook has nothing to add and is answered
by the base alone. The shape of a reply is asked for in words and not enforced: every reply is validated, as any other is.
"""

from __future__ import annotations

import asyncio
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Event

from ace.errors import BadSetting, ModelError, as_given
from ace.models.clients.local import LocalFile, local_file
from ace.models.contract import Reply, Request, Stop
from ace.models.proxy.decoding import Alone, Proxied, Three, picking, written
from ace.models.proxy.engine import Weights
from ace.models.proxy.gguf import header, require_same_vocabulary
from ace.models.proxy.llama import library
from ace.models.proxy.options import likely
from ace.models.proxy.template import prompts
from ace.models.replies.parsing import parse, reply
from ace.models.replies.scores import scores_text
from ace.types import OptionScore, Usage

LOCAL = "local:"
_SLOTS = re.compile(r",slots=[^,\n]*(,(threads|context)=[^,\n]*)*$", re.MULTILINE)
"""Slots among the settings behind the name of a file."""
LONGEST = 1024
"""Tokens of a reply where the request does not say: a small model may never end one by itself."""


def open_proxy(spec: str, proxy: str) -> ProxyModel:
    """The model `spec` as the base, and the one in the file `proxy` beside it. Their files are looked at here; they are loaded
    when first asked. Raises `BadSetting` for a base that is not a local model and without llama.cpp, and `BadInput` for files
    that cannot be used."""
    if not spec.startswith(LOCAL):
        raise BadSetting(
            f"{as_given('proxy')} adds to the logits of a local model: the base must be {LOCAL}FILE.gguf; the model is {spec}"
        )
    small = proxy.removeprefix(LOCAL)
    if _SLOTS.search(f"{spec}\n{small}"):
        why = "proxy decoding answers one request at a time"
        raise BadSetting(f"slots= has no effect with {as_given('proxy')}: {why}; leave it out")
    made = ProxyModel(f"{spec} with proxy {small}", local_file(spec.removeprefix(LOCAL)), local_file(small))
    library()
    return made


def weights_of(base: LocalFile, small: LocalFile) -> tuple[Weights, Weights]:
    """Both models, loaded: one object where they are one file. Raises what loading them raises."""
    first = Weights(base.path, base.threads, base.context)
    if base.path.samefile(small.path):
        return first, first
    try:
        return first, Weights(small.path, small.threads, small.context)
    # Only to free what was loaded: all of it is raised on.
    except BaseException:
        first.close()
        raise


@dataclass(slots=True)
class _Engine:
    """What is loaded, and the sequences that were begun with it."""

    base: Weights
    small: Weights
    pair: Proxied | None = None
    alone: Alone | None = None

    def close(self) -> None:
        for part in (self.pair, self.alone, self.base, self.small):
            if part is not None:
                part.close()


class ProxyModel:
    """The model in the file `base`, whose next token has the logits `base + alpha * (small with the playbook - small without)`.
    The file `small` may be the same. Raises `BadInput` for two vocabularies."""

    slots = 1
    """Requests answered at the same time."""

    def __init__(self, name: str, base: LocalFile, small: LocalFile) -> None:
        self.name = name
        self._files = base, small
        require_same_vocabulary(header(base.path), header(small.path))
        self._engine: _Engine | None = None
        self._thread = ThreadPoolExecutor(1, "ace-proxy")
        self._until, self._cancelled = 0.0, Event()

    async def complete(self, request: Request) -> Reply:
        """Raises `ModelError` for a prompt that does not fit, and where the request's time is up."""
        cancelled = Event()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._answer, request, cancelled)
        except asyncio.CancelledError:
            # The thread sees it before its next token.
            cancelled.set()
            raise

    async def close(self) -> None:
        """Frees the memory, once the request in flight has ended."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, engine.close)

    def _answer(self, request: Request, cancelled: Event) -> Reply:
        if cancelled.is_set():
            raise ModelError(f"{self.name} was not asked any more", retryable=False, usage=Usage())
        began = time.monotonic()
        self._until, self._cancelled = began + request.timeout, cancelled
        usage = Usage(calls=1)
        try:
            source = self._begun(request)
            read = source.read
            first = source.first(*prompts(request))
            usage = replace(usage, prompt_tokens=source.held, cached_tokens=source.held - (source.read - read))
            stop: Stop = ""
            if request.options:
                text, count = _scored(request, source, first)
            else:
                tokens, stop = self._written(request, source, first.combined(alpha_of(request)))
                text, count = b"".join(map(source.piece, tokens)).decode("utf-8", "replace"), len(tokens)
        except ModelError as error:
            error.usage = replace(usage, seconds=time.monotonic() - began)
            raise
        return reply(request, text, stop, replace(usage, completion_tokens=count, seconds=time.monotonic() - began))

    def _begun(self, request: Request) -> Proxied | Alone:
        """The source that answers `request`: loaded and made when it is first needed."""
        if self._engine is None:
            self._engine = _Engine(*weights_of(*self._files))
        engine = self._engine
        if not request.without:
            engine.alone = engine.alone or Alone(engine.base, before=self._check)
            return engine.alone
        engine.pair = engine.pair or Proxied(engine.base, engine.small, before=self._check)
        engine.pair.alpha = alpha_of(request)
        return engine.pair

    def _written(self, request: Request, source: Proxied | Alone, row: list[float]) -> tuple[list[int], Stop]:
        """The tokens of the reply, and why it ended. One of a given shape ends where it is whole: small models go on."""
        most, pick = request.sampling.max_tokens or LONGEST, picking(request.sampling, request.seed)
        tokens: list[int] = []
        text = b""
        for token, stop in written(row, source, source.ends, pick, most):
            tokens.append(token)
            text += source.piece(token)
            if stop:
                return tokens, stop
            if request.response is not None and b"}" in source.piece(token):
                whole = parse(text.decode("utf-8", "replace"), request.response, "stop")
                if whole.value is not None:
                    break
        return tokens, "stop"

    def _check(self) -> None:
        """Raise `ModelError` where the answer is not waited for any more."""
        if self._cancelled.is_set():
            raise ModelError(f"{self.name} was stopped", retryable=False)
        if time.monotonic() > self._until:
            raise ModelError(
                f"{self.name} gave no answer in the time of one request; {as_given('timeout')} bounds it", retryable=False
            )


def alpha_of(request: Request) -> float:
    """How much of the difference is added."""
    return 1.0 if request.sampling.alpha is None else request.sampling.alpha


def _scored(request: Request, source: Proxied | Alone, first: Three) -> tuple[str, int]:
    """The options of `request` by how likely each is as the reply, all of its tokens: as the text of a reply, and the number of
    tokens that were scored."""
    tokens = [source.tokens(option) for option in request.options]
    found = [one.combined(alpha_of(request)) for one in likely(first, source, tokens)]
    scores = [OptionScore(o, value, len(t)) for o, value, t in zip(request.options, found, tokens, strict=True)]
    return scores_text(scores, whole=True), sum(map(len, tokens))
