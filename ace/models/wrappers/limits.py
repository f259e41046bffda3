"""A model that answers only so many requests at a time."""

from __future__ import annotations

import asyncio

from ace.models.contract import Model, Reply, Request


class Limited:
    """`model`, with one of `slots` held for each single request: not while waiting to try again."""

    def __init__(self, model: Model, slots: asyncio.Semaphore) -> None:
        self._model, self._slots = model, slots

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request) -> Reply:
        async with self._slots:
            return await self._model.complete(request)

    async def close(self) -> None:
        await self._model.close()
