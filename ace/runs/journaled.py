"""Every model call, written down when it starts and when it ends.

Work that is done again after a crash asks the same questions in the same order, so a reply that is in the journal is used
instead of asked for, and paid for, twice. No transaction is open while the model is being called. Calls that start or end in
the same turn of the event loop share one transaction, because what a transaction costs is the disk's time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from ace.errors import Interrupted, LimitReached, ModelError
from ace.memory.store import Store
from ace.memory.values import Call
from ace.models.contract import Form, Model, Reply, Request, Stop
from ace.models.replies.parsing import reply
from ace.types import Usage

_STOPS: dict[str, Stop] = {Form.TRUNCATED: "length", Form.REFUSED: "refusal"}
"""Why a journaled reply ended, where that decides how it is read."""


@dataclass(slots=True)
class _Page:
    """Calls that are written together; `error` is what kept them from being written."""

    started: list[Call] = field(default_factory=list)
    ended: list[Call] = field(default_factory=list)
    written: asyncio.Event = field(default_factory=asyncio.Event)
    error: BaseException | None = None


class Journal:
    """The calls of `run` in `store`. Once `stopping` says so, no call is started any more."""

    def __init__(self, store: Store, run: str, stopping: Callable[[], bool]) -> None:
        self.stopping = stopping
        self._store, self._run = store, run
        self._page: _Page | None = None
        self._in_flight: set[asyncio.Timeout] = set()
        # A run that begins has nothing to look up.
        self._resumed = bool(store.reply_forms(run))

    def end_within(self, seconds: float) -> None:
        """End the calls in flight so many seconds from now: each is `Interrupted`, at an unknown cost if it was sent."""
        when = asyncio.get_running_loop().time() + seconds
        for call in self._in_flight:
            call.reschedule(when)

    @asynccontextmanager
    async def in_flight(self, charged: Sequence[Usage]) -> AsyncIterator[None]:
        """While a call is under way that `end_within` may end. Raises `Interrupted` where it did, with what its tries had been
        `charged`: nothing for one that waited to be sent."""
        try:
            async with asyncio.timeout(None) as ending:
                self._in_flight.add(ending)
                try:
                    yield
                finally:
                    self._in_flight.discard(ending)
        except TimeoutError:
            if not ending.expired():
                raise
            usage = sum(charged, start=Usage())
            raise Interrupted("interrupted") from ModelError("the call was ended before it was answered", usage=usage)

    def known(self, call: Call) -> Call | None:
        """The call made earlier for the same place with the same request, if it was answered."""
        if not self._resumed:
            return None
        return self._store.journaled(self._run, call.unit, call.role, call.ordinal, call.request)

    async def started(self, call: Call) -> None:
        """Write down that a model is about to be called."""
        page = self._open()
        page.started.append(call)
        await self._written(page)

    async def ended(self, call: Call) -> None:
        """Write down what came of a call."""
        page = self._open()
        page.ended.append(call)
        await self._written(page)

    def _open(self) -> _Page:
        if self._page is None:
            self._page = _Page()
            asyncio.get_running_loop().call_soon(self._write, self._page)
        return self._page

    def _write(self, page: _Page) -> None:
        self._page = None
        try:
            self._store.write_calls(self._run, page.started, page.ended)
        # Raised again by everybody who waits for this page.
        except Exception as error:  # noqa: BLE001
            page.error = error
        page.written.set()

    @staticmethod
    async def _written(page: _Page) -> None:
        await page.written.wait()
        if page.error is not None:
            raise page.error


class Journaled:
    """`model`, with its calls for one `unit` of work in `journal`, booked to `role` where one is given, else to the role that
    the request names. A Model. Once the journal's `stopping` says so, no call is started any more: `Interrupted` is raised
    instead."""

    def __init__(self, model: Model, journal: Journal, unit: str, role: str = "") -> None:
        self._model, self._journal, self._unit, self._role = model, journal, unit, role
        self._ordinals: dict[str, int] = {}

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request) -> Reply:
        role = self._role or request.role
        ordinal = self._ordinals.get(role, 0)
        self._ordinals[role] = ordinal + 1
        call = Call(self._unit, role, ordinal, request.hash)
        known = self._journal.known(call)
        if known is not None and known.reply is not None:
            return again(request, known)
        # A model that answers at once never waits: without this, other tasks, and Ctrl-C, would never run.
        await asyncio.sleep(0)
        if self._journal.stopping():
            raise Interrupted("interrupted")
        await self._journal.started(call)
        charged: list[Usage] = []
        try:
            async with self._journal.in_flight(charged):
                asked = replace(request, stopping=self._journal.stopping, charged=charged.append)
                answered = await self._model.complete(asked)
        except ModelError as error:
            await self._journal.ended(replace(call, error=str(error), usage=error.usage or Usage()))
            raise
        except (LimitReached, Interrupted) as stop:
            # What earlier tries cost, or one that was ended in flight, stands in the fault behind it.
            fault = stop.__cause__
            spent = fault.usage if isinstance(fault, ModelError) else None
            await self._journal.ended(replace(call, error=str(stop), usage=spent or Usage()))
            raise
        form = answered.form.value
        await self._journal.ended(replace(call, reply=answered.text, usage=answered.usage, form=form))
        return answered

    async def close(self) -> None:
        """The model is shared, and is closed where it was opened."""


def again(request: Request, call: Call) -> Reply:
    """A journaled reply, read again as it was read when it came."""
    return reply(request, call.reply or "", _STOPS.get(call.form, ""), call.usage)
