"""One WebSocket session with an OpenEnv server, and its schema over HTTP.

Messages are `{"type": ..., "data": ...}` as of OpenEnv 0.10. What is not of that form is a fault of the server and
raised as `ValueError`; a connection that is refused, lost or late is an `OSError`.
"""

from __future__ import annotations

import json
import math
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from ace.bounds import shortened
from ace.errors import BadInput
from ace.redaction import redact_all

LONGEST = 4 * 2**20
"""Bytes of one message, and of a schema."""
AGENTS_FAULT = ("VALIDATION_ERROR",)
"""Codes of errors that say the action was not one; all others are faults of the server."""


class NotAnAction(Exception):
    """The server does not take the action, and says why."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a reset or a step gave."""

    observation: dict[str, Any]
    reward: float | None
    done: bool


class RemoteSession:
    """An open session. Raises `OSError` where the server is not there."""

    def __init__(self, url: str, seconds: float) -> None:
        from websockets.sync.client import connect

        self._seconds, self._open = seconds, ExitStack()
        address, bounds = f"{_address(url, 'ws')}/ws", {"open_timeout": seconds, "close_timeout": 2, "max_size": LONGEST}
        self._socket = _guarded(lambda: self._open.enter_context(connect(address, proxy=None, **bounds)))

    def reset(self, seed: int) -> StepResult:
        """Begin anew with `seed`."""
        try:
            return self._asked({"type": "reset", "data": {"seed": seed}})
        except NotAnAction as refused:
            raise ValueError(f"it does not take a reset with a seed: {refused}") from None

    def step(self, action: dict[str, Any]) -> StepResult:
        """Take `action`. Raises `NotAnAction` where it is not one."""
        return self._asked({"type": "step", "data": action})

    def close(self) -> None:
        """End the session; a server that is gone raises nothing."""
        # The session is over for us, however the other side takes it; the socket is closed also where it is not told.
        with suppress(Exception), self._open:
            self._socket.send(json.dumps({"type": "close"}))

    def _asked(self, message: dict[str, Any]) -> StepResult:
        def exchange() -> Any:
            self._socket.send(json.dumps(message))
            return self._socket.recv(timeout=self._seconds)

        return _result(_parsed(_guarded(exchange), "its answer"), str(message["type"]))


def read_schema(url: str, seconds: float) -> dict[str, Any]:
    """The JSON Schema of an action, from `GET /schema`. Raises `BadInput`."""
    address = f"{_address(url, 'http')}/schema"
    where = f"the OpenEnv server at {url} cannot be used"
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(address, timeout=seconds) as reply:
            text = reply.read(LONGEST + 1)
    except urllib.error.HTTPError as error:
        # The error is the reply too, and holds its socket until it is closed.
        error.close()
        raise BadInput(f"{where}: {address} answers with status {error.code}; an OpenEnv server has its schema there") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{where}: {_why(getattr(error, 'reason', error))}; is it running?") from None
    try:
        found = _parsed(text[:LONGEST].decode("utf-8", "replace"), "its schema")
    except ValueError as error:
        raise BadInput(f"{where}: {error}") from None
    action = found.get("action") if isinstance(found, dict) else None
    if not isinstance(action, dict) or not isinstance(action.get("properties", {}), dict):
        raise BadInput(f"{where}: its schema has no schema of an action; {address} must give one under `action`")
    return action


def _address(url: str, scheme: str) -> str:
    kind, _, rest = url.partition("://")
    return f"{scheme}{'s' if kind in ('https', 'wss') else ''}://{rest}"


def _guarded(work: Any) -> Any:
    """What `work` gives. An error of the library becomes an `OSError` that says what happened."""
    try:
        return work()
    except TimeoutError:
        raise OSError("the server did not answer in time") from None
    except OSError as error:
        raise OSError(f"the connection failed: {_why(error)}") from None
    # What the library raises for a connection that is gone has classes of its own.
    except Exception as error:  # noqa: BLE001
        raise OSError(f"the server ended the connection: {_why(error)}") from None


def _why(error: object) -> str:
    """What an error of the connection says, without its class and number."""
    return shortened(redact_all(getattr(error, "strerror", None) or str(error)), 300) or type(error).__name__


def _parsed(text: str | bytes, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        shown = text if isinstance(text, str) else text.decode("utf-8", "replace")
        raise ValueError(f"{what} is not JSON: {shortened(shown, 80)!r}") from None


def _result(answer: Any, asked: str) -> StepResult:
    """The result in an answer. Raises `NotAnAction` for an action that is not accepted, and `ValueError` for another form."""
    if not isinstance(answer, dict):
        raise ValueError(f"the answer to {asked} is not an object")
    data = answer.get("data")
    if answer.get("type") == "error":
        said = data if isinstance(data, dict) else {}
        code, text = str(said.get("code", "")), shortened(str(said.get("message", "no reason")), 300)
        if code in AGENTS_FAULT:
            raise NotAnAction(text)
        raise ValueError(f"the server failed at {asked}: {code or 'error'}: {text}")
    if answer.get("type") != "observation" or not isinstance(data, dict):
        raise ValueError(f"the answer to {asked} is of type {answer.get('type')!r} and no observation")
    seen, reward, done = data.get("observation"), data.get("reward"), data.get("done", False)
    if not isinstance(seen, dict):
        raise ValueError(f"the answer to {asked} has no object under observation")
    if not isinstance(done, bool):
        raise ValueError(f"the answer to {asked} has done={done!r}, which is neither true nor false")
    if reward is not None and (isinstance(reward, bool) or not isinstance(reward, int | float) or not math.isfinite(reward)):
        raise ValueError(f"the answer to {asked} has the reward {reward!r}, which must be a finite number")
    return StepResult(seen, None if reward is None else float(reward), done)
