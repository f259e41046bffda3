"""A model server on loopback that costs next to nothing: one canned answer after a given delay, for any number of connections.

python benchmarks/loopback.py DELAY    prints the port it listens on, and serves until its standard input closes
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_REPLY = {"thought": "The amount is above the limit, so lesson two decides.", "action": "refund", "lesson_ids": ["a-12345678"]}
_BODY = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "bench",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": json.dumps(_REPLY)}}],
        "usage": {
            "prompt_tokens": 6800,
            "completion_tokens": 40,
            "total_tokens": 6840,
            "prompt_tokens_details": {"cached_tokens": 6000},
        },
    }
).encode()
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(_BODY), _BODY)


class Connection(asyncio.Protocol):
    """One connection, kept alive: whatever is posted is answered after `delay` seconds."""

    def __init__(self, delay: float) -> None:
        self.delay, self.seen = delay, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.seen += data
        head, found, rest = self.seen.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        if len(rest) >= length:
            self.seen = rest[length:]
            asyncio.get_running_loop().call_later(self.delay, self.answer)

    def answer(self) -> None:
        if isinstance(self.transport, asyncio.Transport) and not self.transport.is_closing():
            self.transport.write(_ANSWER)


async def serve(delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(delay), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Whoever started this keeps its input open for as long as it is needed.
    await asyncio.to_thread(sys.stdin.read)
    server.close()


@contextmanager
def served(delay: float) -> Iterator[str]:
    """The address of such a server in a process of its own."""
    command = [sys.executable, str(Path(__file__).resolve()), str(delay)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.stdin.close()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
