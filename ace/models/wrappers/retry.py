"""Trying again after faults that may pass.

This is the only layer that retries; clients are told not to. The wait doubles, or is longer where the server asks for longer,
with chance in it so that requests which failed together do not return together. Tries and time are bounded.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ace.errors import Interrupted, LimitReached, ModelError
from ace.models.contract import Model, Reply, Request, never
from ace.types import Usage

if TYPE_CHECKING:
    from tenacity import RetryCallState

_TICK = 0.25
"""Seconds between two looks at whether the person wants to stop."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on: at most `tries` requests, and none begun once `seconds` have passed since the first. Waits start
    near `first` seconds and double up to `longest`; a server that asks for more than `longest_asked` is given up on."""

    tries: int = 8
    seconds: float = 600.0
    first: float = 0.5
    longest: float = 30.0
    longest_asked: float = 120.0


class Retrying:
    """`model`, tried again where that may help. The reply's usage, or that of the `ModelError` it gives up with, covers all
    requests sent. Where a limit or the person stops it in between, what it raises has the last fault as its cause.

    `gone` is the fault of a request that was given up, until another is answered: the model may not be there any more. No wait
    goes on once there is `no_time` left."""

    def __init__(
        self,
        model: Model,
        patience: Patience = Patience(),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        no_time: Callable[[], bool] = never,
    ) -> None:
        self.model, self._patience, self._sleep, self._no_time = model, patience, sleep, no_time
        self.gone: ModelError | None = None

    @property
    def name(self) -> str:
        return self.model.name

    async def complete(self, request: Request) -> Reply:
        tries, began = _Tries(self.model, request), time.monotonic()
        try:
            reply = await self._answered(tries, request, began)
        except ModelError as error:
            if error.retryable:
                self.gone = error
                error.args = (f"{error} (given up after {tries.failed} tries)",) if tries.failed > 1 else error.args
            raise
        self.gone = None
        return replace(reply, usage=tries.spent + reply.usage) if tries.failed else reply

    async def close(self) -> None:
        await self.model.close()

    async def _answered(self, tries: _Tries, request: Request, began: float) -> Reply:
        """The reply of the first try, for which nothing is set up, or of a later one."""
        try:
            return await tries.next()
        except ModelError as error:
            failures = [error]

        async def next_one() -> Reply:
            # The first try is made already: what came of it decides whether there is another.
            if failures:
                raise failures.pop()
            return await tries.next()

        from tenacity import AsyncRetrying, retry_if_exception

        retrying = AsyncRetrying(
            stop=lambda state: self._is_enough(state, began),
            wait=self._wait,
            retry=retry_if_exception(self._may_pass),
            sleep=lambda seconds: self._pause(float(seconds), request.stopping),
            reraise=True,
        )
        reply: Reply = await retrying(next_one)
        return reply

    def _may_pass(self, error: BaseException) -> bool:
        if not isinstance(error, ModelError) or not error.retryable:
            return False
        return (error.retry_after or 0.0) <= self._patience.longest_asked

    def _is_enough(self, state: RetryCallState, began: float) -> bool:
        p = self._patience
        return state.attempt_number >= p.tries or time.monotonic() - began + state.upcoming_sleep >= p.seconds

    def _wait(self, state: RetryCallState) -> float:
        p = self._patience
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, ModelError) else None
        own = min(p.longest, p.first * 2.0 ** (state.attempt_number - 1)) * random.uniform(0.5, 1.0)
        if asked == 0.0:
            # Ours: the same request in another form, which waits for nothing.
            return 0.0
        # A server that asks for a millisecond would get all tries at once.
        return own if asked is None else max(own, asked * random.uniform(1.0, 1.25))

    async def _pause(self, seconds: float, stopping: Callable[[], bool]) -> None:
        while seconds > 0 and not stopping() and not self._no_time():
            await self._sleep(min(_TICK, seconds))
            seconds -= _TICK


class _Tries:
    """The tries at one request: how many failed, and what those cost."""

    def __init__(self, model: Model, request: Request) -> None:
        self._model, self._request = model, request
        self._last: ModelError | None = None
        self.failed, self.spent = 0, Usage()

    async def next(self) -> Reply:
        if self._last is not None and self._request.stopping():
            raise Interrupted("interrupted") from self._last
        try:
            return await self._model.complete(self._request)
        except ModelError as error:
            self.failed += 1
            self.spent += error.usage or Usage()
            error.usage, self._last = self.spent, error
            raise
        except LimitReached as limit:
            cut = limit.__cause__
            if not isinstance(cut, ModelError):
                raise limit from self._last
            # The limit on time ended this request under way: it was sent, and counts with those before it.
            self.spent += cut.usage or Usage()
            cut.usage = self.spent
            raise
