"""A small server of the OpenEnv protocol on loopback: guess a number, and every way to misbehave. It has the wire format of
OpenEnv 0.10 and nothing of its code."""

from __future__ import annotations

import http
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

TARGETS = 10
NUMBER = {"properties": {"guess": {"type": "integer", "description": "from 0 to 9"}, "metadata": {"type": "object"}}}
CHOICE = {"properties": {"move": {"enum": ["low", "high"], "type": "string"}}, "required": ["move"]}
SCHEMAS: dict[str, Any] = {"choice": CHOICE, "lie": {"properties": {"answer": {"type": "string"}}}}


class Guessing:
    """One session: the target is drawn by the seed; a guess is told to be low, high or right."""

    def __init__(self, mode: str) -> None:
        self._mode, self._target, self._steps = mode, 0, 0

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["type"] == "reset":
            self._target, self._steps = (message["data"].get("seed", 0) * 7 + 3) % TARGETS, 0
            return self._seen(f"Guess the number of round {message['data'].get('seed')}.", None, done=False)
        data = message["data"]
        if self._mode == "choice":
            return self._seen("over", float((data["move"] == "high") == (self._target > 4)), done=True)
        if not isinstance(data.get("guess"), int):
            problem = {"message": "guess: Input should be a valid integer", "code": "VALIDATION_ERROR"}
            return {"type": "error", "data": problem}
        self._steps += 1
        right = data["guess"] == self._target
        told = "right" if right else "too low" if data["guess"] < self._target else "too high"
        return self._seen(told, float(right), done=right or self._steps >= 5)

    def _seen(self, text: str, reward: float | None, *, done: bool) -> dict[str, Any]:
        return {"type": "observation", "data": {"observation": {"text": text}, "reward": reward, "done": done}}


WRONG: dict[str, str] = {
    "not-json": "hello",
    "not-object": "[1]",
    "no-observation": json.dumps({"type": "observation", "data": {"reward": 1, "done": True}}),
    "bad-reward": json.dumps({"type": "observation", "data": {"observation": {}, "reward": "much", "done": True}}),
    "nan-reward": '{"type": "observation", "data": {"observation": {}, "reward": NaN, "done": true}}',
    "bad-done": json.dumps({"type": "observation", "data": {"observation": {}, "reward": 1, "done": "yes"}}),
    "full": json.dumps({"type": "error", "data": {"message": "no place left", "code": "CAPACITY_REACHED"}}),
    "broken": json.dumps({"type": "error", "data": {"message": "KeyError", "code": "EXECUTION_ERROR"}}),
    "other-type": json.dumps({"type": "state", "data": {}}),
}


@contextmanager
def running(mode: str = "", *, wait: float = 0.0) -> Iterator[str]:
    """A server in a thread; gives its address. `mode` says how it misbehaves, at steps, or at resets after `reset-`; it takes
    `wait` seconds for each step."""

    def talk(socket: ServerConnection) -> None:
        game = Guessing(mode)
        for text in socket:
            message = json.loads(text)
            if message["type"] == "close":
                return
            wanted, fault = ("reset", mode.removeprefix("reset-")) if mode.startswith("reset-") else ("step", mode)
            if message["type"] == wanted and fault in WRONG:
                socket.send(WRONG[fault])
            elif message["type"] == wanted and fault == "die":
                socket.socket.close()
                return
            elif message["type"] == wanted and fault == "stall":
                time.sleep(3)
                return
            else:
                time.sleep(wait if message["type"] == "step" else 0.0)
                socket.send(json.dumps(game.answer(message)))

    def schema(socket: ServerConnection, request: Request) -> Response | None:
        if request.path != "/schema":
            return None
        if mode == "no-schema":
            return socket.respond(http.HTTPStatus.NOT_FOUND, "none")
        body = "{" if mode == "bad-schema" else json.dumps({"action": SCHEMAS.get(mode, NUMBER), "observation": {}})
        if mode == "empty-schema":
            body = "{}"
        return Response(200, "OK", Headers({"Content-Type": "application/json"}), body.encode())

    with serve(talk, "127.0.0.1", 0, process_request=schema) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
