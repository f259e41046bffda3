"""When a request was really sent.

The first request of a process also loads a client, which takes a second or more. What a model takes is counted from the moment
its connection is given the request, so that a check of a model and a run's seconds tell of the model.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_sent: ContextVar[list[float] | None] = ContextVar("ace_sent", default=None)


@contextmanager
def watching() -> Iterator[list[float]]:
    """The moments (of `time.monotonic`) at which requests are sent while this lasts, in this task and those it begins."""
    moments: list[float] = []
    mark = _sent.set(moments)
    try:
        yield moments
    finally:
        _sent.reset(mark)


def sent() -> None:
    """A request is being sent."""
    moments = _sent.get()
    if moments is not None:
        moments.append(time.monotonic())
