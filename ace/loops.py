"""The one place that starts an event loop: a thread with a loop in it, where the synchronous door has its work done.

Everything is written once, async; a synchronous call hands its coroutine to this thread and waits. So it works where a loop is
running already, as in a notebook, and clients that belong to a loop find the same one in every call.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import Any, TypeVar

from ace.errors import Conflict

T = TypeVar("T")
_PATIENCE = 5.0
"""Seconds that work which is cancelled at exit has to tidy up."""


class LoopThread:
    """A thread with an event loop, begun by the first call. A process that was forked begins one of its own."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._watched = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._last: set[Callable[[], Awaitable[None]]] = set()
        self._inherited: list[object] = []

    def run(self, work: Coroutine[Any, Any, T], stop: Callable[[], None] | None = None) -> T:
        """What `work` gives, done in the thread. Ctrl-C calls `stop` there, so that what is under way can end in good order (it
        is cancelled where there is no `stop`, or at a second Ctrl-C), and is then raised. Raises `Conflict` in the thread
        itself, which cannot wait for itself."""
        loop = self._started()
        if threading.current_thread() is self._thread:
            work.close()
            raise Conflict("this was called by what runs in ace's own loop (a listener, a model); await the async form instead")
        future = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            self._wind_down(loop, future, stop)
            raise

    def at_end(self, last: Callable[[], Awaitable[None]]) -> None:
        """Await `last` in the thread before its loop ends with the process; once, however often this is called with it."""
        self._last.add(last)

    def _wind_down(self, loop: asyncio.AbstractEventLoop, future: Future[Any], stop: Callable[[], None] | None) -> None:
        if stop is None:
            future.cancel()
            return
        loop.call_soon_threadsafe(stop)
        try:
            wait([future])
        except KeyboardInterrupt:
            future.cancel()

    def _started(self) -> asyncio.AbstractEventLoop:
        if not self._watched and hasattr(os, "register_at_fork"):
            # Before the lock is first taken: a fork while it is held must find this.
            os.register_at_fork(after_in_child=self._forget)
            self._watched = True
        with self._guard:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="ace-loop", daemon=True)
                self._thread.start()
                atexit.register(self._end)
            return self._loop

    def _end(self) -> None:
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        self._loop = self._thread = None
        asyncio.run_coroutine_threadsafe(_tidied(tuple(self._last)), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def _forget(self) -> None:
        # Closing the parent's loop here would take it from the parent too; it is kept, so that nothing ever does.
        self._inherited.append(self._loop)
        self._guard, self._loop, self._thread = threading.Lock(), None, None


async def _tidied(last: Iterable[Callable[[], Awaitable[None]]]) -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    if rest:
        await asyncio.wait(rest, timeout=_PATIENCE)
    for tidy in last:
        # The process ends; nothing is left to report to.
        with suppress(Exception):
            await asyncio.wait_for(tidy(), _PATIENCE)


_shared = LoopThread()


def run(work: Coroutine[Any, Any, T], stop: Callable[[], None] | None = None) -> T:
    """What `work` gives, done in this process's loop thread; see `LoopThread.run`."""
    return _shared.run(work, stop)


def at_end(last: Callable[[], Awaitable[None]]) -> None:
    """Await `last` when this process's loop thread ends; see `LoopThread.at_end`."""
    _shared.at_end(last)
