"""A prompt that is longer than its model takes: recognised in providers' words, and refused here where the size is stated.

No tokenizer is loaded. Tokens are estimated from characters, so a stated context is a bound on an estimate, and a server may
still refuse what was let through.
"""

from __future__ import annotations

import re

from ace.errors import ModelError, as_given
from ace.models.contract import Model, Reply, Request
from ace.playbooks.render import estimate_tokens
from ace.types import Usage

_STATUSES = frozenset({400, 413, 422, 500})
"""Statuses under which servers refuse a prompt for its length."""
_NEVER_FITS = re.compile(r"request too large|must be reduced in order to run|reduce your message size", re.IGNORECASE)
"""What is said under a limit on the rate of a request that no wait makes fit."""
_WORDS = re.compile(
    r"context[_ ]?length|(?:maximum|max) context|context (?:window|size)|exceed\w*[_ ]context"
    r"|(?:prompt|input|request|message)s? (?:is|are|was)?\s*(?:too (?:long|large)|longer than)|input length"
    r"|too many (?:input |prompt )?tokens|(?:input|prompt) tokens? (?:count|limit)?.{0,40}exceed"
    r"|exceeds?.{0,40}(?:maximum|max\w*|limit).{0,20}\btokens|reduce the length|string_above_max_length"
    r"|(?:payload|entity|content|body) too large|request exceeds the maximum"
    r"|maximum (?:allowed )?(?:input|prompt) (?:length|tokens)|prompt does not fit|exceed\w*[^.]{0,30}\btoken limit"
    r"|must have less than \d+ tokens|`inputs` tokens|longer than the (?:maximum )?(?:model|context)\b[^.]{0,10}\blength",
    re.IGNORECASE,
)


def says_too_long(text: str) -> bool:
    """Whether `text`, the words of a provider, say that the prompt is too long."""
    return _WORDS.search(text) is not None


def refuses_length(status: int, text: str) -> bool:
    """Whether an answer of `status` with that text refuses a prompt for its length."""
    return says_too_long(text) if status in _STATUSES else status == 429 and _NEVER_FITS.search(text) is not None


def is_too_long(error: ModelError) -> bool:
    """Whether a call failed because of its prompt's length."""
    return not error.retryable and says_too_long(str(error))


def room_for(request: Request) -> int:
    """Tokens that `request` needs with its longest reply, estimated from its characters."""
    return sum(estimate_tokens(m.content) for m in request.messages) + (request.sampling.max_tokens or 0)


def _stated() -> str:
    return f"stated with {as_given('context')}"


def exceeds_stated(text: str) -> bool:
    """Whether `text` says that a prompt exceeds the size that was stated for a run and that it keeps. A server's may change."""
    return _stated() in text


class Fitted:
    """`model`, with a prompt that does not fit `tokens` refused before it is sent."""

    def __init__(self, model: Model, tokens: int) -> None:
        self._model, self._tokens = model, tokens

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request) -> Reply:
        """Raises `ModelError`, not retryable and free of cost, for a prompt that does not fit with the longest reply."""
        size = room_for(request)
        if size > self._tokens:
            told = f"about {size:,} tokens, estimated from its characters, of {self._tokens:,} {_stated()}"
            raise ModelError(f"the prompt does not fit {self.name} ({told})", retryable=False, usage=Usage())
        return await self._model.complete(request)

    async def close(self) -> None:
        await self._model.close()
