"""Watching the calls that learning makes: what went wrong with them, and which are under way.

Where a limit or a person stops the work, what is in flight is paid for; it is waited for, so that its reply reaches the
journal.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

from ace.errors import ModelError
from ace.models.contract import Model, Reply, Request

apart: ContextVar[bool] = ContextVar("ace_apart", default=False)
"""True while ace itself calls models: integrations ignore such calls."""


class Watch:
    """The calls of the models that it was given to watch. `faults` are what model errors said, newest last."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self._under_way: set[asyncio.Task[object]] = set()

    def over(self, model: Model) -> Model:
        """`model`, watched."""
        return _Watched(model, self)

    async def landed(self) -> None:
        """Wait until no call is under way."""
        others = self._under_way - {asyncio.current_task()}
        if others:
            await asyncio.wait(others)

    async def call(self, model: Model, request: Request) -> Reply:
        task = asyncio.current_task()
        if task is not None:
            self._under_way.add(task)
        try:
            return await model.complete(request)
        except ModelError as error:
            self.faults.append(str(error))
            raise
        finally:
            self._under_way.discard(task)


class _Watched:
    def __init__(self, model: Model, watch: Watch) -> None:
        self._model, self._watch = model, watch

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request) -> Reply:
        return await self._watch.call(self._model, request)

    async def close(self) -> None:
        await self._model.close()
