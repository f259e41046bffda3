"""The tokens that an answer says it cost, under the names that servers give them; else an estimate.

Tokens that are not counted are never 0, because a limit on tokens would not be met. What a server leaves out is worked out
from its total where it gives one, and else estimated from the texts and marked as that.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ace.models.contract import Request
from ace.playbooks.render import estimate_tokens

Counts = tuple[int, int, int]
"""Prompt, cached and completion tokens; those that are cached are among the prompt's."""
_PLACES = (
    *("usage", "usagemetadata", "tokenusage", "tokens", "billedunits", "xgroq", "meta", "metrics", "response"),
    "amazonbedrockinvocationmetrics",
)
_PROMPT = (
    *("prompttokens", "inputtokens", "prompttokencount", "inputtokencount", "promptevalcount", "tokensprompt"),
    *("tokensevaluated", "promptn", "input", "prompt"),
)
_WRITTEN = (
    *("completiontokens", "outputtokens", "candidatestokencount", "outputtokencount", "completiontokencount", "evalcount"),
    *("tokenscompletion", "generatedtokens", "tokenspredicted", "predictedn", "output", "completion"),
)
_TOTAL = ("totaltokens", "totaltokencount", "total")
_CACHED = ("cachedtokens", "promptcachehittokens", "cachedcontenttokencount")
_APART = ("cachereadinputtokens", "cachecreationinputtokens")
"""Anthropic's counts of what its cache read and wrote, which its `input_tokens` leaves out."""
_THOUGHTS = ("thoughtstokencount",)
"""Google's count of thoughts, which its count of candidates leaves out."""
_DETAILS = ("prompttokensdetails", "inputtokensdetails", "inputtokendetails")
_APART_FROM_LETTERS = re.compile(r"[^a-z]")


def counted(body: Mapping[str, Any]) -> tuple[int | None, int, int | None, int | None]:
    """Prompt, cached, completion and total tokens in an answer's body; `None` for what is not there."""
    for place in _places(body):
        prompt, written, total = _one(place, _PROMPT), _one(place, _WRITTEN), _one(place, _TOTAL)
        if not (prompt or written or total):
            continue
        cached = _one(place, _CACHED) or next((n for d in _DETAILS if (n := _one(_plain(place.get(d)), _CACHED))), 0)
        if "inputtokens" in place and "prompttokens" not in place:
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


def _places(body: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Where an answer may have its counts, the usual places first, under plain names."""
    here = _plain(body)
    for name in _PLACES:
        place = _plain(here.get(name))
        if place:
            yield place
            if depth < 2:
                yield from _places(place, depth + 1)
    if depth == 0:
        choices = here.get("choices")
        if isinstance(choices, list) and choices:
            yield from _places(choices[0], 2)
        yield _plain(here.get("timings"))
        yield here


def _plain(place: Any) -> Mapping[str, Any]:
    """A part of a body by its names in letters alone: servers write the same ones with capitals, underscores or hyphens."""
    if not isinstance(place, Mapping):
        return {}
    return {_APART_FROM_LETTERS.sub("", str(name).lower()): value for name, value in place.items()}


def _one(place: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    return next((n for name in names if (n := _number(place.get(name))) is not None), None)


def _number(value: Any) -> int | None:
    """A count, also as a float or a text; `None` for anything else."""
    if isinstance(value, str):
        try:
            value = float(value.replace(",", ""))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return math.ceil(value) if 0 <= value < 1e15 else None
