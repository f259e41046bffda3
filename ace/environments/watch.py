"""Calling code that may never return, and coming back all the same.

The work runs in a thread that is given up, not waited for, once one of its calls is overdue; each call counts for itself, so
that long work of short calls is never cut. What is given up ends at its next call. Code that keeps the interpreter to itself
(a regular expression that runs for ever) cannot be left this way.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, NamedTuple, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")

OPEN, ACT, CLOSE = "open", "act", "close"
_SHOWN = 60


class CallSite(NamedTuple):
    """The place in an environment's code that is called: the method, the task's id (or the split), and the action if there is
    one."""

    method: str
    task: str
    action: str | None = None

    def __str__(self) -> str:
        return (
            f"{self.method} on {short(self.action)} (task {self.task})"
            if self.action is not None
            else f"{self.method} ({self.task})"
        )


class Caller(Protocol):
    """Something that calls `work` and gives what it gives; `place` says where that goes."""

    def __call__(self, place: CallSite, work: Callable[[], T], /) -> T: ...


class Overdue(Exception):
    """A call did not return in time. `place` is where it went."""

    def __init__(self, place: CallSite, seconds: float) -> None:
        super().__init__(f"{place} did not return within {seconds:g} seconds")
        self.place = place


def short(text: str) -> str:
    """`text` as it would be typed, cut to what fits in a sentence."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")


def directly(place: CallSite, work: Callable[[], T], /) -> T:
    """The caller that watches nothing."""
    return work()


def elsewhere(call: Caller) -> Caller:
    """A caller that never acts in a scene in the thread that opened it or acted last."""
    here = True

    def called(place: CallSite, work: Callable[[], T], /) -> T:
        nonlocal here
        # In turns with this thread, which lives on: two new threads in a row may have the same number.
        if place.method in (OPEN, ACT):
            here = place.method == OPEN or not here
            if here:
                return call(place, work)
        return call(place, lambda: _Job(lambda _: work()).finish())

    return called


def watched(seconds: float, work: Callable[[Caller], T]) -> T:
    """What `work` gives, which makes its calls through the caller it is given. Raises `Overdue` as soon as one of these calls
    has taken `seconds`, and any exception of `work`."""
    return _Job(work).finish(seconds)


class _GivenUp(BaseException):
    """Ends a thread whose result is not wanted any more. A `BaseException`, so that user code does not catch it."""


class _Job(Generic[T]):
    """Work in a thread of its own, and the call it is in."""

    def __init__(self, work: Callable[[Caller], T]) -> None:
        self._work = work
        self._done = threading.Event()
        self._given_up = False
        self._now: tuple[CallSite, float] | None = None
        self._gave: list[T] = []
        self._raised: BaseException | None = None

    def finish(self, seconds: float | None = None) -> T:
        threading.Thread(target=self._run, name="ace-environment", daemon=True).start()
        try:
            while not self._done.wait(self._left(seconds)):
                pass
        finally:
            self._given_up = True
        if self._raised is not None:
            raise self._raised
        return self._gave[0]

    def _left(self, seconds: float | None) -> float | None:
        """How long the call under way may still take, or a call that begins now."""
        now = self._now
        if seconds is None or now is None:
            return seconds
        place, began = now
        left = began + seconds - time.monotonic()
        if left <= 0:
            raise Overdue(place, seconds)
        return left

    def _run(self) -> None:
        try:
            self._gave.append(self._work(self._call))
        # The exception is raised in the thread that waits.
        except BaseException as error:  # noqa: BLE001
            self._raised = error
        self._done.set()

    def _call(self, place: CallSite, work: Callable[[], R], /) -> R:
        # What was opened is still closed after the work was given up.
        if self._given_up and place.method != CLOSE:
            raise _GivenUp
        self._now = place, time.monotonic()
        try:
            gave = work()
        finally:
            self._now = None
        if self._given_up:
            raise _GivenUp
        return gave
