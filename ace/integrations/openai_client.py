"""The openai client with a playbook: the calling code stays as it is.

    client = wrap(OpenAI(), playbook)
    answer = client.chat.completions.create(model="gpt-5-mini", messages=[...])
    playbook.report(answer.id, success=True)

Everything a client sends goes through one method, `post`; a copy of the client with that one method replaced is still an
`OpenAI`, with all of its resources, options and types. A stream is shown the playbook and passed on untouched: nothing of what
it says is taken down, so put an episode's block around it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from openai import AsyncOpenAI, OpenAI

from ace.errors import BadInput
from ace.integrations.calls import OpenCall, begin, fault_in, quietly, require_playbook, task_of, with_context
from ace.session.playbook import Playbook

Client = TypeVar("Client", OpenAI, AsyncOpenAI)
_UNREAD: Any = object()
_CHAT, _RESPONSES = "/chat/completions", "/responses"


def wrap(client: Client, playbook: Playbook) -> Client:
    """A client like `client`, on the same connections, whose chat completions and responses are shown `playbook`. The one that
    was given stays as it is. Raises `BadInput` for anything else than a client and a playbook; calls never raise because of
    ace, they warn.

    Inside `with playbook.episode(...)` calls belong to that attempt. Any other call waits for its outcome:
    `playbook.report(response.id, success=...)`."""
    require_playbook(playbook)
    if not isinstance(client, OpenAI | AsyncOpenAI):
        raise BadInput(f"an object of type {type(client).__name__} is not a client; give an openai.OpenAI or AsyncOpenAI")
    if getattr(client, "_ace_playbook", None) is playbook:
        return client
    kind: Any = type(client)
    made: Client = object.__new__((_async_kind if isinstance(client, AsyncOpenAI) else _kind)(kind, playbook))
    # All of its state but the resources that were made before: they hold the method that they found then.
    made.__dict__ |= {n: v for n, v in vars(client).items() if not isinstance(getattr(kind, n, None), cached_property)}
    return made


def _kind(kind: Any, playbook: Playbook) -> Any:
    """`kind`, whose requests are shown `playbook`."""

    class WithPlaybook(kind):  # type: ignore[misc]
        _ace_playbook = playbook

        def post(self, path: str, **given: Any) -> Any:
            call = _begun(playbook, path, given.get("body"))
            if call is None:
                return super().post(path, **given)
            answer = super().post(path, **_shown(call, path, given))
            _ended(call, given, answer)
            return answer

    return _named(WithPlaybook, kind)


def _async_kind(kind: Any, playbook: Playbook) -> Any:
    class AsyncWithPlaybook(kind):  # type: ignore[misc]
        _ace_playbook = playbook

        async def post(self, path: str, **given: Any) -> Any:
            call = await asyncio.to_thread(_begun, playbook, path, given.get("body"))
            if call is None:
                return await super().post(path, **given)
            answer = await super().post(path, **_shown(call, path, given))
            await asyncio.to_thread(_ended, call, given, answer)
            return answer

    return _named(AsyncWithPlaybook, kind)


def _named(made: type, kind: type) -> type:
    """`made`, under the name that logs and error messages know."""
    made.__name__, made.__qualname__, made.__module__ = kind.__name__, kind.__qualname__, kind.__module__
    return made


def _begun(playbook: Playbook, path: str, body: Any) -> OpenCall | None:
    if path not in (_CHAT, _RESPONSES) or not isinstance(body, Mapping):
        return None
    return begin(playbook, task_of(_said(body)))


def _said(body: Mapping[str, Any]) -> Any:
    return body.get("messages", body.get("input")) or ""


def _shown(call: OpenCall, path: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The request with the playbook in it."""
    body = dict(given["body"])
    if path == _RESPONSES:
        before = body.get("instructions") or ""
        if call.context and call.context not in before:
            body["instructions"] = f"{before}\n\n{call.context}".strip()
    else:
        body["messages"] = with_context(body.get("messages") or (), call.context)
    return {**given, "body": body}


def _ended(call: OpenCall, given: Mapping[str, Any], answer: Any) -> None:
    if given.get("stream"):
        return
    with quietly("a reply could not be read"):
        said, reply = _said(given["body"]), _content(answer)
        if reply is _UNREAD:
            return
        asked = [{"role": "user", "content": said}] if isinstance(said, str) else list(said)
        key = str(reply.get("id") or "") if isinstance(reply, Mapping) else ""
        fault = fault_in(reply)
        if fault:
            call.failed(asked, key, fault)
        else:
            call.ended([*asked, *_reply(reply)], key)


def _content(answer: Any) -> Any:
    """The body of an answer, as JSON; `_UNREAD` where it has not been read yet."""
    raw = getattr(answer, "http_response", None)
    if raw is not None:
        return raw.json() if raw.is_closed else _UNREAD
    if isinstance(answer, list):
        return [_content(part) for part in answer]
    dump = getattr(answer, "model_dump", None)
    # Parsed replies hold objects of the user's own types, whose fields are not ours to be warned of.
    return dump(mode="json", exclude_none=True, warnings=False) if callable(dump) else answer


def _reply(body: Mapping[str, Any]) -> Sequence[Any]:
    """What the model said, as messages."""
    choices = body.get("choices")
    return [choices[0]["message"]] if choices else list(body.get("output") or ())
