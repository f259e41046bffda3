"""A model whose every request is paid from a ledger."""

from __future__ import annotations

from ace.budget import Ledger
from ace.errors import ModelError
from ace.models.contract import Model, Reply, Request
from ace.types import Usage


class Budgeted:
    """`model`, paid from `ledger`: reserved before a request is sent, settled when it ends. Raises `LimitReached` instead of
    sending one that the budget has no room for."""

    def __init__(self, model: Model, ledger: Ledger) -> None:
        self._model, self._ledger = model, ledger

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request) -> Reply:
        self._ledger.reserve()
        # A request that is cancelled under way was sent all the same.
        usage = Usage(calls=1)
        try:
            reply = await self._model.complete(request)
            usage = reply.usage
            return reply
        except ModelError as error:
            usage = error.usage = error.usage or usage
            raise
        finally:
            self._ledger.settle(usage)

    async def close(self) -> None:
        await self._model.close()
