"""The connections that litellm keeps for later requests: which are ours, and closing them.

Litellm shares them with all of a program, by event loop, and goes on handing out those that were closed. So we close what came
to an event loop since our first request there, and take it out of what is handed out; the program's own connections are left
alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from typing import Any
from weakref import WeakKeyDictionary

_others: WeakKeyDictionary[asyncio.AbstractEventLoop, frozenset[str]] = WeakKeyDictionary()
"""What was kept for an event loop before our first request there."""


def note_others(litellm: Any) -> None:
    """Note before a request what the program itself has made for this event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _others:
        _others[loop] = frozenset(_kept(litellm, loop))


async def close_ours(litellm: Any) -> None:
    """Close the connections of this event loop that were made since; nothing where nothing was noted."""
    loop = asyncio.get_running_loop()
    others = _others.pop(loop, None)
    if others is None:
        return
    cache = litellm.in_memory_llm_clients_cache
    for key in _kept(litellm, loop):
        if key not in others:
            client = cache.cache_dict.pop(key, None)
            cache.ttl_dict.pop(key, None)
            # What cannot be closed is no reason to fail: the work is done.
            with contextlib.suppress(Exception):
                closing = client.close() if client is not None else None
                if inspect.isawaitable(closing):
                    await closing


def _kept(litellm: Any, loop: asyncio.AbstractEventLoop) -> list[str]:
    return [key for key in litellm.in_memory_llm_clients_cache.cache_dict if str(key).endswith(f"-{id(loop)}")]
