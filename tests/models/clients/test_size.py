"""A body without end, or one that unpacks to gigabytes, costs neither memory nor the run."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from functools import cache

import pytest
from aiohttp import web

from ace.errors import ModelError, ModelRefused
from ace.models.wrappers.retry import Retrying
from tests.conftest import ROOT
from tests.models.asking import request
from tests.models.clients.test_clients import BOTH, Opens
from tests.models.server import Behaviour, Body, ModelServer, answer, says

MOST_MB = 400
"""Memory that a process may take which asks for 1 GB of body: a client takes 100 to 250 MB by itself."""
REFUSED = "a body of more than 20 MB"
ASKING = """
import asyncio, pathlib, resource, sys
from ace.errors import ModelError
from tests.models.asking import provided, request, served
from tests.models.server import ModelServer
opens = served if sys.argv[1] == "openai" else provided
async def ask():
    model = opens(ModelServer(url=sys.argv[2]))
    for _ in range(int(sys.argv[3])):
        try:
            await model.complete(request(seconds=100.0))
        except ModelError as error:
            print(error.retryable, error)
    await model.close()
asyncio.run(ask())
# What `getrusage` says begins with the memory of the process that this one was forked from; the kernel's own file does not.
status = pathlib.Path("/proc/self/status")
peak = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")) if status.exists() else \
    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(int(peak) // 1024)
"""


@cache
def packed(megabytes: int, wbits: int) -> bytes:
    """So many megabytes of zeros, packed, without the checksum at their end, which is never reached.

    One megabyte is packed: after a full flush the next one is packed to the same bytes.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    first = packer.compress(bytes(10**6)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + (packer.compress(bytes(10**6)) + packer.flush(zlib.Z_FULL_FLUSH)) * (megabytes - 1)


def bomb(packing: str = "gzip", wbits: int = 31, code: int = 200) -> Behaviour:
    async def behave(_: Body) -> web.StreamResponse:
        return web.Response(
            body=packed(1000, wbits), status=code, headers={"content-encoding": packing, "content-type": "application/json"}
        )

    return behave


def endless(piece: bytes, code: int = 200, kind: str = "application/json") -> Behaviour:
    """A body that goes on for as long as it is read."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield piece * (10**6 // len(piece))

    async def behave(_: Body) -> web.StreamResponse:
        return web.Response(body=pieces(), status=code, content_type=kind)

    return behave


BODIES = {
    "without end": endless(b" "),
    "an error without end": endless(b"x", 500, "text/plain"),
    "events without end": endless(b"data: {}\n\n", 200, "text/event-stream"),
    "gzip": bomb(),
    "deflate": bomb("deflate", 15),
    "deflate without a header": bomb("deflate", -15),
    "an error in gzip": bomb(code=400),
}


@pytest.mark.parametrize("client", ["openai", "litellm"])
def test_a_body_of_gigabytes_is_refused_before_it_takes_the_memory(server: ModelServer, client: str) -> None:
    server.then(*BODIES.values())
    asked = [sys.executable, "-c", ASKING, client, server.url, str(len(BODIES))]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=200, check=True)
    *said, memory = done.stdout.splitlines()
    wrong = {b: line for b, line in zip(BODIES, said, strict=True) if not line.startswith("False ") or REFUSED not in line}
    assert wrong == {}
    assert int(memory) < MOST_MB
    assert len(server.seen) == len(BODIES)


@BOTH
async def test_a_body_too_large_is_one_requests_fault(server: ModelServer, opens: Opens) -> None:
    server.then(endless(b" "), says("there"))
    model = Retrying(opens(server))
    with pytest.raises(ModelError, match="more than 20 MB") as caught:
        await model.complete(request())
    assert not isinstance(caught.value, ModelRefused)
    assert (await model.complete(request())).text == "there"
    await model.close()


@BOTH
@pytest.mark.parametrize("packing", ["br", "zstd", "gzip, gzip", "gzip, deflate"])
async def test_a_body_packed_in_a_way_that_was_not_asked_for_is_refused(
    server: ModelServer, opens: Opens, packing: str
) -> None:
    async def behave(_: Body) -> web.StreamResponse:
        return web.Response(body=b"\x1f\x8b", headers={"content-encoding": packing})

    server.then(behave)
    model = opens(server)
    with pytest.raises(ModelError, match="not asked for") as caught:
        await model.complete(request())
    await model.close()
    assert not caught.value.retryable


@BOTH
@pytest.mark.parametrize("packing", ["gzip", "deflate", "identity"])
async def test_an_answer_that_is_packed_is_read(server: ModelServer, opens: Opens, packing: str) -> None:
    text = json.dumps(answer("there " * 50_000)).encode()
    packers: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress, "identity": bytes}

    async def behave(_: Body) -> web.StreamResponse:
        return web.Response(
            body=packers[packing](text), headers={"content-encoding": packing, "content-type": "application/json"}
        )

    server.then(behave)
    model = opens(server)
    assert (await model.complete(request())).text == "there " * 50_000
    await model.close()
    assert server.seen[0].headers["accept-encoding"] == "gzip, deflate"
