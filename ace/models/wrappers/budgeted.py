"""A model whose every request is paid from a ledger."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from ace.budget import Ledger
from ace.errors import ModelError
from ace.models.contract import Model, Reply, Request
from ace.types import Usage


class Budgeted:
    """`model`, paid from `ledger`: reserved before a request is sent, settled when it ends. Raises `LimitReached` instead of
    sending a request that the budget has no room for, and when the time is up while one is in flight: it is ended, its cost is
    unknown, and the `ModelError` behind the limit has its usage."""

    def __init__(self, model: Model, ledger: Ledger) -> None:
        self._model, self._ledger = model, ledger

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request) -> Reply:
        self._ledger.reserve()
        # A request that is cancelled under way was sent all the same, and may be charged for.
        usage, began = Usage(calls=1, cost_usd=None), time.monotonic()
        try:
            async with asyncio.timeout(self._ledger.left()) as deadline:
                reply = await self._model.complete(request)
            usage = reply.usage
            return reply
        except TimeoutError as error:
            if not deadline.expired():
                raise
            usage = Usage(calls=1, cost_usd=None, seconds=time.monotonic() - began)
            cut = ModelError(f"{self.name} had not answered when the time was up", usage=usage)
            cut.__cause__ = error
            raise self._ledger.late() from cut
        except asyncio.CancelledError:
            usage = replace(usage, seconds=time.monotonic() - began)
            raise
        except ModelError as error:
            usage = error.usage = error.usage or usage
            raise
        finally:
            self._ledger.settle(usage)
            request.charged(usage)

    async def close(self) -> None:
        await self._model.close()
