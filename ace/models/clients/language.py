"""A language model: one request of ours, one request to a provider, one reply.

What providers have in common stands here (the bound on time, the ladder of structured output, what a fault means), so that a
client is nothing but the sending. Each `complete` sends one request at most: counting, limits and retries are put around it.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from ace.errors import ModelError, ModelRefused
from ace.models.clients.chat import Completion
from ace.models.clients.clock import watching
from ace.models.clients.prices import price
from ace.models.contract import Reply, Request
from ace.models.errors import faults
from ace.models.errors.faults import Fault, Place
from ace.models.errors.provider_words import summary
from ace.models.replies.parsing import reply
from ace.models.replies.structured import Endpoint, Rung, endpoint
from ace.types import Usage

SCORES = "they are asked of a server with OpenAI's interface, such as llama.cpp or vLLM, with its address as the api base"
"""What gives log-probabilities of options."""


class Client(Protocol):
    """A way to a provider. `place` says what is asked where; `send` asks once, on a rung of the ladder; `body` is what it asks
    with."""

    @property
    def place(self) -> Place: ...

    def body(self, request: Request, rung: Rung) -> dict[str, Any]: ...

    async def send(self, request: Request, rung: Rung) -> Completion | Fault: ...

    async def rest(self) -> None: ...

    async def close(self) -> None: ...


@runtime_checkable
class Scorer(Protocol):
    """A client that can score the options of a request; the answer's text holds the scores."""

    async def score(self, request: Request) -> Completion | Fault: ...


class LanguageModel:
    """The model `name`, asked through `client`. Once it is refused for its key, its name or money, nothing is sent any more."""

    def __init__(self, name: str, client: Client) -> None:
        self.name, self.client = name, client
        self.endpoint: Endpoint = endpoint(client.place.address, name)
        self._price = price(name)
        self._refused = ""

    async def complete(self, request: Request) -> Reply:
        known = self.endpoint
        rung = Rung.TEXT if request.response is None else await known.turn()
        # Looked at after waiting for a turn: another may have been refused for good meanwhile.
        if self._refused:
            known.ended()
            raise ModelRefused(self._refused, usage=Usage())
        began = time.monotonic()
        with watching() as moments:
            try:
                async with asyncio.timeout(request.timeout):
                    answer = await (self._scored(request) if request.options else self.client.send(request, rung))
            except TimeoutError:
                answer = Fault(f"no answer within {request.timeout:g} seconds")
            finally:
                if request.response is not None:
                    known.ended()
        seconds = time.monotonic() - (moments[0] if moments else began)
        if isinstance(answer, Fault):
            raise self._error(answer, seconds, rung, request)
        known.took(rung)
        return reply(request, answer.text, answer.stop, answer.usage(self._price, seconds, request))

    @property
    def scores(self) -> bool:
        """Whether it may give log-probabilities of options; its server may still not."""
        return isinstance(self.client, Scorer)

    @property
    def slots(self) -> int:
        """Requests that are answered at the same time; 0 where that is not known."""
        return int(getattr(self.client, "slots", 0))

    async def rest(self) -> None:
        """Close the connections of this event loop. It can be asked again, also from another one."""
        await self.client.rest()

    async def close(self) -> None:
        await self.client.close()

    async def _scored(self, request: Request) -> Completion | Fault:
        if not isinstance(self.client, Scorer):
            raise ModelRefused(f"{self.name} gives no log-probabilities ({SCORES})", usage=Usage())
        return await self.client.score(request)

    def _error(self, fault: Fault, seconds: float, rung: Rung, request: Request) -> ModelError:
        unknown = fault.sent and self._price is None
        spent = Usage(calls=int(fault.sent), cost_usd=None if unknown else 0.0, seconds=seconds)
        if fault.counts is not None:
            spent = Completion("", "", fault.counts).usage(self._price, seconds)
        fault = replace(fault, usage=spent)
        known = self.endpoint
        if request.response is not None and known.refused(rung, fault.status, fault.text):
            message = f"{self.name} does not take {rung.value}: {summary(fault.text)}"
            return ModelError(message, status=fault.status, retry_after=0.0, usage=fault.usage)
        made = faults.error(self.client.place, fault, known.reached, known.answers)
        known.reached = known.reached or fault.status is not None
        lasting = made.status == 403 or faults.lasts(fault)
        if isinstance(made, ModelRefused) and (made.status or 0) >= 400 and lasting:
            self._refused = str(made)
        return made
