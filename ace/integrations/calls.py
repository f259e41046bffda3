"""A model call of a user's agent: the playbook that is put into it, and what is kept of it.

A call inside the block of an episode belongs to it, and the episode's verdict is its verdict. Any other call is an attempt of
its own, which waits in the store for its outcome under the id of the response.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ace.errors import BadInput
from ace.models.clients.bodies import error_in, inside
from ace.models.errors.provider_words import summary
from ace.redaction import redact_all
from ace.session.episode import OpenEpisode, current
from ace.session.playbook import Playbook
from ace.session.transcript import lines_of
from ace.session.watching import apart
from ace.warned import warn

_SYSTEM = ("system", "developer")


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call that is about to be made: the attempt it belongs to, whether that is the one around it, and what it is shown."""

    attempt: OpenEpisode
    joined: bool
    context: str

    def ended(self, messages: Sequence[Any], key: str) -> None:
        """Take down what was said, the reply last; `key` is the response's id. Never raises. A call without a key that belongs
        to no attempt is not kept: its outcome could not be reported."""
        with quietly("a call could not be kept"):
            if self.joined:
                if not self.attempt.over:
                    self.attempt.heard(list(messages))
            elif key:
                self.attempt.later(key, transcript=list(messages))

    def failed(self, messages: Sequence[Any], key: str, why: str) -> None:
        """Note that the server gave an error or nothing in place of a reply: an attempt that fails on it is invalid. Never
        raises; warns."""
        with quietly("a fault could not be kept"):
            warn(f"a call got no reply, and an attempt that fails on it is invalid: {why}")
            if self.attempt.over:
                return
            if self.joined:
                self.attempt.heard(list(messages))
            self.attempt.failed(why)
            if self.joined:
                return
            if key:
                self.attempt.later(key, transcript=list(messages))
            else:
                self.attempt.finish(None, transcript=list(messages))


def begin(playbook: Playbook, task: str) -> OpenCall | None:
    """The call whose task is `task`; `None` where it is not the agent's, or where the playbook cannot be read. Never raises."""
    if apart.get():
        return None
    with quietly("a call is made without its playbook"):
        around = current(playbook.place)
        attempt = around or playbook.episode(task if task.strip() else "(a request without text)")
        return OpenCall(attempt, around is not None, attempt.context)
    return None


def with_context(messages: Sequence[Any], context: str) -> list[Any]:
    """`messages` with `context` at the end of the first system message, or before everything where there is none. The list and
    the messages that were given stay as they are; one that holds the context already is enough."""
    if not context or any(context in text for _, text in lines_of(list(messages))):
        return list(messages)
    for i, m in enumerate(messages):
        if isinstance(m, Mapping) and m.get("role") in _SYSTEM:
            return [*messages[:i], {**m, "content": _added(m.get("content"), context)}, *messages[i + 1 :]]
    return [{"role": "system", "content": context}, *messages]


def task_of(messages: Any) -> str:
    """The task of a call: what the user said last."""
    if isinstance(messages, str):
        return messages
    said = [text for speaker, text in lines_of(messages) if speaker == "user"]
    return said[-1] if said else ""


def fault_in(body: Any) -> str:
    """What a server says went wrong, in the body of an answer with status 200; empty where it is a reply."""
    if isinstance(body, Mapping) and ("output" in body or body.get("object") == "response"):
        found = error_in(body, _text(body))
    else:
        found = inside(body, _text(body))
    return summary(found.text) if found else ""


def _text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body, default=str)


def require_playbook(found: object) -> None:
    """Raise `BadInput` unless `found` is an open playbook."""
    if not isinstance(found, Playbook):
        raise BadInput(f"an object of type {type(found).__name__} is not a playbook; give what ace.open(...) gives")


@contextmanager
def quietly(what: str) -> Iterator[None]:
    """Turn an exception of the block into a warning, and go on after it."""
    try:
        yield
    # The agent's call must not fail because of us.
    except Exception as error:  # noqa: BLE001
        warn(f"{what}: {type(error).__name__}: {redact_all(str(error))}")


def _added(content: Any, context: str) -> Any:
    if isinstance(content, list | tuple):
        return [*content, {"type": "text", "text": context}]
    return f"{content}\n\n{context}" if content else context
