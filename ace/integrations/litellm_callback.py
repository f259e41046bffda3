"""litellm with a playbook.

    callback = AceCallback(playbook)
    litellm.callbacks = [callback]
    answer = await litellm.acompletion(model="anthropic/...", messages=[...])      # nothing else changes
    answer = callback.completion(model="anthropic/...", messages=[...])            # instead of litellm.completion
    playbook.report(answer.id, success=True)

Litellm asks its callbacks before an asynchronous call, waits for them, and tells them of the reply before it gives it out; so
`acompletion` needs nothing else. Before a synchronous call it asks no callback, and it reports the reply from a thread of its
own, perhaps too late; so there is `completion` here, which does the same directly. What litellm logs elsewhere is not used: it
is lost when a loop ends.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

from litellm.integrations.custom_logger import CustomLogger

from ace.integrations.calls import OpenCall, begin, fault_in, quietly, require_playbook, task_of, with_context
from ace.session.playbook import Playbook
from ace.session.watching import apart
from ace.warned import warn

_CHAT = "acompletion"
_ours: ContextVar[bool] = ContextVar("ace_litellm", default=False)
"""Whether a synchronous call is made by `AceCallback.completion`."""


class AceCallback(CustomLogger):  # type: ignore[misc,unused-ignore]
    """Shows `playbook` in chat completions and takes down what was said. Inside `with playbook.episode(...)` calls belong to
    that attempt; any other waits for its outcome: `playbook.report(answer.id, success=...)`. A stream is shown the playbook
    and not taken down: put an episode's block around it. Raises `BadInput` for another object than a playbook; calls never
    raise because of ace, they warn."""

    def __init__(self, playbook: Playbook) -> None:
        require_playbook(playbook)
        super().__init__()
        self.playbook = playbook
        self._calls: WeakKeyDictionary[Any, OpenCall] = WeakKeyDictionary()

    def completion(self, model: str, messages: Any = (), **given: Any) -> Any:
        """`litellm.completion`, shown the playbook. Gives and raises what that does."""
        import litellm

        call = begin(self.playbook, task_of(messages))
        shown = with_context(messages, call.context) if call else messages
        mark = _ours.set(True)
        try:
            answer = litellm.completion(model=model, messages=shown, **given)
        finally:
            _ours.reset(mark)
        if call and not given.get("stream"):
            _ended(call, messages, answer)
        return answer

    async def async_pre_call_deployment_hook(self, kwargs: dict[str, Any], call_type: Any) -> dict[str, Any] | None:
        """What litellm asks before an asynchronous call."""
        if _name(call_type) != _CHAT or apart.get():
            return None
        if "messages" not in kwargs:
            warn("a call is made without its playbook: litellm shows its callbacks messages only as messages=...")
            return None
        call = await asyncio.to_thread(begin, self.playbook, task_of(kwargs["messages"]))
        if call is None:
            return None
        with quietly("a call cannot be kept"):
            self._calls[kwargs["litellm_logging_obj"]] = call
        return {**kwargs, "messages": with_context(kwargs["messages"], call.context)}

    async def async_post_call_success_deployment_hook(self, request_data: Any, response: Any, call_type: Any) -> Any:
        """What litellm tells of a reply before it gives it out."""
        call = self._calls.pop(request_data.get("litellm_logging_obj"), None)
        if call is not None:
            await asyncio.to_thread(_ended, call, request_data["messages"], response)
        return None

    def log_pre_api_call(self, model: str, messages: Any, kwargs: dict[str, Any]) -> None:
        """What litellm tells of any call that is about to be sent: too late to show it anything."""
        asynchronous = kwargs.get("litellm_params", {}).get(_CHAT) or kwargs.get("call_type") != "completion"
        if not asynchronous and not _ours.get() and not apart.get():
            warn("litellm.completion asks no callback, so the call is made without its playbook; use AceCallback.completion")


def _ended(call: OpenCall, messages: Any, answer: Any) -> None:
    with quietly("a reply could not be read"):
        fault = fault_in(answer.model_dump(mode="json", exclude_none=True, warnings=False))
        if fault:
            call.failed(list(messages), str(answer.id or ""), fault)
            return
        said = answer.choices[0].message
        calls = [{"function": {"name": c.function.name, "arguments": c.function.arguments}} for c in said.tool_calls or ()]
        reply = {"role": "assistant", "content": said.content, "tool_calls": calls}
        call.ended([*messages, reply], str(answer.id or ""))


def _name(call_type: Any) -> str:
    return str(getattr(call_type, "value", call_type))
