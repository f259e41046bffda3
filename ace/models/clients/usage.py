"""The tokens that an answer says it cost, under the names that servers give them; else an estimate.

Tokens that are not counted are never 0, because a limit on tokens would not be met. What a server leaves out is worked out
from its total where it gives one, and else estimated from the texts and marked as that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from ace.models.contract import Request
from ace.playbooks.render import estimate_tokens

Counts = tuple[int, int, int]
"""Prompt, cached and completion tokens; those that are cached are among the prompt's."""
_PLACES = ("usage", "usageMetadata", "usage_metadata", "token_usage", "tokenUsage", "tokens", "billed_units", "x_groq", "meta")
_PROMPT = (
    *("prompt_tokens", "input_tokens", "promptTokenCount", "prompt_token_count", "promptTokens", "inputTokens"),
    *("inputTokenCount", "input_token_count", "prompt_eval_count", "tokens_prompt", "tokens_evaluated", "prompt_n"),
)
_WRITTEN = (
    *("completion_tokens", "output_tokens", "candidatesTokenCount", "candidates_token_count", "completionTokens"),
    *("outputTokens", "outputTokenCount", "output_token_count", "eval_count", "tokens_completion", "generated_tokens"),
    *("tokens_predicted", "predicted_n"),
)
_TOTAL = ("total_tokens", "totalTokenCount", "total_token_count", "totalTokens", "total")
_CACHED = ("cached_tokens", "prompt_cache_hit_tokens", "cachedContentTokenCount", "cached_content_token_count")
_APART = ("cache_read_input_tokens", "cache_creation_input_tokens")
"""Anthropic's counts of what its cache read and wrote, which its `input_tokens` leaves out."""
_THOUGHTS = ("thoughtsTokenCount", "thoughts_token_count")
"""Google's count of thoughts, which its count of candidates leaves out."""
_DETAILS = ("prompt_tokens_details", "input_tokens_details", "input_token_details")


def counted(body: Mapping[str, Any]) -> tuple[int | None, int, int | None, int | None]:
    """Prompt, cached, completion and total tokens in an answer's body; `None` for what is not there."""
    for place in _places(body):
        prompt, written, total = _one(place, _PROMPT), _one(place, _WRITTEN), _one(place, _TOTAL)
        if not (prompt or written or total):
            continue
        cached = _one(place, _CACHED) or next((n for d in _DETAILS if (n := _one(_mapping(place.get(d)), _CACHED))), 0)
        if "input_tokens" in place and "prompt_tokens" not in place:
            prompt = (prompt or 0) + sum(_one(place, (name,)) or 0 for name in _APART) or None
            cached = cached or _one(place, _APART[:1]) or 0
        if written is not None:
            written += _one(place, _THOUGHTS) or 0
        return prompt, cached, written, total
    return None, 0, None, None


def settled(body: Mapping[str, Any]) -> Counts | None:
    """The counts in an answer's body; `None` where one of them is neither there nor follows from the total."""
    prompt, cached, written, total = counted(body)
    if total is not None and prompt and not written:
        written = max(0, total - prompt)
    elif total is not None and written and not prompt:
        prompt = max(0, total - written)
    if prompt is None or written is None or not (prompt or written):
        return None
    return prompt, min(cached, prompt), written


def estimated(body_total: int | None, prompt: int | None, written: int | None, request: Request, text: str) -> Counts:
    """Counts for an answer without them: what is known as it is, the rest by the length of the texts; never below a total."""
    asked = prompt or sum(estimate_tokens(m.content) + 4 for m in request.messages)
    said = written or estimate_tokens(text) + 1
    if body_total:
        said = min(said, body_total)
        asked = max(body_total - said, 0)
    return asked, 0, said


def _places(body: Mapping[str, Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Where an answer may have its counts, the usual places first."""
    for name in _PLACES:
        place = _mapping(body.get(name))
        if place:
            yield place
            if depth < 2:
                yield from _places(place, depth + 1)
    if depth == 0:
        choices = body.get("choices")
        if isinstance(choices, list) and choices:
            yield from _places(_mapping(choices[0]), 2)
        yield _mapping(body.get("timings"))
        yield body


def _one(place: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    return next((n for name in names if (n := _number(place.get(name))) is not None), None)


def _number(value: Any) -> int | None:
    """A count, also as a float or a text; `None` for anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return math.ceil(value) if 0 <= value < 1e15 else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
