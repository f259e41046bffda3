"""Bodies of answers, read in pieces up to a bound.

A body without end, or a small one that unpacks to gigabytes, must cost neither memory nor the run. What comes is counted as it
is unpacked, here and a piece at a time, because one piece of what the network gives can be a thousand times larger unpacked.
It is put under the client's own response, so errors and redirects are bounded too.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import Any

MOST_BYTES = 20_000_000
"""Bytes of an unpacked body; a longer one is refused."""
ACCEPTED = "gzip, deflate"
"""The packings that are asked for and can be unpacked here."""
_PIECE = 65_536
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class TooLarge(Exception):
    """A body that is refused for its size or its packing; the message says which."""


async def bound(response: Any) -> None:
    """Let the body of `response` (of httpx or a client like it, not read yet) be unpacked and counted here. Reading it raises
    `TooLarge`."""
    packing = response.headers.get("content-encoding", "").strip().lower()
    kind = next((k for k in type(response.stream).__mro__ if k.__name__ == "AsyncByteStream"), None)
    if kind is None:
        # A body that is in memory already.
        return
    if packing in ("", "identity"):
        packing = ""
    elif packing in _WINDOWS:
        del response.headers["content-encoding"]
    else:
        await response.aclose()
        raise TooLarge(f"a body packed as {packing[:40]!r}, which was not asked for")
    response.stream = _counted(kind)(response.stream, packing)


@cache
def _counted(kind: Any) -> Any:
    """The stream that counts, as the client's library wants one."""

    class Counted(kind):  # type: ignore[misc]
        def __init__(self, inner: Any, packing: str) -> None:
            self._inner, self._packing = inner, packing

        async def __aiter__(self) -> AsyncIterator[bytes]:
            unpack, size = _unpacker(self._packing), 0
            async for raw in self._inner:
                for piece in unpack(raw):
                    size += len(piece)
                    if size > MOST_BYTES:
                        raise TooLarge(f"a body of more than {MOST_BYTES // 1_000_000} MB")
                    yield piece

        async def aclose(self) -> None:
            await self._inner.aclose()

    return Counted


def _unpacker(packing: str) -> Any:
    """A function from the next bytes of a packed body to pieces of the unpacked one."""
    if not packing:
        return lambda raw: (raw,)
    unpacking = [zlib.decompressobj(_WINDOWS[packing])]
    begun = False

    def unpack(raw: bytes) -> Iterator[bytes]:
        nonlocal begun
        try:
            piece = unpacking[0].decompress(raw, _PIECE)
        except zlib.error as error:
            if begun or packing != "deflate":
                raise TooLarge(f"a body that cannot be unpacked ({error})") from None
            # Some servers leave the header out.
            unpacking[0] = zlib.decompressobj(-15)
            piece = unpacking[0].decompress(raw, _PIECE)
        begun = True
        while piece:
            yield piece
            piece = unpacking[0].decompress(unpacking[0].unconsumed_tail, _PIECE)

    return unpack
