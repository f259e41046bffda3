"""Several pieces of work that ask a model, at the same time.

When one meets a limit, a refusal or an interruption, the others still finish the calls that are in flight, so that what is
paid for reaches the journal; then the first reason is raised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """All results in order. Where some raise, the rest still come to their end, then the first error is raised."""
    done = await asyncio.gather(*work, return_exceptions=True)
    for result in done:
        if isinstance(result, BaseException):
            raise result
    return [r for r in done if not isinstance(r, BaseException)]
