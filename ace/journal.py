"""Every model call, written down when it starts and when it ends.

The decision behind it: work that is done again after a crash asks the same questions in the same order, so a reply that is in
the journal is used instead of asked for, and paid for, twice. No transaction is open while the model is being called.
"""

from __future__ import annotations

from ace.errors import ModelError
from ace.memory.store import Store
from ace.models.contract import Model, Reply, Request
from ace.models.parsing import parse
from ace.types import Usage


class Journaled:
    """`model`, with its calls for one `unit` of `run` in the journal. A Model."""

    def __init__(self, model: Model, store: Store, run: str, unit: str) -> None:
        self._model, self._store, self._run, self._unit = model, store, run, unit
        self._ordinals: dict[str, int] = {}

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request) -> Reply:
        ordinal = self._ordinals.get(request.role, 0)
        self._ordinals[request.role] = ordinal + 1
        where = (self._run, self._unit, request.role, ordinal)
        asked = request.hash
        known = self._store.journaled(*where, asked)
        if known is not None and known.reply is not None:
            return _reply(request, known.reply, known.usage)
        self._store.call_started(*where, asked)
        try:
            reply = await self._model.complete(request)
        except ModelError as error:
            self._store.call_ended(*where, error=str(error), usage=error.usage or Usage())
            raise
        self._store.call_ended(*where, reply=reply.text, usage=reply.usage)
        return reply

    async def close(self) -> None:
        """The model is shared; whoever opened it closes it."""


def _reply(request: Request, text: str, usage: Usage) -> Reply:
    if request.response is None:
        return Reply(text, usage=usage)
    parsed, problem = parse(text, request.response)
    return Reply(text, parsed, "" if problem is None else str(problem), usage)
