"""Chat completions: a request as the body that providers take, and their answer as text, stop and usage.

Both clients speak this form, so it is written once, on plain dictionaries. The same messages give the same bytes, and
instructions on the shape of the reply go to the end of the stable part: prefix caches hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ace.models.clients.prices import Price
from ace.models.clients.usage import Counts, counted, estimated, settled
from ace.models.contract import Request, Sampling, Stop
from ace.models.replies.structured import Rung, instructions, response_format
from ace.types import Usage

_STOPS: Mapping[str, Stop] = {
    "stop": "stop",
    "end_turn": "stop",
    "eos": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "max_output_tokens": "length",
    "content_filter": "refusal",
    "refusal": "refusal",
    "safety": "refusal",
    "sensitive": "refusal",
    "prohibited_content": "refusal",
    "blocklist": "refusal",
    "recitation": "refusal",
}
_MARKS = 4
"""Cache markers that a request may have (Anthropic, "Prompt caching")."""


def messages(request: Request, rung: Rung, marks: bool = False) -> list[dict[str, Any]]:
    """The messages of `request`; below the first rung with instructions on the reply's shape. `marks` puts the marker of
    Anthropic's prompt cache on what is stable."""
    made: list[dict[str, Any]] = [{"role": m.role, "content": m.content} for m in request.messages]
    if request.response is not None and rung is not Rung.SCHEMA:
        told = instructions(request.response)
        if made and made[0]["role"] == "system":
            made[0]["content"] += "\n\n" + told
        else:
            made.insert(0, {"role": "system", "content": told})
    if marks:
        shift = len(made) - len(request.messages)
        stable = [i + shift for i, m in enumerate(request.messages) if m.stable]
        for i in stable[-_MARKS:]:
            made[i]["content"] = [{"type": "text", "text": made[i]["content"], "cache_control": {"type": "ephemeral"}}]
    return made


def parameters(request: Request, rung: Rung, limit: str) -> dict[str, Any]:
    """Everything of the body but model and messages. `limit` is the provider's word for the token limit; what the person
    gave as extra is passed on as it is."""
    s: Sampling = request.sampling
    chosen = {"temperature": s.temperature, "top_p": s.top_p, limit: s.max_tokens, "reasoning_effort": s.reasoning_effort}
    made: dict[str, Any] = {name: value for name, value in chosen.items() if value is not None}
    if request.response is not None:
        form = response_format(rung, request.role, request.response)
        if form is not None:
            made["response_format"] = form
    return {**made, **s.extra} if s.extra else made


@dataclass(frozen=True, slots=True)
class Completion:
    """A provider's answer. `counts` are prompt, cached and completion tokens, or `None` where it gave none; `cost_usd` is what
    its client makes of them, or `None`."""

    text: str
    stop: Stop
    counts: Counts | None
    cost_usd: float | None = None
    partial: tuple[int | None, int | None, int | None] = (None, None, None)
    """Total, prompt and completion tokens, where the server gives some of them and not enough."""

    def usage(self, price: Price | None, seconds: float, request: Request | None = None) -> Usage:
        """What it cost; `None` dollars at an unknown price or for tokens that are not counted. Those of an answer to `request`
        are then estimated."""
        if self.counts is None and request is not None:
            prompt, cached, completion = estimated(*self.partial, request, self.text)
            return Usage(1, prompt, cached, completion, None, seconds, prompt + completion)
        prompt, cached, completion = self.counts or (0, 0, 0)
        cost = self.cost_usd
        if cost is None and price is not None and self.counts is not None:
            cost = price.expected_cost(prompt, completion, cached)
        return Usage(1, prompt, cached, completion, cost, seconds)


def completion(body: Mapping[str, Any]) -> Completion:
    """The answer in a chat completion. What is missing is empty: an answer without a choice has no text."""
    choice = _mapping(_first(body.get("choices")))
    message = _mapping(choice.get("message"))
    text, reason = _text(message.get("content", choice.get("text"))), choice.get("finish_reason")
    refusal = message.get("refusal") or _mapping(message.get("provider_specific_fields")).get("refusal")
    stop: Stop = _STOPS.get(str(reason).lower(), "other") if reason else ""
    if refusal and not text:
        text, stop = str(refusal), "refusal"
    prompt, _, written, total = counted(body)
    return Completion(text, stop, settled(body), partial=(total, prompt, written))


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(_mapping(part).get("text") or "") for part in content)
    return ""


def _first(items: object) -> object:
    return items[0] if isinstance(items, list) and items else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
